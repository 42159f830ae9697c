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

use self::secret::Origin;
use crate::args::{ImportWalletArgs, KeystoreArgs, WalletArgs};
use crate::exit::{Exit, Failure};
use crate::file;

pub(crate) use self::secret::{Hidden, hide_memory};

/// Where nothing is worth anything: anvil's and Hardhat's chain.
pub(crate) const LOCAL_CHAIN: u64 = 31337;

/// What to do where a key cannot be typed.
const AT_A_TERMINAL: &str = "run it at a terminal: a key is typed, and never given as an argument";

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
        return Existing::Typed.read(hide_memory()).map(local);
    }
    if let Some(path) = &args.private_key_file {
        check_is_local(chain_id)?;
        return Existing::in_file(path)?.read(hide_memory()).map(local);
    }
    let path = keystore_path(&args.keystore)?;
    let instead = "give --password-file <FILE>";
    let password_file = args.keystore.password_file.as_deref();
    Existing::in_keystore(&path, password_file, instead)?.read(hide_memory()).map(local)
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

/// A key that exists already, and of which nothing is in memory yet.
#[derive(Debug)]
pub(crate) enum Existing {
    /// It is typed, once, and not shown.
    Typed,
    /// It is in a file that is its owner's alone, or in a descriptor.
    InFile(Origin),
    /// It is in a keystore, whoever wrote it; that one's password comes from there.
    InKeystore(PathBuf, Origin),
}

impl Existing {
    /// The key that is to be put into another keystore.
    pub(crate) fn named(args: &ImportWalletArgs) -> Result<Self> {
        let instead = "give --from-password-file <FILE>";
        match (&args.from, &args.private_key_file) {
            (Some(path), _) => Self::in_keystore(path, args.from_password_file.as_deref(), instead),
            (None, Some(path)) => Self::in_file(path),
            (None, None) => Ok(Self::Typed),
        }
    }

    fn in_file(path: &Path) -> Result<Self> {
        if file::is_readable_by_others(path) {
            let message = format!("others can read the key in {}", path.display());
            return Err(Failure::new(Exit::Usage, "raw_key", message)
                .next(format!("`chmod 600 {}`", path.display()))
                .into());
        }
        Origin::file(path, "private key").map(Self::InFile)
    }

    /// `instead` says what to do without a terminal.
    fn in_keystore(path: &Path, password: Option<&Path>, instead: &'static str) -> Result<Self> {
        check_exists(path)?;
        Ok(Self::InKeystore(path.to_owned(), password_origin(password, instead)?))
    }

    pub(crate) fn read(self, hidden: Hidden) -> Result<PrivateKeySigner> {
        match self {
            Self::Typed => {
                let text = secret::from_terminal("Private key", AT_A_TERMINAL, hidden)?;
                signer(&*secret::key(&text)?)
            }
            Self::InFile(origin) => signer(&*secret::key(&origin.read("Private key", hidden)?)?),
            Self::InKeystore(path, password) => {
                let prompt = format!("Password of {}", path.display());
                keystore::open(&path, &password.read(&prompt, hidden)?)
            }
        }
    }
}

/// A key that nobody else has.
pub(crate) fn random(_: Hidden) -> PrivateKeySigner {
    PrivateKeySigner::random()
}

/// Where the password of a keystore that is to be made comes from.
pub(crate) fn new_password(args: &KeystoreArgs) -> Result<Origin> {
    let instead = "give --password-file <FILE>, or a descriptor such as /dev/fd/3";
    password_origin(args.password_file.as_deref(), instead)
}

/// The password of a keystore that is to be made: from its file, or typed twice.
pub(crate) fn chosen_password(origin: Origin, hidden: Hidden) -> Result<Zeroizing<String>> {
    let again = match &origin {
        Origin::File { .. } => None,
        Origin::Terminal { instead } => Some(*instead),
    };
    let password = origin.read("New password", hidden)?;
    if password.is_empty() {
        let message = "an empty password protects nothing";
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    if let Some(instead) = again
        && *secret::from_terminal("The same again", instead, hidden)? != *password
    {
        let message = "the two passwords differ: nothing was written";
        return Err(Failure::new(Exit::Failed, "not_confirmed", message).into());
    }
    Ok(password)
}

/// A password's file, or the terminal; `instead` says what to do without one.
fn password_origin(file: Option<&Path>, instead: &'static str) -> Result<Origin> {
    let Some(path) = file else { return Ok(Origin::Terminal { instead }) };
    secret::warn_if_readable(path, "password file");
    Origin::file(path, "password")
}

/// Refuses a raw key where things have a worth.
fn check_is_local(chain_id: u64) -> Result<()> {
    if chain_id == LOCAL_CHAIN {
        return Ok(());
    }
    let message =
        format!("a raw key is taken on chain {LOCAL_CHAIN} only, this is chain {chain_id}");
    Err(Failure::new(Exit::Usage, "raw_key", message)
        .next("put it into a keystore: `interdict wallet import`")
        .into())
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
