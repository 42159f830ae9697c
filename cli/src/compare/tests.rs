use alloy::primitives::{Address, B256, address};
use interdict_core::manifest::{AccountKind, Removal};

use super::*;
use crate::fixture::{account, plan};

const LOOK_ALIKE_OF: Address = address!("0x10ab0fe358f313e8ef57b5a9033940ef84525975");
const LOOK_ALIKE: Address = address!("0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975");

/// The kinds of difference between an honest plan and one in which something was changed.
fn kinds(change: impl FnOnce(&mut Plan)) -> Vec<&'static str> {
    let honest = honest();
    let mut changed = honest.clone();
    change(&mut changed);
    plans(&changed, &honest).into_iter().map(|difference| difference.kind).collect()
}

fn honest() -> Plan {
    let mut plan = plan();
    plan.manifest.list[0].address = LOOK_ALIKE_OF;
    plan.manifest.delist = vec![Removal { address: account(7), uid: 7 }];
    plan.quarantine.push(crate::source::Quarantined {
        published: "0x01".to_owned(),
        uid: "5".to_owned(),
        feature: None,
        reason: "it has 2 hex digits after 0x, an address has 40".to_owned(),
    });
    plan.created_at = "2027-01-15T08:00:00Z".parse().unwrap();
    plan.expires_at = "2027-01-16T08:00:00Z".parse().unwrap();
    plan
}

#[test]
fn each_manipulation_has_its_kind() {
    assert_eq!(kinds(|_| ()), [""; 0]);
    assert_eq!(kinds(|p| p.manifest.list[0].address = LOOK_ALIKE), ["look_alike"]);
    assert_eq!(kinds(|p| p.manifest.list[1].address = account(99)), ["address"]);
    assert_eq!(kinds(|p| p.manifest.list[1].uid = 99), ["uid"]);
    assert_eq!(kinds(|p| drop(p.manifest.list.remove(1))), ["left_out"]);
    let slip_in = |p: &mut Plan| {
        let mut entry = p.manifest.list[1].clone();
        (entry.address, entry.uid) = (account(99), 99);
        p.manifest.list.push(entry);
    };
    assert_eq!(kinds(slip_in), ["slipped_in"]);
    assert_eq!(kinds(|p| p.manifest.list.push(p.manifest.list[1].clone())), ["order"]);
    let hide = |p: &mut Plan| p.manifest.delist.push(Removal { address: account(8), uid: 8 });
    assert_eq!(kinds(hide), ["hidden_removal"]);
    assert_eq!(kinds(|p| p.manifest.delist.clear()), ["removal_left_out"]);
    let date = Some("2020-01-01".parse().unwrap());
    assert_eq!(kinds(|p| p.manifest.list[1].designated_on = date), ["date"]);
    assert_eq!(kinds(|p| p.manifest.list[1].kind = AccountKind::Contract), ["kind"]);
    assert_eq!(kinds(|p| p.manifest.list[1].programs.push("X".to_owned())), ["evidence"]);
    let sha = B256::repeat_byte(3);
    assert_eq!(kinds(|p| p.manifest.publication.sha256 = sha), ["publication"]);
    assert_eq!(kinds(|p| p.manifest.overrides.push(Override::Older)), ["override"]);
    assert_eq!(kinds(|p| p.quarantine.clear()), ["quarantine"]);
    assert_eq!(kinds(|p| p.chain_id = 2), ["chain"]);
    assert_eq!(kinds(|p| p.genesis_hash = sha), ["genesis"]);
    assert_eq!(kinds(|p| p.blocklist = account(1)), ["contract"]);
    assert_eq!(kinds(|p| p.signed_act = account(1)), ["contract"]);
    assert_eq!(kinds(|p| p.code_hash = sha), ["code"]);
    assert_eq!(kinds(|p| p.head = sha), ["head"]);
    assert_eq!(kinds(|p| p.act_count += 1), ["head"]);
    assert_eq!(kinds(|p| p.nonce += 1), ["nonce"]);
    assert_eq!(kinds(|p| p.deadline += 1), ["deadline"]);
}

#[test]
fn what_has_no_words_of_its_own_is_told_by_its_place() {
    assert_eq!(kinds(|p| p.notes.push("all is well".to_owned())), ["other"]);
    assert_eq!(kinds(|p| p.unchanged = 5), ["other"]);
    assert_eq!(kinds(|p| p.changes[0] = crate::plan::diff::Change::Vote), ["other"]);
    assert_eq!(kinds(|p| p.calls.clear()), ["other"; 1]);
    assert_eq!(kinds(|p| p.manifest.chain_id = 5), ["other"], "the manifest's alone");
    assert_eq!(kinds(|p| p.manifest.list.reverse()), ["order"]);
    assert_eq!(kinds(|p| p.created_at = "2027-01-15T09:00:00Z".parse().unwrap()), [""; 0]);
    assert_eq!(
        kinds(|p| p.simulation.method = crate::foresight::simulation::Method::Call),
        [""; 0]
    );
}

#[test]
fn a_message_names_the_address_the_person_and_both_values() {
    let honest = honest();
    let mut changed = honest.clone();
    changed.manifest.list[1].programs = vec!["EVIL\u{1b}[2J".to_owned()];
    let found = plans(&changed, &honest);
    let entry = &honest.manifest.list[1];
    let expected = format!(
        "other evidence, the programs: of {} under uid {} the plan says EVIL\\u{{1b}}[2J, your publication and the chain say nothing",
        entry.address, entry.uid
    );
    assert_eq!(found[0].message, expected, "and what could steer a terminal is not printed");
}

#[test]
fn a_batch_on_chain_is_compared_as_closely() {
    let ours = honest().manifest.listing_batch().unwrap();
    let kinds = |change: fn(&mut IBlocklist::Batch)| {
        let mut theirs = ours.clone();
        change(&mut theirs);
        let found = batches("the proposal", Kind::List, &theirs, &ours);
        found.into_iter().map(|difference| difference.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(|_| ()), [""; 0]);
    assert_eq!(kinds(|b| b.entries[0].account = LOOK_ALIKE), ["look_alike"]);
    assert_eq!(kinds(|b| b.entries[0].designatedOn = "86400".parse().unwrap()), ["date"]);
    assert_eq!(kinds(|b| b.sources = 2), ["source"]);
    assert_eq!(kinds(|b| b.dataAsOf = "5".parse().unwrap()), ["publication"]);
    assert_eq!(kinds(|b| b.manifest = B256::ZERO), ["manifest"]);
    assert_eq!(kinds(|b| b.entries.reverse()), ["order"]);
    assert_eq!(kinds(|b| b.entries.push(b.entries[0].clone())), ["order"]);
}

#[test]
fn a_call_is_by_the_right_function_and_by_these_bytes() {
    let kind = |kinds: (Kind, Kind), bytes: (&[u8], &[u8])| {
        calls("the proposal", kinds, bytes).map(|difference| difference.kind)
    };
    assert_eq!(kind((Kind::List, Kind::List), (b"same", b"same")), None);
    assert_eq!(kind((Kind::List, Kind::List), (b"same, and more", b"same")), Some("calldata"));
    let other = (Kind::Delist, Kind::DelistMany);
    assert_eq!(kind(other, (b"same", b"same")), Some("function"));
}

#[test]
fn overrides_are_found_behind_a_hash() {
    let ours = honest().manifest;
    let overrides = vec![Override::Shrink, Override::Disagreement];
    let theirs = Manifest { overrides, ..ours.clone() };
    let found = overrides_behind(theirs.hash().unwrap(), &ours);
    assert_eq!(found.as_deref(), Some("--allow-shrink --allow-disagreement"));
    assert_eq!(overrides_behind(B256::ZERO, &ours), None);
}
