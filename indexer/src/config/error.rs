//! Why the configuration cannot be used.

use std::net::SocketAddr;
use std::path::PathBuf;

use alloy_primitives::Address;
use interdict_core::deployment::DeploymentError;
use interdict_core::policy::PolicyError;

use super::measure::DECIMALS_MAX;
use super::{
    API_REQUESTS_MAX, LEASE_MAX_SECONDS, LEASE_MIN_SECONDS, POLL_MAX_MS, POLL_MIN_MS,
    PROVIDERS_MAX, REQUESTS_PER_SECOND_MAX,
};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No configuration.
    #[error("no configuration is named: name the file with --config or INTERDICT_CONFIG")]
    None,
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}; name the file with {name}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
        /// The setting that names it.
        name: &'static str,
    },
    /// The file is no TOML of this shape.
    #[error("{path} is no configuration of the indexer: {reason}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// The deployment file cannot be used.
    #[error("{path} {reason}")]
    Deployment {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: DeploymentError,
    },
    /// The list is on another chain, and nobody is named who follows it there.
    #[error(
        "chain_id is {config}, the deployment file is of chain {deployment}: name the right file in \
         `deployment`, or under [list] the indexer that follows the list there"
    )]
    Chain {
        /// As configured.
        config: u64,
        /// As deployed.
        deployment: u64,
    },
    /// The list is on the chain that is watched, and somebody else is to tell of it.
    #[error("[list] is for a list on another chain, and this one is on chain {0}: leave it out")]
    ListAtHome(u64),
    /// The address of the list's indexer cannot be used.
    #[error("list.indexer is no http or https address: write it like http://127.0.0.1:8545")]
    ListUrl,
    /// Ranges cannot be sampled there.
    #[error(
        "catch_up = \"sampled\" needs the list's acts in the chain that is watched: use \"full\""
    )]
    SampledAbroad,
    /// A listening address that others could reach.
    #[error(
        "bind is {0}, which others can reach: name under [api] the hosts by which this server is called, like hosts = [\"interdict.example\"]; or use 127.0.0.1"
    )]
    Bind(SocketAddr),
    /// Who is not known may do something where others can reach it.
    #[error(
        "api.anonymous is \"viewer\" and bind is {0}, which others can reach: there everybody needs credentials, use \"none\""
    )]
    AnonymousAbroad(SocketAddr),
    /// A name that is none.
    #[error("api.hosts has {0:?}, which is no name of a host: write it as a browser shows it")]
    Host(String),
    /// A number outside its bounds.
    #[error("api.requests_per_second is {0}: use 1 to {API_REQUESTS_MAX}")]
    ApiRate(u32),
    /// An address that cannot be used.
    #[error("{0} is no https URL (http is for this machine only): see the provider's documents")]
    OidcUrl(&'static str),
    /// Nobody could log in.
    #[error("oidc.roles gives nobody a role: write values of oidc.role_claim, each with a role")]
    OidcRoles,
    /// A number outside its bounds.
    #[error("poll_ms is {0}: use {POLL_MIN_MS} to {POLL_MAX_MS}")]
    Poll(u64),
    /// A number outside its bounds.
    #[error("database_lease_seconds is {0}: use {LEASE_MIN_SECONDS} to {LEASE_MAX_SECONDS}")]
    Lease(u64),
    /// No database.
    #[error(
        "no database is named: write `database`, a file, or `database_url_file`, a file that holds the address of a PostgreSQL server"
    )]
    NoDatabase,
    /// Two databases.
    #[error("`database` and `database_url_file` are both named: keep the one that is meant")]
    TwoDatabases,
    /// An amount that is none.
    #[error(
        "dust_below of {symbol} is {text:?}: write a decimal amount with at most {decimals} digits behind the point, like \"10\" or \"0.004\""
    )]
    Dust {
        /// The asset.
        symbol: String,
        /// As written.
        text: String,
        /// Digits that it may have.
        decimals: u8,
    },
    /// The policy cannot be relied on.
    #[error("{path} is no policy that can be relied on: {reason}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        reason: PolicyError,
    },
    /// Neither or both ways to say what an asset is worth.
    #[error(
        "{0} needs either reference_value, what one of it is worth in the policy's reference unit, \
         or dust_below, the amount that is worth the policy's dust threshold"
    )]
    Measure(String),
    /// A value that is none.
    #[error(
        "reference_value of {symbol} is {text:?}: write what one of it is worth, more than 0, like \
         \"1\" or \"2500.5\", with at most 6 digits behind the point"
    )]
    ReferenceValue {
        /// The asset.
        symbol: String,
        /// As written.
        text: String,
    },
    /// More digits than an amount can have.
    #[error("decimals of {symbol} is {decimals}: use at most {DECIMALS_MAX}")]
    Decimals {
        /// The asset.
        symbol: String,
        /// As written.
        decimals: u8,
    },
    /// A network that is none.
    #[error("{0:?} in webhooks.allow is no network: write it like \"10.1.2.0/24\"")]
    Network(String),
    /// A secret that others can read.
    #[error(
        "{path}, named by {name}, can be read by others: it is for its owner alone, chmod 600 it"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What names it.
        name: &'static str,
    },
    /// A file that holds no secret.
    #[error("{path}, named by {name}, holds no token: write it there as one word on one line")]
    NoSecret {
        /// The file.
        path: PathBuf,
        /// What names it.
        name: &'static str,
    },
    /// Neither or both ways to name providers.
    #[error(
        "name the provider by rpc_url, or one to {PROVIDERS_MAX} of them by [[provider]], not by both"
    )]
    Providers,
    /// Neither or both ways to name a provider's address.
    #[error("provider {0} needs either url or url_file")]
    ProviderUrl(usize),
    /// A rate outside its bounds.
    #[error("requests_per_second is {0}: use 1 to {REQUESTS_PER_SECOND_MAX}, or leave it out")]
    Rate(u32),
    /// A walk back would leave what can be proved.
    #[error(
        "lookback_from_block is {from}, but blocks of {chain} can be proved from {first} on: use \
         that or more, or leave it out"
    )]
    Lookback {
        /// As configured.
        from: u64,
        /// The chain's name.
        chain: &'static str,
        /// The first block that can be proved.
        first: u64,
    },
    /// One token twice.
    #[error("token {0} stands in the configuration twice: keep one")]
    TokenTwice(Address),
}
