//! Whether what stands in quarantine may be an address that is listed: then that one does not leave
//! the list. Nothing is repaired here, and nobody is listed for it.

use alloy::primitives::{Address, hex};

/// So many digits may be wrong, missing or too many in a mistyped address. Two addresses that have
/// nothing to do with each other differ in 25 and more.
const MISTYPED_MAX: usize = 8;

/// What has more letters and digits than this that are not of hex is not an address mistyped, but
/// something else, and may stand for any.
const OTHERS_MAX: usize = 3;

/// The hex digits of a published form in lower case, without its `0x`; `None` if it is not made of
/// them, so that it may stand for any address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doubt(Option<String>);

impl Doubt {
    pub(crate) fn of(published: &str) -> Self {
        let text = published.to_lowercase();
        let text = text.split_once("0x").map_or(text.as_str(), |(_, rest)| rest);
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let others = text.chars().filter(|c| c.is_alphanumeric() && !c.is_ascii_hexdigit());
        let is_none = digits.is_empty() || others.count() > OTHERS_MAX;
        Self((!is_none).then_some(digits))
    }

    /// Whether it is this address but for a wrong checksum, or signs that are not seen.
    pub(crate) fn is(&self, address: Address) -> bool {
        self.0.as_ref().is_some_and(|digits| *digits == hex::encode(address))
    }

    /// Whether it may have been meant to be this address: one mistyped, or its beginning or end.
    pub(crate) fn may_be(&self, address: Address) -> bool {
        let Some(digits) = &self.0 else { return true };
        let address = hex::encode(address);
        address.starts_with(digits)
            || address.ends_with(digits)
            || digits.contains(&address)
            || strsim::levenshtein(digits, &address) <= MISTYPED_MAX
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::address;

    use super::*;

    const ADDRESS: Address = address!("e070df2cb1f0cc56089f07b36b5d1cde234f73d6");
    const OTHER: Address = address!("9eec5f251d8c47bdbb2348d186f06f048d91a157");

    #[test]
    fn what_may_have_been_meant_is_told_from_what_cannot() {
        let check = |published: &str, is: bool, may_be: bool| {
            let doubt = Doubt::of(published);
            assert_eq!((doubt.is(ADDRESS), doubt.may_be(ADDRESS)), (is, may_be), "{published}");
        };
        // A wrong checksum, a prefix that is none, a sign that is not seen.
        check("0xE070DF2cB1f0cC56089F07b36b5d1cde234F73D6", true, true);
        check("0XE070DF2CB1F0CC56089F07B36B5D1CDE234F73D6", true, true);
        check("e070df2cb1f0cc56089f07b36b5d1cde234f73d6", true, true);
        check("\u{200b}0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6", true, true);
        // A digit too few, another alphabet's letter, a group left out, one digit too many.
        check("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d", false, true);
        check("0x\u{435}070df2cb1f0cc56089f07b36b5d1cde234f73d6", false, true);
        check("0xe070df2cb1f089f07b36b5d1cde234f73d6", false, true);
        check("0xe070df2cb1f0cc56089f07b36b5d1cde234f73d60", false, true);
        // Shortened, and nothing that says which it is.
        check("0xe070", false, true);
        check("0x\u{2026}73d6", false, true);
        check("", false, true);
        check("somewhere else", false, true);
        // Another address of the person, another's beginning, the hash of a transaction.
        check("0x9eEc5F251d8c47BDBb2348D186f06F048d91A158", false, false);
        check("0x9eec", false, false);
        check(&format!("0x{}", "1a".repeat(32)), false, false);
    }

    #[test]
    fn addresses_that_have_nothing_in_common_are_far_apart() {
        let (one, other) = (hex::encode(ADDRESS), hex::encode(OTHER));
        assert!(strsim::levenshtein(&one, &other) > 3 * MISTYPED_MAX);
    }
}
