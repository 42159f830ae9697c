//! What `audit` and `verify-audit` are told.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const VERIFY_EXAMPLES: &str = "\
Examples:
  interdict-indexer --config indexer.toml verify-audit
  interdict-indexer --config indexer.toml verify-audit --public-key 4f2a… \\
      --checkpoint 2026-07.json --checkpoint 2026-08.json";

const CHECKPOINT_EXAMPLES: &str = "\
Examples:
  interdict-indexer audit key /etc/interdict/audit.key
  interdict-indexer --config indexer.toml audit checkpoint \\
      --key /etc/interdict/audit.key 2026-08.json";

/// Of `verify-audit`.
#[derive(Clone, Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct VerifyAudit {
    /// A checkpoint that was kept; several by repeating it
    #[arg(long = "checkpoint", value_name = "FILE", requires = "public_key")]
    pub checkpoints: Vec<PathBuf>,
    /// The key that signed them, as `audit key` printed it: 64 hex digits
    #[arg(long, value_name = "HEX")]
    pub public_key: Option<String>,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// What keeps the end of the audit log from being cut off or written anew unseen.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditVerb {
    /// Make a key for checkpoints; its public half is printed
    Key {
        /// The file to make, readable for its owner alone
        file: PathBuf,
    },
    /// Check the log, and write down how far it goes, signed; keep that elsewhere
    #[command(after_help = CHECKPOINT_EXAMPLES)]
    Checkpoint {
        /// The file with the key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The file to make
        out: PathBuf,
    },
}
