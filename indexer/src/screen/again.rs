//! Findings that are judged anew: by another policy, for other subjects, or because they are final
//! now. Nobody reads the chain again for that: a finding holds all that it was judged by.

use std::collections::BTreeMap;

use interdict_core::alert::{Alert, Confirmation, ListingPhase};
use interdict_core::ledger::{Episode, Ledger, Phase};
use interdict_core::policy::{Dealing, Finality, Value, Verdict, Worth};
use interdict_core::transfer::TransferKind;

use super::{Criteria, Effect, Involved, Pair, Tally, counted};

/// What was counted so far, by pair.
pub type Tallies = BTreeMap<Pair, Tally>;

/// What is said of a finding now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The class of the rule that decides.
    pub class: String,
    /// How heavy it is.
    pub verdict: Verdict,
    /// What it is worth.
    pub worth: Option<Worth>,
    /// Whether another rule will decide once it is final.
    pub awaits_finality: bool,
}

/// The judge of what was judged before. It is given findings in the chain's order, so that those
/// which count together are counted as they came.
#[derive(Debug)]
pub struct Again<'c> {
    /// By what it judges.
    pub criteria: Criteria<'c>,
    /// The list.
    pub ledger: &'c Ledger,
    /// What came before.
    pub tallies: Tallies,
}

impl Again<'_> {
    /// What is said of a finding now; `None` if the listing that it rests on is not known any more.
    pub fn judge(&mut self, alert: &Alert) -> Option<Judged> {
        let criteria = self.criteria;
        let dealing = dealing_in(alert, self.ledger, criteria)?;
        let (outcome, worth) = (&criteria.policy.judge(&dealing).outcome, dealing.value.worth());
        let awaits_finality = criteria.policy.awaits_finality(&dealing);
        let (class, verdict) = (outcome.class.clone(), outcome.verdict);
        let Verdict::Finding(severity) = verdict else {
            return Some(Judged { class, verdict, worth, awaits_finality });
        };
        let mut anew = Alert { rule: class, severity, worth, ..alert.clone() };
        if let Some((pair, rule)) = counted(criteria.policy, &anew) {
            self.tallies.entry(pair).or_default().take(rule, &mut anew);
        }
        let (class, verdict) = (anew.rule, Verdict::Finding(anew.severity));
        Some(Judged { class, verdict, worth, awaits_finality })
    }
}

/// The dealing in a finding, as some criteria see it now; `None` if the listing that it rests on is
/// not known any more.
pub fn dealing_in(alert: &Alert, ledger: &Ledger, criteria: Criteria<'_>) -> Option<Dealing> {
    let episode = episode(alert, ledger)?;
    let phase = match alert.phase {
        ListingPhase::Before => Phase::Before(episode),
        ListingPhase::While => Phase::While(episode),
        ListingPhase::After => Phase::After(episode),
    };
    let Alert { ref transfer, listed, side, .. } = *alert;
    let value = value(alert, criteria);
    let finality = match alert.confirmation {
        Confirmation::Confirmed => Finality::Finalized,
        Confirmation::Pending | Confirmation::Retracted => Finality::Pending,
    };
    let involved = Involved { transfer, listed, side, phase, value, finality };
    let dealing = criteria.dealing(&involved);
    // What names it has changed since, maybe; it is judged as of then.
    let programs = criteria.manifests.programs(listed, episode, &alert.uids);
    Some(Dealing { sources: alert.sources, programs, ..dealing })
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
