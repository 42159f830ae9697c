//! Whether every rule can fire.

use std::collections::BTreeSet;

use super::Policy;
use super::space::{DEALINGS_MAX, Space};

/// Why a rule never fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    /// The policy tells more dealings apart than are tried.
    TooMany(usize),
    /// No dealing fits it at all.
    Contradiction(usize),
    /// Whatever fits it is decided by these before it.
    Shadowed(usize, Vec<usize>),
}

/// The first rule that never fires, if there is one.
pub(super) fn dead(policy: &Policy) -> Option<Dead> {
    let space = Space::of(&[policy]);
    if space.len() > DEALINGS_MAX {
        return Some(Dead::TooMany(space.len()));
    }
    let mut fires = vec![false; policy.rules.len()];
    let mut taken = vec![BTreeSet::new(); policy.rules.len()];
    space.each(|dealing| {
        let mut first = None;
        for (index, rule) in policy.rules.iter().enumerate() {
            if !rule.when.fits(dealing, policy.dust_below) {
                continue;
            }
            let decided = *first.get_or_insert(index);
            if decided == index {
                fires[index] = true;
            } else if !fires[index] {
                taken[index].insert(decided);
            }
        }
    });
    let index = fires.iter().position(|fires| !fires)?;
    let by: Vec<_> = taken.swap_remove(index).into_iter().collect();
    Some(if by.is_empty() { Dead::Contradiction(index) } else { Dead::Shadowed(index, by) })
}
