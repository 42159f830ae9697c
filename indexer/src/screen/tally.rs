//! What is heavier than it looks because it is not the first of its kind: see
//! [`interdict_core::policy::Raise`].

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use interdict_core::alert::{Alert, FoundBy, ListingPhase};
use interdict_core::policy::{Earlier, Policy, Raise, Rule, Verdict, Worth};

/// Seconds of an hour.
pub const HOUR_SECONDS: u64 = 3_600;

/// Hours of a day.
const DAY_HOURS: u64 = 24;

/// Which findings count together: those of a listed address and a counterparty, under one rule, by
/// its place in the policy.
pub type Pair = (Address, Address, usize);

/// Earlier findings of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Hours with one, since it was last raised for coming again.
    pub hours: BTreeSet<u64>,
    /// The hour in which it was: what else came in it belongs to what was raised.
    pub raised_in: Option<u64>,
    /// What they were worth, by hour, since they were last raised for their sum.
    pub worth: BTreeMap<u64, Worth>,
}

/// The rule of a finding that counts together with others, and with which.
pub fn counted<'p>(policy: &'p Policy, alert: &Alert) -> Option<(Pair, &'p Rule)> {
    if alert.phase != ListingPhase::While || alert.found_by != FoundBy::Live {
        return None;
    }
    let mut rules = policy.rules.iter().enumerate();
    let (index, rule) = rules.find(|(_, rule)| rule.outcome.class == alert.rule)?;
    let counts = rule.repeated.is_some() || rule.summed.is_some();
    counts.then(|| ((alert.listed, alert.counterparty(), index), rule))
}

/// The first hour that counts for one, as far as a rule looks back.
pub fn counts_from(rule: &Rule, alert: &Alert) -> u64 {
    let raises = [&rule.repeated, &rule.summed].into_iter().flatten();
    let within = raises.map(|raise| raise.within_days).max().unwrap_or_default();
    first(hour(alert), within)
}

const fn hour(alert: &Alert) -> u64 {
    alert.transfer.block_time / HOUR_SECONDS
}

fn first(hour: u64, within_days: u32) -> u64 {
    hour.saturating_sub(u64::from(within_days) * DAY_HOURS)
}

impl Tally {
    /// Raises a finding if it is to be raised, and counts it. They come in the chain's order.
    pub fn take(&mut self, rule: &Rule, alert: &mut Alert) {
        let (now, worth) = (hour(alert), alert.worth.unwrap_or_default());
        let repeated = self.repeated(rule, now);
        let summed = self.summed(rule, now);
        let outcome = rule.raised(worth, repeated, summed);
        let is = |raise: &Option<Raise>| {
            raise.as_ref().is_some_and(|raise| raise.outcome.class == outcome.class)
        };
        if is(&rule.repeated) {
            self.hours.clear();
            self.raised_in = Some(now);
        } else if self.raised_in != Some(now) {
            self.hours.insert(now);
        }
        if is(&rule.summed) {
            self.worth.clear();
        } else {
            let before = self.worth.entry(now).or_default();
            *before = before.plus(worth);
        }
        if let Verdict::Finding(severity) = outcome.verdict {
            alert.severity = severity;
            outcome.class.clone_into(&mut alert.rule);
        }
    }

    fn repeated(&mut self, rule: &Rule, now: u64) -> Earlier {
        let Some(raise) = &rule.repeated else { return Earlier::default() };
        self.hours = self.hours.split_off(&first(now, raise.within_days));
        // In the hour in which it was raised nothing begins anew.
        if self.raised_in == Some(now) {
            return Earlier::default();
        }
        let hours = self.hours.iter().filter(|hour| **hour != now).count();
        Earlier { hours: u32::try_from(hours).unwrap_or(u32::MAX), worth: Worth(0) }
    }

    fn summed(&mut self, rule: &Rule, now: u64) -> Earlier {
        let Some(raise) = &rule.summed else { return Earlier::default() };
        self.worth = self.worth.split_off(&first(now, raise.within_days));
        let worth = self.worth.values().fold(Worth(0), |sum, worth| sum.plus(*worth));
        Earlier { hours: 0, worth }
    }
}
