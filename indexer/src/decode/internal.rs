//! What the calls inside a transaction moved of the chain's own coin, and which contracts came to
//! be there. No header commits to that: it is what a provider traced, marked as such, and compared
//! with a second provider's where there is one.
//!
//! Where the chain logs every movement of its coin (EIP-7708), the logs are proved and say the
//! same: a transaction with such logs takes nothing but creations from here.

use alloy_primitives::{Address, U256};
use interdict_core::transfer::{Transfer, TransferKind, Verification};

use super::{At, Movement};

/// What one call inside a transaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InternalCall {
    /// Who called, created, or destroyed itself.
    pub from: Address,
    /// Who was called or created, or received what was left.
    pub to: Address,
    /// Coin that moved, in wei.
    pub value: U256,
    /// Whether a contract came to be at `to`.
    pub creates: bool,
}

impl InternalCall {
    /// The call, if it moved coin from one account to another or created a contract; `None` else.
    pub(super) fn of_note(self) -> Option<Self> {
        let moves = !self.value.is_zero() && self.from != self.to;
        (moves || self.creates).then_some(self)
    }
}

/// What the calls inside one transaction did, in order of execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    calls: Vec<(InternalCall, Verification)>,
}

impl Traced {
    /// As one provider traced it.
    pub(super) fn unverified(calls: Vec<InternalCall>) -> Self {
        Self { calls: calls.into_iter().map(|call| (call, Verification::Unverified)).collect() }
    }

    /// The calls, with how far each is proved.
    pub fn calls(&self) -> &[(InternalCall, Verification)] {
        &self.calls
    }
}

/// What the calls inside a block's transactions did: one entry a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces(Vec<Traced>);

/// Two providers' traces of one block, as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What both say is agreed; what only one says is kept and unverified.
    pub traces: Traces,
    /// The transactions about which they differ, by their places in the block.
    pub differing: Vec<u64>,
}

impl Traces {
    pub(super) const fn new(transactions: Vec<Traced>) -> Self {
        Self(transactions)
    }

    /// What is traced of a transaction.
    pub fn of(&self, index: u64) -> Option<&Traced> {
        self.0.get(usize::try_from(index).ok()?)
    }

    /// This provider's traces beside another's. Of a transaction about which they differ, nothing
    /// is lost: this one's calls keep their places, and what only the other has follows them.
    pub fn compared(&self, other: &Self) -> Compared {
        let mut compared = Compared { traces: Self::default(), differing: Vec::new() };
        let none = Traced { calls: Vec::new() };
        for index in 0..self.0.len().max(other.0.len()) {
            let one = self.0.get(index).unwrap_or(&none);
            let two = other.0.get(index).unwrap_or(&none);
            let (traced, agree) = both(one, two);
            if !agree {
                compared.differing.extend(u64::try_from(index));
            }
            compared.traces.0.push(traced);
        }
        compared
    }
}

/// The calls of two tracings, and whether they are the same.
fn both(one: &Traced, two: &Traced) -> (Traced, bool) {
    let mut left: Vec<_> = two.calls.iter().map(|(call, _)| *call).collect();
    let mut calls = Vec::with_capacity(one.calls.len());
    for (call, _) in &one.calls {
        let twin = left.iter().position(|other| other == call);
        let verification =
            if twin.is_some() { Verification::Agreed } else { Verification::Unverified };
        twin.map(|place| left.remove(place));
        calls.push((*call, verification));
    }
    calls.extend(left.into_iter().map(|call| (call, Verification::Unverified)));
    let plain =
        |traced: &Traced| -> Vec<_> { traced.calls.iter().map(|(call, _)| *call).collect() };
    let agree = plain(one) == plain(two);
    (Traced { calls }, agree)
}

/// What the calls inside a transaction moved and created. The first is number 1: 0 is the
/// transaction's own value.
pub(super) fn transfers(at: &At<'_>, traced: &Traced, chain_logs_coin: bool) -> Vec<Transfer> {
    let mut transfers = Vec::new();
    for ((call, verification), item) in traced.calls.iter().zip(1..) {
        let mut push = |kind: TransferKind, value: U256| {
            let moved = Movement { item, value, ..Movement::of(kind, call.from, call.to) };
            let verification = *verification;
            transfers.push(Transfer { verification, ..at.transfer(None, moved) });
        };
        if !chain_logs_coin && !call.value.is_zero() && call.from != call.to {
            push(TransferKind::Internal, call.value);
        }
        if call.creates {
            push(TransferKind::Creation, U256::ZERO);
        }
    }
    transfers
}
