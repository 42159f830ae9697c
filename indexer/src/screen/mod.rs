//! Which transfers touched a listed address, and how heavy that is. Pure: the block, the list, the
//! policy, the asset table and the subjects in, alerts out.

mod again;
mod assets;
mod criteria;
mod sides;
mod tally;

pub use again::{Again, Judged, Tallies, dealing_in};
pub use assets::{Asset, Assets, Effect};
pub use criteria::{Criteria, Involved};
pub use tally::{HOUR_SECONDS, Pair, Tally, counted, counts_from};

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use interdict_core::alert::{Alert, FoundBy, Side};
use interdict_core::ledger::{Episode, Ledger, Phase};
use interdict_core::policy::{Finality, Value};
use interdict_core::transfer::{Transfer, Verification};

use crate::chain::{Block, Signer, Tx};
use crate::decode::{self, At, Decoded, Moved, Traces, Undecoded, UndecodedKind};

/// Whose word is taken for who signed the transactions without a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signers {
    /// The signatures': each is recovered, so that no provider can hide a listed signer.
    Recovered,
    /// The provider's, where nothing else gives cause to recover: many times faster, and a lie can
    /// hide a listed signer of a transaction that has no value of its own. It can invent none.
    Claimed,
}

/// What screening a block gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screened {
    /// In the chain's order.
    pub alerts: Vec<Alert>,
    /// Unreadable logs to keep: those that a listed address could have to do with, and those of
    /// which it cannot be told.
    pub undecoded: Vec<Undecoded>,
    /// How many unreadable logs there were, by kind, kept or not.
    pub undecoded_counts: BTreeMap<UndecodedKind, u64>,
    /// Transactions with a finding whose signer is the provider's word.
    pub unproved_signers: u64,
}

impl Screened {
    /// Takes in what screening another block gave.
    pub fn append(&mut self, mut other: Self) {
        self.alerts.append(&mut other.alerts);
        self.undecoded.append(&mut other.undecoded);
        for (kind, count) in other.undecoded_counts {
            *self.undecoded_counts.entry(kind).or_default() += count;
        }
        self.unproved_signers += other.unproved_signers;
    }

    /// Keeps and counts one more that could not be read.
    pub fn keep(&mut self, undecoded: Option<Undecoded>) {
        if let Some(one) = undecoded {
            *self.undecoded_counts.entry(one.kind).or_default() += 1;
            self.undecoded.push(one);
        }
    }
}

/// What is screened: a block, and what beside it no header commits to.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The verified block.
    pub block: &'a Block,
    /// What its internal calls did, if somebody traced it.
    pub traces: Option<&'a Traces>,
    /// Whose word is taken for the signers.
    pub signers: Signers,
    /// How the block was come by: what its header commits to is as far proved as that.
    pub verified: Verification,
    /// Whether it can still be taken back.
    pub finality: Finality,
}

impl<'a> Evidence<'a> {
    /// A block alone, with every signature recovered: all of it is proved, and none of it final.
    pub const fn proved(block: &'a Block) -> Self {
        let (verified, finality) = (Verification::Proved, Finality::Pending);
        Self { block, traces: None, signers: Signers::Recovered, verified, finality }
    }
}

/// Screens a block as it is taken in. The ledger holds the acts of this block too; a transfer
/// before the listing in the same block is judged as before it.
pub fn live(
    chain_id: u64,
    evidence: &Evidence<'_>,
    ledger: &Ledger,
    criteria: Criteria<'_>,
) -> Screened {
    let listed = |address| ledger.get(address).is_some_and(|known| !known.episodes.is_empty());
    let phase = |transfer: &Transfer, address| {
        ledger.phase(address, transfer.position, transfer.block_time)
    };
    let (by, verified) = (FoundBy::Live, evidence.verified);
    let (listed, phase, finality) = (&listed, &phase, evidence.finality);
    Sieve { chain_id, criteria, by, verified, finality, listed, phase }.sift(evidence)
}

/// Screens an earlier block for the addresses that an act listed anew.
pub fn back(
    chain_id: u64,
    evidence: &Evidence<'_>,
    ledger: &Ledger,
    act: u32,
    newly: &BTreeSet<Address>,
    criteria: Criteria<'_>,
) -> Screened {
    let listed = |address| newly.contains(&address);
    let phase = |_: &Transfer, address| begun_by(ledger, address, act).map(Phase::Before);
    let (by, verified) = (FoundBy::Lookback, evidence.verified);
    let (listed, phase, finality) = (&listed, &phase, evidence.finality);
    Sieve { chain_id, criteria, by, verified, finality, listed, phase }.sift(evidence)
}

/// The addresses for which an act began an episode: those whose past is to be looked at. A
/// ratifying act begins none.
pub fn newly_listed(ledger: &Ledger, act: u32) -> BTreeSet<Address> {
    ledger
        .addresses()
        .filter(|(_, known)| known.episodes.iter().any(|episode| episode.act == act))
        .map(|(address, _)| *address)
        .collect()
}

fn begun_by(ledger: &Ledger, address: Address, act: u32) -> Option<&Episode> {
    ledger.get(address)?.episodes.iter().find(|episode| episode.act == act)
}

/// Everything that a block is screened by.
struct Sieve<'s, 'l> {
    chain_id: u64,
    criteria: Criteria<'s>,
    by: FoundBy,
    verified: Verification,
    finality: Finality,
    listed: &'s dyn Fn(Address) -> bool,
    phase: &'s dyn Fn(&Transfer, Address) -> Option<Phase<'l>>,
}

/// What one transaction gave.
#[derive(Default)]
struct Found {
    alerts: Vec<Alert>,
    /// Listed addresses that a transfer of a known asset names: they dealt, and need not be named
    /// once more for having signed or having been called. A transfer that anyone could have
    /// invented does not count here, nor one that only providers tell of.
    dealt: BTreeSet<Address>,
}

impl Sieve<'_, '_> {
    fn sift(&self, evidence: &Evidence<'_>) -> Screened {
        let header = &evidence.block.header;
        let mut screened = Screened::default();
        let mut decoded = Decoded::default();
        for (tx, index) in evidence.block.transactions.iter().zip(0..) {
            let signer = signer(evidence.signers, tx);
            let traced = evidence.traces.and_then(|traces| traces.of(index));
            let (chain_id, address) = (self.chain_id, signer.address());
            let at = At { chain_id, header, index, tx, signer: address, traced };
            decode::transaction(&at, &mut decoded);
            self.judge_transaction(&at, signer, &decoded.moved, &mut screened);
            decoded.moved.clear();
        }
        for log in decoded.undecoded {
            *screened.undecoded_counts.entry(log.kind).or_default() += 1;
            if log.parties.is_empty() || log.parties.iter().any(|party| (self.listed)(*party)) {
                screened.undecoded.push(log);
            }
        }
        screened
    }

    fn judge_transaction(
        &self,
        at: &At<'_>,
        signer: Signer,
        moved: &[Moved],
        screened: &mut Screened,
    ) {
        let beside = self.beside(at);
        let touches = |moved: &Moved| sides::named(moved).any(|(_, who)| (self.listed)(who));
        if !moved.iter().chain(&beside).any(touches) {
            return;
        }
        let proved = match signer {
            Signer::Proved(_) => signer,
            Signer::Claimed(_) => at.tx.signer(),
        };
        if proved.address() != at.signer {
            // The provider lied about the signer: what it made of the transaction is read anew.
            let at = At { signer: proved.address(), ..*at };
            let mut decoded = Decoded::default();
            decode::transaction(&at, &mut decoded);
            return self.judge_transaction(&at, proved, &decoded.moved, screened);
        }
        let mut found = Found::default();
        for moved in moved.iter().chain(&beside) {
            self.judge_all(at, moved, &mut found);
        }
        if !found.alerts.is_empty() && matches!(proved, Signer::Claimed(_)) {
            screened.unproved_signers += 1;
        }
        found.alerts.sort_by_key(|alert| (alert.transfer.position, alert.transfer.item));
        screened.alerts.append(&mut found.alerts);
    }

    /// The transaction itself and its delegations. Of a transaction with a value of its own, this
    /// names signer and callee; of one that failed, it moved nothing.
    fn beside(&self, at: &At<'_>) -> Vec<Moved> {
        let whole = |transfer| Moved { transfer, spender: None };
        let mut beside: Vec<_> = decode::delegations(at).into_iter().map(whole).collect();
        let call = whole(decode::call(at));
        if sides::named(&call).any(|(_, who)| (self.listed)(who)) {
            beside.push(call);
        }
        beside
    }

    fn judge_all(&self, at: &At<'_>, moved: &Moved, found: &mut Found) {
        let Criteria { policy, assets, .. } = self.criteria;
        let mut transfer = moved.transfer;
        let told = matches!(transfer.verification, Verification::Agreed | Verification::Unverified);
        if !told {
            transfer.verification = self.verified;
        }
        let value = assets.value(&transfer, Effect::of(at.tx), policy);
        for (side, listed) in sides::named(moved).filter(|(_, who)| (self.listed)(*who)) {
            let only_if_not_named = matches!(side, Side::Signer | Side::Callee);
            if only_if_not_named && found.dealt.contains(&listed) {
                continue;
            }
            let phase = (self.phase)(&transfer, listed);
            let alert = phase.and_then(|phase| {
                let transfer = &transfer;
                let finality = self.finality;
                let involved = Involved { transfer, listed, side, phase, value, finality };
                self.criteria.finding(&involved, self.by)
            });
            if alert.is_some() && !told && matches!(value, Value::Moved(_)) {
                found.dealt.insert(listed);
            }
            found.alerts.extend(alert);
        }
    }
}

/// Who is taken for the signer at first.
fn signer(signers: Signers, tx: &Tx) -> Signer {
    match signers {
        Signers::Recovered => tx.signer(),
        Signers::Claimed if !tx.value().is_zero() => tx.signer(),
        Signers::Claimed => Signer::Claimed(tx.claimed_signer),
    }
}

#[cfg(test)]
mod kind_tests;
#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod tests;
