//! Publications: bytes in, designations out. Pure but for the reader that it is given.
//!
//! A publication is known by its content, never by its file's name. What cannot be read is
//! quarantined and shown, never dropped and never repaired.

mod csv;
mod eu_fsf;
mod found;
mod kept;
mod metered;
mod nbctf;
mod ofac_advanced;
mod ofac_csv;
mod ofac_enhanced;
mod ofac_legacy;
mod opensanctions;
mod own_json;
mod prose;
mod rows;
mod tag;
mod uk;
mod window;
mod xml;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use alloy::primitives::{Address, B256};
use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::found::{Found, Published};

/// How much of a file is looked at to tell its format.
const PEEK_BYTES: usize = 64 * 1024;

/// More addresses than all lists of the world have; what has more is no publication.
const ROWS_MAX: usize = 100_000;

/// OFAC's name of its list of Specially Designated Nationals and Blocked Persons.
const SDN_LIST: &str = "SDN List";

/// What OFAC calls an address; ` - ` and the ticker follow.
const FEATURE_NAME: &str = "Digital Currency Address";

/// A type of OFAC's with such a word in its name, in lower case, may be of addresses too, under a
/// name that it has not used before.
const ADDRESS_WORDS: [&str; 4] = ["digital currency", "digital asset", "crypto", "wallet"];

/// What the person says of a publication that does not say it itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated {
    pub(crate) source: Option<Source>,
    pub(crate) data_as_of: Option<Timestamp>,
    /// The bytes of `SDN_COMMENTS.CSV`, which belongs to OFAC's CSV.
    pub(crate) comments: Option<Vec<u8>>,
}

impl Stated {
    /// Refuses what is said to be of another source than it is.
    fn check_source(&self, found: Source) -> Result<(), SourceError> {
        match self.source {
            Some(stated) if stated != found => Err(SourceError::OtherSource { found, stated }),
            _ => Ok(()),
        }
    }

    /// As of when a publication is that cannot say it.
    fn date(&self, format: &'static str) -> Result<Timestamp, SourceError> {
        let (what, flag) = ("date", "--data-as-of <TIMESTAMP>");
        self.data_as_of.ok_or(SourceError::NotStated { format, what, flag })
    }
}

/// One address under one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Designation {
    pub(crate) address: Address,
    pub(crate) uid: u64,
    /// The authority's own id of the person, of which the uid is made.
    pub(crate) authority_id: String,
    pub(crate) designated_on: Option<Date>,
    /// The last day on which it holds, where the authority sets one.
    pub(crate) valid_until: Option<Date>,
    pub(crate) programs: Vec<String>,
    pub(crate) published: Vec<String>,
    pub(crate) tickers: Vec<String>,
    pub(crate) features: Vec<String>,
}

/// An address that a person must look at: it is not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quarantined {
    /// Byte for byte as published.
    pub(crate) published: String,
    /// The person's id, as published.
    pub(crate) uid: String,
    /// The authority's id of the published address, if it gives one.
    pub(crate) feature: Option<String>,
    pub(crate) reason: String,
}

/// A publication, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) source: Source,
    pub(crate) format: &'static str,
    pub(crate) sha256: B256,
    /// Of the file of comments, where the publication is in two files.
    pub(crate) comments_sha256: Option<B256>,
    pub(crate) data_as_of: Timestamp,
    /// Sorted by address, then uid.
    pub(crate) designations: Vec<Designation>,
    pub(crate) quarantine: Vec<Quarantined>,
    /// Addresses of other chains, by ticker.
    pub(crate) not_evm: BTreeMap<String, u64>,
    /// What was passed over for a reason that is no fault of the publication.
    pub(crate) notes: Vec<String>,
    /// The persons whose remarks are cut, so that addresses may be missing.
    pub(crate) truncated: Vec<String>,
}

/// Why a publication cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot be read to its end: {0}")]
    Io(#[from] io::Error),
    #[error("is empty: download it again")]
    Empty,
    #[error("is a web page, not a publication: download the file itself")]
    WebPage,
    #[error("is compressed ({0}): unpack it first")]
    Compressed(&'static str),
    #[error(
        "has the root element <{0}>, which is no known format: `interdict plan --help` names them"
    )]
    UnknownRoot(String),
    #[error("is of no known format (`interdict plan --help` names them); it begins with {0:?}")]
    UnknownFormat(String),
    #[error("ends at byte {0}, in the middle of the document: download it again")]
    Truncated(u64),
    #[error("is not well-formed XML at byte {at}: {reason}: download it again")]
    Malformed { at: u64, reason: String },
    #[error(
        "has {addresses} addresses, {unreadable} unreadable ones and {excess} more of either: that is no publication of a list"
    )]
    TooMany { addresses: usize, unreadable: usize, excess: usize },
    #[error(
        "has {rows} rows and {bytes} bytes of what is kept to its end, and more: that is no publication of a list"
    )]
    TooMuch { rows: usize, bytes: usize },
    #[error(
        "is a delta, which has only what changed, so that everybody else would be delisted: take the full file"
    )]
    Delta,
    #[error("has the profile {0} twice: download it again")]
    Twice(String),
    #[error("is of the format {0}, to which no comments belong: leave out --comments")]
    Comments(&'static str),
    #[error("does not say as of when it is: download it again")]
    NoDataAsOf,
    #[error("says it is as of {0:?}, which is no timestamp")]
    DataAsOf(String),
    #[error("entity {uid} has the date {date:?}, which is no day: download it again")]
    DatePublished { uid: String, date: String },
    #[error("line {line}: {reason}")]
    Row { line: u64, reason: String },
    #[error("is of the format {format}, which does not say its {what}: give {flag}")]
    NotStated { format: &'static str, what: &'static str, flag: &'static str },
    #[error("is of the source {found}, you said --source {stated}")]
    OtherSource { found: Source, stated: Source },
    #[error("has entities of several source lists ({0}): say of which with --source <CODE>")]
    SeveralSources(String),
    #[error("has no entity of a dataset that is a known list ({known}): download that dataset")]
    NoDataset { known: String },
    #[error("is longer than {bytes} bytes, which no document of this format may be")]
    TooLong { bytes: u64 },
    #[error(
        "names two persons, {one:?} and {other:?}, whose ids make the same uid {uid}: they cannot be told apart on chain; tell Interdict's maintainers"
    )]
    SameUid { uid: u64, one: String, other: String },
}

/// One publication format.
struct Format {
    name: &'static str,
    is: fn(&Beginning<'_>) -> bool,
    read: fn(&mut Input<'_>, &Stated) -> Result<Found, SourceError>,
}

/// Whether what the publication cannot say of itself is stated by a person: most CSV files do not
/// say as of when they are, and a file of several lists not which of them is meant.
pub(crate) fn is_stated(format: &str) -> bool {
    [OFAC_CSV, "opensanctions", "nbctf-csv", "csv"].contains(&format)
}

/// The one format that is in two files.
const OFAC_CSV: &str = "ofac-csv";

/// The formats; the first that a file's beginning fits is its own.
const FORMATS: [Format; 11] = [
    Format { name: "ofac-enhanced", is: |b| b.root("sanctionsData"), read: ofac_enhanced::read },
    Format { name: "ofac-advanced", is: |b| b.root("Sanctions"), read: ofac_advanced::read },
    Format { name: "ofac-legacy", is: |b| b.root("sdnList"), read: ofac_legacy::read },
    Format { name: OFAC_CSV, is: |b| ofac_csv::is_row(b.line), read: ofac_csv::read },
    Format { name: "uk-xml", is: |b| b.root("Designations"), read: uk::read_xml },
    Format { name: "uk-csv", is: |b| b.line.contains(uk::REPORT_DATE), read: uk::read_csv },
    Format { name: "eu-fsf", is: |b| b.root("export"), read: eu_fsf::read },
    Format { name: "opensanctions", is: opensanctions::is, read: opensanctions::read },
    Format { name: "nbctf-csv", is: |b| b.line == nbctf::HEADER, read: nbctf::read },
    Format { name: "csv", is: |b| b.line == csv::HEADER, read: csv::read },
    Format { name: "json", is: own_json::is, read: own_json::read },
];

/// How a file begins.
struct Beginning<'a> {
    /// The local name of an XML document's root element.
    root: Option<String>,
    /// The first line.
    line: &'a str,
    /// The names in a JSON object, as far as they are seen.
    keys: Vec<String>,
}

impl Beginning<'_> {
    fn root(&self, name: &str) -> bool {
        self.root.as_ref().is_some_and(|root| root.eq_ignore_ascii_case(name))
    }

    /// Whether it is a JSON object with one of these names.
    fn any_key(&self, names: &[&str]) -> bool {
        self.keys.iter().any(|key| names.contains(&key.as_str()))
    }
}

/// A publication's bytes, hashed as they pass.
type Input<'a> = BufReader<Hashing<'a>>;

/// Reads a publication of whatever known format.
pub(crate) fn read(mut input: impl Read, stated: &Stated) -> Result<Reading, SourceError> {
    let hashing = Hashing { input: &mut input, hash: Sha256::new() };
    let mut input = BufReader::with_capacity(PEEK_BYTES, hashing);
    let format = detect(input.fill_buf()?)?;
    if stated.comments.is_some() && format.name != OFAC_CSV {
        return Err(SourceError::Comments(format.name));
    }
    let found = (format.read)(&mut input, stated)?;
    // What follows the document is part of the file that was hashed by others.
    io::copy(&mut input, &mut io::sink())?;
    let comments = stated.comments.as_ref().map(|c| B256::new(Sha256::digest(c).into()));
    let sha256 = B256::new(input.into_inner().hash.finalize().into());
    found.reading(format.name, sha256, comments)
}

fn detect(beginning: &[u8]) -> Result<&'static Format, SourceError> {
    match beginning {
        [] => return Err(SourceError::Empty),
        [0x1f, 0x8b, ..] => return Err(SourceError::Compressed("gzip")),
        [b'P', b'K', 3 | 5, ..] => return Err(SourceError::Compressed("zip")),
        _ => {}
    }
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err(SourceError::Empty);
    }
    let root = text.starts_with('<').then(|| xml::root(text)).transpose()?;
    let line = text.lines().next().unwrap_or_default().trim_end();
    let keys = if text.starts_with('{') { own_json::keys(text) } else { Vec::new() };
    let beginning = Beginning { root, line, keys };
    if let Some(format) = FORMATS.iter().find(|format| (format.is)(&beginning)) {
        return Ok(format);
    }
    Err(match beginning.root {
        Some(root) if root.eq_ignore_ascii_case("html") => SourceError::WebPage,
        Some(root) => SourceError::UnknownRoot(root),
        None => SourceError::UnknownFormat(line.chars().take(60).collect()),
    })
}

/// The ticker of what OFAC calls a digital currency address; `None` if it calls it otherwise. A
/// type that was renamed is its own ticker, so that its addresses are judged by their shape all the
/// same, and a person is asked about a type that was never seen.
fn ticker(kind: &str) -> Option<&str> {
    if let Some(ticker) = kind.strip_prefix(FEATURE_NAME) {
        return Some(ticker.trim_start_matches([' ', '-']));
    }
    let lower = kind.to_lowercase();
    ADDRESS_WORDS.iter().any(|word| lower.contains(word)).then_some(kind)
}

/// Whether a published form has the shape of another chain's address.
pub(crate) fn is_of_another_chain(published: &str) -> bool {
    prose::other_chain(published).is_some()
}

/// Why something is set aside that has an address's shape and stands where none is expected.
fn no_type_of_addresses(kind: &str) -> String {
    format!("it is published as {kind:?}, which is no type of addresses")
}

/// When a publication is as of that says only its day: at 00:00 UTC. OFAC's own day, in Washington,
/// begins some hours later, so that this never makes a publication newer than it is; and it is the
/// same on every machine, whichever time zones that knows, as a manifest must be.
fn midnight(day: Date) -> Result<Timestamp, SourceError> {
    let midnight = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    midnight.map_err(|_| SourceError::DataAsOf(day.to_string()))
}

/// Hashes the exact bytes as they pass.
struct Hashing<'a> {
    input: &'a mut dyn Read,
    hash: Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod ofac_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
