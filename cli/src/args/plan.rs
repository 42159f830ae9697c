//! `plan` and `verify`.

use std::path::PathBuf;

use clap::Args;
use interdict_core::source::Source;
use jiff::Timestamp;

use crate::guard::Override;
use crate::text;

#[derive(Clone, Debug, Args)]
pub(crate) struct StatedArgs {
    /// The source list of a publication that does not name it, or has several
    #[arg(long, value_name = "CODE")]
    pub(crate) source: Option<Source>,
    /// The time of a publication that does not say it, such as 2026-08-20T14:02:11Z
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) data_as_of: Option<Timestamp>,
    /// The comments of the same publication (`SDN_COMMENTS.CSV`), which continue `SDN.CSV`
    #[arg(long, value_name = "FILE")]
    pub(crate) comments: Option<PathBuf>,
}

/// The formats stand here as `cli/src/source` reads them; a test compares.
const AFTER_PLAN: &str = "\
Examples:
  interdict plan SDN_ENHANCED.XML
  interdict plan SDN.CSV --comments SDN_COMMENTS.CSV --data-as-of 2026-08-20T00:00:00Z
  interdict plan entities.ftm.json --source UK
  interdict plan own.csv --source OWN --data-as-of 2026-08-20T00:00:00Z --out own.json

The format is told from the content, never from the file's name:
  ofac-enhanced  OFAC's SDN_ENHANCED.XML, its most complete
  ofac-advanced  OFAC's SDN_ADVANCED.XML
  ofac-legacy    OFAC's SDN.XML
  ofac-csv       OFAC's SDN.CSV with --comments; give --data-as-of
  uk-xml         UK-Sanctions-List.xml
  uk-csv         UK-Sanctions-List.csv
  eu-fsf         the EU's xmlFullSanctionsList_1_1
  opensanctions  entities.ftm.json of a dataset; give --source if it has several lists
  nbctf-csv      Israel's orders as typed in, one line for each address; give --data-as-of
                   order,issued_on,valid_until,forfeited,address,account,platform,currency,holder
  csv            your own; give --source and --data-as-of
                   address,uid,designated_on,programs,tickers
  json           your own, which says both itself
                   {\"schema\": \"interdict.publication/1\", \"source\": \"OWN\", \"data_as_of\": \"2026-08-20T00:00:00Z\",
                    \"entries\": [{\"address\": \"0x…\", \"uid\": \"case-17\", \"designated_on\": \"2026-08-01\",
                                 \"valid_until\": null, \"programs\": [\"FRAUD\"], \"tickers\": [\"ETH\"]}]}
Several programs or tickers of a CSV are joined by `;`. A uid may be any words: what is no plain
number stands on chain as the first eight bytes of its keccak256. Exits with 3 if the plan has changes.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_PLAN)]
pub(crate) struct PlanArgs {
    /// The publication's file
    pub(crate) publication: PathBuf,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
    /// Where to write the plan; its manifest is written beside it
    #[arg(long, default_value = "plan.json", value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// How long the plan and its signatures may be used, at most 7d
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) expires_in: u64,
    /// Plan even if more than 15 % of the list leaves
    #[arg(long)]
    pub(crate) allow_shrink: bool,
    /// Plan even if the publication is older than what is on chain
    #[arg(long)]
    pub(crate) allow_older: bool,
    /// Plan even if remarks of `SDN.CSV` are cut, so that addresses are missing
    #[arg(long)]
    pub(crate) allow_truncated: bool,
}

impl PlanArgs {
    pub(crate) fn allowed(&self) -> Vec<Override> {
        let flags = [
            (self.allow_shrink, Override::Shrink),
            (self.allow_older, Override::Older),
            (self.allow_truncated, Override::Truncated),
        ];
        flags.into_iter().filter(|(given, _)| *given).map(|(_, what)| what).collect()
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict verify plan.json --publication SDN_ENHANCED.XML")]
pub(crate) struct VerifyArgs {
    /// The plan's file
    pub(crate) plan: PathBuf,
    /// Your own copy of the publication
    #[arg(long, value_name = "FILE")]
    pub(crate) publication: PathBuf,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
}
