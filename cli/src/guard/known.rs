//! What is known beforehand: addresses that stand on a list for years, the types of digital
//! currency that have been seen, and what no list may ever hold.

use alloy::primitives::{Address, address};
use interdict_core::source::Source;

/// Addresses that have stood on their list since 2020 (the last since 2024): a publication without
/// one of them is more often broken than right. The fourth is published as USDT only, so that a
/// reader that goes by the ticker ETH is found out.
///
/// This table alone decides nothing for ever: an address counts as a canary while the chain lists
/// it. The council delists one like any other, with `--allow-missing-canary`, and from then on it
/// counts no more.
pub(super) const CANARIES: [(Source, Address); 4] = [
    (Source::OfacSdn, address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C")),
    (Source::OfacSdn, address!("0x901bb9583b24D97e995513C6778dc6888AB6870e")),
    (Source::OfacSdn, address!("0x7F367cC41522cE07553e823bf3be79A889DEbe1B")),
    (Source::OfacSdn, address!("0xfEC8A60023265364D066a1212fDE3930F6Ae8da7")),
];

/// The types of digital currency address that OFAC has published, by ticker. One that is not here
/// is new: whether its addresses are the EVM's, a person must look.
pub(super) const TICKERS: [&str; 20] = [
    "ARB", "BCH", "BNB", "BSC", "BSV", "BTG", "DASH", "DOGE", "ETC", "ETH", "LTC", "SOL", "TRX",
    "USDC", "USDT", "XBT", "XMR", "XRP", "XVG", "ZEC",
];

const BURN: Address = address!("0x000000000000000000000000000000000000dEaD");
const SYSTEM: Address = address!("0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE");

/// Above every precompile, with room; as in the contract.
const PRECOMPILE_MAX: u16 = 0x1ff;

/// So many equal digits in a row, or so many that count upwards, are nobody's key.
const EQUAL_DIGITS_MAX: usize = 24;
const RISING_DIGITS_MAX: usize = 8;

/// Why no list may ever hold an address, if that is so. The last two reasons are of files that were
/// published with a test's addresses in them.
pub(super) fn never_list(account: Address, own: &[Address]) -> Option<&'static str> {
    let (high, low) = account.split_at(18);
    let number = u16::from_be_bytes([low[0], low[1]]);
    if high.iter().all(|byte| *byte == 0) && number <= PRECOMPILE_MAX {
        return Some("zero or a precompile");
    }
    if account == BURN || account == SYSTEM {
        return Some("nobody's address");
    }
    if own.contains(&account) {
        return Some("part of this system");
    }
    let digits: Vec<u8> = account.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).collect();
    if longest(&digits, |a, b| a == b) > EQUAL_DIGITS_MAX {
        return Some("one digit over and over: an example, not an address");
    }
    if longest(&digits, |a, b| a + 1 == b) > RISING_DIGITS_MAX {
        return Some("digits that count upwards: an example, not an address");
    }
    None
}

/// The length of the longest run of digits in which each follows the one before.
fn longest(digits: &[u8], follows: impl Fn(u8, u8) -> bool) -> usize {
    let runs = digits.windows(2).scan(1, |run, pair| {
        *run = if follows(pair[0], pair[1]) { *run + 1 } else { 1 };
        Some(*run)
    });
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_list_may_hold() {
        let own = [address!("0x9eEc5F251d8c47BDBb2348D186f06F048d91A157")];
        let check = |account: Address, listable: bool| {
            let answer = never_list(account, &own);
            assert_eq!(answer.is_none(), listable, "{account}: {answer:?}");
        };
        check(Address::ZERO, false);
        check(Address::with_last_byte(1), false);
        check(address!("0x00000000000000000000000000000000000001ff"), false);
        check(BURN, false);
        check(SYSTEM, false);
        check(own[0], false);
        check(Address::repeat_byte(0x11), false);
        check(address!("0x1234567890abcdef1234567890abcdef12345678"), false);
        check(address!("0xabcdef0123456789abcdef0123456789abcdef01"), false);
        check(Address::repeat_byte(0x1b), true);
        // The deposit contract begins with eight zeros.
        check(address!("0x00000000219ab540356cbb839cbe05303d7705fa"), true);
        for (_, canary) in CANARIES {
            check(canary, true);
        }
    }

    #[test]
    fn tickers_are_sorted_and_once_each() {
        assert!(TICKERS.is_sorted_by(|a, b| a < b));
    }
}
