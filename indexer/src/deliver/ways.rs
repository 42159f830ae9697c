//! The ways to all receivers: that of the configuration file, which the operator answers for, and
//! those that were made by the API, which the guard watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::guard::{Guard, Resolver};
use super::target::{digest, manner, signer};
use super::vault::HoldsSealed;
use super::{Target, TargetError, Vault, VaultError};
use crate::chain::transport::{Http, redacted};
use crate::config;
use crate::store::{CONFIG_ENDPOINT, Configured, Endpoint, Sealed};

/// Length of a new signing key, in bytes.
const SECRET_BYTES: usize = 32;

/// The ways to all receivers.
#[derive(Debug)]
pub struct Ways {
    configured: Option<Arc<Target>>,
    guard: Arc<Guard>,
    vault: Vault,
    /// Those that were made, by endpoint and version.
    made: Mutex<BTreeMap<String, (i64, Arc<Target>)>>,
}

/// An address that may be reached, and what is written down of it.
#[derive(Debug)]
pub struct Reached {
    /// Scheme and host.
    pub shown: Configured,
    /// The address, sealed.
    pub url: Vec<u8>,
}

impl Ways {
    /// As configured.
    ///
    /// # Errors
    /// The key file cannot be used.
    pub fn new(
        configured: Option<Arc<Target>>,
        webhooks: &config::Webhooks,
    ) -> Result<Self, VaultError> {
        let vault = Vault::at(webhooks.key_file.clone())?;
        let guard = Arc::new(webhooks.guard.clone());
        Ok(Self { configured, guard, vault, made: Mutex::default() })
    }

    /// The receiver of the configuration file, as it is written down.
    pub fn configured(&self) -> Option<Configured> {
        let target = self.configured.as_ref()?;
        Some(Configured { shown: target.shown().to_owned(), receiver: target.digest() })
    }

    /// The way to an endpoint.
    ///
    /// # Errors
    /// There is none; see [`TargetError`].
    pub fn to(&self, endpoint: &Endpoint) -> Result<Arc<Target>, TargetError> {
        if endpoint.id == CONFIG_ENDPOINT {
            let ours = self.configured.as_ref().filter(|one| one.digest() == endpoint.receiver);
            return ours.cloned().ok_or(TargetError::NotConfigured);
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, target)) = made.get(&endpoint.id)
            && *version == endpoint.version
        {
            return Ok(Arc::clone(target));
        }
        let target = Arc::new(self.make(endpoint)?);
        made.insert(endpoint.id.clone(), (endpoint.version, Arc::clone(&target)));
        Ok(target)
    }

    /// Forgets the ways to endpoints that are no more.
    pub fn keep_only(&self, endpoints: &[Endpoint]) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|id, _| endpoints.iter().any(|one| one.id == *id));
    }

    fn make(&self, endpoint: &Endpoint) -> Result<Target, TargetError> {
        let Endpoint { id, shape, sealed: Sealed { url, secret, before }, .. } = endpoint;
        let (url, secret) = url.as_ref().zip(secret.as_ref()).ok_or(VaultError::OtherKey)?;
        let url = self.vault.open(&name_of_url(id), url)?;
        let mut signers = vec![(signer(&self.vault.open(&name_of_secret(id), secret)?)?, None)];
        if let Some((secret, until)) = before {
            let before = self.vault.open(&name_of_secret(id), secret)?;
            signers.push((signer(&before)?, Some(*until)));
        }
        // What is reached may have been narrowed since it was made.
        let parsed = self.guard.check(url.expose_secret())?;
        let resolver = Arc::new(Resolver::of(&self.guard, &parsed));
        let http = Http::guarded(url.clone(), manner(), resolver)
            .map_err(|error| TargetError::Client(error.to_string()))?;
        Target::made(Arc::new(http), &url, *shape, signers)
    }

    /// Sees that an address may be reached, as far as it is written, and seals it for an endpoint.
    /// What its name leads to is looked at whenever it is reached.
    ///
    /// # Errors
    /// It may not be reached, or nothing can be sealed.
    pub fn reach(
        &self,
        id: &str,
        url: &SecretString,
        holds_sealed: HoldsSealed,
    ) -> Result<Reached, TargetError> {
        let parsed = self.guard.check(url.expose_secret())?;
        let shown = Configured { shown: redacted(&parsed), receiver: digest(url) };
        Ok(Reached { shown, url: self.vault.seal(&name_of_url(id), url, holds_sealed)? })
    }

    /// Seals a signing secret for an endpoint.
    ///
    /// # Errors
    /// Nothing can be sealed.
    pub fn seal_secret(
        &self,
        id: &str,
        secret: &SecretString,
        holds_sealed: HoldsSealed,
    ) -> Result<Vec<u8>, VaultError> {
        self.vault.seal(&name_of_secret(id), secret, holds_sealed)
    }
}

/// What is sealed opens only where it belongs.
fn name_of_url(id: &str) -> String {
    format!("{id}/url")
}

fn name_of_secret(id: &str) -> String {
    format!("{id}/secret")
}

/// A new signing secret.
///
/// # Errors
/// The system gives no random bytes.
pub fn new_secret() -> Result<SecretString, VaultError> {
    let mut key = zeroize::Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(key.as_mut_slice()).map_err(|_| VaultError::Random)?;
    Ok(format!("whsec_{}", STANDARD.encode(key.as_slice())).into())
}
