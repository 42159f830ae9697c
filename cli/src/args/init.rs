//! `init`.

use alloy::primitives::Address;
use clap::Args;

use super::address;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict init --book deployments/11155111.json --rpc-url http://127.0.0.1:8545
  interdict init --book https://example.org/11155111.json --member 0x…

Writes the address book to the folder of --deployments, once the node's chain, the contracts'
code and the roles are those that it states. An address book from elsewhere decides which list you
act on: compare the list's address with what the other members have.")]
pub(crate) struct InitArgs {
    /// The address book: a file, or an https address
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) book: String,
    /// Say whether this address has a seat on the council
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) member: Option<Address>,
    /// Put it in the place of another address book of the same chain
    #[arg(long)]
    pub(crate) replace: bool,
}
