//! What `policy` and `subjects` are told.

use std::path::PathBuf;

use alloy_primitives::Address;
use clap::{Args, Subcommand};
use interdict_core::alert::AlertId;
use interdict_core::policy::{
    Counterparty, Direction, Exposure, Finality, Phase, SignedBy, ValueClass, Worth,
};
use interdict_core::source::Source;

const CHECK_EXAMPLES: &str = "\
Examples:
  interdict-indexer policy check --policy policy.toml
  interdict-indexer policy check --direction inbound --worth 2.5 --signed-by other
  interdict-indexer --config indexer.toml policy check --alert 4d62f9dd1a8c4538093bc0f0592d567f
  echo '{\"phase\":\"boundary\",\"value\":\"dust\"}' | interdict-indexer policy check --dealing -";

/// What to do with a policy.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyVerb {
    /// See whether a policy can be relied on, and which rule decides about a dealing, and why
    ///
    /// Without a dealing it says whether the policy is sound, and what is lighter in it than in the
    /// default policy. A dealing is described by flags, as JSON, or by an alert that was found. The
    /// default policy and the configuration's are known; another is named by --policy.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Box<Check>),
    /// See what another policy would say of everything that was found; nothing is changed
    ///
    /// It may be a draft: what is lighter in it need not be answered for yet.
    Replay {
        /// The policy
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
}

/// Of `policy check`.
#[derive(Clone, Debug, Args)]
pub struct Check {
    /// The policy, instead of the configuration's or the default one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// A finding of the database
    #[arg(long, value_name = "ID", conflicts_with_all = ["dealing", "described"])]
    pub alert: Option<AlertId>,
    /// The dealing as JSON, with the flags' words as members; - reads stdin
    #[arg(long, value_name = "FILE", conflicts_with = "described")]
    pub dealing: Option<PathBuf>,
    /// The dealing as flags
    #[command(flatten)]
    pub described: Flags,
    /// One JSON document on stdout
    #[arg(long)]
    pub json: bool,
}

/// A dealing, described. What is left out is an outbound payment to a listed address that the
/// counterparty signed.
#[derive(Clone, Debug, Args)]
#[group(id = "described", multiple = true)]
pub struct Flags {
    /// How it stands to the listing: before, boundary, while or after
    #[arg(long)]
    pub phase: Option<Phase>,
    /// Whole days before the listing
    #[arg(long, value_name = "DAYS")]
    pub days_before: Option<u32>,
    /// How near the listed address was: ownership, party or beside
    #[arg(long)]
    pub exposure: Option<Exposure>,
    /// As the counterparty sees it: inbound, outbound or none
    #[arg(long)]
    pub direction: Option<Direction>,
    /// What the amount is: zero, dust, material, `unknown_token`, bare or failed
    #[arg(long)]
    pub value: Option<ValueClass>,
    /// What it is worth in the policy's reference unit
    #[arg(long, value_name = "AMOUNT", conflicts_with = "value")]
    pub worth: Option<Worth>,
    /// Who signed the transaction: counterparty, listed or other
    #[arg(long)]
    pub signed_by: Option<SignedBy>,
    /// Who the counterparty is: anyone, subject or other
    #[arg(long)]
    pub counterparty: Option<Counterparty>,
    /// A source list that names the address; several by repeating it
    #[arg(long = "source", value_name = "LIST")]
    pub sources: Vec<Source>,
    /// A program under which the address is listed, as the act's manifest has it; several by
    /// repeating it, unknown without
    #[arg(long = "program", value_name = "PROGRAM")]
    pub programs: Vec<String>,
    /// Whether it can still be taken back: pending or finalized
    #[arg(long)]
    pub finality: Option<Finality>,
}

/// What to do with subjects.
#[derive(Clone, Debug, Subcommand)]
pub enum SubjectsVerb {
    /// Add those of a CSV file with the columns address, kind (customer or pool) and reference
    ///
    /// Known ones are brought up to date, and nobody else is touched. The indexer may run
    /// meanwhile: it counts for blocks that are taken in from then on, and what was found of them
    /// before is judged anew.
    Import {
        /// The file
        file: PathBuf,
    },
    /// Show them, and how each stands on the list
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Look after one no longer; the record of it stays, and its findings are judged anew
    Remove {
        /// The address
        address: Address,
    },
}
