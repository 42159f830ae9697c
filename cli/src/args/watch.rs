//! `watch`.

use std::path::PathBuf;

use alloy::primitives::Address;
use clap::Args;

use super::address;
use crate::text;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict watch --as 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C --once
  interdict watch --as 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C --plans plans
  interdict watch --json | jq

With --once it prints what waits and ends, with exit 3 if something waits for the member. Else it
follows the chain and prints each change as it comes; with --json, one JSON document a line, the
last of which says how it ended.")]
pub(crate) struct WatchArgs {
    /// The member whose vote and signature may be awaited
    #[arg(long = "as", value_name = "ADDRESS", value_parser = address)]
    pub(crate) member: Option<Address>,
    /// Print what waits now, and end
    #[arg(long)]
    pub(crate) once: bool,
    /// A folder of plans and retractions, with the signatures that have been made under them
    #[arg(long, value_name = "DIR")]
    pub(crate) plans: Option<PathBuf>,
    /// Tell of holds that lapse within this time
    #[arg(long, default_value = "2d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) soon: u64,
    /// Tell of source lists that were not compared for this long
    #[arg(long, default_value = "36h", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) stale_after: u64,
    /// How long to wait between looks at the chain, at most 1h
    #[arg(long, default_value = "12s", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) interval: u64,
}
