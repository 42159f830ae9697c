//! What frames everything that members sign: which system it is for, upon which state of the list
//! it was made, and what the signatures bind beside the addresses.

use alloy::primitives::{Address, B256};
use anyhow::Result;
use interdict_core::ledger::{Act, Kind};
use jiff::Timestamp;

use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::plan::AtBlock;
use crate::text;

/// What is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed {
    Plan,
    Retraction,
}

impl Framed {
    /// How it is called in a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plan => "the plan",
            Self::Retraction => "the retraction",
        }
    }

    /// What to do when the list has moved on.
    pub(crate) const fn anew(self) -> &'static str {
        match self {
            Self::Plan => "make a new plan with `interdict plan`",
            Self::Retraction => "make a new one with `interdict retract`",
        }
    }
}

/// The frame of a plan or of a retraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) framed: Framed,
    /// The chain's time when it was made.
    pub(crate) created_at: Timestamp,
    /// The chain's time from which nobody acts on it.
    pub(crate) expires_at: Timestamp,
    pub(crate) chain_id: u64,
    pub(crate) genesis_hash: B256,
    pub(crate) blocklist: Address,
    pub(crate) code_hash: B256,
    pub(crate) signed_act: Address,
    pub(crate) at_block: AtBlock,
    /// The list's head and acts when it was made.
    pub(crate) head: B256,
    pub(crate) act_count: u32,
    pub(crate) nonce: u64,
    pub(crate) deadline: u64,
}

impl Frame {
    /// Refuses what has expired by a clock: the chain's, or this machine's where there is none.
    pub(crate) fn check_time(&self, now: u64) -> Result<()> {
        if i128::from(self.expires_at.as_second()) > i128::from(now) {
            return Ok(());
        }
        let (name, expired) = (self.framed.name(), self.expires_at);
        let message = format!("{name} expired at {expired}; it is {} now", text::time(now));
        Err(self.stale("expired", message).into())
    }

    /// The same frame, were it of the system that we are connected to.
    pub(crate) fn here(&self, deployed: &Deployed) -> Self {
        let book = &deployed.book;
        Self {
            chain_id: book.chain_id,
            genesis_hash: book.genesis_hash,
            blocklist: book.blocklist.address,
            code_hash: book.blocklist.code_hash,
            signed_act: book.signed_act.address,
            ..*self
        }
    }

    /// Refuses what is for another chain, contract or code.
    pub(crate) fn check_place(&self, deployed: &Deployed) -> Result<()> {
        let here = self.here(deployed);
        if *self == here {
            return Ok(());
        }
        let message = format!(
            "{} is for the list {} on chain {} (code {}), we are connected to {} on chain {} (code {})",
            self.framed.name(),
            self.blocklist,
            self.chain_id,
            self.code_hash,
            here.blocklist,
            here.chain_id,
            here.code_hash
        );
        Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("check --rpc-url and --deployments")
            .into())
    }

    /// Whether the list still is what it was made upon: an attestation says that nothing changed,
    /// and may come between any two signatures.
    pub(crate) fn stands_on(&self, acts: &[Act]) -> bool {
        let before = acts.iter().find(|act| act.number == self.act_count);
        let is_same_past = before.map_or(self.head.is_zero(), |act| act.head == self.head);
        let mut since = acts.iter().filter(|act| act.number > self.act_count);
        is_same_past && since.all(|act| act.kind == Kind::Attest)
    }

    pub(crate) fn stale(&self, code: &'static str, message: String) -> Failure {
        Failure::new(Exit::Stale, code, message).next(self.framed.anew())
    }
}

#[cfg(test)]
mod tests {
    use interdict_core::ledger::UNTIL_MAX;

    use super::*;
    use crate::fixture::{EXPIRES, OFAC, acts, plan};

    #[test]
    fn a_plan_is_acted_on_only_in_its_time() {
        let exit = |now: i64| {
            let checked = plan().frame().check_time(u64::try_from(now).unwrap());
            checked.err().map(|error| Failure::from_error(error).exit)
        };
        assert_eq!(exit(EXPIRES - 1), None);
        assert_eq!(exit(EXPIRES), Some(Exit::Stale));
    }

    #[test]
    fn only_attestations_may_come_after() {
        let all = acts(&[
            (Kind::ListProvisional, OFAC, 9, &[(1, 1)]),
            (Kind::Attest, OFAC, 0, &[]),
            (Kind::List, OFAC, UNTIL_MAX, &[(1, 1)]),
        ]);
        let frame = Frame { head: all[0].head, act_count: 1, ..plan().frame() };
        assert!(frame.stands_on(&all[..1]) && frame.stands_on(&all[..2]));
        assert!(!frame.stands_on(&all) && !frame.stands_on(&[]));
        assert!(!Frame { head: all[1].head, ..frame }.stands_on(&all[..2]), "another past");
        let new = Frame { head: B256::ZERO, act_count: 0, ..frame };
        assert!(new.stands_on(&[]) && !new.stands_on(&all[..1]));
    }
}
