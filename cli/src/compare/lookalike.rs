//! Addresses that look like one another to whoever reads only their ends.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;

/// How many bytes of each end people, and wallets that shorten, look at: four hex digits.
const END_BYTES: usize = 2;

/// Whether two different addresses begin and end alike.
pub(crate) fn alike(a: Address, b: Address) -> bool {
    a != b && ends(a) == ends(b)
}

/// Every pair that begins and ends alike and of which at least one is in focus; each once.
pub(crate) fn pairs(
    focus: &BTreeSet<Address>,
    others: &BTreeSet<Address>,
) -> Vec<(Address, Address)> {
    let mut by_ends: BTreeMap<_, Vec<Address>> = BTreeMap::new();
    for account in focus.union(others) {
        by_ends.entry(ends(*account)).or_default().push(*account);
    }
    let mut pairs = Vec::new();
    for group in by_ends.values() {
        for (n, a) in group.iter().enumerate() {
            let rest = group[n + 1..].iter();
            pairs
                .extend(rest.filter(|b| focus.contains(a) || focus.contains(*b)).map(|b| (*a, *b)));
        }
    }
    pairs
}

fn ends(account: Address) -> [u8; 2 * END_BYTES] {
    let bytes = account.into_array();
    [bytes[0], bytes[1], bytes[18], bytes[19]]
}

#[cfg(test)]
mod tests {
    use alloy::primitives::address;

    use super::*;

    const ONE: Address = address!("0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6");
    const LIKE_ONE: Address = address!("0xe070000000000000000000000000000000ff73d6");
    const OTHER: Address = address!("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d7");

    #[test]
    fn four_digits_at_each_end_make_a_look_alike() {
        assert!(alike(ONE, LIKE_ONE));
        assert!(!alike(ONE, ONE), "an address is not like itself");
        assert!(!alike(ONE, OTHER), "the last digit differs");
    }

    #[test]
    fn pairs_have_one_in_focus() {
        let focus = BTreeSet::from([ONE, OTHER]);
        assert_eq!(pairs(&focus, &BTreeSet::from([LIKE_ONE])), [(LIKE_ONE, ONE)]);
        assert_eq!(pairs(&BTreeSet::from([ONE, LIKE_ONE]), &BTreeSet::new()), [(LIKE_ONE, ONE)]);
        assert_eq!(pairs(&BTreeSet::from([OTHER]), &BTreeSet::from([ONE, LIKE_ONE])), []);
    }
}
