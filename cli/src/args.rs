//! The command line, read once: every value leaves here in its own type.

use std::path::PathBuf;

use alloy::primitives::{Address, U256};
use clap::{Args, Parser, Subcommand};
use interdict_core::source::Source;
use jiff::Timestamp;

use crate::guard::Override;
use crate::text;

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
  0 done, or clear          3 listed, or the plan has changes
  1 failed, or unknown      4 stale plan, wrong chain or wrong code
  2 usage                   5 the transaction would revert    130 interrupted";

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

/// Whose key signs; the flags are cast's.
#[derive(Clone, Debug, Args)]
pub(crate) struct WalletArgs {
    /// An encrypted keystore
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_KEYSTORE",
        hide_env_values = true,
        value_name = "FILE",
        conflicts_with = "account"
    )]
    pub(crate) keystore: Option<PathBuf>,
    /// A keystore's name in ~/.foundry/keystores
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_KEYSTORE_ACCOUNT",
        hide_env_values = true,
        value_name = "NAME"
    )]
    pub(crate) account: Option<String>,
    /// A file with the keystore's password; without it the terminal asks
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_PASSWORD",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) password_file: Option<PathBuf>,
}

/// The verbs, in the order of a list's life.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Deploy the whole system and hand it to its council
    Deploy(DeployArgs),
    /// Check the node, the contracts, the roles, the seats and the list
    Doctor,
    /// Say what a publication would change on the list
    Plan(PlanArgs),
    /// Make a plan again from the publication and the chain, and compare
    Verify(VerifyArgs),
    /// Sign a plan as a member of the council
    Sign(SignArgs),
    /// Hold what is new at once, with a majority's signatures
    Act(ActArgs),
    /// Propose a plan to the council's vote
    Propose(ProposeArgs),
    /// Vote on a proposal as a member of the council
    Vote(VoteArgs),
    /// Execute a proposal that succeeded
    Execute(ExecuteArgs),
    /// Say whether an address is listed
    Check(CheckArgs),
    /// Show the list, its acts and the open proposals
    Status,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict deploy --member 0x… --member 0x… --member 0x… --guardian 0x… --account deployer")]
pub(crate) struct DeployArgs {
    /// A first member of the council; once for each
    #[arg(long = "member", required = true, value_name = "ADDRESS", value_parser = address)]
    pub(crate) members: Vec<Address>,
    /// Who may cancel delistings and changes of seats while they wait
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) guardian: Option<Address>,
    /// Who may attest that the list was compared with its sources
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) keeper: Option<Address>,
    /// How many addresses the council may hold in a day
    #[arg(long, default_value_t = 1000, value_name = "NUMBER")]
    pub(crate) holds_per_day: u32,
    /// How long a hold by signatures lasts
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) term: u64,
    /// How long a vote stays open that finds no majority before
    #[arg(long, default_value = "3d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) voting_period: u64,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StatedArgs {
    /// The source list of a publication that does not name it (CSV)
    #[arg(long, value_name = "CODE")]
    pub(crate) source: Option<Source>,
    /// The time of a publication that does not say it (CSV), such as 2026-08-20T14:02:11Z
    #[arg(long, value_name = "TIMESTAMP")]
    pub(crate) data_as_of: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict plan SDN_ENHANCED.XML
  interdict plan own.csv --source OWN --data-as-of 2026-08-20T00:00:00Z --out own.json

The format is told from the content. A CSV has the header
  address,uid,designated_on,programs,tickers
with several programs or tickers joined by `;`. Exits with 3 if the plan has changes.")]
pub(crate) struct PlanArgs {
    /// The publication's file
    pub(crate) publication: PathBuf,
    #[command(flatten)]
    pub(crate) stated: StatedArgs,
    /// Where to write the plan; its manifest is written beside it
    #[arg(long, default_value = "plan.json", value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// How long the plan and its signatures may be used, at most 7d
    #[arg(long, default_value = "7d", value_name = "DURATION", value_parser = text::parse_duration)]
    pub(crate) expires_in: u64,
    /// Plan even if more than 15 % of the list leaves
    #[arg(long)]
    pub(crate) allow_shrink: bool,
    /// Plan even if the publication is older than what is on chain
    #[arg(long)]
    pub(crate) allow_older: bool,
}

impl PlanArgs {
    pub(crate) fn allowed(&self) -> Vec<Override> {
        let flags = [(self.allow_shrink, Override::Shrink), (self.allow_older, Override::Older)];
        flags.into_iter().filter(|(given, _)| *given).map(|(_, what)| what).collect()
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict verify plan.json --publication SDN_ENHANCED.XML")]
pub(crate) struct VerifyArgs {
    /// The plan's file
    pub(crate) plan: PathBuf,
    /// Your own copy of the publication
    #[arg(long, value_name = "FILE")]
    pub(crate) publication: PathBuf,
}

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
    /// The members' signatures, at least a majority of the seats
    #[arg(required = true)]
    pub(crate) signatures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

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

#[derive(Debug, Args)]
#[command(after_help = "Example:
  interdict check 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C

Prints clear (exit 0), listed (3) or unknown (1). Unknown is never clear.")]
pub(crate) struct CheckArgs {
    /// The address
    #[arg(value_parser = address)]
    pub(crate) address: Address,
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

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
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
    }

    #[test]
    fn proposal_ids_are_hex_or_decimal() {
        assert_eq!(proposal_id("0x10"), Ok(U256::from(16)));
        assert_eq!(proposal_id("16"), Ok(U256::from(16)));
        assert!(proposal_id("sixteen").is_err());
    }
}
