//! Publications: bytes in, designations out. Pure but for the reader that it is given.
//!
//! A publication is known by its content, never by its file's name. What cannot be read is
//! quarantined and shown, never dropped and never repaired.

mod csv;
mod metered;
mod ofac_advanced;
mod ofac_csv;
mod ofac_enhanced;
mod ofac_legacy;
mod xml;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use alloy::primitives::{Address, B256};
use interdict_core::address::{self, AddressError};
use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::text;

/// How much of a file is looked at to tell its format.
const PEEK_BYTES: usize = 64 * 1024;

/// More addresses than all lists of the world have; what has more is no publication.
const ROWS_MAX: usize = 100_000;

/// More unreadable addresses than a person can look at.
const QUARANTINE_ROWS_MAX: usize = 1_000;

/// More tickers than any list has.
const TICKERS_MAX: usize = 1_000;

/// OFAC's name of its list of Specially Designated Nationals and Blocked Persons.
const SDN_LIST: &str = "SDN List";

/// What OFAC calls an address; ` - ` and the ticker follow.
const FEATURE_NAME: &str = "Digital Currency Address";

/// More passed over than a person can look at.
const NOTES_MAX: usize = 1_000;

/// Tickers of chains on which every address has the EVM's shape: another shape there is an error
/// of the publication, not another chain.
const EVM_ONLY_TICKERS: [&str; 4] = ["ETH", "ETC", "ARB", "BSC"];

/// A run of hex digits that means an EVM address though its `0x` is missing: forty, or some more or
/// fewer by mistake. A Monero payment id has 64.
const HEX_RUN: std::ops::RangeInclusive<usize> = 37..=43;

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
}

/// One address under one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Designation {
    pub(crate) address: Address,
    pub(crate) uid: u64,
    pub(crate) designated_on: Option<Date>,
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
    #[error("has the root element <{0}>, which is no known format: give OFAC's SDN_ENHANCED.XML, or a CSV with the header `{header}`", header = csv::HEADER)]
    UnknownRoot(String),
    #[error("is neither XML nor a CSV with the header `{header}`; it begins with {0:?}", header = csv::HEADER)]
    UnknownFormat(String),
    #[error("ends at byte {0}, in the middle of the document: download it again")]
    Truncated(u64),
    #[error("is not well-formed XML at byte {at}: {reason}: download it again")]
    Malformed { at: u64, reason: String },
    #[error(
        "has {addresses} addresses, {unreadable} unreadable ones and {excess} more of either: that is no publication of a list"
    )]
    TooMany { addresses: usize, unreadable: usize, excess: usize },
    #[error("is a delta, which has only what changed: download the whole file")]
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
    #[error("is a {format} file, which does not say its {what}: give {flag}")]
    NotStated { format: &'static str, what: &'static str, flag: &'static str },
    #[error("is of the source {found}, you said --source {stated}")]
    OtherSource { found: Source, stated: Source },
}

/// One publication format.
struct Format {
    name: &'static str,
    is: fn(&Beginning<'_>) -> bool,
    read: fn(&mut Input<'_>, &Stated) -> Result<Found, SourceError>,
}

/// Whether what the publication cannot say of itself is stated by a person: CSV files do not even
/// say as of when they are.
pub(crate) fn is_stated(format: &str) -> bool {
    [OFAC_CSV, "csv"].contains(&format)
}

/// The one format that is in two files.
const OFAC_CSV: &str = "ofac-csv";

/// The formats; the first that a file's beginning fits is its own.
const FORMATS: [Format; 5] = [
    Format { name: "ofac-enhanced", is: |b| b.root("sanctionsData"), read: ofac_enhanced::read },
    Format { name: "ofac-advanced", is: |b| b.root("Sanctions"), read: ofac_advanced::read },
    Format { name: "ofac-legacy", is: |b| b.root("sdnList"), read: ofac_legacy::read },
    Format { name: OFAC_CSV, is: |b| ofac_csv::is_row(b.line), read: ofac_csv::read },
    Format { name: "csv", is: |b| b.line == csv::HEADER, read: csv::read },
];

/// How a file begins.
struct Beginning<'a> {
    /// The local name of an XML document's root element.
    root: Option<String>,
    /// The first line.
    line: &'a str,
}

impl Beginning<'_> {
    fn root(&self, name: &str) -> bool {
        self.root.as_ref().is_some_and(|root| root.eq_ignore_ascii_case(name))
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
    found.check_bounds()?;
    let Found { source, data_as_of, designations, quarantine, not_evm, notes, truncated, .. } =
        found;
    Ok(Reading {
        source,
        format: format.name,
        sha256: B256::new(input.into_inner().hash.finalize().into()),
        comments_sha256: stated.comments.as_ref().map(|c| B256::new(Sha256::digest(c).into())),
        data_as_of,
        designations: designations.into_values().collect(),
        quarantine,
        not_evm,
        notes,
        truncated,
    })
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
    let beginning = Beginning { root, line };
    if let Some(format) = FORMATS.iter().find(|format| (format.is)(&beginning)) {
        return Ok(format);
    }
    Err(match beginning.root {
        Some(root) if root.eq_ignore_ascii_case("html") => SourceError::WebPage,
        Some(root) => SourceError::UnknownRoot(root),
        None => SourceError::UnknownFormat(line.chars().take(60).collect()),
    })
}

/// What a format's reader has found.
struct Found {
    source: Source,
    data_as_of: Timestamp,
    designations: BTreeMap<(Address, u64), Designation>,
    quarantine: Vec<Quarantined>,
    not_evm: BTreeMap<String, u64>,
    notes: Vec<String>,
    truncated: Vec<String>,
    /// How many rows are more than may be kept, of any kind.
    excess: usize,
}

/// One published address, before it is judged.
struct Published<'a> {
    value: &'a str,
    tickers: &'a [String],
    uid: &'a str,
    feature: Option<&'a str>,
    designated_on: Option<Date>,
    programs: &'a [String],
}

impl Found {
    fn new(source: Source, data_as_of: Timestamp) -> Self {
        Self {
            source,
            data_as_of,
            designations: BTreeMap::new(),
            quarantine: Vec::new(),
            not_evm: BTreeMap::new(),
            notes: Vec::new(),
            truncated: Vec::new(),
            excess: 0,
        }
    }

    /// Whether there is room for one more; counts it if there is none.
    const fn has_room(&mut self, rows: usize, rows_max: usize) -> bool {
        if rows < rows_max {
            return true;
        }
        self.excess += 1;
        false
    }

    /// What has more rows than may be kept is refused whole.
    fn check_bounds(&self) -> Result<(), SourceError> {
        if self.excess == 0 {
            return Ok(());
        }
        let (unreadable, excess) = (self.quarantine.len(), self.excess);
        Err(SourceError::TooMany { addresses: self.designations.len(), unreadable, excess })
    }

    /// Judges one published address by its shape.
    fn take(&mut self, published: &Published<'_>) {
        let value = published.value;
        let claims_evm = claims_evm(value)
            || published.tickers.iter().any(|t| EVM_ONLY_TICKERS.contains(&t.as_str()));
        if !claims_evm {
            let ticker = published.tickers.first().filter(|t| !t.is_empty());
            let ticker = ticker.map_or("(no ticker)", String::as_str);
            let rows = if self.not_evm.contains_key(ticker) { 0 } else { self.not_evm.len() };
            if !self.has_room(rows, TICKERS_MAX) {
                return;
            }
            *self.not_evm.entry(ticker.to_owned()).or_default() += 1;
            return;
        }
        let address = match address::parse(value) {
            Ok(address) => address,
            Err(error) => return self.set_aside(published, &unreadable(&error)),
        };
        let Ok(uid) = published.uid.parse() else {
            return self.set_aside(published, "the person's id is not a number");
        };
        if !self.has_room(self.designations.len(), ROWS_MAX) {
            return;
        }
        let designation = self.designations.entry((address, uid)).or_insert_with(|| Designation {
            address,
            uid,
            designated_on: published.designated_on,
            programs: Vec::new(),
            published: Vec::new(),
            tickers: Vec::new(),
            features: Vec::new(),
        });
        merge(&mut designation.programs, published.programs.iter().map(String::as_str));
        merge(&mut designation.published, [value]);
        merge(&mut designation.tickers, published.tickers.iter().map(String::as_str));
        merge(&mut designation.features, published.feature);
    }

    /// Another list's person is not this list's, and says so where it has addresses.
    fn pass_over(&mut self, uid: &str, addresses: usize) {
        if addresses > 0 && self.has_room(self.notes.len(), NOTES_MAX) {
            let addresses = text::count(addresses, "address is", "addresses are");
            let uid = text::printable(uid);
            let note =
                format!("entity {uid} is not on the {SDN_LIST}: its {addresses} passed over");
            self.notes.push(note);
        }
    }

    fn set_aside(&mut self, published: &Published<'_>, reason: &str) {
        if !self.has_room(self.quarantine.len(), QUARANTINE_ROWS_MAX) {
            return;
        }
        self.quarantine.push(Quarantined {
            published: published.value.to_owned(),
            uid: published.uid.to_owned(),
            feature: published.feature.map(str::to_owned),
            reason: reason.to_owned(),
        });
    }
}

/// Whether a published form means to be an EVM address, be it misspelt: what comes before `0x` is
/// not seen, or there are about as many hex digits in a row as an address has.
fn claims_evm(value: &str) -> bool {
    let visible = value.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let mut runs = value.split(|c: char| !c.is_ascii_hexdigit()).map(str::len);
    address::is_evm_shaped(visible) || runs.any(|run| HEX_RUN.contains(&run))
}

/// The ticker of what OFAC calls a digital currency address; `None` if it calls it otherwise.
fn ticker(kind: &str) -> Option<&str> {
    kind.strip_prefix(FEATURE_NAME).map(|ticker| ticker.trim_start_matches([' ', '-']))
}

/// When a publication is as of that says only its day: at 00:00 UTC. OFAC's own day, in Washington,
/// begins some hours later, so that this never makes a publication newer than it is; and it is the
/// same on every machine, whichever time zones that knows, as a manifest must be.
fn midnight(day: Date) -> Result<Timestamp, SourceError> {
    let midnight = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    midnight.map_err(|_| SourceError::DataAsOf(day.to_string()))
}

fn unreadable(error: &AddressError) -> String {
    format!("it {error}")
}

/// Adds what is new, sorted.
fn merge<'a>(known: &mut Vec<String>, more: impl IntoIterator<Item = &'a str>) {
    for word in more {
        if let Err(place) = known.binary_search_by(|k| k.as_str().cmp(word)) {
            known.insert(place, word.to_owned());
        }
    }
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
mod tests;
