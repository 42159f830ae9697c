//! What a token says of itself: symbol, name, decimals. Anyone writes these into a contract of
//! their own, so they are cleaned of whatever could act on a page, a terminal or a spreadsheet,
//! cut, shown as the token's own word, and never used to judge: the configuration's asset table is.

use alloy_primitives::Bytes;
use serde::Serialize;

use crate::decode::abi::{WORD_BYTES, uint};

/// Longest symbol that is kept, in characters.
pub const SYMBOL_MAX_CHARS: usize = 32;
/// Longest name that is kept, in characters.
pub const NAME_MAX_CHARS: usize = 96;
/// Most bytes that a character has in UTF-8.
const CHAR_MAX_BYTES: usize = 4;
/// What stands beside letters and digits in honest names. All of it is plain on a page, in a
/// terminal and within a cell.
const PUNCTUATION: &str = " ._-+/$#:()€₮";
/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: &str = "+-=@";
/// Stands for whatever was taken out, so that one sees that something was.
const TAKEN_OUT: char = '\u{fffd}';
/// Stands for the rest of what was cut.
const CUT: char = '…';

/// Selector of `symbol()`.
pub const SYMBOL: [u8; 4] = [0x95, 0xd8, 0x9b, 0x41];
/// Selector of `name()`.
pub const NAME: [u8; 4] = [0x06, 0xfd, 0xde, 0x03];
/// Selector of `decimals()`.
pub const DECIMALS: [u8; 4] = [0x31, 0x3c, 0xe5, 0x67];

/// A token's own words; what cannot be read of them is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Words {
    /// Its symbol, cleaned.
    pub symbol: Option<String>,
    /// Its name, cleaned.
    pub name: Option<String>,
    /// Its decimals.
    pub decimals: Option<u8>,
}

impl Words {
    /// What a token's answers say; `None` where the call failed.
    pub fn of(symbol: Option<&Bytes>, name: Option<&Bytes>, decimals: Option<&Bytes>) -> Self {
        Self {
            symbol: symbol.and_then(|answer| text(answer, SYMBOL_MAX_CHARS)),
            name: name.and_then(|answer| text(answer, NAME_MAX_CHARS)),
            decimals: decimals.and_then(|answer| small(answer)),
        }
    }
}

/// The text in an answer: an ABI string, or 32 bytes of text as tokens had before the standard
/// (MKR). `None` if it is neither, or empty.
pub fn text(answer: &[u8], max_chars: usize) -> Option<String> {
    let max_bytes = max_chars.saturating_mul(CHAR_MAX_BYTES);
    let bytes = if answer.len() == WORD_BYTES {
        let end = answer.iter().position(|byte| *byte == 0).unwrap_or(WORD_BYTES);
        &answer[..end]
    } else {
        let offset = usize::try_from(uint(answer, 0)?).ok()?;
        let tail = answer.get(offset..)?;
        let length = usize::try_from(uint(tail, 0)?).ok()?;
        // What is longer than will be shown need not be looked at.
        tail[WORD_BYTES..].get(..length)?
    };
    // One byte more than may be kept tells that something was cut.
    let looked_at = &bytes[..bytes.len().min(max_bytes.saturating_add(1))];
    let cleaned = cleaned(&String::from_utf8_lossy(looked_at), max_chars);
    (!cleaned.is_empty()).then_some(cleaned)
}

/// The number in an answer, if it is one of a byte.
pub fn small(answer: &[u8]) -> Option<u8> {
    uint(answer, 0).filter(|_| answer.len() == WORD_BYTES)?.try_into().ok()
}

/// Text without what could act, at most so long.
fn cleaned(text: &str, max_chars: usize) -> String {
    let harmless = |(place, letter): (usize, char)| {
        let plain = letter.is_alphanumeric() || PUNCTUATION.contains(letter);
        let formula = place == 0 && FORMULA.contains(letter);
        if plain && !formula { letter } else { TAKEN_OUT }
    };
    let mut kept: String =
        text.trim().chars().enumerate().map(harmless).take(max_chars.saturating_add(1)).collect();
    if kept.chars().count() > max_chars {
        kept = kept.chars().take(max_chars.saturating_sub(1)).collect();
        kept.push(CUT);
    }
    kept
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{U256, keccak256};

    use super::*;

    /// A string as the ABI has it.
    fn abi(text: &[u8]) -> Vec<u8> {
        let word = |n: usize| U256::from(n).to_be_bytes::<32>();
        let mut answer = [word(32), word(text.len())].concat();
        answer.extend_from_slice(text);
        answer.resize(answer.len().next_multiple_of(WORD_BYTES), 0);
        answer
    }

    fn shown(text_: &[u8]) -> Option<String> {
        text(&abi(text_), SYMBOL_MAX_CHARS)
    }

    #[test]
    fn selectors_are_those_of_the_standard() {
        let of = |signature: &str| keccak256(signature)[..4].to_vec();
        assert_eq!(of("symbol()"), SYMBOL);
        assert_eq!(of("name()"), NAME);
        assert_eq!(of("decimals()"), DECIMALS);
    }

    #[test]
    fn honest_names_are_kept() {
        for name in ["USDT", "Curve.fi aDAI/aUSDC", "USD₮0", "Ĉapitalo 9", "токен", "v2-LP (x)"]
        {
            assert_eq!(shown(name.as_bytes()).as_deref(), Some(name));
        }
        let mut old = [0; 32];
        old[..3].copy_from_slice(b"MKR");
        assert_eq!(text(&old, SYMBOL_MAX_CHARS).as_deref(), Some("MKR"));
    }

    #[test]
    fn what_could_act_is_taken_out() {
        let out = |text: &str, expected: &str| {
            assert_eq!(shown(text.as_bytes()).as_deref(), Some(expected), "{text:?}");
        };
        out("<b>x</b>", "\u{fffd}b\u{fffd}x\u{fffd}/b\u{fffd}");
        out("\"&'`", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
        out("a\u{1b}[31mb", "a\u{fffd}\u{fffd}31mb");
        out("TDS\u{202e}U", "TDS\u{fffd}U");
        out("US\u{200b}DT", "US\u{fffd}DT");
        out("a\nb\tc\0d", "a\u{fffd}b\u{fffd}c\u{fffd}d");
        out("=1+1", "\u{fffd}1+1");
        out("+cmd", "\u{fffd}cmd");
        out("-2", "\u{fffd}2");
        out("@x", "\u{fffd}x");
        out("  x  ", "x");
        assert_eq!(shown(b"a\xff\xfeb").as_deref(), Some("a\u{fffd}\u{fffd}b"));
        for nothing in [&b""[..], b"   ", b"\n"] {
            assert_eq!(shown(nothing), None);
        }
    }

    #[test]
    fn a_megabyte_is_cut() {
        let long = shown(&vec![b'x'; 1 << 20]).unwrap();
        assert_eq!(long.chars().count(), SYMBOL_MAX_CHARS);
        assert!(long.ends_with("x…"), "{long}");
        let wide = shown("€".repeat(33).as_bytes()).unwrap();
        assert_eq!((wide.chars().count(), wide.ends_with('…')), (SYMBOL_MAX_CHARS, true));
        let fits = "€".repeat(32);
        assert_eq!(shown(fits.as_bytes()), Some(fits));
    }

    #[test]
    fn answers_that_are_none_are_none() {
        let word = |n: u64| U256::from(n).to_be_bytes::<32>();
        let none = |answer: Vec<u8>| assert_eq!(text(&answer, 9), None, "{answer:?}");
        none(vec![]);
        none(vec![1; 31]);
        none([word(32), word(u64::MAX)].concat());
        none([[0xff; 32], word(1)].concat());
        none([word(32), [0xff; 32]].concat());
        none([word(64), word(1)].concat());
        none(vec![0xff; 96]);
        assert_eq!(small(&word(18)), Some(18));
        assert_eq!(small(&word(256)), None);
        assert_eq!(small(&[0xff; 32]), None);
        assert_eq!(small(&[0; 64]), None);
        assert_eq!(small(&[]), None);
    }
}
