//! `sign`, `act` and `retract`.

use std::path::PathBuf;

use alloy::primitives::{Address, Bytes};
use clap::Args;
use interdict_core::source::Source;

use super::{SendArgs, WalletArgs, address};
use crate::text;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict sign plan.json --account alice --out alice.json
  interdict sign plan.json --offline --ledger --out alice.json
  interdict sign plan.json --typed-data typed.json
  cast wallet sign --data --from-file typed.json --account alice > alice.sig
  interdict sign plan.json --signature-file alice.sig --out alice.json

The file is a plan or a retraction. Offline nothing is asked of the chain; what is then not checked
is said, and `interdict act` checks it before it sends. A key's signature that was made elsewhere is
checked offline too, a contract's is not. Typed data name every address, and are written for your
eyes alone.")]
pub(crate) struct SignArgs {
    /// The file of the plan or of the retraction
    pub(crate) paper: PathBuf,
    /// Where to write the signature; without it, to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Do not ask a node: for a machine without a network
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArgs,
    /// Do not ask for a typed confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

/// A signature that another tool makes.
#[derive(Debug, Args)]
pub(crate) struct ElsewhereArgs {
    /// Write what is to be signed as EIP-712 typed data, and sign nothing
    #[arg(long, help_heading = "Another wallet", value_name = "FILE")]
    pub(crate) typed_data: Option<PathBuf>,
    /// Take a signature that was made elsewhere
    #[arg(
        long,
        help_heading = "Another wallet",
        value_name = "HEX",
        conflicts_with = "typed_data"
    )]
    pub(crate) signature: Option<Bytes>,
    /// Take a signature that was made elsewhere, from a file
    #[arg(long, help_heading = "Another wallet", value_name = "FILE", conflicts_with_all = ["typed_data", "signature"])]
    pub(crate) signature_file: Option<PathBuf>,
    /// Whose the signature is, where it is a contract's (ERC-1271): a Safe that has a seat
    #[arg(long, help_heading = "Another wallet", value_name = "ADDRESS", value_parser = address, conflicts_with = "typed_data")]
    pub(crate) signer: Option<Address>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict act plan.json alice.json bob.json carol.json --account relayer
  interdict act retraction.json alice.json bob.json carol.json --account relayer

Anyone may relay the act; the wallet only pays for it.")]
pub(crate) struct ActArgs {
    /// The file of the plan or of the retraction
    pub(crate) paper: PathBuf,
    /// The members' signatures, at least a quorum of the seats
    #[arg(required = true)]
    pub(crate) signatures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) send: SendArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict retract 0x… --reason 'listed under a mistyped address, notice of 2026-08-20'

Ends at once what is held and not yet ratified: a quorum signs the file as it signs a plan, and
anyone sends it with `interdict act`. The reason is hashed on chain: put no person's name into it.
What was retracted cannot be held again for 30 days; a vote may list it before.")]
pub(crate) struct RetractArgs {
    /// The addresses whose hold ends
    #[arg(required = true, value_parser = address)]
    pub(crate) addresses: Vec<Address>,
    /// Why, in the council's words
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Let go of this source list only; once for each. Without it, of all that hold the address
    #[arg(long = "source", value_name = "CODE")]
    pub(crate) sources: Vec<Source>,
    /// How long the signatures may be used, at most 7d
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) expires_in: u64,
    /// Where to write it; its manifest is written beside it
    #[arg(long, default_value = "retraction.json", value_name = "FILE")]
    pub(crate) out: PathBuf,
}
