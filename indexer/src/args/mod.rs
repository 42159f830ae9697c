//! Flags and environment of the binary.

mod audit;
mod policy;
mod tokens;

pub use audit::{AuditVerb, VerifyAudit};
pub use policy::{Check, Flags, PolicyVerb, SubjectsVerb};
pub use tokens::TokensVerb;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use secrecy::SecretString;

use crate::config::{Config, ConfigError, Overrides, PolicyFile};

const EXAMPLES: &str = "\
Examples:
  interdict-indexer --config indexer.toml
  interdict-indexer --config indexer.toml backup interdict-2026-08-20.backup
  interdict-indexer --config new.toml restore interdict-2026-08-20.backup
  interdict-indexer --config indexer.toml prune --dry-run
  interdict-indexer --config indexer.toml subjects import customers.csv
  interdict-indexer --config indexer.toml verify-audit
  interdict-indexer --config indexer.toml tokens create --person alice --role analyst --days 90
  interdict-indexer --config indexer.toml policy replay --policy policy.toml";

/// Watches transfers, screens them against the list as of their block, and tells compliance.
///
/// Without a verb it runs until told to stop. The database is a file of SQLite, or a PostgreSQL
/// server whose address stands in a file (`database_url_file` in the configuration) or in the
/// environment (`DATABASE_URL`); it carries a password and is never a flag.
#[derive(Debug, Parser)]
#[command(name = "interdict-indexer", version, after_help = EXAMPLES)]
pub struct Args {
    /// What to do instead of running
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// The configuration file (TOML)
    #[arg(long, env = "INTERDICT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
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

/// What can be done instead of running.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// The database
    #[command(flatten)]
    Upkeep(Upkeep),
    /// The rules by which findings are judged
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// See whether the audit log is what was written, and what was kept of it elsewhere
    VerifyAudit(VerifyAudit),
    /// Checkpoints of the audit log, which others keep
    #[command(subcommand)]
    Audit(AuditVerb),
    /// Whose dealings are looked after: own customers and pools
    #[command(subcommand)]
    Subjects(SubjectsVerb),
    /// Who may come in over HTTP: tokens of persons and programs
    #[command(subcommand)]
    Tokens(TokensVerb),
}

/// What keeps a database in order.
#[derive(Clone, Debug, Subcommand)]
pub enum Upkeep {
    /// Write the whole database into one new file; the indexer may run meanwhile
    Backup {
        /// The file to make
        out: PathBuf,
    },
    /// Fill a new database from such a file, of whichever kind the database was
    Restore {
        /// The file to read
        from: PathBuf,
    },
    /// Remove what is no longer needed; never a finding, nor an act of the list
    Prune {
        /// Only show what would go
        #[arg(long)]
        dry_run: bool,
    },
}

impl Args {
    /// The configuration, with what goes before it, and with another policy if one is named.
    ///
    /// # Errors
    /// None is named, or see [`ConfigError`].
    pub fn load(&self, policy: Option<PolicyFile>) -> Result<Config, ConfigError> {
        let path = self.config.as_ref().ok_or(ConfigError::None)?;
        Config::load(path, Overrides { policy, ..self.overrides() })
    }

    /// What goes before the configuration file.
    fn overrides(&self) -> Overrides {
        Overrides {
            database: self.database.clone(),
            // Not a flag: everybody on the machine can read the arguments of a process.
            database_url: std::env::var("DATABASE_URL").ok().map(SecretString::from),
            bind: self.bind,
            rpc_url: self.rpc_url.clone(),
            policy: None,
        }
    }
}
