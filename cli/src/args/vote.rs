//! `propose`, `vote`, `execute`, `cancel` and `attest`.

use std::path::PathBuf;

use alloy::primitives::{Address, U256};
use clap::Args;

use super::{AllowArgs, ElsewhereArgs, SafeArgs, SendArgs, StatedArgs, address, proposal_id};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict propose plan.json --account alice
  interdict propose plan.json --delist --account alice
  interdict propose --remove-member 0x… --add-member 0x… --reason 'a lost key' --account alice
  interdict propose --protect 0x… --reason 'a router that everyone uses' --account alice")]
pub(crate) struct ProposeArgs {
    /// The plan's file
    #[arg(required_unless_present_any = CHANGES)]
    pub(crate) plan: Option<PathBuf>,
    /// Propose the plan's delistings instead of its listings
    #[arg(long)]
    pub(crate) delist: bool,
    /// Propose addresses that are not held yet: the proposal warns those whom it names
    #[arg(long)]
    pub(crate) public: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
    #[command(flatten)]
    pub(crate) send: SendArgs,
    #[command(flatten)]
    pub(crate) safe: SafeArgs,
}

const CHANGES: [&str; 4] = ["add_member", "remove_member", "protect", "unprotect"];

/// Changes of the council and of what may never be listed; several make one proposal.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Give a seat to this address
    #[arg(long, help_heading = "Changes", value_name = "ADDRESS", value_parser = address, conflicts_with = "plan", requires = "reason")]
    pub(crate) add_member: Vec<Address>,
    /// Take this member's seat away
    #[arg(long, help_heading = "Changes", value_name = "ADDRESS", value_parser = address, conflicts_with = "plan", requires = "reason")]
    pub(crate) remove_member: Vec<Address>,
    /// Protect this address from ever being listed
    #[arg(long, help_heading = "Changes", value_name = "ADDRESS", value_parser = address, conflicts_with = "plan", requires = "reason")]
    pub(crate) protect: Vec<Address>,
    /// Take its protection away
    #[arg(long, help_heading = "Changes", value_name = "ADDRESS", value_parser = address, conflicts_with = "plan", requires = "reason")]
    pub(crate) unprotect: Vec<Address>,
    /// Why, in a sentence that everyone can read on chain
    #[arg(long, help_heading = "Changes", value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict vote 0x… --for --account alice
  interdict vote 0x… --for --sign-only --out alice.json --account alice
  interdict vote 0x… --ballot alice.json --ballot bob.json --account relayer

A signed ballot costs its member nothing: anyone sends it. With another wallet:
  interdict vote 0x… --for --voter 0x… --typed-data typed.json
  cast wallet sign --data --from-file typed.json --account alice > alice.sig
  interdict vote 0x… --for --voter 0x… --signature-file alice.sig --out alice.json")]
pub(crate) struct VoteArgs {
    /// The proposal's id, 0x hex or decimal
    #[arg(value_parser = proposal_id)]
    pub(crate) proposal: U256,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Sign the ballot for anyone to send, and send nothing
    #[arg(long, help_heading = "Ballot", conflicts_with = "ballot")]
    pub(crate) sign_only: bool,
    /// Who votes, where another tool signs
    #[arg(long, help_heading = "Ballot", value_name = "ADDRESS", value_parser = address)]
    pub(crate) voter: Option<Address>,
    /// Where to write the ballot; without it, to stdout
    #[arg(long, help_heading = "Ballot", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArgs,
    #[command(flatten)]
    pub(crate) send: SendArgs,
    #[command(flatten)]
    pub(crate) safe: SafeArgs,
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
    /// Send a ballot that a member signed; once for each
    #[arg(long = "ballot", value_name = "FILE")]
    pub(crate) ballot: Vec<PathBuf>,
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
#[command(after_help = "Examples:
  interdict execute 0x… --account relayer
  interdict execute 0x… --ballot alice.json --ballot bob.json --account relayer

Anyone may execute. A delisting is queued first and executed after its delay.")]
pub(crate) struct ExecuteArgs {
    /// The proposal's id, 0x hex or decimal
    #[arg(value_parser = proposal_id)]
    pub(crate) proposal: U256,
    /// Send these members' ballots first; once for each
    #[arg(long = "ballot", value_name = "FILE", conflicts_with = "safe_transaction")]
    pub(crate) ballots: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) send: SendArgs,
    #[command(flatten)]
    pub(crate) safe: SafeArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict cancel 0x… --account guardian

The guardian may cancel a delisting, or a change of seats, while it waits; nothing else.")]
pub(crate) struct CancelArgs {
    /// The queued proposal's id, 0x hex or decimal
    #[arg(value_parser = proposal_id)]
    pub(crate) proposal: U256,
    #[command(flatten)]
    pub(crate) send: SendArgs,
    #[command(flatten)]
    pub(crate) safe: SafeArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict attest SDN_ENHANCED.XML --account keeper

Says on chain that the list was compared with the publication and that nothing is to be changed.
Exits with 3, and sends nothing, if something is.")]
pub(crate) struct AttestArgs {
    /// The publication's file
    pub(crate) publication: PathBuf,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
    #[command(flatten)]
    pub(crate) allow: AllowArgs,
    /// Where to write the comparison; its manifest is written beside it
    #[arg(long, default_value = "attestation.json", value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) send: SendArgs,
    #[command(flatten)]
    pub(crate) safe: SafeArgs,
}
