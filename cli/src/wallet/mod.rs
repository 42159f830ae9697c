//! Whose key signs: an encrypted keystore, a Ledger, or a key typed at the terminal, named as cast
//! names them. A raw key in a file is taken on a local chain only.

pub(crate) mod keystore;
#[cfg(feature = "ledger")]
mod ledger;
mod secret;

use std::path::{Path, PathBuf};

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, Bytes};
use alloy::signers::Signer as _;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{Eip712Domain, SolStruct};
use anyhow::{Context as _, Result};
use zeroize::Zeroizing;

use crate::args::{KeystoreArgs, WalletArgs};
use crate::exit::{Exit, Failure};
use crate::file;

/// Where nothing is worth anything: anvil's and Hardhat's chain.
pub(crate) const LOCAL_CHAIN: u64 = 31337;

/// A key that signs.
#[derive(Debug)]
pub(crate) struct Wallet {
    key: Key,
}

#[derive(Debug)]
enum Key {
    Local(PrivateKeySigner),
    #[cfg(feature = "ledger")]
    Ledger(ledger::Ledger),
}

impl Wallet {
    pub(crate) fn address(&self) -> Address {
        match &self.key {
            Key::Local(signer) => signer.address(),
            #[cfg(feature = "ledger")]
            Key::Ledger(ledger) => ledger.address(),
        }
    }

    /// The signature under an EIP-712 message, 65 bytes: r, s, v.
    pub(crate) async fn sign<T>(&self, message: &T, domain: &Eip712Domain) -> Result<Bytes>
    where
        T: SolStruct + Send + Sync,
    {
        let signature = match &self.key {
            Key::Local(signer) => signer.sign_hash(&message.eip712_signing_hash(domain)).await?,
            #[cfg(feature = "ledger")]
            Key::Ledger(ledger) => ledger.sign(message, domain).await?,
        };
        Ok(signature.as_bytes().into())
    }

    /// The same key, for transactions.
    pub(crate) fn for_transactions(&self) -> EthereumWallet {
        match &self.key {
            Key::Local(signer) => EthereumWallet::new(signer.clone()),
            #[cfg(feature = "ledger")]
            Key::Ledger(ledger) => ledger.for_transactions(),
        }
    }
}

/// Opens the wallet that the flags name, to sign for a chain.
pub(crate) async fn open(args: &WalletArgs, chain_id: u64) -> Result<Wallet> {
    let local = |signer| Wallet { key: Key::Local(signer) };
    if args.ledger {
        return on_ledger(args, chain_id).await;
    }
    if args.interactive {
        secret::hide_memory();
        return typed_key().map(local);
    }
    if let Some(path) = &args.private_key_file {
        return raw_key(path, chain_id).map(local);
    }
    let path = keystore_path(&args.keystore)?;
    check_exists(&path)?;
    let instead = "give --password-file <FILE>";
    let password = password(args.keystore.password_file.as_deref(), &path, instead)?;
    secret::hide_memory();
    keystore::open(&path, &password).map(local)
}

#[cfg(feature = "ledger")]
async fn on_ledger(args: &WalletArgs, chain_id: u64) -> Result<Wallet> {
    let ledger = ledger::Ledger::connect(args.hd_path.as_deref(), chain_id).await?;
    Ok(Wallet { key: Key::Ledger(ledger) })
}

#[cfg(not(feature = "ledger"))]
#[expect(clippy::unused_async, reason = "with the feature it speaks to the device")]
async fn on_ledger(_: &WalletArgs, _: u64) -> Result<Wallet> {
    let message = "this interdict was built without Ledger support";
    Err(Failure::new(Exit::Usage, "no_ledger", message)
        .next("build it with `cargo build -p interdict-cli --features ledger`, or sign with cast: `interdict sign --typed-data`")
        .into())
}

/// A key that is typed, once, and not shown.
pub(crate) fn typed_key() -> Result<PrivateKeySigner> {
    let instead = "run it at a terminal: a key is typed, and never given as an argument";
    let text = secret::from_terminal("Private key", instead)?;
    signer(&*secret::key(&text)?)
}

/// The key of an existing keystore, whoever wrote it.
pub(crate) fn from_keystore(path: &Path, password_file: Option<&Path>) -> Result<PrivateKeySigner> {
    check_exists(path)?;
    let password = password(password_file, path, "give --from-password-file <FILE>")?;
    keystore::open(path, &password)
}

/// The password of a keystore that is to be made: from its file, or typed twice.
pub(crate) fn new_password(args: &KeystoreArgs) -> Result<Zeroizing<String>> {
    if let Some(path) = &args.password_file {
        secret::warn_if_readable(path, "password file");
        let password = not_empty(secret::from_file(path, "password")?)?;
        secret::hide_memory();
        return Ok(password);
    }
    let instead = "give --password-file <FILE>, or a descriptor such as /dev/fd/3";
    let password = not_empty(secret::from_terminal("New password", instead)?)?;
    if *secret::from_terminal("The same again", instead)? != *password {
        let message = "the two passwords differ: nothing was written";
        return Err(Failure::new(Exit::Failed, "not_confirmed", message).into());
    }
    Ok(password)
}

fn not_empty(password: Zeroizing<String>) -> Result<Zeroizing<String>> {
    if password.is_empty() {
        let message = "an empty password protects nothing";
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    Ok(password)
}

fn raw_key(path: &Path, chain_id: u64) -> Result<PrivateKeySigner> {
    if chain_id != LOCAL_CHAIN {
        let message =
            format!("a raw key is taken on chain {LOCAL_CHAIN} only, this is chain {chain_id}");
        return Err(Failure::new(Exit::Usage, "raw_key", message)
            .next("put it into a keystore: `interdict wallet import`")
            .into());
    }
    let key = key_in_file(path)?;
    secret::hide_memory();
    Ok(key)
}

/// The raw key in a file that is its owner's alone, or in a descriptor.
pub(crate) fn key_in_file(path: &Path) -> Result<PrivateKeySigner> {
    if file::is_readable_by_others(path) {
        let message = format!("others can read the key in {}", path.display());
        return Err(Failure::new(Exit::Usage, "raw_key", message)
            .next(format!("`chmod 600 {}`", path.display()))
            .into());
    }
    let text = secret::from_file(path, "private key")?;
    signer(&*secret::key(&text)?)
}

fn signer(key: &[u8; 32]) -> Result<PrivateKeySigner> {
    PrivateKeySigner::from_slice(key).context("what was given is no key of this curve")
}

/// Refuses to write a keystore over another one, before anything is asked.
pub(crate) fn check_free(args: &KeystoreArgs) -> Result<()> {
    let path = keystore_path(args)?;
    if !path.exists() {
        return Ok(());
    }
    let message = format!("{} is there already, and is not written over", path.display());
    Err(Failure::new(Exit::Usage, "exists", message).next("choose another name").into())
}

fn check_exists(path: &Path) -> Result<()> {
    if path.is_file() {
        return Ok(());
    }
    let message = format!("there is no keystore at {}", path.display());
    Err(Failure::new(Exit::Usage, "no_keystore", message)
        .next("make one with `interdict wallet new`, or check --keystore and --account")
        .into())
}

/// Where the keystore is that the flags name.
pub(crate) fn keystore_path(args: &KeystoreArgs) -> Result<PathBuf> {
    if let Some(path) = &args.keystore {
        return Ok(path.clone());
    }
    let usage = |message: &str| Failure::new(Exit::Usage, "usage", message);
    let Some(name) = &args.account else {
        return Err(usage("no wallet is given")
            .next("give --keystore <FILE>, or --account <NAME> of ~/.foundry/keystores")
            .into());
    };
    let home = std::env::home_dir()
        .ok_or_else(|| usage("there is no home folder to look for --account in"))?;
    Ok(home.join(".foundry/keystores").join(name))
}

/// A keystore's password: from its file, or typed; `instead` says what to do without a terminal.
fn password(file: Option<&Path>, keystore: &Path, instead: &str) -> Result<Zeroizing<String>> {
    if let Some(path) = file {
        secret::warn_if_readable(path, "password file");
        return secret::from_file(path, "password");
    }
    let prompt = format!("Password of {}", keystore.display());
    secret::from_terminal(&prompt, instead)
}
