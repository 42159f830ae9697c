//! What is a transfer, what is none, and what cannot be told.

use alloy_primitives::{Bytes, keccak256};
use interdict_core::contract::IBlocklist;

use super::*;
use crate::world::{
    CHAIN, Draft, TOKEN, account, blobs, block, calling, delegating, delegation, genesis, tx,
};

fn decoded(drafts: &[Draft]) -> Decoded {
    transfers(CHAIN, &block(genesis(), drafts))
}

fn word(n: u64) -> B256 {
    B256::from(U256::from(n))
}

fn party(n: u8) -> B256 {
    account(n).into_word()
}

fn data(words: &[u64]) -> Bytes {
    words.iter().flat_map(|n| word(*n).0).collect()
}

fn logged(emitter: Address, topics: Vec<B256>, data: Bytes) -> Decoded {
    decoded(&[tx(1, None, 0).log(emitter, topics, data)])
}

fn only(decoded: &Decoded) -> Moved {
    assert!(decoded.undecoded.is_empty(), "{:?}", decoded.undecoded);
    let [moved] = decoded.moved[..] else { panic!("one movement: {:?}", decoded.moved) };
    moved
}

fn only_undecoded(topics: Vec<B256>, data: Bytes) -> Undecoded {
    let mut decoded = logged(TOKEN, topics, data);
    assert_eq!((decoded.moved.len(), decoded.undecoded.len()), (0, 1));
    decoded.undecoded.remove(0)
}

#[test]
fn topics_are_the_hashes_of_their_signatures() {
    let of = |signature: &str| keccak256(signature.as_bytes());
    let expected = [
        of("Transfer(address,address,uint256)"),
        of("TransferSingle(address,address,address,uint256,uint256)"),
        of("TransferBatch(address,address,address,uint256[],uint256[])"),
        of("Approval(address,address,uint256)"),
        of("ApprovalForAll(address,address,bool)"),
        of("Deposit(address,uint256)"),
        of("Withdrawal(address,uint256)"),
    ];
    assert_eq!(TOPICS, expected);
}

#[test]
fn value_goes_from_the_signer_to_the_callee() {
    let draft = tx(1, Some(account(1)), 5);
    let transfer = only(&decoded(std::slice::from_ref(&draft))).transfer;
    assert_eq!((transfer.from, transfer.to), (draft.signer(), account(1)));
    assert_eq!((transfer.value, transfer.kind), (U256::from(5), TransferKind::Native));
    assert_eq!(transfer.position, Position { block: 101, tx: 0, log: None });
    assert_eq!(transfer.verification, Verification::Proved);
}

#[test]
fn value_of_a_creation_goes_to_the_contract() {
    let draft = tx(7, None, 5);
    let transfer = only(&decoded(std::slice::from_ref(&draft))).transfer;
    assert_eq!(transfer.to, draft.signer().create(7));
}

#[test]
fn a_lie_about_the_sender_changes_nothing() {
    let draft = tx(1, Some(account(1)), 5);
    let mut lied = block(genesis(), std::slice::from_ref(&draft));
    lied.transactions[0].claimed_signer = account(9);
    assert_eq!(only(&transfers(CHAIN, &lied)).transfer.from, draft.signer());
}

#[test]
fn nothing_moves_without_value_or_success() {
    let failed = tx(2, Some(account(1)), 5).failed();
    assert_eq!(decoded(&[tx(1, Some(account(1)), 0), failed]), Decoded::default());
}

#[test]
fn an_erc20_transfer_is_read() {
    let draft = tx(1, Some(TOKEN), 0).transfer(TOKEN, account(2), account(3), 8);
    let transfer = only(&decoded(&[draft])).transfer;
    assert_eq!((transfer.from, transfer.to), (account(2), account(3)));
    assert_eq!((transfer.token, transfer.value), (Some(TOKEN), U256::from(8)));
    assert_eq!((transfer.position.log, transfer.item), (Some(0), 0));
}

#[test]
fn tokens_older_than_the_standard_index_nothing() {
    let words: Vec<u8> = [party(2), party(3), word(8)].iter().flat_map(|word| word.0).collect();
    let transfer = only(&logged(TOKEN, vec![TRANSFER], words.into())).transfer;
    assert_eq!((transfer.from, transfer.to), (account(2), account(3)));
    assert_eq!((transfer.kind, transfer.value), (TransferKind::Erc20, U256::from(8)));
}

#[test]
fn who_calls_transfer_from_for_another_is_the_spender() {
    let spent = |selector: [u8; 4], owner: u8, callee: Address| {
        let arguments = [party(owner), party(3), word(8)].into_iter().flat_map(|word| word.0);
        let input = selector.into_iter().chain(arguments).collect();
        let draft = calling(1, Some(callee), 0, input);
        let signer = draft.signer();
        let moved = only(&decoded(&[draft.transfer(TOKEN, account(2), account(3), 8)]));
        moved.spender.map(|spender| spender == signer)
    };
    let transfer_from = [0x23, 0xb8, 0x72, 0xdd];
    assert_eq!(spent(transfer_from, 2, TOKEN), Some(true));
    assert_eq!(spent([0x42, 0x84, 0x2e, 0x0e], 2, TOKEN), Some(true));
    assert_eq!(spent([0xb8, 0x8d, 0x4f, 0xde], 2, TOKEN), Some(true));
    assert_eq!(spent([0xa9, 0x05, 0x9c, 0xbb], 2, TOKEN), None, "transfer moves one's own");
    assert_eq!(spent(transfer_from, 4, TOKEN), None, "another's than was asked for");
    assert_eq!(spent(transfer_from, 2, account(9)), None, "another contract decides what it does");
}

#[test]
fn an_erc721_transfer_keeps_its_id() {
    let topics = vec![TRANSFER, party(1), party(2), word(7)];
    let transfer = only(&logged(TOKEN, topics, Bytes::new())).transfer;
    assert_eq!(transfer.kind, TransferKind::Erc721);
    assert_eq!((transfer.from, transfer.to), (account(1), account(2)));
    assert_eq!((transfer.token_id, transfer.value), (Some(U256::from(7)), U256::ONE));
}

#[test]
fn an_erc1155_transfer_keeps_operator_id_and_amount() {
    let topics = vec![TRANSFER_SINGLE, party(9), party(1), party(2)];
    let moved = only(&logged(TOKEN, topics, data(&[7, 50])));
    assert_eq!(moved.spender, Some(account(9)));
    let transfer = moved.transfer;
    assert_eq!((transfer.from, transfer.to), (account(1), account(2)));
    assert_eq!((transfer.token_id, transfer.value), (Some(U256::from(7)), U256::from(50)));
    assert_eq!((transfer.kind, transfer.token), (TransferKind::Erc1155, Some(TOKEN)));
}

fn batch(words: &[u64]) -> Decoded {
    logged(TOKEN, vec![TRANSFER_BATCH, party(9), party(1), party(2)], data(words))
}

#[test]
fn each_element_of_a_batch_is_a_transfer_of_its_own() {
    let decoded = batch(&[64, 160, 2, 7, 8, 2, 50, 60]);
    let items: Vec<_> = decoded
        .moved
        .iter()
        .map(|Moved { transfer, .. }| (transfer.item, transfer.token_id, transfer.value))
        .collect();
    let expected = [(0, 7, 50), (1, 8, 60)];
    let expected = expected.map(|(item, id, n)| (item, Some(U256::from(id)), U256::from(n)));
    assert_eq!(items, expected);
    assert!(decoded.moved.iter().all(|moved| moved.transfer.position.log == Some(0)));
}

#[test]
fn an_empty_batch_is_a_movement_of_nothing() {
    let transfer = only(&batch(&[64, 96, 0, 0])).transfer;
    assert_eq!((transfer.value, transfer.token_id), (U256::ZERO, None));
}

#[test]
fn a_hostile_batch_is_kept_and_costs_nothing() {
    let refused = |words: &[u64], expected: &str| {
        let decoded = batch(words);
        assert!(decoded.moved.is_empty(), "{words:?}");
        let [log] = &decoded.undecoded[..] else { panic!("one is kept: {words:?}") };
        assert_eq!(log.kind, UndecodedKind::Erc1155);
        assert!(log.reason.contains(expected), "{}", log.reason);
        assert!(log.parties.starts_with(&[account(9), account(1), account(2)]));
    };
    refused(&[64, 160, 2, 7, 8, 1, 50], "2 ids and 1 amounts");
    refused(&[64, 160, u64::MAX, 7, 8, 2, 50, 60], "do not lie");
    refused(&[u64::MAX, u64::MAX, 1], "do not lie");
    refused(&[64, 32, 1, 7], "do not lie");
    refused(&[64], "do not lie");
    refused(&[], "do not lie");
    // An offset and a length of 2^256 - 1.
    let mut bytes = data(&[64, 160, 1, 7, 8, 1, 50]).to_vec();
    bytes[..32].fill(0xff);
    let topics = vec![TRANSFER_BATCH, party(9), party(1), party(2)];
    assert_eq!(logged(TOKEN, topics.clone(), bytes.clone().into()).undecoded.len(), 1);
    bytes[..64].copy_from_slice(&data(&[64, 160]));
    bytes[64..96].fill(0xff);
    assert_eq!(logged(TOKEN, topics, bytes.into()).undecoded.len(), 1);
}

#[test]
fn a_malformed_single_transfer_is_kept() {
    let log = only_undecoded(vec![TRANSFER_SINGLE, party(9), party(1), party(2)], data(&[7]));
    assert_eq!(log.kind, UndecodedKind::Erc1155);
    let log = only_undecoded(vec![TRANSFER_SINGLE, party(9), party(1)], data(&[7, 50]));
    assert!(log.reason.contains("3 topics"), "{}", log.reason);
    let topics = vec![TRANSFER_SINGLE, party(9), B256::repeat_byte(1), party(2)];
    assert!(only_undecoded(topics, data(&[7, 50])).reason.contains("no address"));
}

#[test]
fn wrapped_coin_comes_and_goes() {
    let deposit = only(&logged(TOKEN, vec![DEPOSIT, party(2)], data(&[8]))).transfer;
    assert_eq!((deposit.kind, deposit.from, deposit.to), (TransferKind::Wrap, TOKEN, account(2)));
    let withdrawal = only(&logged(TOKEN, vec![WITHDRAWAL, party(2)], data(&[8]))).transfer;
    assert_eq!((withdrawal.from, withdrawal.to), (account(2), TOKEN));
    assert_eq!((withdrawal.kind, withdrawal.value), (TransferKind::Unwrap, U256::from(8)));
    // Events of the same name and another shape are other contracts' own.
    for topics in [vec![DEPOSIT], vec![DEPOSIT, party(2), party(3)]] {
        assert_eq!(logged(TOKEN, topics, data(&[8, 9])), Decoded::default());
    }
}

#[test]
fn approvals_go_from_the_owner_to_the_spender() {
    let check = |topics: Vec<B256>, data: Bytes, id: Option<u64>, value: u64| {
        let transfer = only(&logged(TOKEN, topics, data)).transfer;
        assert_eq!((transfer.from, transfer.to), (account(1), account(2)));
        assert_eq!((transfer.kind, transfer.token), (TransferKind::Approval, Some(TOKEN)));
        assert_eq!((transfer.token_id, transfer.value), (id.map(U256::from), U256::from(value)));
    };
    check(vec![APPROVAL, party(1), party(2)], data(&[9]), None, 9);
    check(vec![APPROVAL, party(1), party(2), word(7)], Bytes::new(), Some(7), 1);
    check(vec![APPROVAL_FOR_ALL, party(1), party(2)], data(&[1]), None, 1);
    check(vec![APPROVAL_FOR_ALL, party(1), party(2)], data(&[0]), None, 0);
    let log = only_undecoded(vec![APPROVAL, party(1)], data(&[9]));
    assert_eq!((log.kind, log.parties.contains(&account(1))), (UndecodedKind::Approval, true));
    let log = only_undecoded(vec![APPROVAL_FOR_ALL, party(1), party(2)], data(&[1, 1]));
    assert_eq!(log.kind, UndecodedKind::Approval);
}

#[test]
fn what_the_chain_logs_of_its_coin_is_no_token() {
    let draft = tx(1, Some(account(9)), 0).transfer(COIN_LOGGER, account(2), account(3), 8);
    let transfer = only(&decoded(&[draft])).transfer;
    assert_eq!((transfer.kind, transfer.token), (TransferKind::NativeLog, None));
    assert_eq!((transfer.value, transfer.position.log), (U256::from(8), Some(0)));
}

#[test]
fn a_transactions_own_value_is_counted_once_where_the_chain_logs_it() {
    let draft = tx(1, Some(account(9)), 5);
    let signer = draft.signer();
    let own = |draft: Draft| draft.transfer(COIN_LOGGER, signer, account(9), 5);
    let once = only(&decoded(&[own(draft.clone())])).transfer;
    let unlogged = only(&decoded(std::slice::from_ref(&draft))).transfer;
    // A log more is another block; all else is the same, its name included.
    assert_eq!(Transfer { block_hash: unlogged.block_hash, ..once }, unlogged);
    // The same again is another movement (a delegated account's own call), and so is any other.
    let twice = decoded(&[own(own(draft.clone()))]);
    let logs: Vec<_> = twice.moved.iter().map(|moved| moved.transfer.position.log).collect();
    assert_eq!(logs, [None, Some(1)]);
    let other = decoded(&[draft.transfer(COIN_LOGGER, account(9), account(3), 5)]);
    assert_eq!(other.moved.len(), 2, "the callee passes it on");
}

#[test]
fn a_malformed_transfer_says_what_is_wrong() {
    let check = |topics: Vec<B256>, data: &'static [u8], expected: &str| {
        let log = only_undecoded(topics, Bytes::from_static(data));
        assert_eq!(log.kind, UndecodedKind::Malformed);
        assert!(log.reason.contains(expected), "{}", log.reason);
    };
    let party = party(1);
    check(vec![TRANSFER], &[0; 95], "0 indexed words and 95 bytes");
    check(vec![TRANSFER, party], &[0; 64], "1 indexed words and 64 bytes");
    check(vec![TRANSFER, party, party], &[0; 31], "31 bytes");
    check(vec![TRANSFER, party, party], &[0; 64], "64 bytes");
    check(vec![TRANSFER, B256::repeat_byte(1), party], &[0; 32], "no address");
    check(vec![TRANSFER, party, party, party], &[0; 32], "four topics and 32 bytes");
}

#[test]
fn whom_an_unreadable_log_could_be_about_is_looked_for_in_all_of_it() {
    let words: Vec<u8> = [word(0), party(2), word(5)].iter().flat_map(|word| word.0).collect();
    let log = only_undecoded(vec![TRANSFER, party(1)], words.into());
    assert_eq!(log.parties, [account(1), account(2), Address::with_last_byte(5)]);
    assert!(only_undecoded(vec![TRANSFER], Bytes::new()).parties.is_empty());
}

#[test]
fn other_logs_are_none_of_our_business() {
    let draft = tx(1, None, 0).log(TOKEN, vec![B256::repeat_byte(1)], Bytes::new());
    let anonymous = tx(2, None, 0).log(TOKEN, Vec::new(), Bytes::new());
    assert_eq!(decoded(&[draft, anonymous]), Decoded::default());
}

fn beside<T>(draft: &Draft, read: impl Fn(&At<'_>) -> T) -> T {
    let block = block(genesis(), std::slice::from_ref(draft));
    let (header, tx) = (&block.header, &block.transactions[0]);
    read(&At { chain_id: CHAIN, header, index: 0, tx, signer: draft.signer(), traced: None })
}

#[test]
fn a_transaction_names_its_signer_and_whom_it_calls_or_creates() {
    for draft in [tx(1, Some(account(1)), 0), blobs(1, account(1)), blobs(1, account(1)).failed()] {
        let call = beside(&draft, call);
        assert_eq!(
            (call.kind, call.from, call.to),
            (TransferKind::Call, draft.signer(), account(1))
        );
        assert_eq!((call.value, call.token, call.position.log), (U256::ZERO, None, None));
    }
    let creating = tx(7, None, 0);
    let creation = beside(&creating, call);
    assert_eq!(creation.kind, TransferKind::Creation);
    assert_eq!(creation.to, creating.signer().create(7));
}

#[test]
fn a_delegation_names_authority_and_delegate_even_if_the_transaction_failed() {
    let list = vec![
        delegation(CHAIN, account(1)),
        delegation(CHAIN + 1, account(2)),
        delegation(0, account(3)),
    ];
    let authority = |n: usize| list[n].recover_authority().unwrap();
    for draft in
        [delegating(1, account(9), list.clone()), delegating(1, account(9), list.clone()).failed()]
    {
        let found: Vec<_> = beside(&draft, delegations)
            .into_iter()
            .map(|transfer| (transfer.kind, transfer.item, transfer.from, transfer.to))
            .collect();
        let kind = TransferKind::Delegation;
        let expected = [(kind, 0, authority(0), account(1)), (kind, 2, authority(2), account(3))];
        assert_eq!(found, expected, "another chain's has no effect here");
    }
    assert!(beside(&tx(1, None, 0), delegations).is_empty());
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

mod anything {
    //! Whoever emits a log chooses its bytes.

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::chain::Log;

    fn word_like() -> impl Strategy<Value = B256> {
        prop_oneof![
            any::<[u8; 32]>().prop_map(B256::new),
            (0_u64..512).prop_map(word),
            any::<u8>().prop_map(party),
            Just(B256::repeat_byte(0xff)),
        ]
    }

    fn any_log() -> impl Strategy<Value = Log> {
        let first = prop_oneof![proptest::sample::select(TOPICS.to_vec()), word_like()];
        let topics =
            (first, vec(word_like(), 0..4)).prop_map(|(first, rest)| [vec![first], rest].concat());
        let words = vec(word_like(), 0..12).prop_map(|words| words.concat());
        let data = prop_oneof![words, vec(any::<u8>(), 0..400)];
        let emitter = prop_oneof![Just(TOKEN), Just(COIN_LOGGER)];
        (topics, data, emitter, any::<u64>()).prop_map(|(topics, data, address, index)| {
            let data = alloy_primitives::LogData::new_unchecked(topics, data.into());
            Log { index, address, data }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 1024,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn is_read_or_refused_and_never_more_than_it_carries(entry in any_log()) {
            let mut moved = Vec::new();
            match log(&entry, &mut moved) {
                Ok(()) => {
                    prop_assert!(moved.len() <= 1 + entry.data.data.len() / abi::WORD_BYTES);
                    for (movement, item) in moved.iter().zip(0..) {
                        prop_assert_eq!(movement.item, item);
                        prop_assert_eq!(movement.kind.has_token(), movement.token.is_some());
                        prop_assert!(movement.kind.has_log());
                    }
                }
                Err(unread) => {
                    prop_assert!(moved.is_empty() && !unread.reason.is_empty());
                    prop_assert!(TOPICS.contains(&entry.data.topics()[0]));
                }
            }
            let parties = abi::parties(&entry);
            prop_assert!(parties.len() < entry.data.topics().len() + 9);
        }

        #[test]
        fn is_no_word_that_acts(
            answer in vec(any::<u8>(), 0..200),
            words in vec(word_like(), 0..6),
        ) {
            for answer in [answer, words.concat()] {
                let text = crate::tokens::text(&answer, crate::tokens::SYMBOL_MAX_CHARS);
                let text = text.unwrap_or_default();
                prop_assert!(text.chars().count() <= crate::tokens::SYMBOL_MAX_CHARS);
                let acts = |c: char| c.is_control() || "<>&\"'`=\u{202e}".contains(c);
                prop_assert!(!text.contains(acts));
                let _ = crate::tokens::small(&answer);
            }
        }

        #[test]
        fn traces_are_read_or_refused(text in ".{0,200}") {
            let block = block(genesis(), &[tx(1, Some(account(1)), 5)]);
            let _ = traces::call_tracer(&block, &text);
            let _ = traces::trace_block(&block, &text);
        }
    }
}
