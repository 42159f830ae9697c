//! People with keys: made anew for each run, kept in keystore files as the CLI expects them.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result};

/// The password of every keystore made here; these keys live on a local chain only.
const PASSWORD: &str = "only on a local chain";

/// Somebody with a key.
#[derive(Clone, Debug)]
pub struct Person {
    /// What they are called in the story, and the name of their keystore.
    pub name: String,
    /// Their key.
    pub signer: PrivateKeySigner,
    /// Their keystore.
    pub keystore: PathBuf,
    /// The file with the keystore's password.
    pub password_file: PathBuf,
}

impl Person {
    /// Makes a key and writes its keystore into a folder.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        Self::with_key(folder, name, PrivateKeySigner::random())
    }

    /// Somebody whose key follows from their name, so that what they sign is the same in each run.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn known(folder: &Path, name: &str) -> Result<Self> {
        Self::with_key(folder, name, PrivateKeySigner::from_bytes(&keccak256(name))?)
    }

    fn with_key(folder: &Path, name: &str, signer: PrivateKeySigner) -> Result<Self> {
        let secret = signer.to_bytes();
        eth_keystore::encrypt_key(folder, &mut rand::thread_rng(), secret, PASSWORD, Some(name))
            .with_context(|| format!("cannot write the keystore of {name}"))?;
        let password_file = folder.join("password");
        std::fs::write(&password_file, PASSWORD).context("cannot write the password file")?;
        let keystore = folder.join(name);
        Ok(Self { name: name.to_owned(), signer, keystore, password_file })
    }

    /// Their address.
    pub const fn address(&self) -> Address {
        self.signer.address()
    }

    /// A command of the CLI with this person's wallet flags behind it.
    pub fn command<S: AsRef<str>>(&self, args: &[S]) -> Vec<String> {
        let keystore = self.keystore.display().to_string();
        let password_file = self.password_file.display().to_string();
        let wallet = ["--keystore", &keystore, "--password-file", &password_file];
        args.iter().map(AsRef::as_ref).chain(wallet).map(str::to_owned).collect()
    }
}
