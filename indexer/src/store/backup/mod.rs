//! A database as one file, and back: the same file for both kinds, so that it also moves a database
//! from one to the other. Taken while the indexer runs; read to its end and proved whole before a
//! row of it is written anywhere.

mod format;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

pub(super) use self::format::{Cell, Table};
use self::format::{FORMAT, Header, Item, Reader, Writer};
use super::{Home, Place, StoreError, newest_schema, postgres, sqlite};

/// What is in a backup, in an order in which it can be written: what others point to comes first.
/// Leases are of the moment and stay behind.
pub(super) const TABLES: [&str; 18] = [
    "home",
    "blocks",
    "cursor",
    "acts",
    "alerts",
    "outbox",
    "endpoints",
    "deliveries",
    "gone_receivers",
    "lookback_jobs",
    "undecoded_logs",
    "standings",
    "tokens",
    "subjects",
    "policies",
    "audit",
    "access_tokens",
    "sessions",
];

/// Why there is no backup, or none was restored. No database has changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database did not do as told.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A file could not be read or written.
    #[error("{path}: {reason}; name another file or see its folder")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// What is to be written is there already.
    #[error("{0} is there already: name a new file, nothing is overwritten")]
    Exists(PathBuf),
    /// The database to be backed up has never been used.
    #[error("{0} holds nothing: name the database of an indexer that has run")]
    Nothing(String),
    /// Not such a file at all.
    #[error("this is no backup of an indexer: name a file that `interdict-indexer backup` wrote")]
    NoBackup,
    /// Of another format.
    #[error(
        "the backup has format {0:?}, this version reads {FORMAT:?}: use the version that wrote it"
    )]
    Format(String),
    /// Cut or altered.
    #[error("the backup {0}: take another one, this file is damaged")]
    Damaged(&'static str),
    /// Made by a newer version.
    #[error(
        "the backup was made by a newer version (its schema is {theirs}, this program knows up to {ours}): restore it with that version"
    )]
    Newer {
        /// The backup's.
        theirs: i64,
        /// Ours.
        ours: i64,
    },
    /// Of another chain or list.
    #[error("the backup is of {theirs}, the deployment file says {ours}: name the right files")]
    OtherHome {
        /// What the backup is of.
        theirs: String,
        /// What is configured.
        ours: String,
    },
    /// The database to be filled is not empty.
    #[error("{0} is not empty: name a new database, a restore never overwrites one")]
    NotEmpty(String),
}

/// What was backed up or restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Rows of all tables.
    pub rows: u64,
    /// SHA-256 of the file, in hex digits.
    pub sha256: String,
}

/// Takes the rows of a database one by one.
pub(super) trait Sink: Send {
    /// A table begins.
    fn table(&mut self, table: &Table) -> Result<(), BackupError>;
    /// A row of it.
    fn row(&mut self, row: &[Cell]) -> Result<(), BackupError>;
}

impl<W: Write + Send> Sink for Writer<W> {
    fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        self.table(table)
    }

    fn row(&mut self, row: &[Cell]) -> Result<(), BackupError> {
        self.row(row)
    }
}

/// Writes a whole database into a new file. The indexer may run meanwhile.
///
/// # Errors
/// See [`BackupError`]; the file is not there then.
pub async fn backup(place: &Place, out: &Path, now: i64) -> Result<Account, BackupError> {
    if out.exists() {
        return Err(BackupError::Exists(out.to_owned()));
    }
    let part = with_ending(out, "part");
    let written = write(place, &part, now).await;
    let account = written.and_then(|rows| {
        std::fs::rename(&part, out).map_err(|reason| failed(out, reason))?;
        Ok(Account { rows, sha256: digest(out)? })
    });
    if account.is_err() {
        // What is left of it helps nobody.
        let _ = std::fs::remove_file(&part);
    }
    account
}

async fn write(place: &Place, part: &Path, now: i64) -> Result<u64, BackupError> {
    let file = private(part)?;
    let out = GzEncoder::new(BufWriter::new(file), Compression::default());
    let begin = move |home, schema| {
        Writer::begin(out, &Header { format: FORMAT.to_owned(), schema, home, made_at: now })
    };
    let writer = match place {
        Place::File(path) => sqlite::dump(path, &with_ending(part, "snapshot"), begin).await?,
        Place::Server { url, .. } => postgres::dump(url, begin).await?,
    };
    let (rows, out) = writer.end()?;
    let file = out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    // A backup that was announced is on disk.
    file.sync_all()?;
    Ok(rows)
}

/// Fills a new database from a file.
///
/// # Errors
/// See [`BackupError`].
pub async fn restore(place: &Place, from: &Path, home: Home) -> Result<Account, BackupError> {
    let (mut reader, header) = open(from)?;
    if header.home != home {
        let (theirs, ours) = (header.home.to_string(), home.to_string());
        return Err(BackupError::OtherHome { theirs, ours });
    }
    if header.schema > newest_schema() {
        return Err(BackupError::Newer { theirs: header.schema, ours: newest_schema() });
    }
    // Once to its end, so that nothing is written from a file that is not whole.
    let mut rows = 0;
    while let Some(item) = reader.next()? {
        rows += u64::from(matches!(item, Item::Row(_)));
    }
    let (reader, header) = open(from)?;
    let source = Source { reader, table: None };
    match place {
        Place::File(path) => sqlite::load(path, header.schema, source).await?,
        Place::Server { url, .. } => postgres::load(url, header.schema, source).await?,
    }
    Ok(Account { rows, sha256: digest(from)? })
}

type Input = BufReader<GzDecoder<BufReader<File>>>;

fn open(from: &Path) -> Result<(Reader<Input>, Header), BackupError> {
    let file = File::open(from).map_err(|reason| failed(from, reason))?;
    Reader::begin(BufReader::new(GzDecoder::new(BufReader::new(file)))).map_err(|error| {
        if matches!(error, BackupError::Damaged(_)) { BackupError::NoBackup } else { error }
    })
}

/// The rows of a backup, each with the table that it belongs to.
pub(super) struct Source {
    reader: Reader<Input>,
    table: Option<Table>,
}

impl Source {
    /// The statement that writes the next row, and the row; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<(String, Vec<Cell>)>, BackupError> {
        loop {
            match self.reader.next()? {
                None => return Ok(None),
                Some(Item::Table(table)) => self.table = Some(known(table)?),
                Some(Item::Row(row)) => {
                    let Some(table) = &self.table else {
                        return Err(BackupError::Damaged("has a row before its first table"));
                    };
                    if row.len() != table.columns.len() {
                        return Err(BackupError::Damaged("has a row of another length"));
                    }
                    return Ok(Some((insert(table, &row), row)));
                }
            }
        }
    }
}

/// Names go into statements: only those that can be ours.
fn known(table: Table) -> Result<Table, BackupError> {
    let plain = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    if TABLES.contains(&table.table.as_str()) && table.columns.iter().all(plain) {
        Ok(table)
    } else {
        Err(BackupError::Damaged("names a table that is not known"))
    }
}

/// `NULL` stands in the statement: a parameter would need a type.
fn insert(table: &Table, row: &[Cell]) -> String {
    let mut number = 0;
    let values: Vec<_> = row
        .iter()
        .map(|cell| {
            if *cell == Cell::Null {
                return "NULL".to_owned();
            }
            number += 1;
            format!("${number}")
        })
        .collect();
    let (columns, values) = (table.columns.join(", "), values.join(", "));
    format!("INSERT INTO {} ({columns}) VALUES ({values})", table.table)
}

fn digest(path: &Path) -> Result<String, BackupError> {
    let mut file = File::open(path).map_err(|reason| failed(path, reason))?;
    let mut digest = Sha256::new();
    io::copy(&mut file, &mut digest)?;
    Ok(hex::encode(digest.finalize()))
}

/// A new file that only its owner can read: it holds what compliance knows.
pub(super) fn private(path: &Path) -> Result<File, BackupError> {
    // What an interrupted attempt left.
    let _ = std::fs::remove_file(path);
    let made = File::options().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|reason| failed(path, reason))
}

fn failed(path: &Path, reason: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), reason }
}

/// The same name with an ending behind it.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
