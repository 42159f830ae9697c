//! Findings that are heavier than they look because they are not the first of their kind.
//!
//! What came before is read from the database, which holds the chain's findings up to the cursor
//! and nothing else that counts; so that the same chain always gives the same, whatever was taken
//! back on the way and wherever a process ended.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use interdict_core::alert::Alert;
use interdict_core::policy::{Policy, Raise, Rule};

use crate::screen::{self, Tally};
use crate::store::{Intake, Kin, Store, StoreError};

/// Raises what is to be raised of blocks above the cursor, in the chain's order.
pub(super) async fn raise(
    store: &Store,
    policy: &Policy,
    blocks: &mut [Intake],
) -> Result<(), StoreError> {
    let mut tallies = BTreeMap::new();
    for alert in blocks.iter_mut().flat_map(|intake| &mut intake.alerts) {
        let Some((pair, rule)) = screen::counted(policy, alert) else { continue };
        let tally = match tallies.entry(pair) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(before(store, rule, alert).await?),
        };
        tally.take(rule, alert);
    }
    Ok(())
}

/// What there was of a finding's kind up to the cursor.
async fn before(store: &Store, rule: &Rule, alert: &Alert) -> Result<Tally, StoreError> {
    let class = |raise: &Option<Raise>| raise.as_ref().map(|raise| raise.outcome.class.clone());
    let kin = Kin {
        listed: alert.listed,
        counterparty: alert.counterparty(),
        classes: rule.outcomes().map(|outcome| outcome.class.clone()).collect(),
        repeated: class(&rule.repeated),
        summed: class(&rule.summed),
        from_hour: screen::counts_from(rule, alert),
    };
    store.kin(&kin).await
}

#[cfg(test)]
mod tests;
