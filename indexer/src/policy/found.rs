//! A finding of the database, to be judged anew.

use interdict_core::alert::{Alert, ListingPhase};
use interdict_core::ledger::{Episode, Ledger, Phase};
use interdict_core::policy::{Dealing, Value, Worth};
use interdict_core::transfer::TransferKind;

use super::AskError;
use crate::screen::{Criteria, Effect, Involved};

/// The dealing in it, as some criteria see it now.
pub(super) fn dealing(
    alert: &Alert,
    ledger: &Ledger,
    criteria: Criteria<'_>,
) -> Result<Dealing, AskError> {
    let episode = episode(alert, ledger).ok_or(AskError::NoListing(alert.id))?;
    let phase = match alert.phase {
        ListingPhase::Before => Phase::Before(episode),
        ListingPhase::While => Phase::While(episode),
        ListingPhase::After => Phase::After(episode),
    };
    let Alert { ref transfer, listed, side, .. } = *alert;
    let value = value(alert, criteria);
    let dealing = criteria.dealing(&Involved { transfer, listed, side, phase, value });
    // What names it has changed since, maybe; it is judged as of then.
    Ok(Dealing { sources: alert.sources, ..dealing })
}

fn episode<'l>(alert: &Alert, ledger: &'l Ledger) -> Option<&'l Episode> {
    let episodes = &ledger.get(alert.listed)?.episodes;
    episodes.iter().find(|episode| episode.act == alert.act)
}

fn value(alert: &Alert, criteria: Criteria<'_>) -> Value {
    let effect = match (alert.failed, alert.transfer.kind, alert.worth) {
        (true, ..) => Effect::Failed,
        (false, TransferKind::Call, Some(Worth(0))) => Effect::Silent,
        (false, ..) => Effect::Worked,
    };
    criteria.assets.value(&alert.transfer, effect, criteria.policy)
}
