//! By what a transfer is judged, and the judgement.

use alloy_primitives::Address;
use interdict_core::alert::{Alert, AlertId, Confirmation, Disposition, FoundBy, Side};
use interdict_core::ledger::{Episode, Phase};
use interdict_core::policy::{
    Counterparty, Dealing, Direction, Exposure, Finality, Moment, Policy, Rule, SignedBy, Value,
    Verdict,
};
use interdict_core::subject::Subjects;
use interdict_core::transfer::Transfer;

use super::Assets;
use crate::manifests::Manifests;

/// By what transfers are judged.
#[derive(Clone, Copy, Debug)]
pub struct Criteria<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// What amounts are worth.
    pub assets: &'a Assets,
    /// Whose dealings are looked after.
    pub subjects: &'a Subjects,
    /// Under which programs addresses are listed, as far as that is known.
    pub manifests: &'a Manifests,
}

/// One listed address on one side of a transfer, and how it stood.
#[derive(Clone, Copy, Debug)]
pub struct Involved<'a> {
    /// What happened.
    pub transfer: &'a Transfer,
    /// The listed address.
    pub listed: Address,
    /// What it was to it.
    pub side: Side,
    /// How it stood then.
    pub phase: Phase<'a>,
    /// What the amount is.
    pub value: Value,
    /// Whether it can still be taken back.
    pub finality: Finality,
}

impl<'a> Involved<'a> {
    /// The listing by which it is judged.
    pub const fn episode(&self) -> &'a Episode {
        match self.phase {
            Phase::Before(episode) | Phase::While(episode) | Phase::After(episode) => episode,
        }
    }

    fn moment(&self) -> Moment {
        let time = self.transfer.block_time;
        match self.phase {
            Phase::Before(episode) if time >= episode.uncertain_from() => Moment::Boundary,
            Phase::Before(episode) => Moment::Before { days: episode.days_before(time) },
            Phase::While(_) => Moment::While,
            Phase::After(_) => Moment::After,
        }
    }
}

impl<'a> Criteria<'a> {
    /// The dealing that a policy sees in it.
    pub fn dealing(&self, involved: &Involved<'_>) -> Dealing {
        let Involved { transfer, listed, side, value, finality, .. } = *involved;
        let episode = involved.episode();
        let uids: Vec<_> = episode.uids.iter().map(|listed| listed.uid).collect();
        let (kind, counterparty) = (transfer.kind, side.counterparty(transfer));
        Dealing {
            moment: involved.moment(),
            exposure: if self.subjects.contains(listed) {
                Exposure::Ownership
            } else {
                Exposure::of(kind, side)
            },
            direction: Direction::of(kind, side),
            value,
            signed_by: match transfer.signer {
                signer if signer == counterparty => SignedBy::Counterparty,
                signer if signer == listed => SignedBy::Listed,
                _ => SignedBy::Other,
            },
            counterparty: match self.subjects.is_kept() {
                false => Counterparty::Anyone,
                true if self.subjects.contains(counterparty) => Counterparty::Subject,
                true => Counterparty::Other,
            },
            verification: transfer.verification,
            sources: episode.sources,
            programs: self.manifests.programs(listed, episode, &uids),
            finality,
        }
    }

    /// The rule that decides about it.
    pub fn judge(&self, involved: &Involved<'_>) -> (Dealing, &'a Rule) {
        let dealing = self.dealing(involved);
        let rule = self.policy.judge(&dealing);
        (dealing, rule)
    }

    /// The finding, if it is one.
    pub(super) fn finding(&self, involved: &Involved<'_>, found_by: FoundBy) -> Option<Alert> {
        let (dealing, rule) = self.judge(involved);
        let Verdict::Finding(severity) = rule.outcome.verdict else { return None };
        let Involved { transfer, listed, side, value, .. } = *involved;
        let episode = involved.episode();
        let family = Exposure::family(transfer.kind, side);
        Some(Alert {
            id: AlertId::of(transfer, listed, side, family),
            transfer: *transfer,
            listed,
            side,
            phase: dealing.moment.into(),
            found_by,
            rule: rule.outcome.class.clone(),
            severity,
            policy: self.policy.label.clone(),
            worth: value.worth(),
            failed: value == Value::Failed,
            act: episode.act,
            manifest: episode.manifest,
            sources: episode.sources,
            uids: episode.uids.iter().map(|listed| listed.uid).collect(),
            confirmation: match involved.finality {
                Finality::Pending => Confirmation::Pending,
                Finality::Finalized => Confirmation::Confirmed,
            },
            disposition: Disposition::New,
            // The store knows better where the list has changed since.
            standing: episode.standing(transfer.block_time),
            awaits_finality: self.policy.awaits_finality(&dealing),
        })
    }
}
