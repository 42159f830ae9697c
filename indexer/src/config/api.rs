//! Who may come in over HTTP: `[api]` and `[oidc]`.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, read};
use crate::actor::Role;

/// Most requests a second that a person or an address may be allowed.
pub const API_REQUESTS_MAX: u32 = 10_000;
const API_REQUESTS_DEFAULT: NonZeroU32 = match NonZeroU32::new(100) {
    Some(rate) => rate,
    None => NonZeroU32::MIN,
};

/// How the API lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// What somebody without credentials may do; `None` if nothing.
    pub anonymous: Option<Role>,
    /// By which names the server may be called, beside those of loopback.
    pub hosts: Vec<String>,
    /// Whose word is taken for who asks: reverse proxies that set `X-Forwarded-For`.
    pub proxies: Vec<IpAddr>,
    /// How often a person or an address may ask, a second.
    pub requests_per_second: NonZeroU32,
}

impl Api {
    /// For a server that only this machine reaches: whoever asks may read.
    pub const fn loopback() -> Self {
        Self {
            anonymous: Some(Role::Viewer),
            hosts: Vec::new(),
            proxies: Vec::new(),
            requests_per_second: API_REQUESTS_DEFAULT,
        }
    }
}

/// Where people log in.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// The provider, as it calls itself.
    pub issuer: Url,
    /// What the provider calls this server.
    pub client_id: String,
    /// What this server proves itself with.
    pub client_secret: Option<SecretString>,
    /// Where the provider sends people back to: `https://<host>/v1/oidc/callback`.
    pub redirect_url: Url,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names the person.
    pub person_claim: String,
    /// The claim whose value, or one of whose values, gives the role.
    pub role_claim: String,
    /// Which value gives which role.
    pub roles: BTreeMap<String, Role>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileApi {
    anonymous: Option<Anonymous>,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    proxies: Vec<IpAddr>,
    requests_per_second: Option<u32>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Anonymous {
    Viewer,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileOidc {
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    redirect_url: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default = "person_claim")]
    person_claim: String,
    role_claim: String,
    roles: BTreeMap<String, Role>,
}

fn person_claim() -> String {
    "email".to_owned()
}

/// On this machine whoever asks may read, unless it is said otherwise; where others reach it,
/// nobody may without credentials, and it must be said by which names it is called.
pub(super) fn api(file: FileApi, bind: SocketAddr) -> Result<Api, ConfigError> {
    let anonymous = match (file.anonymous, bind.ip().is_loopback()) {
        (None | Some(Anonymous::Viewer), true) => Some(Role::Viewer),
        (Some(Anonymous::Viewer), false) => return Err(ConfigError::AnonymousAbroad(bind)),
        (Some(Anonymous::None), _) | (None, false) => None,
    };
    if !bind.ip().is_loopback() && file.hosts.is_empty() {
        return Err(ConfigError::Bind(bind));
    }
    let is_host = |host: &&String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        host.is_empty() || !host.chars().all(plain)
    };
    if let Some(wrong) = file.hosts.iter().find(is_host) {
        return Err(ConfigError::Host(wrong.clone()));
    }
    let rate = file.requests_per_second.unwrap_or(API_REQUESTS_DEFAULT.get());
    let requests_per_second = NonZeroU32::new(rate).filter(|rate| rate.get() <= API_REQUESTS_MAX);
    Ok(Api {
        anonymous,
        hosts: file.hosts,
        proxies: file.proxies,
        requests_per_second: requests_per_second.ok_or(ConfigError::ApiRate(rate))?,
    })
}

/// Tokens are taken over TLS only; a provider on this machine may do without.
pub(super) fn oidc(file: FileOidc, folder: &Path) -> Result<Oidc, ConfigError> {
    let url = |name: &'static str, text: &str| {
        let is_here =
            |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let url = Url::parse(text).ok();
        let fits = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && is_here(url));
        url.filter(fits).ok_or(ConfigError::OidcUrl(name))
    };
    let secret = |path: PathBuf| {
        let secret = read(&folder.join(path), "oidc.client_secret_file")?;
        Ok::<SecretString, ConfigError>(secret.trim().to_owned().into())
    };
    if file.roles.is_empty() {
        return Err(ConfigError::OidcRoles);
    }
    Ok(Oidc {
        issuer: url("oidc.issuer", &file.issuer)?,
        client_id: file.client_id,
        client_secret: file.client_secret_file.map(secret).transpose()?,
        redirect_url: url("oidc.redirect_url", &file.redirect_url)?,
        scopes: file.scopes,
        person_claim: file.person_claim,
        role_claim: file.role_claim,
        roles: file.roles,
    })
}
