//! Under which programs an address is listed, as far as that is known.
//!
//! No act of the list says it: an act has the hash of its manifest, and the manifest has the
//! programs. Whoever has the manifest knows them for certain, and nobody else does.

use std::collections::BTreeSet;
use std::sync::Arc;

/// Programs of a listing: the authority's codes, or the names of its regimes where it has no codes.
/// Nothing is known unless somebody says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    codes: Arc<BTreeSet<String>>,
    whole: bool,
}

impl Programs {
    /// These, and no others.
    pub fn all(codes: impl IntoIterator<Item = String>) -> Self {
        Self { codes: Arc::new(codes.into_iter().collect()), whole: true }
    }

    /// These, and maybe others: of some person under whom the address is listed nothing is known.
    pub fn some(codes: impl IntoIterator<Item = String>) -> Self {
        Self { whole: false, ..Self::all(codes) }
    }

    /// Those that are known.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(String::as_str)
    }

    /// Whether these are all of them.
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether one of some is known to be among them.
    pub(super) fn has_one_of(&self, codes: &BTreeSet<String>) -> bool {
        !self.codes.is_disjoint(codes)
    }
}

impl std::fmt::Display for Programs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes = self.codes().collect::<Vec<_>>().join(" and ");
        match (codes.as_str(), self.whole) {
            ("", true) => f.write_str("none"),
            ("", false) => f.write_str("unknown"),
            (codes, true) => f.write_str(codes),
            (codes, false) => write!(f, "{codes}, others unknown"),
        }
    }
}
