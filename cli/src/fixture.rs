//! What the tests of several rooms are made of: readings and ledgers of invented addresses.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, keccak256};
use interdict_core::ledger::{Act, ActEntry, Kind, Ledger};
use interdict_core::source::Source;
use interdict_core::transfer::Position;

use crate::source::{Designation, Reading};

pub(crate) const NOW: u64 = 1_000_000;
pub(crate) const OFAC: u16 = Source::OfacSdn.mask();

/// An act's kind, sources, end, and pairs of account and uid.
pub(crate) type Written<'a> = (Kind, u16, u64, &'a [(u8, u64)]);

/// The n-th invented address.
pub(crate) fn account(n: u8) -> Address {
    Address::from_slice(&keccak256([n])[..20])
}

pub(crate) fn designation(n: u8, uid: u64) -> Designation {
    Designation {
        address: account(n),
        uid,
        designated_on: None,
        programs: vec![],
        published: vec![account(n).to_string()],
        tickers: vec!["ETH".to_owned()],
        features: vec![],
    }
}

pub(crate) fn reading(designations: &[Designation]) -> Reading {
    Reading {
        source: Source::OfacSdn,
        format: "ofac-enhanced",
        sha256: B256::ZERO,
        data_as_of: jiff::Timestamp::UNIX_EPOCH,
        designations: designations.to_vec(),
        quarantine: vec![],
        not_evm: BTreeMap::new(),
        notes: vec![],
    }
}

/// The acts, numbered from one, a second apart from 1970 on.
pub(crate) fn acts(written: &[Written<'_>]) -> Vec<Act> {
    let mut head = B256::ZERO;
    let mut acts = Vec::new();
    for (number, (kind, sources, until, entries)) in (1..).zip(written) {
        let entry =
            |(n, uid): &(u8, u64)| ActEntry { account: account(*n), uid: *uid, designated_on: 0 };
        let mut act = Act {
            number,
            kind: *kind,
            sources: *sources,
            until: *until,
            data_as_of: 7,
            manifest: B256::repeat_byte(1),
            head: B256::ZERO,
            at: Position { block: number.into(), tx: 0, log: Some(0) },
            time: u64::from(number),
            tx_hash: B256::ZERO,
            entries: entries.iter().map(entry).collect(),
        };
        act.head = act.fold(head);
        head = act.head;
        acts.push(act);
    }
    acts
}

pub(crate) fn ledger(written: &[Written<'_>]) -> Ledger {
    Ledger::replay(&acts(written)).unwrap()
}
