//! Whose dealings are looked after: a venue's own customers and pools. Optional; without subjects
//! every counterparty of a listed address counts.

use std::collections::BTreeMap;
use std::fmt;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, ListedAddress};

/// What a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SubjectKind {
    /// An address of a customer.
    Customer,
    /// A pool, vault or other contract of one's own.
    Pool,
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Customer => "customer",
            Self::Pool => "pool",
        })
    }
}

/// One address that is looked after. Who is behind it, the venue's own books say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub address: Address,
    /// What it is.
    pub kind: SubjectKind,
    /// The venue's own reference: an account number, not a name.
    pub reference: String,
}

/// Everybody who is looked after now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects(BTreeMap<Address, Subject>);

impl Subjects {
    /// Whether any are kept.
    pub fn is_kept(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether an address is one.
    pub fn contains(&self, address: Address) -> bool {
        self.0.contains_key(&address)
    }

    /// One of them.
    pub fn get(&self, address: Address) -> Option<&Subject> {
        self.0.get(&address)
    }

    /// Those that are listed at a time, unix seconds, after everything that a ledger knows.
    pub fn listed<'a>(
        &'a self,
        ledger: &'a Ledger,
        time: u64,
    ) -> impl Iterator<Item = Address> + 'a {
        // A list is short beside a venue's customers, and this is asked at each step of the chain.
        let theirs = ledger.addresses().filter(|(address, _)| self.contains(**address));
        let now = move |(_, known): &(&Address, &ListedAddress)| known.current(time).is_some();
        theirs.filter(now).map(|(address, _)| *address)
    }

    /// All of them, by address.
    pub fn iter(&self) -> impl Iterator<Item = &Subject> {
        self.0.values()
    }
}

impl FromIterator<Subject> for Subjects {
    fn from_iter<I: IntoIterator<Item = Subject>>(subjects: I) -> Self {
        Self(subjects.into_iter().map(|subject| (subject.address, subject)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Act, ActEntry, Kind};
    use crate::transfer::Position;

    #[test]
    fn a_subject_is_listed_while_the_list_names_it() {
        let account = Address::repeat_byte;
        let subject = |n| Subject {
            address: account(n),
            kind: SubjectKind::Customer,
            reference: String::new(),
        };
        let subjects: Subjects = [subject(1), subject(2)].into_iter().collect();
        let mut held = Act {
            number: 1,
            kind: Kind::ListProvisional,
            sources: 1,
            until: 200,
            data_as_of: 5,
            manifest: alloy_primitives::B256::ZERO,
            head: alloy_primitives::B256::ZERO,
            at: Position { block: 5, tx: 0, log: Some(0) },
            time: 100,
            tx_hash: alloy_primitives::B256::ZERO,
            entries: [2, 3]
                .map(|n| ActEntry { account: account(n), uid: 7, designated_on: 0 })
                .into(),
        };
        held.head = held.fold(alloy_primitives::B256::ZERO);
        let ledger = Ledger::replay([&held]).expect("it folds");
        let listed = |time| subjects.listed(&ledger, time).collect::<Vec<_>>();
        assert_eq!(listed(150), [account(2)]);
        assert!(listed(200).is_empty(), "the hold has lapsed");
        assert_eq!(subjects.listed(&Ledger::default(), 150).count(), 0);
    }
}
