//! Flags and environment of the binary.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use secrecy::SecretString;

use crate::config::Overrides;

/// Watches transfers, screens them against the list as of their block, and tells compliance.
#[derive(Debug, Parser)]
#[command(name = "interdict-indexer", version)]
pub struct Args {
    /// The configuration file (TOML)
    #[arg(long, env = "INTERDICT_CONFIG", value_name = "FILE")]
    pub config: PathBuf,
    /// The database file, instead of the configuration's
    #[arg(long, env = "INTERDICT_DATABASE", value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// Where to listen, instead of the configuration's; port 0 takes a free one
    #[arg(long, env = "INTERDICT_BIND", value_name = "ADDRESS:PORT")]
    pub bind: Option<SocketAddr>,
    /// The provider, instead of the configuration's
    #[arg(long, env = "INTERDICT_RPC_URL", value_name = "URL", hide_env_values = true)]
    pub rpc_url: Option<SecretString>,
}

impl Args {
    /// What goes before the configuration file.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            database: self.database.clone(),
            bind: self.bind,
            rpc_url: self.rpc_url.clone(),
        }
    }
}
