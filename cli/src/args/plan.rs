//! `plan` and `verify`.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::Args;
use interdict_core::manifest::Override;
use interdict_core::source::Source;
use jiff::Timestamp;

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

/// The guards that a person may override; each that was needed is written into the manifest.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Overrides (written into the manifest)")]
#[expect(clippy::struct_excessive_bools, reason = "one flag for each guard, as typed")]
pub(crate) struct AllowArgs {
    /// Though more than 15 % of the list leaves
    #[arg(long)]
    pub(crate) allow_shrink: bool,
    /// Though the publication is older than what is on chain
    #[arg(long)]
    pub(crate) allow_older: bool,
    /// Though an address that was listed for years is not published
    #[arg(long)]
    pub(crate) allow_missing_canary: bool,
    /// Though the publication names what no list may ever hold; it is set aside
    #[arg(long)]
    pub(crate) allow_never_list: bool,
    /// Though the publication has a type of digital currency that was never seen
    #[arg(long)]
    pub(crate) allow_unknown_type: bool,
    /// Though --cross-check names others
    #[arg(long)]
    pub(crate) allow_disagreement: bool,
    /// Though remarks of `SDN.CSV` are cut, so that addresses are missing
    #[arg(long)]
    pub(crate) allow_truncated: bool,
    /// Though the publication has no address that can be read: its last one may have left
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Though an address is published with a wrong checksum; it is set aside
    #[arg(long)]
    pub(crate) allow_bad_checksum: bool,
}

impl AllowArgs {
    pub(crate) fn overrides(self) -> Vec<Override> {
        let given = |which: &Override| match which {
            Override::Shrink => self.allow_shrink,
            Override::Older => self.allow_older,
            Override::MissingCanary => self.allow_missing_canary,
            Override::NeverList => self.allow_never_list,
            Override::UnknownType => self.allow_unknown_type,
            Override::Disagreement => self.allow_disagreement,
            Override::Truncated => self.allow_truncated,
            Override::Empty => self.allow_empty,
            Override::BadChecksum => self.allow_bad_checksum,
        };
        Override::ALL.into_iter().filter(given).collect()
    }
}

/// The formats stand here as `cli/src/source` reads them; a test compares.
const AFTER_PLAN: &str = "\
Examples:
  interdict plan SDN_ENHANCED.XML
  interdict plan SDN_ENHANCED.XML --cross-check SDN_ADVANCED.XML
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
    /// A second publication of the same authority, which must name the same
    #[arg(long, value_name = "FILE")]
    pub(crate) cross_check: Option<PathBuf>,
    /// Where to write the plan; its manifest is written beside it
    #[arg(long, default_value = "plan.json", value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// How long the plan and its signatures may be used, at most 7d
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) expires_in: u64,
    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}

#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").args(["plan", "proposal", "act"]).required(true).multiple(true),
    after_help = "Examples:
  interdict verify plan.json --publication SDN_ENHANCED.XML
  interdict verify --proposal 0x1f… --publication SDN_ENHANCED.XML
  interdict verify --act 12 --publication SDN_ENHANCED.XML
  interdict verify retraction.json

What the publication and the chain give is made anew here, from your own copy; a plan file, if there
is one, is compared with it and never believed. A plan says itself which guards were overridden,
which is compared too; without one you name them. A CSV does not say of which list it is, or as of
when: say it yourself with --source and --data-as-of, or the plan's word is taken, and you are
warned; so are you of a second publication that you do not give. Of a retraction it is compared with
the chain that what it ends is held, under these persons, on this list; whether these are the holds
to be ended, the council knows. Exits with 4 if anything differs."
)]
pub(crate) struct VerifyArgs {
    /// The file of the plan or of the retraction
    pub(crate) plan: Option<PathBuf>,
    /// Your own copy of the publication; a retraction comes of none
    #[arg(long, value_name = "FILE")]
    pub(crate) publication: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
    /// Your own copy of the second publication, if the plan was made with one
    #[arg(long, value_name = "FILE")]
    pub(crate) cross_check: Option<PathBuf>,
    /// Compare what this proposal would do
    #[arg(long, value_name = "ID", value_parser = super::proposal_id)]
    pub(crate) proposal: Option<U256>,
    /// Compare what this act of the list did
    #[arg(long, value_name = "NUMBER", conflicts_with = "proposal")]
    pub(crate) act: Option<u32>,
    #[command(flatten)]
    pub(crate) allow: AllowArgs,
}
