//! OFAC's `SDN.CSV`, with `SDN_COMMENTS.CSV` beside it. It has no header, no date and no ids of
//! addresses; these stand within the remarks, as `Digital Currency Address - ETH 0x…; alt. …`.
//!
//! Remarks are cut at 1,000 characters, in the middle of a word. The rest is in the second file and
//! continues the first without any separator. Without it addresses are missing.

use std::collections::BTreeMap;
use std::io::Read;

use csv::ByteRecord;
use interdict_core::source::Source;

use super::metered::Metered;
use super::{FEATURE_NAME, Found, Input, Published, SourceError, Stated, prose, ticker};
use crate::text;

const FORMAT: &str = "OFAC CSV";

/// Where remarks are cut.
const REMARKS_CHARS_MAX: usize = 1_000;

/// Of an entry: number, name, type, programs, title, six about vessels, remarks.
const COLUMNS: usize = 12;
const PROGRAMS: usize = 3;
const REMARKS: usize = 11;

/// How an empty field is written, with or without spaces around.
const NULL: &str = "-0-";

/// A file may end with this, the end of a text in DOS.
const END_OF_FILE: &[u8] = b"\x1a";

/// The longest row; what is longer has lost a quotation mark.
const ROW_BYTES_MAX: usize = 256 * 1024;

/// How much of a cut row is shown.
const TAIL_CHARS: usize = 40;

/// Whether a file that begins with this line is such a file.
pub(super) fn is_row(line: &str) -> bool {
    let mut record = ByteRecord::new();
    let is_read = rows(line.as_bytes()).read_byte_record(&mut record).unwrap_or(false);
    is_read && record.len() == COLUMNS && !uid(&record).is_empty()
}

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    stated.check_source(Source::OfacSdn)?;
    let (what, flag) = ("date", "--data-as-of <TIMESTAMP>");
    let not_stated = SourceError::NotStated { format: FORMAT, what, flag };
    let mut found = Found::new(Source::OfacSdn, stated.data_as_of.ok_or(not_stated)?);
    let mut comments = match &stated.comments {
        Some(bytes) => read_comments(bytes)?,
        None => BTreeMap::new(),
    };
    each_row(input, "", |line, record| {
        if record.len() != COLUMNS || uid(record).is_empty() {
            let reason = format!("is no row of SDN.CSV: it has {} fields", record.len());
            return Err(SourceError::Row { line, reason });
        }
        let comment = comments.remove(&uid(record));
        take_row(record, comment, &mut found);
        Ok(())
    })?;
    if let Some(uid) = comments.keys().next() {
        let rows = text::count(comments.len(), "person's remarks", "persons' remarks");
        let note = format!(
            "the comments continue {rows} that the file does not have, uid {uid} first: are both of one publication?"
        );
        found.notes.push(note);
    }
    Ok(found)
}

/// The rest of the remarks of each person, by uid.
fn read_comments(bytes: &[u8]) -> Result<BTreeMap<String, String>, SourceError> {
    let mut comments: BTreeMap<String, String> = BTreeMap::new();
    each_row(bytes, "of the comments ", |line, record| {
        if record.len() != 2 || uid(record).is_empty() {
            let reason = "is no row of SDN_COMMENTS.CSV".to_owned();
            return Err(SourceError::Row { line, reason });
        }
        comments.entry(uid(record)).or_default().push_str(&field(record, 1));
        Ok(())
    })?;
    Ok(comments)
}

fn take_row(record: &ByteRecord, comment: Option<String>, found: &mut Found) {
    let uid = uid(record);
    let mut remarks = field(record, REMARKS);
    let is_full = remarks.chars().count() == REMARKS_CHARS_MAX;
    let is_cut = is_full && comment.is_none();
    if !is_full && comment.is_some() {
        found
            .notes
            .push(format!("the comments continue the remarks of uid {uid}, which are whole"));
    }
    remarks.push_str(&comment.unwrap_or_default());
    let programs = field(record, PROGRAMS);
    let programs: Vec<_> = programs.split("] [").filter(|p| !p.is_empty()).map(bare).collect();
    let published = |value| Published {
        value,
        tickers: &[],
        uid: &uid,
        feature: None,
        designated_on: None,
        valid_until: None,
        programs: &programs,
    };
    for item in items(&remarks) {
        // Where a row is cut, its last word is not whole.
        if let (Item { is_last: true, .. }, true) = (&item, is_cut) {
            continue;
        }
        let tickers: Vec<_> = item.ticker.map(str::to_owned).into_iter().collect();
        found.take(&Published { tickers: &tickers, ..published(item.value) });
    }
    for word in untagged(&remarks) {
        found.set_aside(&published(word), "the remarks do not call it an address");
    }
    if is_cut {
        let start = remarks.char_indices().rev().nth(TAIL_CHARS - 1).map_or(0, |(at, _)| at);
        let reason = format!("its row is cut after {REMARKS_CHARS_MAX} characters");
        found.set_aside(&published(&remarks[start..]), &reason);
        found.truncated.push(uid.clone());
    }
}

/// One address within remarks.
struct Item<'a> {
    ticker: Option<&'a str>,
    value: &'a str,
    /// Whether the remarks end with it.
    is_last: bool,
}

/// Every address within remarks. Each ends at a semicolon; the last, at the sentence's end.
fn items(remarks: &str) -> impl Iterator<Item = Item<'_>> {
    remarks.match_indices(FEATURE_NAME).map(|(start, _)| {
        let (item, is_last) = match remarks[start..].split_once(';') {
            Some((item, _)) => (item, false),
            None => (remarks[start..].strip_suffix('.').unwrap_or(&remarks[start..]), true),
        };
        let tagged = ticker(item).unwrap_or_default();
        let (ticker, value) = tagged.split_once(' ').unwrap_or(("", tagged));
        Item { ticker: (!ticker.is_empty()).then_some(ticker), value, is_last }
    })
}

/// What has an address's shape within remarks that do not call it one.
fn untagged(remarks: &str) -> impl Iterator<Item = &str> {
    let parts = remarks.split(';').filter(|part| !part.contains(FEATURE_NAME));
    parts.flat_map(prose::addresses).filter(|word| prose::claims_evm(word))
}

/// Calls for each row, with the number of its line.
fn each_row(
    input: impl Read,
    of: &str,
    mut take: impl FnMut(u64, &ByteRecord) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut rows = rows(input);
    let mut record = ByteRecord::new();
    // No field of these files has a line's end within.
    for line in 1.. {
        rows.get_mut().refill(ROW_BYTES_MAX);
        let error = match rows.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) if record.as_slice() == END_OF_FILE => continue,
            Ok(true) => match take(line, &record) {
                Ok(()) => continue,
                Err(SourceError::Row { line, reason }) => (line, format!("{of}{reason}")),
                Err(error) => return Err(error),
            },
            Err(_) if rows.get_ref().is_exhausted() => {
                (line, format!("{of}begins a row of over {ROW_BYTES_MAX} bytes"))
            }
            Err(error) => (line, format!("{of}{error}")),
        };
        return Err(SourceError::Row { line: error.0, reason: error.1 });
    }
    Ok(())
}

fn rows<R: Read>(input: R) -> csv::Reader<Metered<R>> {
    let mut metered = Metered::new(input);
    metered.refill(ROW_BYTES_MAX);
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(metered)
}

/// The person's number; empty if it is none.
fn uid(record: &ByteRecord) -> String {
    let uid = field(record, 0).trim().to_owned();
    if uid.parse::<u64>().is_ok() { uid } else { String::new() }
}

/// A field's text. What is no text stays visible, so that it is never an address.
fn field(record: &ByteRecord, index: usize) -> String {
    let text = String::from_utf8_lossy(record.get(index).unwrap_or_default());
    if text.trim() == NULL { String::new() } else { text.into_owned() }
}

fn bare(program: &str) -> String {
    program.trim_matches(['[', ']', ' ']).to_owned()
}
