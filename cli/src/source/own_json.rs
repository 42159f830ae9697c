//! A JSON document of one's own. Unlike the CSV it says itself which list it is of, and as of when:
//!
//! ```json
//! {
//!   "schema": "interdict.publication/1",
//!   "source": "OWN",
//!   "data_as_of": "2026-01-02T00:00:00Z",
//!   "entries": [
//!     {
//!       "address": "0x6543d11f72b826a45a3fe236cd9d9d04fd0ab605",
//!       "uid": "case-17",
//!       "designated_on": "2025-12-01",
//!       "valid_until": null,
//!       "programs": ["FRAUD"],
//!       "tickers": ["ETH"]
//!     }
//!   ]
//! }
//! ```
//!
//! Only `address` and `uid` are needed in an entry. The uid is any id that the organisation gives
//! the person, as a string. A field that is not named here is an error, for it would not be read.

use std::fmt;
use std::io::Read as _;

use interdict_core::source::Source;
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Beginning, Found, Input, Published, ROWS_MAX, SourceError, Stated};

/// The name of this format.
pub(super) const SCHEMA: &str = "interdict.publication/1";

/// The longest document: it is held whole, and [`ROWS_MAX`] entries are a fraction of it.
const DOCUMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What some editors write before the first character.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    source: Source,
    data_as_of: Timestamp,
    #[serde(deserialize_with = "entries")]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    address: String,
    uid: String,
    #[serde(default)]
    designated_on: Option<Date>,
    #[serde(default)]
    valid_until: Option<Date>,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default)]
    tickers: Vec<String>,
}

pub(super) fn is(beginning: &Beginning<'_>) -> bool {
    beginning.any_key(&["schema", "source", "data_as_of", "entries"])
}

pub(super) fn read(input: &mut Input<'_>, stated: &Stated) -> Result<Found, SourceError> {
    let mut bytes = Vec::new();
    input.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(SourceError::TooLong { bytes: DOCUMENT_BYTES_MAX });
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let document: Document = serde_json::from_slice(bytes).map_err(|error| SourceError::Row {
        line: error.line() as u64,
        reason: error.to_string(),
    })?;
    if document.schema != SCHEMA {
        let reason = format!("the schema is {:?}, this version reads {SCHEMA:?}", document.schema);
        return Err(SourceError::Row { line: 1, reason });
    }
    stated.check_source(document.source)?;
    let mut found = Found::new(document.source, document.data_as_of);
    for entry in &document.entries {
        found.take(&Published {
            value: &entry.address,
            tickers: &entry.tickers,
            uid: &entry.uid,
            feature: None,
            designated_on: entry.designated_on,
            valid_until: entry.valid_until,
            programs: &entry.programs,
        });
    }
    Ok(found)
}

/// At most [`ROWS_MAX`] entries: more are refused before they are kept.
fn entries<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    struct Bounded;
    impl<'de> Visitor<'de> for Bounded {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {ROWS_MAX} entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if entries.len() == ROWS_MAX {
                    return Err(A::Error::custom(format!("there are over {ROWS_MAX} entries")));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    from.deserialize_seq(Bounded)
}

/// The names in a JSON object of which the beginning is seen.
pub(super) fn keys(beginning: &str) -> Vec<String> {
    struct Keys<'a>(&'a mut Vec<String>);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key()? {
                self.0.push(key);
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut keys = Vec::new();
    // It ends in the middle of something, which is no fault.
    let _ = serde_json::Deserializer::from_str(beginning).deserialize_map(Keys(&mut keys));
    keys
}
