//! Whose dealings are looked after, as people tell it: a CSV file in, a table out.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fmt, io};

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
/// Longest file, in bytes.
const FILE_MAX_BYTES: u64 = 256 << 20;
/// What the first line of a file names; the reference may be left out.
const COLUMNS: [&str; 3] = ["address", "kind", "reference"];
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
        /// What the system said.
        reason: io::Error,
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

/// What the lines of a file say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The subjects, each once, with its line from 1.
    pub read: Vec<(u64, Subject)>,
    /// The lines that are none.
    pub wrong: Vec<Wrong>,
}

/// A line that is no subject.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// One row of the file.
#[derive(Deserialize)]
struct Row {
    address: String,
    kind: String,
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
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path);
    let taken = opened.and_then(|file| file.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes));
    let taken = taken.and_then(|read| {
        if read as u64 > FILE_MAX_BYTES {
            return Err(io::Error::other(format!("it is longer than {FILE_MAX_BYTES} bytes")));
        }
        Ok(())
    });
    taken.map_err(|reason| SubjectsError::File { path: path.to_owned(), reason })?;
    rows(&bytes, path)
}

/// The subjects of what is read under a name.
///
/// # Errors
/// See [`read`].
pub fn rows(bytes: &[u8], path: &Path) -> Result<Vec<Subject>, SubjectsError> {
    let Lines { read, wrong } = lines(bytes);
    if let Some(Wrong { line, reason }) = wrong.into_iter().next() {
        return Err(SubjectsError::Row { path: path.to_owned(), line, reason });
    }
    Ok(read.into_iter().map(|(_, subject)| subject).collect())
}

/// Every line of a CSV, read or told why not.
pub fn lines(bytes: &[u8]) -> Lines {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let mut lines = Lines::default();
    let headers = reader.headers().cloned().map_err(|error| told(&error)).and_then(named);
    let headers = match headers {
        Ok(headers) => headers,
        Err(reason) => {
            lines.wrong.push(Wrong { line: 1, reason });
            return lines;
        }
    };
    let mut places = Places { bytes, at: 0, line: 1 };
    let mut seen: BTreeMap<Address, u64> = BTreeMap::new();
    for record in reader.records() {
        let at = match &record {
            Ok(record) => record.position().cloned(),
            Err(error) => error.position().cloned(),
        };
        let line = places.line(at.map_or(0, |at| at.byte()));
        let read =
            record.map_err(|error| told(&error)).and_then(|record| subject(&record, &headers));
        let once = read.and_then(|subject| match seen.insert(subject.address, line) {
            Some(before) => Err(format!("{} is there twice: see line {before}", subject.address)),
            None if seen.len() > SUBJECTS_MAX => Err(format!("more than {SUBJECTS_MAX} subjects")),
            None => Ok(subject),
        });
        match once {
            Ok(subject) => lines.read.push((line, subject)),
            Err(reason) => lines.wrong.push(Wrong { line, reason }),
        }
    }
    lines
}

/// The first line, if it names the columns.
fn named(headers: csv::StringRecord) -> Result<csv::StringRecord, String> {
    let has = |name: &str| headers.iter().any(|header| header == name);
    if let Some(stray) = headers.iter().find(|header| !COLUMNS.contains(header)) {
        return Err(format!(
            "there is no column {stray:?}: the first line is {}",
            COLUMNS.join(",")
        ));
    }
    if has("address") && has("kind") {
        return Ok(headers);
    }
    Err(format!("it names no columns: the first line is {}", COLUMNS.join(",")))
}

fn subject(record: &csv::StringRecord, headers: &csv::StringRecord) -> Result<Subject, String> {
    let Row { address, kind, reference } =
        record.deserialize(Some(headers)).map_err(|error| told(&error))?;
    let address =
        interdict_core::address::parse(&address).map_err(|error| format!("the address {error}"))?;
    let kind = match &*kind {
        "customer" => SubjectKind::Customer,
        "pool" => SubjectKind::Pool,
        other => return Err(format!("the kind is {other:?}: write customer or pool")),
    };
    Ok(Subject { address, kind, reference: checked(reference)? })
}

/// A reference that can be kept.
///
/// # Errors
/// What is wrong with it.
pub fn checked(reference: String) -> Result<String, String> {
    if reference.chars().count() > REFERENCE_MAX_CHARS {
        return Err(format!("the reference is longer than {REFERENCE_MAX_CHARS} characters"));
    }
    if reference.contains('\0') {
        return Err("the reference is no text".to_owned());
    }
    Ok(reference)
}

/// What the reader means, without the place that is told beside it.
fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} fields where the first line has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is no text in UTF-8".to_owned(),
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => error.to_string(),
    }
}

/// On which lines records begin. The reader says where in the bytes it began to look for one: empty
/// lines and what is left of an end of line of two characters come before the record.
struct Places<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
}

impl Places<'_> {
    fn line(&mut self, from: u64) -> u64 {
        let from = usize::try_from(from).unwrap_or(usize::MAX).clamp(self.at, self.bytes.len());
        let ends = self.bytes[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let begin = from + ends.count();
        let passed = self.bytes[self.at..begin].split(|byte| *byte == b'\n').skip(1);
        self.line += passed.count() as u64;
        self.at = begin;
        self.line
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";
    const TWO: &str = "0x901bb9583b24d97e995513c6778dc6888ab6870e";

    fn places(text: &str) -> (Vec<u64>, Vec<(u64, String)>) {
        let Lines { read, wrong } = lines(text.as_bytes());
        (
            read.into_iter().map(|(line, _)| line).collect(),
            wrong.into_iter().map(|Wrong { line, reason }| (line, reason)).collect(),
        )
    }

    #[test]
    fn each_line_is_read_or_told_why_not_under_its_own_number() {
        for end in ["\n", "\r\n"] {
            for begin in ["", "\u{feff}"] {
                let text = [
                    &format!("{begin}address,kind,reference"),
                    &format!("{ONE},customer,\"K{end}17\""),
                    "",
                    "",
                    &format!("{TWO},friend,"),
                    &format!("{TWO},pool"),
                    "0x12,pool,",
                    &format!("{TWO},pool,"),
                    &format!("{ONE},pool,{end}{end}"),
                ]
                .join(end);
                let (read, wrong) = places(&text);
                assert_eq!(read, [2, 9], "{text:?}");
                let told: Vec<_> = wrong.iter().map(|(line, reason)| (*line, &**reason)).collect();
                let [(6, friend), (7, short), (8, address), (10, twice)] = told[..] else {
                    panic!("{text:?}: {told:?}")
                };
                assert_eq!(friend, "the kind is \"friend\": write customer or pool");
                assert_eq!(short, "it has 2 fields where the first line has 3");
                assert_eq!(address, "the address has 2 hex digits after 0x, an address has 40");
                assert_eq!(twice, format!("{ONE} is there twice: see line 2"));
            }
        }
    }

    #[test]
    fn a_file_whose_first_line_names_no_columns_is_read_no_further() {
        for (text, part) in [
            ("", "names no columns"),
            ("address,reference\n", "names no columns"),
            ("address;kind\n0x12;pool\n", "\"address;kind\""),
            ("address,kind,name\n", "\"name\""),
        ] {
            let (read, wrong) = places(text);
            assert!(read.is_empty());
            let [(1, reason)] = &wrong[..] else { panic!("{text:?}: {wrong:?}") };
            assert!(reason.contains(part) && reason.contains("address,kind,reference"), "{reason}");
        }
        assert_eq!(
            lines(b"address,kind\n\xff\xfe,pool\n").wrong[0].reason,
            "it is no text in UTF-8"
        );
    }
}
