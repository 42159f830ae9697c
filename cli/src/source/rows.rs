//! What the CSV formats share: records of a bounded length, columns by their name.

use std::io::Read;

use csv::StringRecord;
use jiff::civil::Date;

use super::SourceError;
use super::metered::Metered;

/// The longest record. The longest of any list is a statement of reasons, a hundredth of it.
const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// How much the CSV reader takes from its input at once, beyond the record that it is asked for.
const READ_AHEAD_BYTES: usize = 8 * 1024;

/// The records of a CSV whose first line names its columns.
pub(super) struct Rows<R> {
    reader: csv::Reader<Metered<R>>,
    header: StringRecord,
    record: StringRecord,
    /// Lines before the header.
    before: u64,
}

/// One record, and where it begins.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    record: &'a StringRecord,
}

impl<R: Read> Rows<R> {
    /// Reads the header, which comes after some lines that are read already.
    pub(super) fn new(input: R, before: u64) -> Result<Self, SourceError> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(READ_AHEAD_BYTES)
            .from_reader(Metered::new(input));
        let (header, record) = (StringRecord::new(), StringRecord::new());
        let mut rows = Self { reader, header, record, before };
        rows.read()?;
        rows.header = std::mem::take(&mut rows.record);
        Ok(rows)
    }

    /// Where a column is.
    pub(super) fn column(&self, name: &str) -> Result<usize, SourceError> {
        self.header.iter().position(|column| column.trim() == name).ok_or_else(|| {
            let reason = format!("there is no column {name:?}: download the publication again");
            SourceError::Row { line: self.before + 1, reason }
        })
    }

    /// Where the columns are whose name begins in some way.
    pub(super) fn columns(&self, beginning: &str) -> Vec<usize> {
        let begins = |(_, name): &(usize, &str)| name.starts_with(beginning);
        self.header.iter().enumerate().filter(begins).map(|(column, _)| column).collect()
    }

    /// The next record. Its fields are as many as the header's.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, SourceError> {
        if !self.read()? {
            return Ok(None);
        }
        let line = self.before + self.record.position().map_or(0, csv::Position::line);
        let (found, expected) = (self.record.len(), self.header.len());
        if found != expected {
            let reason = format!("has {found} fields, the header {expected}: download it again");
            return Err(SourceError::Row { line, reason });
        }
        Ok(Some(Row { line, record: &self.record }))
    }

    fn read(&mut self) -> Result<bool, SourceError> {
        let line = self.before + self.reader.position().line();
        self.reader.get_mut().refill(RECORD_BYTES_MAX);
        match self.reader.read_record(&mut self.record) {
            Ok(is_there) => Ok(is_there),
            Err(_) if self.reader.get_ref().is_exhausted() => {
                let reason = format!("a record is longer than {RECORD_BYTES_MAX} bytes");
                Err(SourceError::Row { line, reason })
            }
            Err(error) => match error.into_kind() {
                csv::ErrorKind::Io(error) => Err(SourceError::Io(error)),
                csv::ErrorKind::Utf8 { err, .. } => {
                    Err(SourceError::Row { line, reason: format!("is no UTF-8: {err}") })
                }
                other => Err(SourceError::Row { line, reason: format!("{other:?}") }),
            },
        }
    }
}

impl Row<'_> {
    pub(super) fn field(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }

    /// A day as `YYYY-MM-DD`, or nothing.
    pub(super) fn day(&self, column: usize, name: &str) -> Result<Option<Date>, SourceError> {
        match self.field(column) {
            "" => Ok(None),
            date => date
                .parse()
                .map(Some)
                .map_err(|_| self.broken(format!("{name} {date:?} is not a day (YYYY-MM-DD)"))),
        }
    }

    /// A fault of this record.
    pub(super) fn broken(&self, reason: String) -> SourceError {
        SourceError::Row { line: self.line, reason }
    }
}

/// Several words of a field, joined by `;`.
pub(super) fn words(joined: &str) -> Vec<String> {
    joined.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
