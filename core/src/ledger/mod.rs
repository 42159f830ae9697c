//! The list as its events tell it: folded, proved against the contract's head, and asked as of a
//! moment.
//!
//! A [`Ledger`] is a pure function of the acts it was given. It refuses an act that does not follow
//! the one before or whose head does not come out, so that a copy is either complete or known not
//! to be.

mod act;
mod boundary;
mod entry;
mod standing;

pub use act::{Act, ActEntry, ActError, ActReader, Kind, UNTIL_MAX};
pub use entry::{Episode, ListedAddress, ListedUid, Phase};
pub use standing::Standing;

use standing::Deadlines;

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, B256};

use crate::transfer::Position;

/// Why an act cannot be the next one of this ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Acts are missing, or come twice.
    #[error("act {found} does not follow act {last}: events between them are missing or repeated")]
    Gap {
        /// The last act that the ledger has.
        last: u32,
        /// The act that was offered.
        found: u32,
    },
    /// The events do not fold to the head that the contract states.
    #[error(
        "act {act} folds to head {folded}, the contract states {stated}: an event is missing, altered or out of order"
    )]
    Head {
        /// The act that was offered.
        act: u32,
        /// What its events fold to.
        folded: B256,
        /// What the contract's event states.
        stated: B256,
    },
}

/// What a keeper attested last of a source: that nothing of it is left to be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The publication that was compared, by its own timestamp, unix seconds.
    pub data_as_of: u64,
    /// When it was compared, by the block's clock, unix seconds.
    pub checked_at: u64,
}

/// The list, from its first act to its last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    head: B256,
    acts: u32,
    data_as_of: BTreeMap<u16, u64>,
    freshness: BTreeMap<u16, Freshness>,
    /// Shared with the copies of this ledger, which differ in a few of them.
    addresses: BTreeMap<Address, Arc<ListedAddress>>,
    deadlines: Deadlines,
}

impl Ledger {
    /// Takes in the next act.
    ///
    /// # Errors
    /// The ledger is unchanged if the act's number or head is not the next one.
    pub fn push(&mut self, act: &Act) -> Result<(), LedgerError> {
        if act.number != self.acts + 1 {
            return Err(LedgerError::Gap { last: self.acts, found: act.number });
        }
        let folded = act.fold(self.head);
        if folded != act.head {
            return Err(LedgerError::Head { act: act.number, folded, stated: act.head });
        }
        for entry in &act.entries {
            let known = self.addresses.entry(entry.account).or_default();
            let deadline = known.deadline();
            Arc::make_mut(known).apply(act, entry);
            self.deadlines.replace(entry.account, deadline, known.deadline());
        }
        for bit in (0..u16::BITS).filter(|bit| act.sources & (1 << bit) != 0) {
            let known = self.data_as_of.entry(1 << bit).or_default();
            *known = act.data_as_of.max(*known);
            if act.kind == Kind::Attest {
                let fresh = Freshness { data_as_of: act.data_as_of, checked_at: act.time };
                self.freshness.insert(1 << bit, fresh);
            }
        }
        self.acts = act.number;
        self.head = folded;
        Ok(())
    }

    /// Rebuilds the list from all its acts.
    ///
    /// # Errors
    /// The first act that does not follow.
    pub fn replay<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Result<Self, LedgerError> {
        let mut ledger = Self::default();
        acts.into_iter().try_for_each(|act| ledger.push(act))?;
        Ok(ledger)
    }

    /// The keccak fold over everything so far; zero before the first act.
    pub const fn head(&self) -> B256 {
        self.head
    }

    /// The number of the last act; zero before the first.
    pub const fn acts(&self) -> u32 {
        self.acts
    }

    /// The newest publication taken in for a source bit, unix seconds.
    pub fn data_as_of(&self, source: u16) -> Option<u64> {
        self.data_as_of.get(&source).copied()
    }

    /// What was attested last of a source bit, as the contract's `freshness` has it: a later
    /// attestation replaces an earlier one, whatever either says. `None` if nobody ever attested.
    pub fn freshness(&self, source: u16) -> Option<Freshness> {
        self.freshness.get(&source).copied()
    }

    /// Every address that an act ever named, in order.
    pub fn addresses(&self) -> impl Iterator<Item = (&Address, &ListedAddress)> {
        self.addresses.iter().map(|(address, known)| (address, known.as_ref()))
    }

    /// What the list knows of an address, if an act ever named it.
    pub fn get(&self, address: Address) -> Option<&ListedAddress> {
        self.addresses.get(&address).map(Arc::as_ref)
    }

    /// How an address stood at a place and time of the list's own chain; `None` if it has never
    /// been listed.
    pub fn phase(&self, address: Address, at: Position, time: u64) -> Option<Phase<'_>> {
        self.addresses.get(&address)?.phase(at, time)
    }
}

#[cfg(test)]
mod tests;
