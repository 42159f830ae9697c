//! The list as rows: one for each time that an address was listed. Pure.

use alloy::primitives::{Address, B256};
use interdict_core::ledger::{Episode, UNTIL_MAX};
use interdict_core::source::Source;
use serde::Serialize;

use super::as_of::{Standing, View};
use crate::text;

/// One stretch during which an address was listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) address: Address,
    pub(crate) standing: Standing,
    /// From 1: the first time that it was listed.
    pub(crate) episode: usize,
    pub(crate) sources: Vec<String>,
    pub(crate) persons: Vec<Person>,
    /// When it was listed here, unix seconds.
    pub(crate) listed_at: u64,
    /// When that ends or ended; nothing while it does not.
    pub(crate) until: Option<u64>,
    /// The publication's own time, by which it was listed.
    pub(crate) data_as_of: Option<u64>,
    /// The act that listed it.
    pub(crate) act: u32,
    pub(crate) block: u64,
    pub(crate) transaction: Option<B256>,
    /// SHA-256 of the manifest: the evidence.
    pub(crate) manifest: B256,
}

/// A person under whom an address is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Person {
    /// As a word: a number of 64 bits loses its last digits in most readers of JSON.
    #[serde(serialize_with = "as_word")]
    pub(crate) uid: u64,
    pub(crate) sources: Vec<String>,
    /// The day on which the authority designated the person, if it says so.
    pub(crate) designated_on: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn as_word<S: serde::Serializer>(uid: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(uid)
}

/// Which listings become rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that hold.
    Listed,
    /// Every one that ever was.
    All,
}

/// The rows of a view, in the order of addresses and then of time.
pub(crate) fn rows(view: &View, which: Which) -> Vec<Row> {
    let mut rows = Vec::new();
    for (address, known) in view.ledger.addresses() {
        for (index, episode) in known.episodes.iter().enumerate() {
            let row = row(view, *address, index + 1, episode);
            if which == Which::All || row.standing.is_listed() {
                rows.push(row);
            }
        }
    }
    rows
}

/// One episode of an address as a row.
pub(crate) fn row(view: &View, address: Address, number: usize, episode: &Episode) -> Row {
    let act = view.act(episode.act);
    let person = |known: &interdict_core::ledger::ListedUid| Person {
        uid: known.uid,
        sources: Source::codes(known.sources),
        designated_on: (known.designated_on > 0).then(|| text::day(known.designated_on)),
    };
    let mut persons: Vec<Person> = episode.uids.iter().map(person).collect();
    persons.sort_by_key(|person| person.uid);
    Row {
        address,
        standing: Standing::of(episode, view.time),
        episode: number,
        sources: Source::codes(episode.sources),
        persons,
        listed_at: episode.since,
        until: (episode.until != UNTIL_MAX).then_some(episode.until),
        data_as_of: act.map(|act| act.data_as_of),
        act: episode.act,
        block: episode.from.block,
        transaction: act.map(|act| act.tx_hash),
        manifest: episode.manifest,
    }
}

const HEADER: [&str; 13] = [
    "address",
    "standing",
    "episode",
    "sources",
    "uids",
    "designated_on",
    "data_as_of",
    "listed_at",
    "until",
    "act",
    "block",
    "transaction",
    "manifest",
];

impl Row {
    fn cells(&self) -> [String; 13] {
        let joined = |words: Vec<String>| words.join(";");
        let moment = |time: Option<u64>| time.map(text::time).unwrap_or_default();
        let persons = || self.persons.iter();
        [
            self.address.to_string(),
            self.standing.word().to_owned(),
            self.episode.to_string(),
            joined(self.sources.clone()),
            joined(persons().map(|person| person.uid.to_string()).collect()),
            joined(persons().map(|p| p.designated_on.clone().unwrap_or_default()).collect()),
            moment(self.data_as_of),
            text::time(self.listed_at),
            moment(self.until),
            self.act.to_string(),
            self.block.to_string(),
            self.transaction.map(|hash| hash.to_string()).unwrap_or_default(),
            self.manifest.to_string(),
        ]
    }
}

/// The rows as CSV with a header.
pub(crate) fn to_csv(rows: &[Row]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in rows {
        writer.write_record(row.cells().map(harmless))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(standing: Standing) -> Row {
        let person = |uid, day: Option<&str>| Person {
            uid,
            sources: vec!["OFAC-SDN".to_owned()],
            designated_on: day.map(str::to_owned),
        };
        Row {
            address: Address::repeat_byte(0x11),
            standing,
            episode: 1,
            sources: vec!["OFAC-SDN".to_owned(), "#7".to_owned()],
            persons: vec![person(7, Some("2021-03-04")), person(9, None)],
            listed_at: 86_400,
            until: None,
            data_as_of: Some(0),
            act: 2,
            block: 5,
            transaction: None,
            manifest: B256::ZERO,
        }
    }

    #[test]
    fn persons_stand_in_one_order_in_every_column() {
        let text = to_csv(&[of(Standing::Ratified)]).unwrap();
        let (header, row) = text.split_once('\n').unwrap();
        assert_eq!(header, HEADER.join(","));
        assert!(row.contains(",ratified,1,OFAC-SDN;#7,7;9,2021-03-04;,1970-01-01T00:00:00Z,"));
    }

    #[test]
    fn no_cell_is_a_formula() {
        let check = |cell: &str, expected: &str| assert_eq!(harmless(cell.to_owned()), expected);
        check("=1+1", "'=1+1");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("0x00", "0x00");
        check("", "");
    }
}
