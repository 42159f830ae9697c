//! Whether what stands in quarantine may be an address that is listed: then that one does not leave
//! the list. Nothing is repaired here, and nobody is listed for it.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, hex};
use interdict_core::uid;

use crate::source::{Quarantined, is_of_another_chain};

/// Hex digits of an address.
const DIGITS: usize = 40;

/// So many digits may be wrong, missing or too many in a mistyped address. Two addresses that have
/// nothing to do with each other differ in 25 and more.
const MISTYPED_MAX: usize = 8;

/// So many may be wrong in the beginning or the end of one, if that is long enough to be known by.
const SHORTENED_MISTYPED_MAX: usize = 2;
const SHORTENED_MIN: usize = 12;

/// What has more letters and digits than this that are not of hex is not an address mistyped, but
/// something else, and may stand for any.
const OTHERS_MAX: usize = 3;

/// What is longer is not looked into, and may stand for any.
const FORM_BYTES_MAX: usize = 512;

/// If more of one person is unreadable, all of that person is in doubt.
const ROWS_MAX: usize = 64;

/// What is in doubt of a publication.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    by_person: BTreeMap<u64, Vec<Doubt>>,
    /// What is published under whomever but for a wrong checksum, or signs that are not seen.
    exact: BTreeSet<String>,
}

impl Doubts {
    pub(crate) fn of(quarantine: &[Quarantined]) -> Self {
        let mut this = Self::default();
        for row in quarantine {
            let doubt = Doubt::of(&row.published);
            if let Doubt::Digits { runs, .. } = &doubt {
                this.exact.extend(runs.iter().filter(|run| run.len() == DIGITS).cloned());
            }
            this.by_person.entry(uid::of(&row.uid)).or_default().push(doubt);
        }
        this
    }

    /// An unreadable address of the same person may be this very one, mistyped or shortened; and
    /// this very one may be there without its person.
    pub(crate) fn may_name(&self, address: Address, uid: u64) -> bool {
        let address = hex::encode(address);
        let of_person = self.by_person.get(&uid).map(Vec::as_slice).unwrap_or_default();
        self.exact.contains(&address)
            || of_person.len() > ROWS_MAX
            || of_person.iter().any(|doubt| doubt.may_be(&address))
    }
}

/// What one unreadable form may have been meant to be.
#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// Any address at all.
    Any,
    /// None of this chain's.
    None,
    /// What its hex digits say, in lower case and without `0x`: all of them, and those that stand
    /// together.
    Digits { all: String, runs: Vec<String> },
}

impl Doubt {
    fn of(published: &str) -> Self {
        if is_of_another_chain(published) {
            return Self::None;
        }
        let text = published.to_lowercase().replace("0x", " ");
        let all: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let others = text.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii_hexdigit());
        if published.len() > FORM_BYTES_MAX || all.is_empty() || others.count() > OTHERS_MAX {
            return Self::Any;
        }
        let runs = text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| !run.is_empty());
        let runs = runs.map(str::to_owned).collect();
        Self::Digits { all, runs }
    }

    /// Whether an address, in lower case and without `0x`, may have been meant.
    fn may_be(&self, address: &str) -> bool {
        let (all, runs) = match self {
            Self::Any => return true,
            Self::None => return false,
            Self::Digits { all, runs } => (all, runs),
        };
        if all.len() <= DIGITS + MISTYPED_MAX {
            return is_mistyped(all, address) || is_shortened(all, address);
        }
        // Several of them, or one with more beside it: each for itself. If none is long enough to
        // be one, nobody knows where one ends.
        let long = |run: &&String| run.len() >= DIGITS - MISTYPED_MAX;
        let mut long = runs.iter().filter(long).peekable();
        long.peek().is_none() || long.any(|run| is_mistyped(run, address) || run.contains(address))
    }
}

fn is_mistyped(digits: &str, address: &str) -> bool {
    digits.len().abs_diff(DIGITS) <= MISTYPED_MAX
        && strsim::levenshtein(digits, address) <= MISTYPED_MAX
}

/// The beginning, the end, or the beginning and the end of an address. Digits are ASCII, so that
/// they may be cut anywhere.
fn is_shortened(digits: &str, address: &str) -> bool {
    let n = digits.len().min(DIGITS);
    let is_cut_out =
        |k: usize| address.starts_with(&digits[..k]) && address.ends_with(&digits[k..]);
    let is_near = |part: &str| strsim::levenshtein(digits, part) <= SHORTENED_MISTYPED_MAX;
    (0..=digits.len()).any(is_cut_out)
        || (n >= SHORTENED_MIN && (is_near(&address[..n]) || is_near(&address[DIGITS - n..])))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::address;

    use super::*;

    const ADDRESS: Address = address!("e070df2cb1f0cc56089f07b36b5d1cde234f73d6");
    const OTHER: Address = address!("9eec5f251d8c47bdbb2348d186f06f048d91a157");

    #[test]
    fn what_may_have_been_meant_is_told_from_what_cannot() {
        let check = |published: &str, of_anybody: bool, of_the_person: bool| {
            let row = Quarantined {
                published: published.to_owned(),
                uid: "7".to_owned(),
                feature: None,
                reason: "a person must look".to_owned(),
            };
            let doubts = Doubts::of(&[row]);
            let found = [8, 7].map(|uid| doubts.may_name(ADDRESS, uid));
            assert_eq!(found, [of_anybody, of_the_person], "{published}");
        };
        // A wrong checksum, a prefix that is none, a sign that is not seen, a word beside it.
        check("0xE070DF2cB1f0cC56089F07b36b5d1cde234F73D6", true, true);
        check("0XE070DF2CB1F0CC56089F07B36B5D1CDE234F73D6", true, true);
        check("e070df2cb1f0cc56089f07b36b5d1cde234f73d6", true, true);
        check("\u{200b}0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6", true, true);
        check("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6 (ETH)", true, true);
        // A digit too few, another alphabet's letter, a group left out, one digit too many, a sign
        // within that is not seen.
        check("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d", false, true);
        check("0x\u{435}070df2cb1f0cc56089f07b36b5d1cde234f73d6", false, true);
        check("0xe070df2cb1f089f07b36b5d1cde234f73d6", false, true);
        check("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d60", false, true);
        check("0xe070df2cb1f0cc56089\u{200b}f07b36b5d1cde234f73d6", false, true);
        // Shortened, also in the middle, also with a digit that is wrong.
        check("0xe070", false, true);
        check("0x\u{2026}73d6", false, true);
        check("0xe070\u{2026}73d6", false, true);
        check("0xe070df...234f73d6", false, true);
        check("0xe070df2cb1f0cc56099", false, true);
        // Two in one field, one of them with a digit too few.
        check(
            "0x9eec5f251d8c47bdbb2348d186f06f048d91a157 / 0xe070df2cb1f0cc56089f07b36b5d1cde234f73d",
            false,
            true,
        );
        // Nothing that says which it is.
        check("", false, true);
        check("somewhere else", false, true);
        check(&"0x12 ".repeat(200), false, true);
        // Another address of the person, another's beginning, the hash of a transaction, another
        // chain's address.
        check("0x9eEc5F251d8c47BDBb2348D186f06F048d91A158", false, false);
        check("0x9eec", false, false);
        check("0x9eec\u{2026}73d6", false, false);
        check(&format!("0x{}", "1a".repeat(32)), false, false);
        check("TNobodyHasThisAddress123456789abcE", false, false);
        check("1NobodyHasThisAddress23456789abcde", false, false);
    }

    #[test]
    fn a_person_of_whom_much_is_unreadable_is_in_doubt_whole() {
        let row = |n: usize| Quarantined {
            published: format!("0x9eec{n:04}"),
            uid: "7".to_owned(),
            feature: None,
            reason: "a person must look".to_owned(),
        };
        let rows: Vec<_> = (0..=ROWS_MAX).map(row).collect();
        assert!(!Doubts::of(&rows[1..]).may_name(ADDRESS, 7));
        assert!(Doubts::of(&rows).may_name(ADDRESS, 7));
    }

    #[test]
    fn addresses_that_have_nothing_in_common_are_far_apart() {
        let (one, other) = (hex::encode(ADDRESS), hex::encode(OTHER));
        assert!(strsim::levenshtein(&one, &other) > 3 * MISTYPED_MAX);
    }
}
