//! What must not become a plan, however well-formed the publication.

use alloy::primitives::{Address, address};
use interdict_core::ledger::Ledger;
use serde::{Deserialize, Serialize};

use crate::source::{Quarantined, Reading};
use crate::text;

/// More than this share of a list in one step is a broken file until somebody says otherwise.
pub(crate) const SHRINK_MAX_PERCENT: usize = 15;

const BURN: Address = address!("0x000000000000000000000000000000000000dEaD");
const SYSTEM: Address = address!("0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE");

/// Above every precompile, with room; as in the contract.
const PRECOMPILE_MAX: u16 = 0x1ff;

/// What a person allows against a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Override {
    /// More than [`SHRINK_MAX_PERCENT`] of what is listed leaves.
    Shrink,
    /// The publication is older than what is on chain.
    Older,
    /// Remarks are cut, so that addresses are missing.
    Truncated,
}

/// Why no plan is made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GuardError {
    #[error(
        "the publication has no EVM address at all: it is incomplete, or of another kind; download it again"
    )]
    Zero,
    #[error(
        "{leaving} of {listed} listed addresses have left the publication, more than {SHRINK_MAX_PERCENT} %: compare it with the authority's own announcement, then add --allow-shrink"
    )]
    Shrink { leaving: usize, listed: usize },
    #[error(
        "the publication is as of {found}, the list was taken from one as of {known}: download the newest, or add --allow-older"
    )]
    Older { found: String, known: String },
    #[error(
        "{rows} cut at 1,000 characters and nothing continues them, so that addresses are missing (uid {uids}): add --comments SDN_COMMENTS.CSV, or read SDN_ENHANCED.XML instead, or add --allow-truncated"
    )]
    Truncated { rows: String, uids: String },
}

/// A publication without any EVM address, or none that can be read, is never believed.
pub(crate) fn zero(reading: &Reading) -> Result<(), GuardError> {
    if reading.designations.is_empty() { Err(GuardError::Zero) } else { Ok(()) }
}

/// How many of the persons with cut remarks are named.
const TRUNCATED_SHOWN_MAX: usize = 5;

/// Takes a publication whose rows are cut only if that is allowed; says if it was needed.
pub(crate) fn truncated(
    reading: &Reading,
    allowed: &[Override],
) -> Result<Option<Override>, GuardError> {
    let uids = &reading.truncated;
    if uids.is_empty() {
        return Ok(None);
    }
    if allowed.contains(&Override::Truncated) {
        return Ok(Some(Override::Truncated));
    }
    let more = if uids.len() > TRUNCATED_SHOWN_MAX { " …" } else { "" };
    let shown: Vec<_> = uids.iter().take(TRUNCATED_SHOWN_MAX).map(String::as_str).collect();
    let uids = format!("{}{more}", shown.join(" "));
    let rows = text::count(reading.truncated.len(), "row is", "rows are");
    Err(GuardError::Truncated { rows, uids })
}

/// Takes a publication that is older than the list only if that is allowed; says if it was needed.
pub(crate) fn older(
    found: u64,
    known: Option<u64>,
    allowed: &[Override],
) -> Result<Option<Override>, GuardError> {
    match known {
        Some(known) if found < known && !allowed.contains(&Override::Older) => {
            Err(GuardError::Older { found: text::time(found), known: text::time(known) })
        }
        Some(known) if found < known => Ok(Some(Override::Older)),
        _ => Ok(None),
    }
}

/// Takes a shrink of the list only if it is small or allowed; says if that was needed.
pub(crate) fn shrink(
    leaving: usize,
    listed: usize,
    allowed: &[Override],
) -> Result<Option<Override>, GuardError> {
    if leaving * 100 <= listed * SHRINK_MAX_PERCENT {
        return Ok(None);
    }
    if allowed.contains(&Override::Shrink) {
        return Ok(Some(Override::Shrink));
    }
    Err(GuardError::Shrink { leaving, listed })
}

/// Moves what the contract would refuse to the quarantine.
pub(crate) fn set_unlistable_aside(reading: &mut Reading, ledger: &Ledger, own: &[Address]) {
    let (kept, refused) = std::mem::take(&mut reading.designations)
        .into_iter()
        .partition(|d| unlistable(d.address, ledger, own).is_none());
    reading.designations = kept;
    for designation in refused {
        let reason = unlistable(designation.address, ledger, own).unwrap_or_default();
        for published in &designation.published {
            reading.quarantine.push(Quarantined {
                published: published.clone(),
                uid: designation.authority_id.clone(),
                feature: designation.features.first().cloned(),
                reason: format!("it cannot be listed: {reason}"),
            });
        }
    }
}

fn unlistable(account: Address, ledger: &Ledger, own: &[Address]) -> Option<&'static str> {
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
    ledger.get(account).filter(|listed| listed.protected).map(|_| "it is protected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_percent_may_leave_and_no_more() {
        let check = |leaving, listed, expected: bool| {
            assert_eq!(shrink(leaving, listed, &[]).is_ok(), expected, "{leaving} of {listed}");
        };
        check(0, 0, true);
        check(15, 100, true);
        check(16, 100, false);
        check(1, 6, false);
        check(1, 7, true);
        assert_eq!(shrink(57, 100, &[Override::Shrink]), Ok(Some(Override::Shrink)));
        assert_eq!(shrink(1, 100, &[Override::Shrink]), Ok(None), "an override not needed");
    }

    #[test]
    fn an_older_publication_needs_a_word() {
        assert_eq!(older(5, None, &[]), Ok(None));
        assert_eq!(older(5, Some(5), &[]), Ok(None));
        assert!(matches!(older(4, Some(5), &[]), Err(GuardError::Older { .. })));
        assert_eq!(older(4, Some(5), &[Override::Older]), Ok(Some(Override::Older)));
    }

    #[test]
    fn what_the_contract_refuses_is_known_before() {
        let own = [Address::repeat_byte(0xaa)];
        let check = |account: Address, listable: bool| {
            let answer = unlistable(account, &Ledger::default(), &own);
            assert_eq!(answer.is_none(), listable, "{account}: {answer:?}");
        };
        check(Address::ZERO, false);
        check(Address::with_last_byte(1), false);
        check(address!("0x00000000000000000000000000000000000001ff"), false);
        check(address!("0x0000000000000000000000000000000000000200"), true);
        check(BURN, false);
        check(SYSTEM, false);
        check(own[0], false);
        check(Address::repeat_byte(0xbb), true);
    }
}
