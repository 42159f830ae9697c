//! `propose`, `vote` and `execute`.

use std::path::PathBuf;

use alloy::primitives::U256;
use clap::Args;

use super::{WalletArgs, proposal_id};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict propose plan.json --account alice
  interdict propose plan.json --delist --account alice")]
pub(crate) struct ProposeArgs {
    /// The plan's file
    pub(crate) plan: PathBuf,
    /// Propose the plan's delistings instead of its listings
    #[arg(long)]
    pub(crate) delist: bool,
    /// Propose addresses that are not held yet: the proposal warns those whom it names
    #[arg(long)]
    pub(crate) public: bool,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict vote 0x… --for --account alice")]
pub(crate) struct VoteArgs {
    /// The proposal's id, 0x hex or decimal
    #[arg(value_parser = proposal_id)]
    pub(crate) proposal: U256,
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Choice {
    /// Vote for it
    #[arg(long = "for")]
    in_favour: bool,
    /// Vote against it
    #[arg(long)]
    against: bool,
    /// Abstain
    #[arg(long)]
    abstain: bool,
}

impl Choice {
    /// The number that the council's contract gives to the choice, and the word for it.
    pub(crate) const fn support(&self) -> (u8, &'static str) {
        if self.in_favour {
            (1, "for")
        } else if self.abstain {
            (2, "abstain")
        } else {
            (0, "against")
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict execute 0x… --account relayer

Anyone may execute. A delisting is queued first and executed after its delay.")]
pub(crate) struct ExecuteArgs {
    /// The proposal's id, 0x hex or decimal
    #[arg(value_parser = proposal_id)]
    pub(crate) proposal: U256,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}
