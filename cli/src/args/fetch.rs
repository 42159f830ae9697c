//! `fetch`.

use std::path::PathBuf;

use alloy::primitives::B256;
use clap::Args;

use crate::text;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict fetch ofac-enhanced
  interdict fetch uk --out uk.xml --max-age 14d
  interdict fetch https://example.org/list.xml --out list.xml

Known names: ofac-enhanced ofac-advanced ofac-sdn ofac-csv ofac-csv-comments uk uk-csv eu

Beside FILE it writes FILE.fetched.json: the address, the time, the SHA-256, and the server's own
Last-Modified, ETag and digest. A download that broke is gone on with by the same command.")]
pub(crate) struct FetchArgs {
    /// An address, or the name of a publication that is known here
    #[arg(value_name = "URL|NAME")]
    pub(crate) publication: String,
    /// Where to write it; a known publication has a name of its own
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Refuse a publication that was modified longer ago
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) max_age: Option<u64>,
    /// Refuse a publication that is longer, in bytes
    #[arg(long, default_value_t = 1 << 30, value_name = "BYTES")]
    pub(crate) max_bytes: u64,
    /// Refuse any other document than the one of this SHA-256, such as another member has
    #[arg(long, value_name = "HEX")]
    pub(crate) sha256: Option<B256>,
    /// How long the server may be silent
    #[arg(long, default_value = "30s", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) timeout: u64,
    /// Ask over plain http, where anyone in between can change what comes
    #[arg(long)]
    pub(crate) allow_http: bool,
}
