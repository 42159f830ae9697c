//! The readers as the command line has them, and what must hold of whatever they read.

// The readers name `alloy`; they need the core of it alone. They are part of a program, not of a
// library, and are taken here as they stand: nothing is made public for the sake of this.
extern crate alloy_core as alloy;

#[allow(dead_code, reason = "a reader is used here, not all that the command line makes of it")]
#[path = "../../cli/src/source/mod.rs"]
mod source;
#[allow(dead_code, reason = "as above")]
#[path = "../../cli/src/text.rs"]
mod text;

pub mod logs;
pub mod ranges;

use interdict_core::source::Source;
use jiff::Timestamp;
use source::Stated;

/// Reads it from where it begins so, or with that before it, so that each reader gets its own. It
/// may be refused; it must not panic, and what is read has its rows sorted, each once.
pub fn read(beginning: &str, bytes: &[u8]) {
    read_as(beginning, bytes, &Stated { source: None, ..stated() });
}

/// As [`read`], for what does not say whose list it is.
pub fn read_own(beginning: &str, bytes: &[u8]) {
    read_as(beginning, bytes, &Stated { source: Some(Source::Own), ..stated() });
}

/// As [`read`], with comments beside it.
pub fn read_with(beginning: &str, bytes: &[u8], comments: Option<&[u8]>) {
    let comments = comments.map(<[u8]>::to_vec);
    read_as(beginning, bytes, &Stated { comments, ..stated() });
}

fn stated() -> Stated {
    Stated { data_as_of: Some(Timestamp::UNIX_EPOCH), ..Stated::default() }
}

fn read_as(beginning: &str, bytes: &[u8], stated: &Stated) {
    let beginning = beginning.as_bytes();
    let mut places = bytes.windows(beginning.len().max(1));
    let bytes = match places.position(|place| place.starts_with(beginning)) {
        Some(start) => bytes[start..].to_vec(),
        None => [beginning, bytes].concat(),
    };
    if let Ok(reading) = source::read(&bytes[..], stated) {
        let order = |d: &source::Designation| (d.address, d.uid);
        assert!(reading.designations.is_sorted_by(|a, b| order(a) < order(b)));
        assert!(reading.designations.iter().all(|d| !d.published.is_empty()));
    }
}
