//! Addresses in prose. Only OFAC publishes addresses in a field of their own; others write them
//! into remarks and statements of reasons, between words, brackets and full stops.
//!
//! A word is what stands between blanks and punctuation. Letters of other alphabets and characters
//! that are not seen belong to the word, so that an address in which one of them hides is set aside
//! whole, and not taken for a shorter one.

use interdict_core::address;

/// Hex digits in a row that mean an EVM address though its `0x` is missing: forty, or some more or
/// fewer by mistake. A Monero payment id has 64.
const HEX_RUN: std::ops::RangeInclusive<usize> = 37..=43;

/// So many hex digits after `0x` make an address of it in prose, be it shortened with an ellipsis.
/// What has fewer is a word such as `0x` or a number.
const DIGITS_MIN: usize = 4;

/// So many hex digits in a word that also has characters beyond ASCII mean an EVM address, if there
/// are hardly any letters that are no hex digits.
const DISGUISED_DIGITS_MIN: usize = 20;
const DISGUISED_OTHERS_MAX: usize = 3;

/// An address of Tron, an address of Bitcoin: by shape, as counted for a reader, not as verified.
const TRON_LENGTH: usize = 34;
const BITCOIN_LENGTH: std::ops::RangeInclusive<usize> = 26..=35;
const BECH32_LENGTH: std::ops::RangeInclusive<usize> = 42..=90;

/// The words of a text that mean to be addresses, byte for byte.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || is_hidden(c)));
    words.filter(|word| is_evm_in_prose(word) || other_chain(word).is_some())
}

/// Whether a published form means to be an EVM address, be it misspelt: what comes before `0x` is
/// not seen, or there are about as many hex digits in a row as an address has, or nearly all of it
/// is hex digits and the rest is of other alphabets.
pub(super) fn claims_evm(value: &str) -> bool {
    address::is_evm_shaped(visible(value)) || has_hex_run(value) || is_disguised(value)
}

/// The ticker of a chain whose addresses are not the EVM's, if a published form has their shape.
pub(super) fn other_chain(value: &str) -> Option<&'static str> {
    let length = value.len();
    let is_base58 = value.bytes().all(is_base58_digit);
    // A long word of a language has one case and no digits.
    let is_mixed = value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_lowercase())
        && value.bytes().any(|b| b.is_ascii_uppercase());
    match value.as_bytes().first() {
        Some(b'T') if length == TRON_LENGTH && is_base58 && is_mixed => Some("TRX"),
        Some(b'1' | b'3') if BITCOIN_LENGTH.contains(&length) && is_base58 && is_mixed => {
            Some("XBT")
        }
        Some(b'b') if BECH32_LENGTH.contains(&length) && is_bech32(value) => Some("XBT"),
        _ => None,
    }
}

/// In prose `0x` alone is a word: some digits must follow it.
fn is_evm_in_prose(word: &str) -> bool {
    let digits = visible(word).bytes().skip(2).take_while(u8::is_ascii_hexdigit).count();
    let is_shaped = address::is_evm_shaped(visible(word)) && digits >= DIGITS_MIN;
    is_shaped || has_hex_run(word) || is_disguised(word)
}

fn visible(value: &str) -> &str {
    value.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}

fn has_hex_run(value: &str) -> bool {
    // Nearly every value of a list is shorter, and this is asked of all.
    if value.len() < *HEX_RUN.start() {
        return false;
    }
    let mut runs = value.split(|c: char| !c.is_ascii_hexdigit()).map(str::len);
    runs.any(|run| HEX_RUN.contains(&run))
}

fn is_disguised(value: &str) -> bool {
    if value.is_ascii() {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphanumeric).count();
    digits >= DISGUISED_DIGITS_MIN && letters - digits <= DISGUISED_OTHERS_MAX
}

const fn is_base58_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l')
}

fn is_bech32(value: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase() && !b"bio".contains(&b);
    value.strip_prefix("bc1").is_some_and(|data| data.bytes().all(is_digit))
}

/// What is not seen on a page and breaks no word: soft hyphens, joiners, marks of direction,
/// accents, variation selectors.
const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "0xe070df2cb1f0cc56089f07b36b5d1cde234f73d6";
    const TRON: &str = "TNobodyHasThisAddress123456789abcE";
    const BITCOIN: &str = "1NobodyHasThisAddress23456789abcde";

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(addresses(text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn punctuation_around_an_address_is_not_part_of_it() {
        for text in ["{}", "({}).", "wallet:{};", "\u{ab}{}\u{bb}", "'{}',", "https://e.org/a/{}?"]
        {
            check(&text.replace("{}", ADDRESS), &[ADDRESS]);
        }
        check(&format!("ETH {ADDRESS},{TRON}\n{BITCOIN}."), &[ADDRESS, TRON, BITCOIN]);
        check("Ox Road 12, 0x Labs, 0xGlobal, the number 0x1f", &[]);
        check("", &[]);
    }

    #[test]
    fn what_means_to_be_an_address_is_found_whole() {
        let check_one = |word: &str| {
            check(&format!("see {word}, and more"), &[word]);
            assert!(claims_evm(word), "{word}");
        };
        check_one(&ADDRESS[..41]);
        check_one(&ADDRESS[2..]);
        check_one(&ADDRESS.replace("0x", "0X"));
        check_one(&ADDRESS.replace("0x", "\u{200b}0x"));
        check_one(&ADDRESS.replace("0x", "0\u{445}"));
        check_one(&ADDRESS.replacen("e070", "\u{435}070", 1));
        check_one(&ADDRESS.replace("0x", "0\u{445}").replacen('b', "\u{421}", 2));
        check_one(&ADDRESS.replacen("2cb1", "2c\u{200b}b1", 1));
        check_one(&format!("{ADDRESS}\u{200f}"));
        check_one(&format!("\u{5d0}{ADDRESS}"));
    }

    #[test]
    fn a_shortened_address_is_one_that_cannot_be_read() {
        check("sent to 0xe070\u{2026}73d6 at noon", &["0xe070"]);
    }

    #[test]
    fn other_chains_are_known_by_shape() {
        let kind = |value: &str, expected| assert_eq!(other_chain(value), expected, "{value}");
        kind(TRON, Some("TRX"));
        kind(BITCOIN, Some("XBT"));
        kind("bc1qnqdyhasthsaddress023456789acdefghjklmn", Some("XBT"));
        kind("TelecommunicationsInfrastructureXYZ", None);
        kind("ThisLongWordOfThirtyFourCharacters", None);
        kind(&TRON.replace('N', "\u{408}"), None);
        kind(ADDRESS, None);
        assert!(!claims_evm(TRON) && !claims_evm(BITCOIN));
        assert!(!claims_evm(&TRON.replace('N', "\u{408}")), "a disguise of another chain's");
    }
}
