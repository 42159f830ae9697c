//! The command line, read once: every value leaves here in its own type.
//! What a verb takes is in a file of its own.

mod check;
mod completions;
mod deploy;
mod export;
mod fetch;
mod init;
mod plan;
mod show;
mod sign;
mod vote;
mod wallet;
mod watch;

use std::path::PathBuf;

use alloy::primitives::{Address, U256};
use clap::{Args, Parser, Subcommand};

pub(crate) use self::check::CheckArgs;
pub(crate) use self::completions::{CompletionsArgs, ManArgs};
pub(crate) use self::deploy::DeployArgs;
pub(crate) use self::export::{ExportArgs, Format};
pub(crate) use self::fetch::FetchArgs;
pub(crate) use self::init::InitArgs;
pub(crate) use self::plan::{AllowArgs, PlanArgs, StatedArgs, VerifyArgs};
pub(crate) use self::show::ShowArgs;
pub(crate) use self::sign::{ActArgs, ElsewhereArgs, RetractArgs, SignArgs};
pub(crate) use self::vote::{
    AttestArgs, CancelArgs, ChangeArgs, ExecuteArgs, ProposeArgs, VoteArgs,
};
pub(crate) use self::wallet::{
    ImportWalletArgs, KeystoreArgs, NewWalletArgs, SafeArgs, SendArgs, WalletArgs, WalletVerb,
    WalletVerbArgs,
};
pub(crate) use self::watch::WatchArgs;

/// Keeps addresses of sanctioned persons in one on-chain list, changed only through its council.
#[derive(Debug, Parser)]
#[command(name = "interdict", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const EXIT_CODES: &str = "\
Exit codes:
  0 done, or clear          3 there is something to tell: listed, changes, something waits
  1 failed, or unknown      4 stale, manipulated or different: plan, chain, code, nodes
  2 usage                   5 the transaction would revert
  130 interrupted           129 the terminal is gone    143 asked to end

NO_COLOR=1 turns colour off, CLICOLOR_FORCE=1 on; else there is colour on a terminal only.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  interdict doctor
  interdict doctor --rpc-url http://127.0.0.1:8545 --chain 11155111

The first that is wrong decides the exit code, and what to do next is said of it.";

const STATUS_EXAMPLES: &str = "\
Examples:
  interdict status
  interdict status --json | jq .data.open_proposals";

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The node to ask
    #[arg(
        long,
        global = true,
        help_heading = "Common options",
        env = "ETH_RPC_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) rpc_url: Option<String>,
    /// A second node, of another provider, that must say the same
    #[arg(
        long,
        global = true,
        help_heading = "Common options",
        env = "ETH_RPC_URL_2",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) second_rpc_url: Option<String>,
    /// The chain id that you expect; any other is refused
    #[arg(
        long,
        global = true,
        help_heading = "Common options",
        env = "INTERDICT_CHAIN",
        hide_env_values = true,
        value_name = "ID"
    )]
    pub(crate) chain: Option<u64>,
    /// The folder of the address books
    #[arg(
        long,
        global = true,
        help_heading = "Common options",
        env = "INTERDICT_DEPLOYMENTS",
        hide_env_values = true,
        default_value = "deployments",
        value_name = "DIR"
    )]
    pub(crate) deployments: PathBuf,
    /// Print one JSON document to stdout, on success and on failure
    #[arg(long, global = true, help_heading = "Common options")]
    pub(crate) json: bool,
}

/// The verbs, in the order of a list's life.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Begin as a member: an address book, checked against its chain
    Init(InitArgs),
    /// Deploy the whole system and hand it to its council
    Deploy(DeployArgs),
    /// Check the node, the contracts, the roles, the seats and the list
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor,
    /// Download a publication, and record where it came from
    Fetch(FetchArgs),
    /// Say what a publication would change on the list
    Plan(PlanArgs),
    /// Make a plan again from the publication and the chain, and compare
    Verify(VerifyArgs),
    /// Sign a plan, or a retraction, as a member of the council
    Sign(SignArgs),
    /// Hold what is new, or retract what is held, at once, with a quorum's signatures
    Act(ActArgs),
    /// Propose a plan to the council's vote
    Propose(ProposeArgs),
    /// Vote on a proposal as a member of the council
    Vote(VoteArgs),
    /// Execute a proposal that succeeded
    Execute(ExecuteArgs),
    /// Cancel what waits in the queue, as its guardian
    Cancel(CancelArgs),
    /// Say which holds are to end and why, for a quorum to sign
    Retract(RetractArgs),
    /// Say on chain that the list was compared with a publication, and nothing is to be changed
    Attest(AttestArgs),
    /// Say whether addresses are listed, now or then
    Check(CheckArgs),
    /// Write the list as it stands or stood, for others to read
    Export(ExportArgs),
    /// Show the list, its acts and the open proposals
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
    /// Show all about one address, act, proposal or plan
    Show(ShowArgs),
    /// Tell what waits for a member's vote or signature, and until when
    Watch(WatchArgs),
    /// Make or import the keystore of a key
    Wallet(WalletVerbArgs),
    /// Print a shell's completions
    Completions(CompletionsArgs),
    /// Print the manual, or write all of its pages
    Man(ManArgs),
}

impl Verb {
    /// Whether what it says comes line by line, as it becomes known.
    pub(crate) const fn prints_lines(&self) -> bool {
        matches!(self, Self::Watch(args) if !args.once)
    }
}

/// Reads the command line of this process.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    Cli::try_parse()
}

fn address(text: &str) -> Result<Address, String> {
    interdict_core::address::parse(text).map_err(|error| format!("the address {error}"))
}

fn proposal_id(text: &str) -> Result<U256, String> {
    text.parse().map_err(|_| "a proposal's id is a number, 0x hex or decimal".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::exit::Exit;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_has_every_exit_code() {
        let (codes, _) = EXIT_CODES.split_once("\n\n").unwrap();
        let mut said: Vec<u8> =
            codes.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        said.sort_unstable();
        assert_eq!(said, Exit::ALL.map(|exit| exit as u8));
    }

    #[test]
    fn a_bad_address_is_a_usage_error_that_says_why() {
        let error =
            parsed("interdict check 0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("has 39 hex digits"), "{error}");
    }

    #[test]
    fn a_vote_needs_exactly_one_choice() {
        let check = |flags: &str, expected: Option<u8>| {
            let support = match parsed(&format!("interdict vote 0x10{flags}")) {
                Ok(Cli { verb: Verb::Vote(args), .. }) => Some(args.choice.support().0),
                _ => None,
            };
            assert_eq!(support, expected, "{flags}");
        };
        check("", None);
        check(" --against", Some(0));
        check(" --for", Some(1));
        check(" --abstain", Some(2));
        check(" --for --against", None);
        check(" --for --ballot a.json", None);
        assert!(parsed("interdict vote 0x10 --ballot a.json --ballot b.json").is_ok());
    }

    #[test]
    fn a_proposal_is_of_a_plan_or_of_changes_with_a_reason() {
        let one = "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c";
        let check = |line: &str, right: bool| {
            assert_eq!(parsed(&format!("interdict propose{line}")).is_ok(), right, "{line}");
        };
        check("", false);
        check(" plan.json", true);
        check(&format!(" --add-member {one}"), false);
        check(&format!(" --add-member {one} --reason why"), true);
        check(&format!(" plan.json --add-member {one} --reason why"), false);
    }

    #[test]
    fn t44_no_flag_takes_a_secret() {
        let line = "interdict act plan.json a.json";
        for flag in ["--private-key", "--password", "--mnemonic"] {
            assert!(parsed(&format!("{line} {flag} secret")).is_err(), "{flag}");
        }
    }

    #[test]
    fn proposal_ids_are_hex_or_decimal() {
        assert_eq!(proposal_id("0x10"), Ok(U256::from(16)));
        assert_eq!(proposal_id("16"), Ok(U256::from(16)));
        assert!(proposal_id("sixteen").is_err());
    }
}
