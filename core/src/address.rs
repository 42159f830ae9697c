//! Addresses as sources publish them: recognised by shape, never by ticker, and never repaired.

use alloy_primitives::Address;

/// Hex digits of an EVM address.
const HEX_DIGITS: usize = 40;

/// Why a published form is not an address that can be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with `0x` but has another number of digits.
    #[error("has {0} hex digits after 0x, an address has 40")]
    Length(usize),
    /// It begins with `0x` but carries something that is no hex digit.
    #[error("has {} where a hex digit belongs", shown(*.0))]
    Digit(char),
    /// Mixed case whose EIP-55 checksum is wrong: a typo, or a real listing. A person must look.
    #[error(
        "is in mixed case and its EIP-55 checksum is wrong: a digit or a letter's case may be mistyped"
    )]
    Checksum,
    /// It does not begin with `0x`.
    #[error("does not begin with 0x")]
    Prefix,
}

/// Whether a published form claims to be an EVM address: everything that begins with `0x` does,
/// and must then parse or be quarantined.
pub fn is_evm_shaped(published: &str) -> bool {
    published.starts_with("0x") || published.starts_with("0X")
}

/// Reads an EVM address: `0x` and forty hex digits, all of one case or with a right EIP-55
/// checksum. Nothing is trimmed or repaired.
///
/// # Errors
/// Says what is wrong with the published form; see [`AddressError`].
pub fn parse(published: &str) -> Result<Address, AddressError> {
    let digits = published.strip_prefix("0x").ok_or(AddressError::Prefix)?;
    if let Some(stranger) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(AddressError::Digit(stranger));
    }
    if digits.len() != HEX_DIGITS {
        return Err(AddressError::Length(digits.len()));
    }
    let lower = digits.bytes().any(|b| b.is_ascii_lowercase());
    let upper = digits.bytes().any(|b| b.is_ascii_uppercase());
    if lower && upper {
        return Address::parse_checksummed(published, None).map_err(|_| AddressError::Checksum);
    }
    published.parse().map_err(|_| AddressError::Length(digits.len()))
}

/// A character so that it can be told from one that looks the same, or is not seen.
fn shown(stranger: char) -> String {
    if stranger.is_ascii_graphic() {
        return format!("{stranger:?}");
    }
    format!("the character U+{:04X}", u32::from(stranger))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKSUMMED: &str = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";

    #[test]
    fn one_case_and_right_checksums_are_the_same_address() {
        let expected = parse(CHECKSUMMED).unwrap();
        assert_eq!(parse(&CHECKSUMMED.to_lowercase()).unwrap(), expected);
        let upper = format!("0x{}", CHECKSUMMED[2..].to_uppercase());
        assert_eq!(parse(&upper).unwrap(), expected);
    }

    #[test]
    fn nothing_is_repaired() {
        let check = |published: &str, expected: AddressError| {
            assert_eq!(parse(published), Err(expected), "{published}");
        };
        check("0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353", AddressError::Length(39));
        check("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353c", AddressError::Checksum);
        check("0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353\u{200b}", AddressError::Digit('\u{200b}'));
        check(" 0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c", AddressError::Prefix);
        check("0X8576acc5c05d6ce88f4e49bf65bdf0c62f91353c", AddressError::Prefix);
        check("TXEsK1s1zVvw5PyBvdjnFaHNbnHRYEjaaa", AddressError::Prefix);
        check("", AddressError::Prefix);
        let shown = |c| AddressError::Digit(c).to_string();
        assert_eq!(shown('\u{430}'), "has the character U+0430 where a hex digit belongs");
        assert_eq!(shown('g'), "has 'g' where a hex digit belongs");
    }
}
