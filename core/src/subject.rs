//! Whose dealings are looked after: a venue's own customers and pools. Optional; without subjects
//! every counterparty of a listed address counts.

use std::collections::BTreeMap;
use std::fmt;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

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
