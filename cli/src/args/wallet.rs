//! Whose key signs, how a transaction is sent, and `wallet`.

use std::path::PathBuf;

use alloy::primitives::Address;
use clap::{Args, Subcommand};

use super::address;

/// An encrypted key on this machine; the flags are cast's.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeystoreArgs {
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
    /// A file with the keystore's password, or a descriptor such as /dev/fd/3; without it the
    /// terminal asks
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_PASSWORD",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) password_file: Option<PathBuf>,
}

/// Whose key signs. What is named here goes before a keystore, for that one may come from the
/// environment.
#[derive(Clone, Debug, Args)]
pub(crate) struct WalletArgs {
    #[command(flatten)]
    pub(crate) keystore: KeystoreArgs,
    /// Type the private key at the terminal
    #[arg(long, short, help_heading = "Wallet")]
    pub(crate) interactive: bool,
    /// Sign on a Ledger (in a build with `--features ledger`)
    #[arg(long, short, help_heading = "Wallet", conflicts_with = "interactive")]
    pub(crate) ledger: bool,
    /// The key's path on the Ledger; without it Ledger Live's first
    #[arg(
        long,
        alias = "mnemonic-derivation-path",
        help_heading = "Wallet",
        value_name = "PATH",
        requires = "ledger"
    )]
    pub(crate) hd_path: Option<String>,
    /// A file with a raw private key: on a local chain (31337) only
    #[arg(
        long,
        help_heading = "Wallet",
        value_name = "FILE",
        conflicts_with_all = ["interactive", "ledger"]
    )]
    pub(crate) private_key_file: Option<PathBuf>,
}

/// Who sends a transaction.
#[derive(Clone, Debug, Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
    /// Do not ask for a confirmation before signing or sending
    #[arg(long, help_heading = "Wallet")]
    pub(crate) yes: bool,
    /// Who is given the transaction, such as a relay that shows it to nobody before it lands;
    /// without it, --rpc-url
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_SEND_RPC_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) send_rpc_url: Option<String>,
}

/// A Safe that sends instead of a wallet.
#[derive(Clone, Debug, Args)]
pub(crate) struct SafeArgs {
    /// Write a file for the Safe Transaction Builder instead of sending
    #[arg(long, help_heading = "Safe", value_name = "FILE", requires = "safe")]
    pub(crate) safe_transaction: Option<PathBuf>,
    /// The Safe that has the seat or the role
    #[arg(
        long,
        help_heading = "Safe",
        value_name = "ADDRESS",
        value_parser = address,
        requires = "safe_transaction"
    )]
    pub(crate) safe: Option<Address>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict wallet new --account alice
  interdict wallet import --account alice --from ~/old/keystore.json
  interdict wallet import --account alice --private-key-file /dev/fd/3 3< key.txt

cast opens what is written here, and the other way round; what cast writes has a weaker key
derivation (scrypt N = 8192, here 262144).")]
pub(crate) struct WalletVerbArgs {
    #[command(subcommand)]
    pub(crate) verb: WalletVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WalletVerb {
    /// Make a key and write its keystore
    New(NewWalletArgs),
    /// Write a keystore of a key that is typed, in a file, or in another keystore
    Import(ImportWalletArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict wallet new --account alice
  interdict wallet new --keystore ~/keys/alice.json --password-file /dev/fd/3 3< password

Nothing is ever written over another file, and only its owner can read what is written.")]
pub(crate) struct NewWalletArgs {
    #[command(flatten)]
    pub(crate) keystore: KeystoreArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict wallet import --account alice --from ~/old/keystore.json
  interdict wallet import --account alice --private-key-file /dev/fd/3 3< key.txt

The new keystore's password is asked for, unless --password-file has it.")]
pub(crate) struct ImportWalletArgs {
    #[command(flatten)]
    pub(crate) keystore: KeystoreArgs,
    /// A keystore whose key shall be written anew; without it the key is typed
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// A file with that keystore's password, or a descriptor; without it the terminal asks
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(crate) from_password_file: Option<PathBuf>,
    /// A file with the raw private key, its owner's alone, or a descriptor such as /dev/fd/3
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(crate) private_key_file: Option<PathBuf>,
}
