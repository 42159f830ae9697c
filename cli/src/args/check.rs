//! `check`.

use std::path::PathBuf;

use alloy::primitives::Address;
use clap::Args;
use interdict_core::source::Source;

use super::address;
use crate::list::as_of::When;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict check 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C
  interdict check --file customers.txt --source OFAC-SDN,UK
  interdict check 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C --at 2026-08-20T14:02:11Z

Says clear (exit 0), listed (3) or unknown (1) of each address; of several, exit 3 if one is listed,
else 1 if one is unknown. Unknown is never clear. A file has an address a line; `#` begins a remark.")]
pub(crate) struct CheckArgs {
    /// The addresses
    #[arg(value_parser = address, required_unless_present = "file", value_name = "ADDRESS")]
    pub(crate) addresses: Vec<Address>,
    /// A file of addresses, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Only what these source lists name counts
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) source: Vec<Source>,
    /// As of a past block, day or time instead of now
    #[arg(long, visible_alias = "as-of", value_name = "BLOCK|TIME")]
    pub(crate) at: Option<When>,
}

impl CheckArgs {
    /// The source bits that count; all of them unless some were named.
    pub(crate) fn mask(&self) -> u16 {
        match self.source.as_slice() {
            [] => u16::MAX,
            sources => sources.iter().fold(0, |mask, source| mask | source.mask()),
        }
    }
}
