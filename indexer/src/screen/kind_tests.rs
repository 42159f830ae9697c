//! Every kind of transfer, and everybody who stood beside one.

use alloy_primitives::{B256, Bytes, U256};
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;
use interdict_core::transfer::TransferKind;
use serde_json::json;

use super::*;
use crate::decode::traces::call_tracer;
use crate::decode::{
    APPROVAL, APPROVAL_FOR_ALL, COIN_LOGGER, DEPOSIT, TRANSFER, TRANSFER_BATCH, TRANSFER_SINGLE,
    WITHDRAWAL,
};
use crate::world::{
    self, CHAIN, Draft, STRANGE_TOKEN, Script, TOKEN, account, blobs, block, calling, delegating,
    delegation, genesis, place, tx,
};

const LISTED: u8 = 0xaa;
const OTHER: u8 = 0xbb;
const THIRD: u8 = 0xcc;
/// Ten dollars: no dust.
const MUCH: u64 = 10_000_000;

type Line = (TransferKind, Side, &'static str, Severity);

const SPOOF: (&str, Severity) = ("spoof", Severity::Informational);
const BESIDE: (&str, Severity) = ("direct.other", Severity::Medium);
const OUTBOUND: (&str, Severity) = ("direct.outbound.while_listed", Severity::Critical);
const INBOUND: (&str, Severity) = ("direct.inbound.while_listed", Severity::High);
const FAILED: (&str, Severity) = ("failed_attempt", Severity::Informational);

fn party(n: u8) -> B256 {
    account(n).into_word()
}

fn data(words: &[u64]) -> Bytes {
    words.iter().flat_map(|n| U256::from(*n).to_be_bytes::<32>()).collect()
}

fn screened(listed: &[Address], drafts: &[Draft]) -> Screened {
    let script = Script::default().act(Kind::List, place(50, 0, 0), listed);
    world::live(&block(genesis(), drafts), &script.ledger())
}

/// Sees that exactly this is found, in order.
fn check(listed: &[Address], draft: Draft, expected: &[Line]) -> Vec<Alert> {
    let alerts = screened(listed, &[draft]).alerts;
    let found: Vec<_> =
        alerts.iter().map(|a| (a.transfer.kind, a.side, a.rule.as_str(), a.severity)).collect();
    assert_eq!(found, expected);
    let ids: BTreeSet<_> = alerts.iter().map(|alert| alert.id).collect();
    assert_eq!(ids.len(), alerts.len(), "each has its own name");
    alerts
}

fn line(kind: TransferKind, side: Side, (rule, severity): (&'static str, Severity)) -> Line {
    (kind, side, rule, severity)
}

fn logged(emitter: Address, topics: Vec<B256>, words: &[u64]) -> Draft {
    tx(1, None, 0).log(emitter, topics, data(words))
}

#[test]
fn a_collectible_of_a_known_contract_is_a_dealing_and_of_another_a_spoof() {
    let kind = TransferKind::Erc721;
    let sold =
        |emitter| logged(emitter, vec![TRANSFER, party(LISTED), party(OTHER), B256::ZERO], &[]);
    // One of a token with six digits is dust; what counts is that it is known.
    let dust = ("unsolicited_dust", Severity::Informational);
    check(&[account(LISTED)], sold(TOKEN), &[line(kind, Side::Sender, dust)]);
    let found = check(&[account(LISTED)], sold(STRANGE_TOKEN), &[line(kind, Side::Sender, SPOOF)]);
    assert_eq!(found[0].transfer.token_id, Some(U256::ZERO));
}

#[test]
fn an_operator_that_is_no_party_is_a_spender() {
    let kind = TransferKind::Erc1155;
    let topics =
        |operator, from, to| vec![TRANSFER_SINGLE, party(operator), party(from), party(to)];
    let moved = |topics| logged(TOKEN, topics, &[7, MUCH]);
    let found = check(
        &[account(LISTED)],
        moved(topics(LISTED, OTHER, THIRD)),
        &[line(kind, Side::Spender, BESIDE)],
    );
    assert_eq!(found[0].counterparty(), account(OTHER), "whose tokens were moved");
    check(
        &[account(LISTED)],
        moved(topics(LISTED, LISTED, THIRD)),
        &[line(kind, Side::Sender, INBOUND)],
    );
}

#[test]
fn each_element_of_a_batch_is_found() {
    let topics = vec![TRANSFER_BATCH, party(OTHER), party(OTHER), party(LISTED)];
    let batch = logged(TOKEN, topics, &[64, 160, 2, 7, 8, 2, MUCH, 0]);
    let kind = TransferKind::Erc1155;
    let expected = [line(kind, Side::Recipient, OUTBOUND), line(kind, Side::Recipient, SPOOF)];
    let found = check(&[account(LISTED)], batch, &expected);
    assert_eq!([found[0].transfer.item, found[1].transfer.item], [0, 1]);
}

#[test]
fn what_the_chain_logs_of_its_coin_is_judged_as_coin() {
    let paid = tx(1, None, 0).transfer(COIN_LOGGER, account(OTHER), account(LISTED), 5000);
    let kind = TransferKind::NativeLog;
    check(&[account(LISTED)], paid, &[line(kind, Side::Recipient, OUTBOUND)]);
    let own = tx(1, Some(account(LISTED)), 5000);
    let signer = own.signer();
    let own = own.transfer(COIN_LOGGER, signer, account(LISTED), 5000);
    check(&[account(LISTED)], own, &[line(TransferKind::Native, Side::Recipient, OUTBOUND)]);
}

#[test]
fn who_wraps_coin_deals_with_nobody_but_is_seen() {
    let wrap = logged(TOKEN, vec![DEPOSIT, party(LISTED)], &[MUCH]);
    let found =
        check(&[account(LISTED)], wrap, &[line(TransferKind::Wrap, Side::Recipient, BESIDE)]);
    assert_eq!(found[0].counterparty(), TOKEN);
    let unwrap = logged(TOKEN, vec![WITHDRAWAL, party(LISTED)], &[MUCH]);
    check(&[account(LISTED)], unwrap, &[line(TransferKind::Unwrap, Side::Sender, BESIDE)]);
    let fake = logged(STRANGE_TOKEN, vec![DEPOSIT, party(LISTED)], &[MUCH]);
    check(&[account(LISTED)], fake, &[line(TransferKind::Wrap, Side::Recipient, SPOOF)]);
}

#[test]
fn an_approval_names_owner_and_spender() {
    let kind = TransferKind::Approval;
    let allow = |owner, spender, value| {
        logged(TOKEN, vec![APPROVAL, party(owner), party(spender)], &[value])
    };
    let to_listed = allow(OTHER, LISTED, 1);
    let found = check(&[account(LISTED)], to_listed, &[line(kind, Side::Spender, BESIDE)]);
    assert_eq!(found[0].counterparty(), account(OTHER));
    let by_listed = allow(LISTED, OTHER, 1);
    let found = check(&[account(LISTED)], by_listed, &[line(kind, Side::Owner, BESIDE)]);
    assert_eq!(found[0].counterparty(), account(OTHER));
    check(&[account(LISTED)], allow(OTHER, LISTED, 0), &[line(kind, Side::Spender, SPOOF)]);
    let all = vec![APPROVAL_FOR_ALL, party(OTHER), party(LISTED)];
    check(&[account(LISTED)], logged(TOKEN, all, &[1]), &[line(kind, Side::Spender, BESIDE)]);
}

/// `transferFrom` of the token, called by its signer for another.
fn spends(nonce: u64, token: Address) -> Draft {
    let arguments = [party(OTHER), party(THIRD), B256::from(U256::from(MUCH))];
    let arguments = arguments.into_iter().flat_map(|word| word.0);
    let input = [0x23, 0xb8, 0x72, 0xdd].into_iter().chain(arguments).collect();
    calling(nonce, Some(token), 0, input).transfer(token, account(OTHER), account(THIRD), MUCH)
}

#[test]
fn a_listed_caller_of_transfer_from_is_a_spender() {
    let draft = spends(1, TOKEN);
    let (signer, kind) = (draft.signer(), TransferKind::Erc20);
    let found = check(&[signer], draft, &[line(kind, Side::Spender, BESIDE)]);
    assert_eq!((found[0].listed, found[0].counterparty()), (signer, account(OTHER)));
    // What anyone could have invented does not stand for the signer.
    let expected =
        [line(TransferKind::Call, Side::Signer, BESIDE), line(kind, Side::Spender, SPOOF)];
    let strange = spends(1, STRANGE_TOKEN);
    check(&[strange.signer()], strange, &expected);
}

#[test]
fn a_listed_signer_is_named_once_unless_it_dealt_for_all_to_see() {
    let kind = TransferKind::Call;
    let called = calling(1, Some(account(OTHER)), 0, vec![1, 2, 3, 4]);
    let signer = called.signer();
    let found = check(&[signer], called.clone(), &[line(kind, Side::Signer, BESIDE)]);
    assert_eq!((found[0].counterparty(), found[0].transfer.position.log), (account(OTHER), None));
    // It pays with a known token: the payment says it all.
    let pays = called.clone().transfer(TOKEN, signer, account(OTHER), MUCH);
    check(&[signer], pays, &[line(TransferKind::Erc20, Side::Sender, INBOUND)]);
    // It pays with a token that anyone could have made.
    let invented = called.clone().transfer(STRANGE_TOKEN, signer, account(OTHER), MUCH);
    let expected =
        [line(kind, Side::Signer, BESIDE), line(TransferKind::Erc20, Side::Sender, SPOOF)];
    check(&[signer], invented, &expected);
    // Others pay one another in its transaction.
    let others = called.transfer(TOKEN, account(OTHER), account(THIRD), MUCH);
    check(&[signer], others, &[line(kind, Side::Signer, BESIDE)]);
}

#[test]
fn dust_of_coin_names_no_signer_and_a_mere_call_accuses_nobody() {
    let dust = tx(1, Some(account(OTHER)), 5);
    let expected = ("unsolicited_dust", Severity::Informational);
    check(&[dust.signer()], dust, &[line(TransferKind::Native, Side::Sender, expected)]);
    let nothing = tx(1, Some(account(OTHER)), 0);
    check(&[nothing.signer()], nothing, &[line(TransferKind::Call, Side::Signer, SPOOF)]);
}

#[test]
fn who_calls_a_listed_contract_deals_with_it() {
    let kind = TransferKind::Call;
    let called = calling(1, Some(account(LISTED)), 0, vec![1, 2, 3, 4]);
    let dealer = called.signer();
    let found = check(&[account(LISTED)], called.clone(), &[line(kind, Side::Callee, BESIDE)]);
    assert_eq!(found[0].counterparty(), dealer);
    let pool = called.transfer(TOKEN, dealer, account(LISTED), MUCH);
    check(&[account(LISTED)], pool, &[line(TransferKind::Erc20, Side::Recipient, OUTBOUND)]);
}

#[test]
fn a_failed_transaction_moved_nothing_and_is_kept() {
    let kind = TransferKind::Call;
    let failed = tx(1, Some(account(OTHER)), 5000).failed();
    let signer = failed.signer();
    let found = check(&[signer], failed.clone(), &[line(kind, Side::Signer, FAILED)]);
    assert_eq!(found[0].transfer.value, U256::ZERO);
    check(&[account(OTHER)], failed, &[line(kind, Side::Callee, FAILED)]);
    let creating = tx(1, None, 0).failed();
    let expected = [line(TransferKind::Creation, Side::Signer, FAILED)];
    check(&[creating.signer()], creating, &expected);
}

#[test]
fn what_providers_tell_of_stands_beside_what_is_proved_and_hides_nothing() {
    let called = calling(1, Some(account(OTHER)), 0, vec![1, 2, 3, 4]);
    let signer = called.signer();
    let block = block(genesis(), &[called]);
    let passed = json!({ "type": "CALL", "from": signer, "to": account(THIRD), "value": "0x1" });
    let root = json!({ "type": "CALL", "from": signer, "to": account(OTHER), "value": "0x0",
        "calls": [passed] });
    let told = json!([{ "txHash": block.transactions[0].hash, "result": root }]);
    let traces = call_tracer(&block, &told.to_string()).unwrap();
    let script = Script::default().act(Kind::List, place(50, 0, 0), &[signer]);
    let evidence = Evidence { traces: Some(&traces), ..Evidence::proved(&block) };
    let alerts = world::live_upon(&evidence, &script.ledger()).alerts;
    let found: Vec<_> =
        alerts.iter().map(|a| (a.transfer.kind, a.side, a.transfer.verification)).collect();
    let proved = (TransferKind::Call, Side::Signer, Verification::Proved);
    let dust = (TransferKind::Internal, Side::Sender, Verification::Unverified);
    assert_eq!(found, [proved, dust], "an invented wei does not stand for the signature");
}

#[test]
fn a_contract_that_comes_to_be_at_a_listed_address_is_found() {
    let creating = tx(7, None, 0);
    let kind = TransferKind::Creation;
    let (creator, created) = (creating.signer(), creating.signer().create(7));
    let found = check(&[created], creating.clone(), &[line(kind, Side::Created, BESIDE)]);
    assert_eq!(found[0].counterparty(), creator);
    let found = check(&[creator], creating, &[line(kind, Side::Signer, BESIDE)]);
    assert_eq!(found[0].counterparty(), created);
}

#[test]
fn the_sender_of_blobs_is_a_signer() {
    let draft = blobs(1, account(OTHER));
    let signer = draft.signer();
    check(&[signer], draft, &[line(TransferKind::Call, Side::Signer, BESIDE)]);
}

#[test]
fn a_delegation_names_both_even_if_the_transaction_failed() {
    let kind = TransferKind::Delegation;
    let signed = delegation(CHAIN, account(OTHER));
    let authority = signed.recover_authority().unwrap();
    let draft = || delegating(1, account(THIRD), vec![signed.clone()]);
    for draft in [draft(), draft().failed()] {
        let found = check(&[authority], draft.clone(), &[line(kind, Side::Authority, BESIDE)]);
        assert_eq!(found[0].counterparty(), account(OTHER));
        let found = check(&[account(OTHER)], draft, &[line(kind, Side::Delegate, BESIDE)]);
        assert_eq!(found[0].counterparty(), authority);
    }
}

#[test]
fn a_lie_about_a_listed_signer_hides_it_only_where_the_provider_is_believed() {
    let called = calling(1, Some(account(OTHER)), 0, vec![1, 2, 3, 4]);
    let signer = called.signer();
    let list = |who| Script::default().act(Kind::List, place(50, 0, 0), &[who]).ledger();
    let mut lied = block(genesis(), &[called]);
    lied.transactions[0].claimed_signer = account(THIRD);
    assert_eq!(world::live(&lied, &list(signer)).alerts.len(), 1);
    let evidence = Evidence { signers: Signers::Claimed, ..Evidence::proved(&lied) };
    let believed = world::live_upon(&evidence, &list(signer));
    assert_eq!(believed, Screened::default());
    // It cannot make somebody a signer who is none.
    let accused = world::live_upon(&evidence, &list(account(THIRD)));
    assert_eq!(accused, Screened::default());
}

#[test]
fn what_was_allowed_or_called_before_the_listing_is_found_by_looking_back() {
    let called = calling(1, Some(account(LISTED)), 0, vec![1, 2, 3, 4]);
    let script = Script::default().act(Kind::List, place(200, 0, 0), &[account(LISTED)]);
    let ledger = script.days_later(400).ledger();
    let past = block(genesis(), &[called]);
    let found = world::back(&past, &ledger, 1, &newly_listed(&ledger, 1)).alerts;
    let rules: Vec<_> = found.iter().map(|alert| (alert.rule.as_str(), alert.side)).collect();
    assert_eq!(rules, [("lookback.pre_listing", Side::Callee)]);
}
