//! The file of a backup: gzip over lines of JSON. The first says what it is and whose, then each
//! table begins with a line that names it and its columns, and the last line holds the SHA-256 of
//! everything before it. A file without that line is not whole.

use std::io::{self, BufRead, Read, Write};

use alloy_primitives::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::BackupError;
use crate::store::Home;

/// What the first line calls it.
pub(super) const FORMAT: &str = "interdict-backup-1";
/// Longest line that is read, in bytes: an act of the largest batch is far shorter.
const LINE_MAX_BYTES: u64 = 16 << 20;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    /// The newest migration that made the tables.
    pub(super) schema: i64,
    #[serde(flatten)]
    pub(super) home: Home,
    /// When, unix seconds.
    pub(super) made_at: i64,
}

/// The line before a table's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub table: String,
    /// The names of its columns, in the order of the rows' values.
    pub columns: Vec<String>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes, in hex digits.
    Bytes {
        /// As they are.
        hex: Bytes,
    },
    /// Nothing.
    Null,
}

/// The last line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    rows: u64,
    sha256: String,
}

/// Any line after the first.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Row(Vec<Cell>),
    Table(Table),
    End(End),
}

/// What a reader meets.
pub(super) enum Item {
    /// A table begins.
    Table(Table),
    /// A row of it.
    Row(Vec<Cell>),
}

/// Writes lines and digests them.
pub(super) struct Writer<W: Write> {
    out: W,
    digest: Sha256,
    rows: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, header: &Header) -> Result<Self, BackupError> {
        let mut writer = Self { out, digest: Sha256::new(), rows: 0 };
        writer.line(header)?;
        Ok(writer)
    }

    pub(super) fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        self.line(table)
    }

    pub(super) fn row(&mut self, row: &[Cell]) -> Result<(), BackupError> {
        self.rows += 1;
        self.line(&row)
    }

    /// Writes the last line; how many rows there were, and what was written to.
    pub(super) fn end(mut self) -> Result<(u64, W), BackupError> {
        let sha256 = hex::encode(self.digest.clone().finalize());
        self.line(&End { rows: self.rows, sha256 })?;
        Ok((self.rows, self.out))
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let mut line = serde_json::to_vec(line).map_err(io::Error::from)?;
        line.push(b'\n');
        self.digest.update(&line);
        Ok(self.out.write_all(&line)?)
    }
}

/// Reads lines and digests them.
pub(super) struct Reader<R: BufRead> {
    input: R,
    digest: Sha256,
    rows: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn begin(input: R) -> Result<(Self, Header), BackupError> {
        let mut reader = Self { input, digest: Sha256::new(), rows: 0, line: Vec::new() };
        reader.fill()?;
        let header: Header =
            serde_json::from_slice(&reader.line).map_err(|_| BackupError::NoBackup)?;
        if header.format != FORMAT {
            return Err(BackupError::Format(header.format));
        }
        Ok((reader, header))
    }

    /// The next table or row; `None` after the last, when the file is proved to be whole.
    pub(super) fn next(&mut self) -> Result<Option<Item>, BackupError> {
        let before = self.digest.clone();
        self.fill()?;
        let line = serde_json::from_slice(&self.line)
            .map_err(|_| BackupError::Damaged("has a line that cannot be read"))?;
        match line {
            Line::Table(table) => Ok(Some(Item::Table(table))),
            Line::Row(row) => {
                self.rows += 1;
                Ok(Some(Item::Row(row)))
            }
            Line::End(end) if end.sha256 != hex::encode(before.finalize()) => {
                Err(BackupError::Damaged("has another digest than its last line says"))
            }
            Line::End(end) if end.rows != self.rows => {
                Err(BackupError::Damaged("has another number of rows than its last line says"))
            }
            Line::End(_) => match self.input.fill_buf() {
                // Here gzip's own sum is compared, too.
                Ok([]) => Ok(None),
                Ok(_) => Err(BackupError::Damaged("goes on behind its last line")),
                Err(_) => Err(BackupError::Damaged("cannot be unpacked to its end")),
            },
        }
    }

    fn fill(&mut self) -> Result<(), BackupError> {
        self.line.clear();
        let read = (&mut self.input).take(LINE_MAX_BYTES).read_until(b'\n', &mut self.line);
        // What is cut or altered is met by gzip first.
        read.map_err(|_| BackupError::Damaged("cannot be unpacked to its end"))?;
        if self.line.last() != Some(&b'\n') {
            return Err(BackupError::Damaged("ends before its last line"));
        }
        self.digest.update(&self.line);
        Ok(())
    }
}
