//! Whose dealings are looked after, as people tell it: a CSV file in, a table out.

use std::fmt;
use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use interdict_core::audit::Who;
use interdict_core::ledger::{Ledger, LedgerError, Standing};
use interdict_core::subject::{Subject, SubjectKind, Subjects};
use serde::{Deserialize, Serialize};

use crate::args::SubjectsVerb;
use crate::config::Config;
use crate::policy::document;
use crate::store::{Imported, Store, StoreError};
use crate::upkeep;

/// Most subjects of one file.
const SUBJECTS_MAX: usize = 1_000_000;
/// Longest reference, in characters.
pub const REFERENCE_MAX_CHARS: usize = 64;

/// Why the subjects are as they were.
#[derive(Debug, thiserror::Error)]
pub enum SubjectsError {
    /// The database did not do as told.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored acts do not replay.
    #[error("the database's acts of the list do not add up: {0}; restore a backup of it")]
    Ledger(#[from] LedgerError),
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: csv::Error,
    },
    /// A row is none.
    #[error("{path}, line {line}: {reason}; no subject was added")]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// It is no subject.
    #[error("{0} is no subject: see `interdict-indexer subjects list`")]
    Unknown(Address),
}

/// One row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    address: String,
    kind: SubjectKind,
    #[serde(default)]
    reference: String,
}

/// Does what is asked; what to tell of it.
///
/// # Errors
/// See [`SubjectsError`].
pub async fn run(config: &Config, verb: &SubjectsVerb) -> Result<String, SubjectsError> {
    let now = jiff::Timestamp::now().as_second();
    // The file is read whole before the database is touched.
    let read = match verb {
        SubjectsVerb::Import { file } => read(file)?,
        SubjectsVerb::List { .. } | SubjectsVerb::Remove { .. } => Vec::new(),
    };
    let store = Store::open_beside(&config.database, upkeep::home(config)).await?;
    let done = match verb {
        SubjectsVerb::Import { .. } => import(&store, &read, now).await,
        SubjectsVerb::List { json } => list(&store, now).await.map(|list| match json {
            true => document(&list),
            false => list.to_string(),
        }),
        SubjectsVerb::Remove { address } => {
            match store.remove_subject(*address, &Who::console(), now).await {
                Ok(true) => Ok(format!("{address} is looked after no longer")),
                Ok(false) => Err(SubjectsError::Unknown(*address)),
                Err(error) => Err(error.into()),
            }
        }
    };
    store.close().await;
    done
}

async fn import(store: &Store, read: &[Subject], now: i64) -> Result<String, SubjectsError> {
    let Imported { added, changed, unchanged } =
        store.import_subjects(read, &Who::console(), now).await?;
    let ledger = Ledger::replay(&store.acts().await?)?;
    let told = format!("{added} added, {changed} changed, {unchanged} as they were");
    let listed = listed(read, &ledger, u64::try_from(now).unwrap_or_default());
    Ok(listed.iter().fold(told, |told, address| {
        format!("{told}\n{address} is LISTED: hold its property; two people decide")
    }))
}

/// Those of some subjects that are on the list at a time, unix seconds.
pub fn listed(subjects: &[Subject], ledger: &Ledger, time: u64) -> Vec<Address> {
    let subjects: Subjects = subjects.iter().cloned().collect();
    subjects.listed(ledger, time).collect()
}

/// The subjects of a file, each once; all of them or none.
///
/// # Errors
/// The first row that is none, with its line.
pub fn read(path: &Path) -> Result<Vec<Subject>, SubjectsError> {
    let opened = std::fs::File::open(path)
        .map_err(|reason| SubjectsError::File { path: path.to_owned(), reason: reason.into() })?;
    rows(opened, path)
}

/// The subjects of what is read under a name.
///
/// # Errors
/// See [`read`].
pub fn rows(from: impl std::io::Read, path: &Path) -> Result<Vec<Subject>, SubjectsError> {
    let file = |reason| SubjectsError::File { path: path.to_owned(), reason };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
    let mut subjects: Vec<Subject> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let headers = reader.headers().map_err(file)?.clone();
    for record in reader.records() {
        let record = record.map_err(file)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |reason: String| SubjectsError::Row { path: path.to_owned(), line, reason };
        let row: Row =
            record.deserialize(Some(&headers)).map_err(|error| wrong(error.to_string()))?;
        let address = interdict_core::address::parse(&row.address)
            .map_err(|error| wrong(error.to_string()))?;
        if row.reference.chars().count() > REFERENCE_MAX_CHARS {
            return Err(wrong(format!("the reference is longer than {REFERENCE_MAX_CHARS}")));
        }
        if !seen.insert(address) {
            return Err(wrong(format!("{address} is there twice")));
        }
        if subjects.len() == SUBJECTS_MAX {
            return Err(wrong(format!("there are more than {SUBJECTS_MAX}")));
        }
        subjects.push(Subject { address, kind: row.kind, reference: row.reference });
    }
    Ok(subjects)
}

/// Everybody, and how each stands on the list.
#[derive(Debug, Serialize)]
struct List {
    subjects: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    subject: Subject,
    /// `None` if it was never listed.
    standing: Option<Standing>,
}

async fn list(store: &Store, now: i64) -> Result<List, SubjectsError> {
    let ledger = Ledger::replay(&store.acts().await?)?;
    let now = u64::try_from(now).unwrap_or_default();
    let listed = |subject: Subject| {
        let standing = ledger.standing(subject.address, now);
        Listed { subject, standing }
    };
    Ok(List { subjects: store.subjects().await?.into_iter().map(listed).collect() })
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.subjects.is_empty() {
            return write!(
                f,
                "no subjects are kept: every counterparty of a listed address counts"
            );
        }
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(["address", "kind", "reference", "on the list"]);
        for Listed { subject, standing } in &self.subjects {
            let standing = standing.map_or("never", |standing| match standing {
                Standing::Listed => "LISTED",
                Standing::Provisional => "LISTED, provisionally",
                Standing::Lapsed => "no longer: lapsed",
                Standing::Retracted => "no longer: retracted",
                Standing::Delisted => "no longer: delisted",
            });
            let (address, kind) = (subject.address.to_string(), subject.kind.to_string());
            table.add_row([&address, &kind, &subject.reference, standing]);
        }
        write!(f, "{}", table.trim_fmt())
    }
}
