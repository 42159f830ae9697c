//! Secrets at rest: whoever has a copy of the database alone can neither read the addresses of
//! receivers nor sign in our name. XChaCha20-Poly1305, by a key in a file of its own, with a name
//! that binds what is sealed to its place.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// Length of the key, in bytes.
const KEY_BYTES: usize = 32;
/// Length of a nonce, in bytes: long enough to be drawn.
const NONCE_BYTES: usize = 24;

/// Why something can be neither sealed nor opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No key file is named.
    #[error(
        "no key file is named, so that secrets of endpoints cannot be kept: write `key_file = \"webhooks.key\"` under [webhooks] in the configuration and restart; the file is made when it is first needed"
    )]
    NoFile,
    /// The key file is gone, and what was sealed by it is there.
    #[error(
        "the key file {0} is not there, and the secrets of endpoints were sealed by it: put it back; if it is lost, remove these endpoints and make new ones"
    )]
    Lost(PathBuf),
    /// The key file cannot be read or made.
    #[error("the key file {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Others can read the key file.
    #[error("the key file {0} can be read by others than its owner: chmod 600 it")]
    Open(PathBuf),
    /// It holds no key.
    #[error("the key file {0} holds no key of 64 hex digits: put the right file in its place")]
    NoKey(PathBuf),
    /// What is sealed does not open.
    #[error("what is sealed does not open with this key file: put the right one in its place")]
    OtherKey,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

type Key = Zeroizing<[u8; KEY_BYTES]>;

/// Seals and opens.
pub struct Vault {
    path: Option<PathBuf>,
    key: Mutex<Option<Key>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Vault {
    /// By the key in a file, if there is one; it is made when something is first sealed.
    ///
    /// # Errors
    /// The file is there and cannot be used.
    pub fn at(path: Option<PathBuf>) -> Result<Self, VaultError> {
        let key = match &path {
            Some(path) => read(path)?,
            None => None,
        };
        Ok(Self { path, key: Mutex::new(key) })
    }

    /// Seals a text under a name. Makes the key file, if it is not there and `holds_sealed` says
    /// that nothing was sealed before.
    ///
    /// # Errors
    /// There is no key, and none can be made.
    pub fn seal(
        &self,
        name: &str,
        text: &SecretString,
        holds_sealed: HoldsSealed,
    ) -> Result<Vec<u8>, VaultError> {
        let cipher = self.cipher(|path| match holds_sealed {
            HoldsSealed::Yes => Err(VaultError::Lost(path.to_owned())),
            HoldsSealed::No => make(path),
        })?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::Random)?;
        let payload = Payload { msg: text.expose_secret().as_bytes(), aad: name.as_bytes() };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| VaultError::OtherKey)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed under a name.
    ///
    /// # Errors
    /// There is no key, another key, or it was sealed under another name.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let cipher = self.cipher(|path| Err(VaultError::Lost(path.to_owned())))?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(VaultError::OtherKey)?;
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        let opened = cipher.decrypt(XNonce::from_slice(nonce), payload);
        let opened = opened.map_err(|_| VaultError::OtherKey)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| VaultError::OtherKey)
    }

    fn cipher(
        &self,
        without_key: impl FnOnce(&Path) -> Result<Key, VaultError>,
    ) -> Result<XChaCha20Poly1305, VaultError> {
        let path = self.path.as_ref().ok_or(VaultError::NoFile)?;
        // A key is whole after every statement, whoever panicked meanwhile.
        let mut known = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match known.take() {
            Some(key) => key,
            // It may have been put back since the start.
            None => match read(path)? {
                Some(key) => key,
                None => without_key(path)?,
            },
        };
        let cipher = XChaCha20Poly1305::new(key.as_slice().into());
        *known = Some(key);
        Ok(cipher)
    }
}

/// Whether the database holds something that was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldsSealed {
    /// It does, so that there was a key.
    Yes,
    /// It does not.
    No,
}

fn failed(path: &Path, reason: std::io::Error) -> VaultError {
    VaultError::File { path: path.to_owned(), reason }
}

fn read(path: &Path) -> Result<Option<Key>, VaultError> {
    let found = match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, error)),
        Ok(found) => found,
    };
    if found.mode() & 0o077 != 0 {
        return Err(VaultError::Open(path.to_owned()));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| failed(path, error))?);
    let mut key = Key::default();
    hex::decode_to_slice(text.trim(), key.as_mut_slice())
        .map_err(|_| VaultError::NoKey(path.to_owned()))?;
    Ok(Some(key))
}

/// A new key in a new file that only its owner can read.
fn make(path: &Path) -> Result<Key, VaultError> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut_slice()).map_err(|_| VaultError::Random)?;
    let text = Zeroizing::new(hex::encode(key.as_slice()) + "\n");
    let made = std::fs::File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(|error| failed(path, error))?;
    file.write_all(text.as_bytes()).map_err(|error| failed(path, error))?;
    // What is sealed by it must not outlive it.
    file.sync_all().map_err(|error| failed(path, error))?;
    let path = path.display();
    tracing::warn!(
        %path,
        "the key file of webhooks was made: keep a copy of it, apart from those of the database"
    );
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_opens_only_under_its_name_and_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webhooks.key");
        let vault = Vault::at(Some(path.clone())).unwrap();
        let secret = SecretString::from("whsec_abc");
        let sealed = vault.seal("ep_1/secret", &secret, HoldsSealed::No).unwrap();
        assert!(!sealed.windows(9).any(|part| part == b"whsec_abc"));
        let again = Vault::at(Some(path.clone())).unwrap();
        assert_eq!(again.open("ep_1/secret", &sealed).unwrap().expose_secret(), "whsec_abc");
        assert!(matches!(again.open("ep_2/secret", &sealed), Err(VaultError::OtherKey)));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(again.open("ep_1/secret", &altered).is_err(), "byte {at}");
        }
        assert!(again.open("ep_1/secret", &[]).is_err());
        let other = vault.seal("ep_1/secret", &secret, HoldsSealed::Yes).unwrap();
        assert_ne!(sealed, other, "each has a nonce of its own");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_is_made_once_and_never_silently_again() {
        let none = Vault::at(None).unwrap();
        let text = SecretString::from("x");
        let said = none.seal("a", &text, HoldsSealed::No).unwrap_err().to_string();
        assert!(said.contains("key_file"), "{said}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webhooks.key");
        let vault = Vault::at(Some(path.clone())).unwrap();
        assert!(matches!(vault.seal("a", &text, HoldsSealed::Yes), Err(VaultError::Lost(_))));
        assert!(!path.exists());
        vault.seal("a", &text, HoldsSealed::No).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Vault::at(Some(path.clone())), Err(VaultError::Open(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "abc").unwrap();
        assert!(matches!(Vault::at(Some(path)), Err(VaultError::NoKey(_))));
    }
}
