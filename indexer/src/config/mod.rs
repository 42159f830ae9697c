//! What the indexer is told to do: one TOML file, read once, with flags and environment over it.

mod abroad;
mod api;
mod error;
mod measure;

pub use abroad::Abroad;
pub use api::{API_REQUESTS_MAX, Api, Oidc};
pub use error::ConfigError;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::B256;
use interdict_core::deployment::Deployment;
use interdict_core::desk::Calendar;
use interdict_core::policy::Policy;
use interdict_core::subject::Subjects;
use ipnet::IpNet;
use jiff::civil::Date;
use secrecy::SecretString;
use serde::Deserialize;

use crate::catchup::Mode;
use crate::chain::pool::Tracer;
use crate::chain::profile::Profile;
use crate::deliver::guard::{Guard, PORTS_DEFAULT};
use crate::manifests::Manifests;
use crate::screen::{Assets, Criteria};
use crate::store::Place;
use abroad::{FileList, abroad};
use api::{FileApi, FileOidc};
use measure::{FileAsset, FileToken};

/// Shortest time between two looks at the chain's head, in milliseconds.
pub const POLL_MIN_MS: u64 = 50;
/// Longest time between two looks at the chain's head, in milliseconds.
/// A longer one could not tell within a minute that the chain is silent.
pub const POLL_MAX_MS: u64 = 10_000;
/// Most providers.
pub const PROVIDERS_MAX: usize = 16;
/// Most requests a second that a provider can be said to allow.
pub const REQUESTS_PER_SECOND_MAX: u32 = 100_000;
const POLL_DEFAULT_MS: u64 = 1_000;
/// Shortest lease of a worker on a database server, in seconds.
pub const LEASE_MIN_SECONDS: u64 = 1;
/// Longest lease of a worker on a database server, in seconds.
pub const LEASE_MAX_SECONDS: u64 = 300;
/// Longer than one attempt at a delivery, and short enough that a killed worker is soon replaced.
const LEASE_DEFAULT_SECONDS: u64 = 20;

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
    /// The policy's document.
    pub policy: Option<PolicyFile>,
}

/// Where a policy is read, and what it is for.
#[derive(Clone, Debug)]
pub enum PolicyFile {
    /// To judge by.
    Adopted(PathBuf),
    /// To be tried: nobody need answer for it yet.
    Draft(PathBuf),
}

/// Where findings are delivered.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The receiver's address; its path may carry a key.
    pub url: SecretString,
    /// The signing secret as `whsec_<base64>`.
    pub secret: SecretString,
}

/// What receivers may be, that people name by the API.
#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    /// Where the key is by which what is secret of them is sealed.
    pub key_file: Option<PathBuf>,
    /// What may be reached.
    pub guard: Guard,
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
    /// The system, on that chain or, with [`Self::abroad`], on another.
    pub deployment: Deployment,
    /// Where the list is told of, if it is on another chain.
    pub abroad: Option<Abroad>,
    /// Where the database is.
    pub database: Place,
    /// Where to listen.
    pub bind: SocketAddr,
    /// How the API lets in.
    pub api: Api,
    /// Where people log in; `None` if only with tokens.
    pub oidc: Option<Oidc>,
    /// Time between two looks at the chain's head.
    pub poll: Duration,
    /// How far back to look when an address is listed, as a block number.
    pub lookback_from_block: u64,
    /// The rules by which findings are judged.
    pub policy: Arc<Policy>,
    /// The folder with the manifests of the list's acts, which say under which programs an address
    /// is listed; `None` if none is known.
    pub manifests: Option<PathBuf>,
    /// Which days are business days at the desk.
    pub calendar: Calendar,
    /// The assets whose amounts mean something here.
    pub assets: Assets,
    /// How final history is read: while the head is far, and in walks back.
    pub catch_up: Mode,
    /// Where findings are delivered; `None` if nowhere.
    pub webhook: Option<Webhook>,
    /// What receivers may be that are named by the API.
    pub webhooks: Webhooks,
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
    policy: Option<PathBuf>,
    manifests: Option<PathBuf>,
    native: FileAsset,
    #[serde(default)]
    token: Vec<FileToken>,
    webhook: Option<FileWebhook>,
    #[serde(default)]
    webhooks: FileWebhooks,
    list: Option<FileList>,
    #[serde(default)]
    api: FileApi,
    oidc: Option<FileOidc>,
    #[serde(default)]
    desk: FileDesk,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDesk {
    /// Days on which the authority does not work, beside weekends and federal holidays.
    #[serde(default)]
    holidays: Vec<Date>,
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
struct FileWebhook {
    url: SecretString,
    secret_file: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWebhooks {
    key_file: Option<PathBuf>,
    #[serde(default)]
    allow: Vec<String>,
    ports: Option<Vec<u16>>,
}

const fn lease_default() -> u64 {
    LEASE_DEFAULT_SECONDS
}

const fn poll_default() -> u64 {
    POLL_DEFAULT_MS
}

impl Config {
    /// Hash of block 0 of the chain that is watched.
    pub fn genesis_hash(&self) -> B256 {
        self.abroad.as_ref().map_or(self.deployment.genesis_hash, |abroad| abroad.genesis_hash)
    }

    /// The first block to be taken in: the deployment's, or of the same time elsewhere.
    pub fn first_block(&self) -> u64 {
        self.abroad.as_ref().map_or(self.deployment.block, |abroad| abroad.from_block)
    }

    /// By what findings are judged, if these are the subjects and this is known of programs.
    pub fn criteria<'a>(
        &'a self,
        subjects: &'a Subjects,
        manifests: &'a Manifests,
    ) -> Criteria<'a> {
        Criteria { policy: &self.policy, assets: &self.assets, subjects, manifests }
    }

    /// Reads a configuration file and the files that it names; relative names are relative to it.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn load(path: &Path, overrides: Overrides) -> Result<Self, ConfigError> {
        let file: File = toml::from_str(&read(path, "--config")?).map_err(|error| {
            ConfigError::Toml { path: path.to_owned(), reason: error.to_string() }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let deployment = deployment(&folder.join(&file.deployment))?;
        let abroad = abroad(file.list.as_ref(), file.chain_id, &deployment, folder)?;
        if abroad.is_some() && file.catch_up == Mode::Sampled {
            return Err(ConfigError::SampledAbroad);
        }
        let bind = overrides.bind.unwrap_or(file.bind);
        if !(POLL_MIN_MS..=POLL_MAX_MS).contains(&file.poll_ms) {
            return Err(ConfigError::Poll(file.poll_ms));
        }
        let database = database(&file, overrides.database, overrides.database_url, folder)?;
        let api = api::api(file.api, bind)?;
        let oidc = file.oidc.map(|oidc| api::oidc(oidc, folder)).transpose()?;
        let named = file.policy.map(|path| PolicyFile::Adopted(folder.join(path)));
        let policy = overrides.policy.or(named);
        let policy =
            policy.map_or_else(|| Ok(Policy::standard()), |path| measure::policy(&path))?;
        let webhook = file.webhook.map(|hook| webhook(hook, folder)).transpose()?;
        let webhooks = webhooks(file.webhooks, folder)?;
        Ok(Self {
            chain_id: file.chain_id,
            providers: match overrides.rpc_url {
                Some(url) => vec![Provider::at(url)],
                None => providers(file.rpc_url, file.provider, folder)?,
            },
            deployment,
            abroad,
            database,
            bind,
            api,
            oidc,
            poll: Duration::from_millis(file.poll_ms),
            lookback_from_block: lookback_from(file.chain_id, file.lookback_from_block)?,
            catch_up: file.catch_up,
            assets: Assets {
                native: measure::asset(file.native, &policy)?,
                tokens: measure::tokens(file.token, &policy)?,
            },
            policy,
            manifests: file.manifests.map(|path| folder.join(path)),
            calendar: Calendar::with(file.desk.holidays),
            webhook,
            webhooks,
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

fn deployment(path: &Path) -> Result<Deployment, ConfigError> {
    Deployment::parse(&read(path, "deployment")?)
        .map_err(|reason| ConfigError::Deployment { path: path.to_owned(), reason })
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

fn webhooks(file: FileWebhooks, folder: &Path) -> Result<Webhooks, ConfigError> {
    let network = |text: String| {
        let network: Result<IpNet, _> = text.parse();
        network.map_err(|_| ConfigError::Network(text))
    };
    let allow = file.allow.into_iter().map(network).collect::<Result<_, _>>()?;
    let ports = file.ports.unwrap_or_else(|| PORTS_DEFAULT.to_vec());
    let key_file = file.key_file.map(|path| folder.join(path));
    Ok(Webhooks { key_file, guard: Guard { allow, ports } })
}

#[cfg(test)]
mod tests;
