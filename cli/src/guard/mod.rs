//! What must not become a plan, however well-formed the publication. Each guard has its own error,
//! and gives way to its own flag only, which is written into the manifest.

mod known;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use interdict_core::address::{self, AddressError};
use interdict_core::ledger::Ledger;
pub(crate) use interdict_core::manifest::Override;
use jiff::Timestamp;

use crate::source::{Quarantined, Reading};
use crate::text::{self, printable};

/// More than this share of a list in one step is a broken file until somebody says otherwise.
pub(crate) const SHRINK_MAX_PERCENT: usize = 15;

/// A publication that is older than this, by the chain's clock, is spoken of: authorities publish
/// every week or two.
const AGE_ALARM_DAYS: i64 = 30;

/// The chain on which persons are invented, so that a first plan has no canary to show.
const LOCAL_CHAIN: u64 = 31337;

const NAMED_MAX: usize = 5;
const DAY_SECONDS: i64 = 24 * 3600;

/// Why no plan is made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuardError {
    #[error(
        "the publication has no EVM address that can be read: it is incomplete, or of another kind"
    )]
    Empty,
    #[error(
        "the publication has {rows}, in mixed case and with a wrong checksum: a digit is mistyped, and nobody can tell which"
    )]
    BadChecksum { rows: String },
    #[error(
        "{leaving} of {listed} listed addresses have left the publication, more than {SHRINK_MAX_PERCENT} %"
    )]
    Shrink { leaving: usize, listed: usize },
    #[error("the publication is as of {found}, the list was taken from one as of {known}")]
    Older { found: String, known: String },
    #[error("the publication does not name {missing}, which {source_list} has listed for years")]
    MissingCanary { missing: String, source_list: String },
    #[error(
        "the publication names what no list may ever hold: {rows}; a file with such an address is seldom the authority's own"
    )]
    NeverList { rows: String },
    #[error("the publication has a type of digital currency that was never seen: {types}")]
    UnknownType { types: String },
    #[error("the two publications disagree: {differences}")]
    Disagreement { differences: String },
    #[error(
        "{rows} cut at 1,000 characters without a continuation, so that addresses are missing (uid {uids})"
    )]
    Truncated { rows: String, uids: String },
}

impl GuardError {
    /// A stable word for scripts.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "zero",
            Self::BadChecksum { .. } => "bad_checksum",
            Self::Shrink { .. } => "shrink",
            Self::Older { .. } => "older",
            Self::MissingCanary { .. } => "missing_canary",
            Self::NeverList { .. } => "never_list",
            Self::UnknownType { .. } => "unknown_type",
            Self::Disagreement { .. } => "disagreement",
            Self::Truncated { .. } => "truncated",
        }
    }

    /// What a person does about it; a flag is the last thing to reach for.
    pub(crate) const fn next(&self) -> &'static str {
        match self {
            Self::Empty => {
                "download it again, or, if the authority has withdrawn its last address, add --allow-empty"
            }
            Self::BadChecksum { .. } => {
                "ask the authority which address it means; meanwhile add --allow-bad-checksum to set it aside"
            }
            Self::Shrink { .. } => {
                "compare it with the authority's own announcement, then add --allow-shrink"
            }
            Self::Older { .. } => "download the newest, or add --allow-older",
            Self::MissingCanary { .. } => {
                "download it again, or, if the authority has announced the delisting, add --allow-missing-canary"
            }
            Self::NeverList { .. } => {
                "download it again, or add --allow-never-list to set it aside"
            }
            Self::UnknownType { .. } => {
                "look whether its addresses are the EVM's, then add --allow-unknown-type"
            }
            Self::Disagreement { .. } => {
                "ask the authority which is right, then add --allow-disagreement"
            }
            Self::Truncated { .. } => {
                "add --comments SDN_COMMENTS.CSV, or read SDN_ENHANCED.XML instead, or add --allow-truncated"
            }
        }
    }
}

/// The guards of one plan: what may be overridden, and what had to be.
#[derive(Debug)]
pub(crate) struct Guards<'a> {
    allowed: &'a [Override],
    used: BTreeSet<Override>,
}

impl<'a> Guards<'a> {
    pub(crate) const fn new(allowed: &'a [Override]) -> Self {
        Self { allowed, used: BTreeSet::new() }
    }

    /// The overrides that were needed; one that was not is not written down.
    pub(crate) fn used(self) -> Vec<Override> {
        self.used.into_iter().collect()
    }

    fn refuse(&mut self, which: Override, error: GuardError) -> Result<(), GuardError> {
        if !self.allowed.contains(&which) {
            return Err(error);
        }
        self.used.insert(which);
        Ok(())
    }

    /// Takes a publication without any EVM address, or none that can be read, only if that is
    /// allowed: it is seldom the authority's own, but the last address of a list must be able to
    /// leave it.
    pub(crate) fn empty(&mut self, reading: &Reading) -> Result<(), GuardError> {
        if reading.designations.is_empty() {
            return self.refuse(Override::Empty, GuardError::Empty);
        }
        Ok(())
    }

    /// Takes a publication with an address that is mistyped for certain only if that is allowed:
    /// the address is set aside either way, and somebody who should be listed is not.
    pub(crate) fn bad_checksum(&mut self, reading: &Reading) -> Result<(), GuardError> {
        let is_wrong =
            |q: &&Quarantined| matches!(address::parse(&q.published), Err(AddressError::Checksum));
        let row =
            |q: &Quarantined| format!("{} under {}", printable(&q.published), printable(&q.uid));
        let rows: Vec<_> = reading.quarantine.iter().filter(is_wrong).map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.refuse(Override::BadChecksum, GuardError::BadChecksum { rows: some(&rows) })
    }

    /// Takes a publication that is older than the list only if that is allowed.
    pub(crate) fn older(&mut self, found: u64, known: Option<u64>) -> Result<(), GuardError> {
        match known.filter(|known| found < *known) {
            None => Ok(()),
            Some(known) => {
                let (found, known) = (text::time(found), text::time(known));
                self.refuse(Override::Older, GuardError::Older { found, known })
            }
        }
    }

    /// Takes a publication whose rows are cut only if that is allowed.
    pub(crate) fn truncated(&mut self, reading: &Reading) -> Result<(), GuardError> {
        if reading.truncated.is_empty() {
            return Ok(());
        }
        let more = if reading.truncated.len() > NAMED_MAX { " …" } else { "" };
        let shown: Vec<_> =
            reading.truncated.iter().take(NAMED_MAX).map(|uid| printable(uid)).collect();
        let uids = format!("{}{more}", shown.join(" "));
        let rows = text::count(reading.truncated.len(), "row is", "rows are");
        self.refuse(Override::Truncated, GuardError::Truncated { rows, uids })
    }

    /// Takes a shrink of the list only if it is small or allowed.
    pub(crate) fn shrink(&mut self, leaving: usize, listed: usize) -> Result<(), GuardError> {
        if leaving * 100 <= listed * SHRINK_MAX_PERCENT {
            return Ok(());
        }
        self.refuse(Override::Shrink, GuardError::Shrink { leaving, listed })
    }

    /// Every canary must be published that the chain lists; for a first plan, every one there is.
    pub(crate) fn canaries(
        &mut self,
        reading: &Reading,
        ledger: &Ledger,
        time: u64,
        chain_id: u64,
    ) -> Result<(), GuardError> {
        let mask = reading.source.mask();
        let listed = |account: &Address| {
            let current = ledger.get(*account).and_then(|listed| listed.current(time));
            current.is_some_and(|episode| episode.sources & mask != 0)
        };
        let is_first = ledger.data_as_of(mask).is_none() && chain_id != LOCAL_CHAIN;
        let published: BTreeSet<_> = reading.designations.iter().map(|d| d.address).collect();
        let missing: Vec<_> = known::CANARIES
            .iter()
            .filter(|(source, _)| *source == reading.source)
            .map(|(_, account)| *account)
            .filter(|account| !published.contains(account) && (is_first || listed(account)))
            .map(|account| account.to_string())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (missing, source_list) = (missing.join(", "), reading.source.to_string());
        self.refuse(Override::MissingCanary, GuardError::MissingCanary { missing, source_list })
    }

    /// Moves to the quarantine what the contract would refuse. What is protected may be published
    /// in good faith; what no list may ever hold may not.
    pub(crate) fn never_list(
        &mut self,
        reading: &mut Reading,
        ledger: &Ledger,
        own: &[Address],
    ) -> Result<(), GuardError> {
        let never = |account: Address| known::never_list(account, own);
        let protected = |account| ledger.get(account).is_some_and(|listed| listed.protected);
        let rows: Vec<_> = reading
            .designations
            .iter()
            .filter_map(|d| {
                Some(format!("{} under uid {}, {}", d.address, d.uid, never(d.address)?))
            })
            .collect();
        if !rows.is_empty() {
            let rows = some(&rows);
            self.refuse(Override::NeverList, GuardError::NeverList { rows })?;
        }
        set_aside(reading, |account| {
            never(account).or_else(|| protected(account).then_some("it is protected"))
        });
        Ok(())
    }

    /// A type of digital currency address of OFAC's must be one that has been seen before.
    pub(crate) fn unknown_type(&mut self, reading: &Reading) -> Result<(), GuardError> {
        if reading.source != interdict_core::source::Source::OfacSdn {
            return Ok(());
        }
        let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
        let listed = reading.designations.iter().flat_map(|d| &d.tickers).map(|t| (t.as_str(), 1));
        let others = reading.not_evm.iter().map(|(ticker, n)| (ticker.as_str(), *n));
        for (ticker, n) in listed.chain(others).filter(|(t, _)| !known::TICKERS.contains(t)) {
            *unknown.entry(ticker).or_default() += n;
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let types: Vec<_> =
            unknown.iter().map(|(t, n)| format!("{} ({n} published)", printable(t))).collect();
        let types = some(&types);
        self.refuse(Override::UnknownType, GuardError::UnknownType { types })
    }

    /// Two publications of one authority must name the same addresses under the same persons.
    pub(crate) fn agree(&mut self, one: &Reading, other: &Reading) -> Result<(), GuardError> {
        let named = |reading: &Reading| -> BTreeSet<(Address, u64)> {
            reading.designations.iter().map(|d| (d.address, d.uid)).collect()
        };
        let (ours, theirs) = (named(one), named(other));
        let only = |a: &BTreeSet<(Address, u64)>, b: &BTreeSet<(Address, u64)>| -> Vec<String> {
            a.difference(b).map(|(address, uid)| format!("{address} under uid {uid}")).collect()
        };
        let sides = [
            ("only in the first", only(&ours, &theirs)),
            ("only in the second", only(&theirs, &ours)),
        ];
        let differences: Vec<_> = sides
            .iter()
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(side, rows)| format!("{} {side}: {}", rows.len(), some(rows)))
            .collect();
        if differences.is_empty() {
            return Ok(());
        }
        let differences = differences.join("; ");
        self.refuse(Override::Disagreement, GuardError::Disagreement { differences })
    }
}

/// What to say of a publication's age, by the chain's clock.
pub(crate) fn age_alarm(data_as_of: Timestamp, now: Timestamp) -> Option<String> {
    let age = now.as_second() - data_as_of.as_second();
    if age < 0 {
        return Some(format!(
            "the publication is as of {data_as_of}, on the chain it is only {now}: one of the clocks is wrong"
        ));
    }
    let days = age / DAY_SECONDS;
    (days > AGE_ALARM_DAYS).then(|| {
        format!("the publication is {days} days old by the chain's clock: is there no newer one?")
    })
}

fn set_aside(reading: &mut Reading, refused: impl Fn(Address) -> Option<&'static str>) {
    let designations = std::mem::take(&mut reading.designations);
    for designation in designations {
        let Some(reason) = refused(designation.address) else {
            reading.designations.push(designation);
            continue;
        };
        for published in &designation.published {
            reading.quarantine.push(Quarantined {
                published: published.clone(),
                uid: designation.authority_id.clone(),
                feature: designation.features.first().cloned(),
                reason: format!("it cannot be listed: {reason}"),
            });
        }
    }
}

/// The first few of many, and how many more there are.
fn some(rows: &[String]) -> String {
    let shown = rows.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    match rows.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

#[cfg(test)]
mod tests;
