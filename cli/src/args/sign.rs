//! `sign` and `act`.

use std::path::PathBuf;

use clap::Args;

use super::WalletArgs;

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict sign plan.json --account alice --out alice.json")]
pub(crate) struct SignArgs {
    /// The plan's file
    pub(crate) plan: PathBuf,
    /// Where to write the signature; without it, to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Do not ask for a typed confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict act plan.json alice.json bob.json carol.json --account relayer

Anyone may relay the act; the wallet only pays for it.")]
pub(crate) struct ActArgs {
    /// The plan's file
    pub(crate) plan: PathBuf,
    /// The members' signatures, at least a quorum of the seats
    #[arg(required = true)]
    pub(crate) signatures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}
