//! What is a transfer, what is none, and what cannot be told.

use alloy_primitives::Bytes;
use interdict_core::contract::IBlocklist;

use super::*;
use crate::world::{CHAIN, Draft, TOKEN, account, block, genesis, tx};

fn decoded(drafts: &[Draft]) -> Decoded {
    transfers(CHAIN, &block(genesis(), drafts))
}

fn only_undecoded(topics: Vec<B256>, data: Bytes) -> Undecoded {
    let mut decoded = decoded(&[tx(1, None, 0).log(TOKEN, topics, data)]);
    assert_eq!((decoded.transfers.len(), decoded.undecoded.len()), (0, 1));
    decoded.undecoded.remove(0)
}

#[test]
fn value_goes_from_the_signer_to_the_callee() {
    let draft = tx(1, Some(account(1)), 5);
    let decoded = decoded(std::slice::from_ref(&draft));
    let [transfer] = decoded.transfers[..] else { panic!("one transfer") };
    assert_eq!((transfer.from, transfer.to), (draft.signer(), account(1)));
    assert_eq!((transfer.value, transfer.kind), (U256::from(5), TransferKind::Native));
    assert_eq!(transfer.position, Position { block: 101, tx: 0, log: None });
}

#[test]
fn value_of_a_creation_goes_to_the_contract() {
    let draft = tx(7, None, 5);
    let transfer = decoded(std::slice::from_ref(&draft)).transfers[0];
    assert_eq!(transfer.to, draft.signer().create(7));
}

#[test]
fn a_lie_about_the_sender_changes_nothing() {
    let draft = tx(1, Some(account(1)), 5);
    let mut lied = block(genesis(), std::slice::from_ref(&draft));
    lied.transactions[0].claimed_signer = account(9);
    assert_eq!(transfers(CHAIN, &lied).transfers[0].from, draft.signer());
}

#[test]
fn nothing_moves_without_value_or_success() {
    let failed = tx(2, Some(account(1)), 5).failed();
    assert_eq!(decoded(&[tx(1, Some(account(1)), 0), failed]), Decoded::default());
}

#[test]
fn an_erc20_transfer_is_read() {
    let draft = tx(1, Some(TOKEN), 0).transfer(TOKEN, account(2), account(3), 8);
    let transfer = decoded(&[draft]).transfers[0];
    assert_eq!((transfer.from, transfer.to), (account(2), account(3)));
    assert_eq!((transfer.token, transfer.value), (Some(TOKEN), U256::from(8)));
    assert_eq!(transfer.position.log, Some(0));
}

#[test]
fn an_erc721_transfer_is_known_and_not_screened() {
    let party = |n| account(n).into_word();
    let topics = vec![TRANSFER, party(1), party(2), B256::with_last_byte(7)];
    let log = only_undecoded(topics, Bytes::new());
    assert_eq!(log.kind, UndecodedKind::Erc721);
    assert_eq!(log.parties, Some([account(1), account(2)]));
}

#[test]
fn a_malformed_transfer_says_what_is_wrong() {
    let check = |topics: Vec<B256>, data: &'static [u8], expected: &str| {
        let log = only_undecoded(topics, Bytes::from_static(data));
        assert_eq!(log.kind, UndecodedKind::Malformed);
        assert!(log.reason.contains(expected), "{}", log.reason);
    };
    let party = account(1).into_word();
    check(vec![TRANSFER], &[0; 96], "1 topics");
    check(vec![TRANSFER, party, party], &[0; 31], "31 bytes");
    check(vec![TRANSFER, party, party], &[0; 64], "64 bytes");
    check(vec![TRANSFER, B256::repeat_byte(1), party], &[0; 32], "no address");
}

#[test]
fn other_logs_are_none_of_our_business() {
    let draft = tx(1, None, 0).log(TOKEN, vec![B256::repeat_byte(1)], Bytes::new());
    let anonymous = tx(2, None, 0).log(TOKEN, Vec::new(), Bytes::new());
    assert_eq!(decoded(&[draft, anonymous]), Decoded::default());
}

#[test]
fn acts_are_read_from_the_list_only() {
    use alloy_sol_types::SolEvent;
    let list = account(0xb1);
    let listed =
        IBlocklist::Protected { account: account(1), act: alloy_primitives::aliases::U24::from(1) };
    let data = listed.encode_log_data();
    let event = tx(1, None, 0).log(account(0xb2), data.topics().to_vec(), data.data.clone());
    assert_eq!(acts(&block(genesis(), &[event]), list), Ok(Vec::new()));

    let half = tx(1, None, 0).log(list, data.topics().to_vec(), data.data.clone());
    let error = acts(&block(genesis(), &[half]), list).unwrap_err();
    assert_eq!(error, ActError::Incomplete(1, 1));
}
