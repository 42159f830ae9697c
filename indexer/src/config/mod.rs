//! What the indexer is told to do: one TOML file, read once, with flags and environment over it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::Address;
use alloy_primitives::utils::{ParseUnits, parse_units};
use interdict_core::deployment::{Deployment, DeploymentError};
use secrecy::SecretString;
use serde::Deserialize;

use crate::catchup::Mode;
use crate::chain::pool::Tracer;
use crate::chain::profile::Profile;
use crate::screen::{Asset, Assets};
use crate::store::Place;

/// Shortest time between two looks at the chain's head, in milliseconds.
pub const POLL_MIN_MS: u64 = 50;
/// Longest time between two looks at the chain's head, in milliseconds.
/// A longer one could not tell within a minute that the chain is silent.
pub const POLL_MAX_MS: u64 = 10_000;
/// Most providers.
pub const PROVIDERS_MAX: usize = 16;
/// Most requests a second that a provider can be said to allow.
pub const REQUESTS_PER_SECOND_MAX: u32 = 100_000;
/// Most digits behind the point that an asset can have.
const DECIMALS_MAX: u8 = 36;
const POLL_DEFAULT_MS: u64 = 1_000;
/// Shortest lease of a worker on a database server, in seconds.
pub const LEASE_MIN_SECONDS: u64 = 1;
/// Longest lease of a worker on a database server, in seconds.
pub const LEASE_MAX_SECONDS: u64 = 300;
/// Longer than one attempt at a delivery, and short enough that a killed worker is soon replaced.
const LEASE_DEFAULT_SECONDS: u64 = 20;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
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
    /// The configuration and the deployment speak of different chains.
    #[error(
        "chain_id is {config}, the deployment file is of chain {deployment}: name the right file in `deployment`"
    )]
    Chain {
        /// As configured.
        config: u64,
        /// As deployed.
        deployment: u64,
    },
    /// A listening address that others could reach.
    #[error(
        "bind is {0}, which others can reach: that needs tokens, which this version does not have; use 127.0.0.1"
    )]
    Bind(SocketAddr),
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
    /// More digits than an amount can have.
    #[error("decimals of {symbol} is {decimals}: use at most {DECIMALS_MAX}")]
    Decimals {
        /// The asset.
        symbol: String,
        /// As written.
        decimals: u8,
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

/// What flags and environment say; they go before the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The database file.
    pub database: Option<PathBuf>,
    /// The address of the database server; it may carry a password.
    pub database_url: Option<SecretString>,
    /// Where to listen.
    pub bind: Option<SocketAddr>,
    /// The provider; its path may carry a key.
    pub rpc_url: Option<SecretString>,
}

/// Where findings are delivered.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The receiver's address; its path may carry a key.
    pub url: SecretString,
    /// The signing secret as `whsec_<base64>`.
    pub secret: SecretString,
}

/// Where the chain is read.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its address; the path may carry a key.
    pub url: SecretString,
    /// How often it may be asked; `None` sets no bound.
    pub requests_per_second: Option<NonZeroU32>,
    /// How it traces the calls within transactions; `None` if it is not to be asked.
    pub traces: Option<Tracer>,
}

impl Provider {
    /// A provider that may be asked as often as is useful.
    pub const fn at(url: SecretString) -> Self {
        Self { url, requests_per_second: None, traces: None }
    }
}

/// The whole configuration, checked as far as it can be without a network.
#[derive(Clone, Debug)]
pub struct Config {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where the chain is read, in order of preference; at least one.
    pub providers: Vec<Provider>,
    /// The system on that chain.
    pub deployment: Deployment,
    /// Where the database is.
    pub database: Place,
    /// Where to listen; always loopback.
    pub bind: SocketAddr,
    /// Time between two looks at the chain's head.
    pub poll: Duration,
    /// How far back to look when an address is listed, as a block number.
    pub lookback_from_block: u64,
    /// The assets whose amounts mean something here.
    pub assets: Assets,
    /// How final history is read: while the head is far, and in walks back.
    pub catch_up: Mode,
    /// Where findings are delivered; `None` if nowhere.
    pub webhook: Option<Webhook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "they are named as the settings are")]
struct File {
    chain_id: u64,
    rpc_url: Option<SecretString>,
    #[serde(default)]
    provider: Vec<FileProvider>,
    deployment: PathBuf,
    database: Option<PathBuf>,
    database_url_file: Option<PathBuf>,
    #[serde(default = "lease_default")]
    database_lease_seconds: u64,
    bind: SocketAddr,
    #[serde(default = "poll_default")]
    poll_ms: u64,
    lookback_from_block: Option<u64>,
    #[serde(default)]
    catch_up: Mode,
    native: FileAsset,
    #[serde(default)]
    token: Vec<FileToken>,
    webhook: Option<FileWebhook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProvider {
    url: Option<SecretString>,
    url_file: Option<PathBuf>,
    requests_per_second: Option<u32>,
    traces: Option<Tracer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAsset {
    symbol: String,
    decimals: u8,
    dust_below: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToken {
    address: Address,
    symbol: String,
    decimals: u8,
    dust_below: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWebhook {
    url: SecretString,
    secret_file: PathBuf,
}

const fn lease_default() -> u64 {
    LEASE_DEFAULT_SECONDS
}

const fn poll_default() -> u64 {
    POLL_DEFAULT_MS
}

impl Config {
    /// Reads a configuration file and the files that it names; relative names are relative to it.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(path: &Path, overrides: Overrides) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(&read(path, "--config")?).map_err(|error| {
            ConfigError::Toml { path: path.to_owned(), reason: error.to_string() }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let deployment = deployment(&folder.join(&file.deployment), file.chain_id)?;
        let bind = overrides.bind.unwrap_or(file.bind);
        if !bind.ip().is_loopback() {
            return Err(ConfigError::Bind(bind));
        }
        if !(POLL_MIN_MS..=POLL_MAX_MS).contains(&file.poll_ms) {
            return Err(ConfigError::Poll(file.poll_ms));
        }
        let database = database(&file, overrides.database, overrides.database_url, folder)?;
        let webhook = file.webhook.map(|hook| webhook(hook, folder)).transpose()?;
        Ok(Self {
            chain_id: file.chain_id,
            providers: match overrides.rpc_url {
                Some(url) => vec![Provider::at(url)],
                None => providers(file.rpc_url, file.provider, folder)?,
            },
            deployment,
            database,
            bind,
            poll: Duration::from_millis(file.poll_ms),
            lookback_from_block: lookback_from(file.chain_id, file.lookback_from_block)?,
            catch_up: file.catch_up,
            assets: Assets { native: asset(file.native)?, tokens: tokens(file.token)? },
            webhook,
        })
    }
}

fn read(path: &Path, name: &'static str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|reason| ConfigError::File {
        path: path.to_owned(),
        reason,
        name,
    })
}

/// The file, or the server by the address in a file: an address carries a password, which belongs
/// neither into the configuration nor onto the command line.
fn database(
    file: &File,
    path: Option<PathBuf>,
    url: Option<SecretString>,
    folder: &Path,
) -> Result<Place, ConfigError> {
    let seconds = file.database_lease_seconds;
    if !(LEASE_MIN_SECONDS..=LEASE_MAX_SECONDS).contains(&seconds) {
        return Err(ConfigError::Lease(seconds));
    }
    let lease = Duration::from_secs(seconds);
    match (path, url, &file.database, &file.database_url_file) {
        (Some(path), ..) => Ok(Place::File(path)),
        (None, Some(url), ..) => Ok(Place::Server { url, lease }),
        (None, None, Some(path), None) => Ok(Place::File(folder.join(path))),
        (None, None, None, Some(path)) => {
            let url = read(&folder.join(path), "database_url_file")?;
            Ok(Place::Server { url: url.trim().to_owned().into(), lease })
        }
        (None, None, Some(_), Some(_)) => Err(ConfigError::TwoDatabases),
        (None, None, None, None) => Err(ConfigError::NoDatabase),
    }
}

fn deployment(path: &Path, chain_id: u64) -> Result<Deployment, ConfigError> {
    let deployment = Deployment::parse(&read(path, "deployment")?)
        .map_err(|reason| ConfigError::Deployment { path: path.to_owned(), reason })?;
    if deployment.chain_id != chain_id {
        return Err(ConfigError::Chain { config: chain_id, deployment: deployment.chain_id });
    }
    Ok(deployment)
}

fn providers(
    single: Option<SecretString>,
    several: Vec<FileProvider>,
    folder: &Path,
) -> Result<Vec<Provider>, ConfigError> {
    match (single, several.len()) {
        (Some(url), 0) => Ok(vec![Provider::at(url)]),
        (None, 1..=PROVIDERS_MAX) => {
            let numbered = several.into_iter().zip(1..);
            numbered.map(|(listed, place)| provider(listed, place, folder)).collect()
        }
        _ => Err(ConfigError::Providers),
    }
}

fn provider(listed: FileProvider, place: usize, folder: &Path) -> Result<Provider, ConfigError> {
    let url = match (listed.url, listed.url_file) {
        (Some(url), None) => url,
        (None, Some(file)) => {
            read(&folder.join(&file), "provider.url_file")?.trim().to_owned().into()
        }
        _ => return Err(ConfigError::ProviderUrl(place)),
    };
    let rate = |rate: u32| {
        let allowed = NonZeroU32::new(rate).filter(|rate| rate.get() <= REQUESTS_PER_SECOND_MAX);
        allowed.ok_or(ConfigError::Rate(rate))
    };
    let requests_per_second = listed.requests_per_second.map(rate).transpose()?;
    Ok(Provider { url, requests_per_second, traces: listed.traces })
}

/// The lowest block that a walk back may reach. A chain without a profile is refused elsewhere.
fn lookback_from(chain_id: u64, configured: Option<u64>) -> Result<u64, ConfigError> {
    let Ok(Profile { first_block: first, name: chain, .. }) = Profile::of(chain_id) else {
        return Ok(configured.unwrap_or_default());
    };
    match configured {
        Some(from) if from < first => Err(ConfigError::Lookback { from, chain, first }),
        Some(from) => Ok(from),
        None => Ok(first),
    }
}

fn webhook(hook: FileWebhook, folder: &Path) -> Result<Webhook, ConfigError> {
    let secret = read(&folder.join(&hook.secret_file), "webhook.secret_file")?;
    Ok(Webhook { url: hook.url, secret: secret.trim().to_owned().into() })
}

fn asset(asset: FileAsset) -> Result<Asset, ConfigError> {
    let FileAsset { symbol, decimals, dust_below } = asset;
    if decimals > DECIMALS_MAX {
        return Err(ConfigError::Decimals { symbol, decimals });
    }
    let digits = dust_below.split_once('.').map_or(0, |(_, digits)| digits.len());
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let (first, last) = (dust_below.as_bytes().first(), dust_below.as_bytes().last());
    let plain = dust_below.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digit(first)
        && digit(last);
    let parsed = match parse_units(&dust_below, decimals) {
        Ok(ParseUnits::U256(value)) if plain && digits <= usize::from(decimals) => Some(value),
        Ok(_) | Err(_) => None,
    };
    match parsed {
        Some(dust_below) => Ok(Asset { symbol, decimals, dust_below }),
        None => Err(ConfigError::Dust { symbol, text: dust_below, decimals }),
    }
}

fn tokens(listed: Vec<FileToken>) -> Result<BTreeMap<Address, Asset>, ConfigError> {
    let mut tokens = BTreeMap::new();
    for FileToken { address, symbol, decimals, dust_below } in listed {
        let known = asset(FileAsset { symbol, decimals, dust_below })?;
        if tokens.insert(address, known).is_some() {
            return Err(ConfigError::TokenTwice(address));
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests;
