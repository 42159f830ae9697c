//! Proposals read by our own words; that the words are the contracts'.

use std::collections::BTreeSet;
use std::path::Path;

use alloy_primitives::aliases::U40;
use alloy_primitives::keccak256;
use alloy_sol_types::SolEvent;
use interdict_core::deployment::{Contract, Delays, Parameters, SCHEMA};
use serde_json::Value;

use super::course::described;
use super::*;

/// An event or function of an artifact, as its hash is taken.
fn signature(of: &Value) -> String {
    let inputs = of["inputs"].as_array().into_iter().flatten();
    let types: Vec<_> = inputs.map(|input| input["type"].as_str().unwrap_or_default()).collect();
    format!("{}({})", of["name"].as_str().unwrap_or_default(), types.join(","))
}

fn artifact(name: &str) -> BTreeSet<(String, String)> {
    let path = format!("../contracts/artifacts/{name}.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let artifact: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let abi = artifact["abi"].as_array().unwrap();
    let outputs = |of: &Value| {
        let outputs = of["outputs"].as_array().into_iter().flatten();
        outputs.map(|o| o["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(",")
    };
    abi.iter().map(|of| (signature(of), outputs(of))).collect()
}

#[test]
fn what_is_asked_is_what_the_contracts_answer() {
    let has = |name: &str, asked: &[(&str, &str)]| {
        let abi = artifact(name);
        for (signature, answer) in asked {
            assert!(abi.contains(&((*signature).into(), (*answer).into())), "{name}: {signature}");
        }
    };
    has(
        "Council",
        &[
            (abi::ProposalCreated::SIGNATURE, ""),
            (abi::stateCall::SIGNATURE, "uint8"),
            (abi::proposalVotesCall::SIGNATURE, "uint256,uint256,uint256"),
            (abi::proposalEtaCall::SIGNATURE, "uint256"),
            (abi::quorumCall::SIGNATURE, "uint256"),
        ],
    );
    has(
        "AccessManager",
        &[
            (abi::hashOperationCall::SIGNATURE, "bytes32"),
            (abi::getScheduleCall::SIGNATURE, "uint48"),
            (abi::expirationCall::SIGNATURE, "uint32"),
        ],
    );
    has("Seats", &[(abi::addCall::SIGNATURE, ""), (abi::removeCall::SIGNATURE, "")]);
    assert_eq!(abi::ProposalCreated::SIGNATURE_HASH, keccak256(abi::ProposalCreated::SIGNATURE));
}

fn book() -> Deployment {
    let contract = |n| Contract { address: Address::repeat_byte(n), code_hash: B256::ZERO };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id: 1,
        genesis_hash: B256::ZERO,
        block: 0,
        access_manager: contract(0xa1),
        seats: contract(0xa2),
        council: contract(0xa3),
        signed_act: contract(0xa4),
        blocklist: contract(0xa5),
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 3600,
            holds_per_day: 1000,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}

fn batch(count: u8) -> IBlocklist::Batch {
    let entry =
        |n| IBlocklist::Entry { account: Address::repeat_byte(n), uid: 7, designatedOn: U40::ZERO };
    let manifest = B256::repeat_byte(3);
    let entries = (1..=count).map(entry).collect();
    IBlocklist::Batch { manifest, sources: 0b11, dataAsOf: U40::from(9), entries }
}

#[test]
fn every_deed_is_read_and_whatever_else_it_is_is_foreign() {
    let book = book();
    let one = Address::repeat_byte(7);
    let (list, seats) = (book.blocklist.address, book.seats.address);
    let read = |target, data: Vec<u8>| Call::read(&book, target, U256::ZERO, &data.into());
    let listing = IBlocklist::listCall { batch: batch(2) }.abi_encode();
    for (call, deed, count) in [
        (read(list, listing.clone()), Deed::List, 2),
        (read(list, IBlocklist::delistCall { batch: batch(1) }.abi_encode()), Deed::Delist, 1),
        (
            read(list, IBlocklist::delistManyCall { batch: batch(9) }.abi_encode()),
            Deed::DelistMany,
            9,
        ),
        (
            read(list, IBlocklist::protectCall { accounts: vec![one] }.abi_encode()),
            Deed::Protect,
            1,
        ),
        (
            read(list, IBlocklist::unprotectCall { accounts: vec![one] }.abi_encode()),
            Deed::Unprotect,
            1,
        ),
        (read(seats, abi::addCall { account: one }.abi_encode()), Deed::AddMember, 1),
        (read(seats, abi::removeCall { account: one }.abi_encode()), Deed::RemoveMember, 1),
        (read(seats, listing.clone()), Deed::Foreign, 0),
        (read(one, listing.clone()), Deed::Foreign, 0),
        (read(list, vec![1, 2]), Deed::Foreign, 0),
        (Call::read(&book, list, U256::ONE, &listing.clone().into()), Deed::Foreign, 0),
    ] {
        assert_eq!((call.deed, call.count, call.addresses.len()), (deed, count, count), "{call:?}");
    }
    let call = read(list, listing);
    assert_eq!(call.sources, ["OFAC-SDN", "UK"]);
    assert_eq!(call.addresses[0], Address::repeat_byte(1).to_checksum(None));
}

#[test]
fn of_very_many_addresses_the_first_are_shown_and_all_are_counted() {
    let batch = batch(u8::MAX);
    let data = IBlocklist::listCall { batch }.abi_encode().into();
    let call = Call::read(&book(), book().blocklist.address, U256::ZERO, &data);
    assert_eq!((call.addresses.len(), call.count), (SHOWN_MAX_ADDRESSES, 255));
}

#[test]
fn a_description_cannot_act() {
    assert_eq!(
        described(" OFAC, 2026-11-25:\n8 \"new\" ones "),
        "OFAC, 2026-11-25: 8 \"new\" ones"
    );
    assert_eq!(described("a\u{202e}b\u{1b}[31m\u{200b}"), "a\u{fffd}b\u{fffd}[31m\u{fffd}");
    let long = described(&"x".repeat(100_000));
    assert_eq!((long.chars().count(), long.ends_with("x…")), (DESCRIPTION_MAX_CHARS, true));
}

#[test]
fn the_courses_are_the_councils() {
    for number in 0..8 {
        assert_eq!(Course::of(number).map(|course| course as u8), Some(number));
    }
    assert_eq!(Course::of(8), None);
}

/// A proposal as it was made.
fn made(id: u64) -> Made {
    let (opened, ends, calls, operations) = (0, 0, vec![], vec![]);
    let (id, proposer, description) = (U256::from(id), Address::ZERO, String::new());
    Made { id, proposer, description, opened, ends, calls, operations }
}

#[test]
fn of_very_many_proposals_it_is_counted_how_many_are_not_shown() {
    let mut reader = Reader::new(book());
    let all = |blocks: std::ops::RangeInclusive<u64>| -> Vec<_> {
        blocks.map(|block| (block, made(block))).collect()
    };
    reader.remember(all(1..=200), 200);
    assert_eq!(reader.older(), 0);
    reader.remember(all(201..=250), 250);
    assert_eq!(reader.older(), 50);
    // The last blocks are read again and again, and nothing is counted twice.
    for _ in 0..3 {
        reader.step_back();
        assert_eq!(reader.older(), 50);
        reader.remember(all(251 - 128..=250), 250);
        assert_eq!(reader.older(), 50);
    }

    // More than are remembered within the blocks that are read again.
    let mut reader = Reader::new(book());
    let crowd = || (0..300).map(|id| (5, made(id))).collect::<Vec<_>>();
    reader.remember(crowd(), 10);
    for _ in 0..3 {
        assert_eq!(reader.older(), 100);
        reader.step_back();
        reader.remember(crowd(), 10);
    }
    // One that a reorganisation took back is none.
    reader.step_back();
    reader.remember(crowd().split_off(1), 10);
    assert_eq!(reader.older(), 99);
}
