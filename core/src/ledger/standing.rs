//! How an address stands on the list now: what a reader of an older finding must know beside it.
//!
//! A delisting does not undo what was found while the address was listed, so that a finding stays
//! as it was judged, with the address' standing at its side.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use super::{Act, Episode, Ledger, ListedAddress};

/// How an address that was listed at some time stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Standing {
    /// Listed by a vote.
    Listed,
    /// Held by signatures, until a deadline or a vote.
    Provisional,
    /// Was held, and no vote ratified it in time.
    Lapsed,
    /// Was held, and those who held it took it back.
    Retracted,
    /// Was listed, and a vote took it off.
    Delisted,
}

impl Episode {
    /// How an address stands by this episode at a time, unix seconds, after everything that this
    /// knows.
    pub const fn standing(&self, time: u64) -> Standing {
        match (self.ended_at, self.voted) {
            (Some(_), true) => Standing::Delisted,
            (Some(_), false) => Standing::Retracted,
            (None, true) => Standing::Listed,
            (None, false) if self.until <= time => Standing::Lapsed,
            (None, false) => Standing::Provisional,
        }
    }
}

impl ListedAddress {
    /// How the address stands at a time, unix seconds, after everything that this knows; `None` if
    /// it was never listed.
    pub fn standing(&self, time: u64) -> Option<Standing> {
        self.episodes.last().map(|episode| episode.standing(time))
    }

    /// When the hold that is on ends by itself, if one is on.
    pub(super) fn deadline(&self) -> Option<u64> {
        self.episodes.last().filter(|episode| episode.is_provisional()).map(|hold| hold.until)
    }
}

/// When holds end by themselves, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deadlines(BTreeSet<(u64, Address)>);

impl Deadlines {
    /// Puts one deadline of an address in place of another.
    pub(super) fn replace(&mut self, address: Address, old: Option<u64>, new: Option<u64>) {
        if let Some(old) = old {
            self.0.remove(&(old, address));
        }
        self.0.extend(new.map(|new| (new, address)));
    }

    fn between(&self, after: u64, through: u64) -> impl Iterator<Item = Address> {
        let first = (after.saturating_add(1), Address::ZERO);
        let last = (through, Address::repeat_byte(0xff));
        // A clock that stands still leaves nothing in between; a range must not be turned round.
        let range = (first <= last).then(|| self.0.range(first..=last));
        range.into_iter().flatten().map(|(_, address)| *address)
    }
}

impl Ledger {
    /// How an address stands at a time; `None` if it was never listed.
    pub fn standing(&self, address: Address, time: u64) -> Option<Standing> {
        self.get(address)?.standing(time)
    }

    /// Whose standing became another between two moments, and which: by the acts that came between
    /// them, or because a hold's deadline passed. `earlier` is the ledger before those acts.
    pub fn moved(
        &self,
        earlier: &Self,
        acts: &[Act],
        after: u64,
        through: u64,
    ) -> BTreeMap<Address, Standing> {
        let named = acts.iter().flat_map(|act| &act.entries).map(|entry| entry.account);
        let lapsing = self.deadlines.between(after, through);
        named
            .chain(lapsing)
            .filter_map(|address| {
                let standing = self.standing(address, through)?;
                (earlier.standing(address, after) != Some(standing)).then_some((address, standing))
            })
            .collect()
    }
}
