//! What the tests of several rooms are made of: readings and ledgers of invented addresses.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, keccak256};
use interdict_core::ledger::{Act, ActEntry, Kind, Ledger};
use interdict_core::manifest::{self, AccountKind, Manifest, ManifestEntry, Publication};
use interdict_core::source::Source;
use interdict_core::transfer::Position;
use jiff::Timestamp;

use crate::foresight::simulation::Method;
use crate::plan::diff::Change;
use crate::plan::digest;
use crate::plan::{AtBlock, Plan, SCHEMA, Simulation};
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
        authority_id: uid.to_string(),
        designated_on: None,
        valid_until: None,
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
        comments_sha256: None,
        data_as_of: jiff::Timestamp::UNIX_EPOCH,
        designations: designations.to_vec(),
        quarantine: vec![],
        not_evm: BTreeMap::new(),
        truncated: vec![],
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

/// When [`plan`] expires, unix seconds.
pub(crate) const EXPIRES: i64 = 1_800_000_000;

/// A plan that holds the first and third of its entries and ratifies the second.
pub(crate) fn plan() -> Plan {
    let entry = |n: u8| ManifestEntry {
        address: account(n),
        uid: n.into(),
        authority_id: n.to_string(),
        designated_on: None,
        valid_until: None,
        programs: vec![],
        published: vec![],
        tickers: vec![],
        features: vec![],
        kind: AccountKind::Eoa,
    };
    let manifest = Manifest {
        schema: manifest::SCHEMA.to_owned(),
        chain_id: 1,
        blocklist: Address::repeat_byte(9),
        publication: Publication {
            source: Source::OfacSdn,
            format: "csv".to_owned(),
            sha256: B256::ZERO,
            comments_sha256: None,
            data_as_of: Timestamp::UNIX_EPOCH,
        },
        overrides: vec![],
        list: vec![entry(1), entry(2), entry(3)],
        delist: vec![],
    };
    let mut plan = Plan {
        schema: SCHEMA.to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::from_second(EXPIRES).unwrap(),
        chain_id: 1,
        genesis_hash: B256::ZERO,
        blocklist: manifest.blocklist,
        code_hash: B256::ZERO,
        signed_act: Address::ZERO,
        at_block: AtBlock { number: 0, hash: B256::ZERO },
        head: B256::repeat_byte(5),
        act_count: 1,
        nonce: 0,
        deadline: 0,
        manifest_hash: manifest.hash().unwrap(),
        manifest,
        cross_check: None,
        changes: vec![Change::Hold, Change::Ratify, Change::Hold],
        unchanged: 0,
        quarantine: vec![],
        not_evm: BTreeMap::new(),
        notes: vec![],
        calls: vec![],
        message: None,
        simulation: Simulation { method: Method::Nothing, acts: vec![] },
    };
    plan.calls = digest::calls(&plan, Kind::Delist).unwrap();
    plan.message = digest::message(&plan).unwrap();
    plan
}
