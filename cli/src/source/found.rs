//! What a format's reader finds: every published address judged by its shape, and merged under its
//! person.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, B256};
use interdict_core::address::{self, AddressError};
use interdict_core::source::Source;
use interdict_core::uid;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Designation, Quarantined, ROWS_MAX, Reading, SDN_LIST, SourceError, prose};
use crate::text;

/// More unreadable addresses than a person can look at.
const QUARANTINE_ROWS_MAX: usize = 1_000;

/// More tickers than any list has.
const TICKERS_MAX: usize = 1_000;

/// More passed over, or ended, than a person can look at.
const NOTES_MAX: usize = 1_000;

/// Tickers of chains on which every address has the EVM's shape: another shape there is an error
/// of the publication, not another chain.
const EVM_ONLY_TICKERS: [&str; 4] = ["ETH", "ETC", "ARB", "BSC"];

/// What a format's reader has found.
pub(super) struct Found {
    pub(super) source: Source,
    data_as_of: Timestamp,
    designations: BTreeMap<(Address, u64), Designation>,
    /// The ids of the persons by their uids: one for each, or the uids tell nobody apart.
    ids: BTreeMap<u64, BTreeSet<String>>,
    quarantine: Vec<Quarantined>,
    not_evm: BTreeMap<String, u64>,
    /// How many addresses stand under a designation that has ended, by its id and its last day.
    ended: BTreeMap<(String, Date), usize>,
    pub(super) notes: Vec<String>,
    pub(super) truncated: Vec<String>,
    /// How many rows are more than may be kept, of any kind.
    excess: usize,
}

/// One published address, before it is judged.
#[derive(Clone, Copy, Default)]
pub(super) struct Published<'a> {
    pub(super) value: &'a str,
    pub(super) tickers: &'a [String],
    /// The authority's id of the person.
    pub(super) uid: &'a str,
    pub(super) feature: Option<&'a str>,
    pub(super) designated_on: Option<Date>,
    pub(super) valid_until: Option<Date>,
    pub(super) programs: &'a [String],
}

impl Found {
    pub(super) fn new(source: Source, data_as_of: Timestamp) -> Self {
        Self {
            source,
            data_as_of,
            designations: BTreeMap::new(),
            ids: BTreeMap::new(),
            quarantine: Vec::new(),
            not_evm: BTreeMap::new(),
            ended: BTreeMap::new(),
            notes: Vec::new(),
            truncated: Vec::new(),
            excess: 0,
        }
    }

    /// Judges one published address by its shape.
    pub(super) fn take(&mut self, published: &Published<'_>) {
        if self.has_ended(published) || !self.claims_evm(published) {
            return;
        }
        let address = match address::parse(published.value) {
            Ok(address) => address,
            Err(error) => return self.set_aside(published, &unreadable(&error)),
        };
        let id = published.uid.trim();
        if id.is_empty() {
            return self.set_aside(published, "the person has no id");
        }
        let uid = uid::of(id);
        if self.source == Source::OfacSdn && uid.to_string() != id {
            return self.set_aside(published, "the person's id is not a number");
        }
        if !self.has_room(self.designations.len(), ROWS_MAX) {
            return;
        }
        self.ids.entry(uid).or_default().insert(id.to_owned());
        let designation = self.designations.entry((address, uid)).or_insert_with(|| Designation {
            address,
            uid,
            authority_id: id.to_owned(),
            designated_on: published.designated_on,
            valid_until: published.valid_until,
            programs: Vec::new(),
            published: Vec::new(),
            tickers: Vec::new(),
            features: Vec::new(),
        });
        // Whichever row comes first: designated since the earliest day, until the latest, and what
        // has no end outlasts what has one.
        designation.designated_on = match (designation.designated_on, published.designated_on) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let ends = designation.valid_until.zip(published.valid_until);
        designation.valid_until = ends.map(|(a, b)| a.max(b));
        merge(&mut designation.programs, published.programs.iter().map(String::as_str));
        merge(&mut designation.published, [published.value]);
        merge(&mut designation.tickers, published.tickers.iter().map(String::as_str));
        merge(&mut designation.features, published.feature);
    }

    /// Takes an address of which the publication does not say to whom it belongs: nobody can be
    /// listed for it.
    pub(super) fn take_unattributed(&mut self, published: &Published<'_>, reason: &str) {
        if self.claims_evm(published) {
            self.set_aside(published, reason);
        }
    }

    /// Another list's person is not this list's, and says so where it has addresses.
    pub(super) fn pass_over(&mut self, uid: &str, addresses: usize) {
        if addresses > 0 && self.has_room(self.notes.len(), NOTES_MAX) {
            let addresses = text::count(addresses, "address is", "addresses are");
            let uid = text::printable(uid);
            let note =
                format!("entity {uid} is not on the {SDN_LIST}: its {addresses} passed over");
            self.notes.push(note);
        }
    }

    /// A publication, read to its end.
    pub(super) fn reading(
        mut self,
        format: &'static str,
        sha256: B256,
        comments_sha256: Option<B256>,
    ) -> Result<Reading, SourceError> {
        self.check_bounds()?;
        self.check_ids()?;
        for ((id, last_day), n) in std::mem::take(&mut self.ended) {
            let addresses = text::count(n, "address is", "addresses are");
            let id = text::printable(&id);
            self.notes.push(format!("{id} ended on {last_day}: its {addresses} passed over"));
        }
        Ok(Reading {
            source: self.source,
            format,
            sha256,
            comments_sha256,
            data_as_of: self.data_as_of,
            designations: self.designations.into_values().collect(),
            quarantine: self.quarantine,
            not_evm: self.not_evm,
            notes: self.notes,
            truncated: self.truncated,
        })
    }

    /// Whether the designation had ended when the publication was made; counts it then. Its last
    /// day is whole, in UTC.
    fn has_ended(&mut self, published: &Published<'_>) -> bool {
        let today = self.data_as_of.to_zoned(TimeZone::UTC).date();
        let Some(last_day) = published.valid_until.filter(|last_day| *last_day < today) else {
            return false;
        };
        if self.has_room(self.ended.len(), NOTES_MAX) {
            *self.ended.entry((published.uid.trim().to_owned(), last_day)).or_default() += 1;
        }
        true
    }

    /// Whether it means to be an EVM address; counts it under its ticker if not.
    fn claims_evm(&mut self, published: &Published<'_>) -> bool {
        let (value, tickers) = (published.value, published.tickers);
        let is_evm_only = |ticker: &String| EVM_ONLY_TICKERS.contains(&ticker.as_str());
        if prose::claims_evm(value) || tickers.iter().any(is_evm_only) {
            return true;
        }
        let by_shape = || prose::other_chain(value).unwrap_or("(no ticker)");
        let ticker = tickers.first().filter(|ticker| !ticker.is_empty());
        let ticker = ticker.map_or_else(by_shape, String::as_str);
        let rows = if self.not_evm.contains_key(ticker) { 0 } else { self.not_evm.len() };
        if self.has_room(rows, TICKERS_MAX) {
            *self.not_evm.entry(ticker.to_owned()).or_default() += 1;
        }
        false
    }

    /// Puts an address aside for a person to look at.
    pub(super) fn set_aside(&mut self, published: &Published<'_>, reason: &str) {
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

    /// Two ids that make one uid would be one person on chain.
    fn check_ids(&self) -> Result<(), SourceError> {
        for (uid, ids) in &self.ids {
            if let [one, other, ..] = &ids.iter().collect::<Vec<_>>()[..] {
                let (one, other) = ((*one).clone(), (*other).clone());
                return Err(SourceError::SameUid { uid: *uid, one, other });
            }
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ids_that_make_one_uid_are_refused() {
        let mut found = Found::new(Source::Uk, Timestamp::UNIX_EPOCH);
        assert!(found.check_ids().is_ok());
        found.ids.insert(7, ["A1".to_owned(), "B2".to_owned()].into());
        let error = found.check_ids().unwrap_err().to_string();
        assert!(error.contains("\"A1\" and \"B2\"") && error.contains("uid 7"), "{error}");
    }

    #[test]
    fn an_id_is_one_however_much_white_space_is_around_it() {
        let mut found = Found::new(Source::Uk, Timestamp::UNIX_EPOCH);
        for id in ["CYB0042", " CYB0042\n", "007", "7"] {
            let value = "0x00000000000000000000000000000000000000aa";
            found.take(&Published { value, uid: id, ..Published::default() });
        }
        let reading = found.reading("uk-xml", B256::ZERO, None).unwrap();
        let ids: Vec<_> = reading.designations.iter().map(|d| d.authority_id.as_str()).collect();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert!(reading.designations.iter().all(|d| d.uid == uid::of(&d.authority_id)));
    }
}
