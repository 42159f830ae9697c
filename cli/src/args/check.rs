//! `check`.

use alloy::primitives::Address;
use clap::Args;

use super::address;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict check 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C

Prints clear (exit 0), listed (3) or unknown (1). Unknown is never clear.")]
pub(crate) struct CheckArgs {
    /// The address
    #[arg(value_parser = address)]
    pub(crate) address: Address,
}
