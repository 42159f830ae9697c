//! Whose key signs.

use std::path::PathBuf;

use clap::Args;

/// Whose key signs; the flags are cast's.
#[derive(Clone, Debug, Args)]
pub(crate) struct WalletArgs {
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
    /// A file with the keystore's password; without it the terminal asks
    #[arg(
        long,
        help_heading = "Wallet",
        env = "ETH_PASSWORD",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) password_file: Option<PathBuf>,
}
