//! A block proved from bytes is the block that `accept` accepts, or none.

use alloy_primitives::Bytes;
use interdict_core::ledger::Kind;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::decode::{self, TRANSFER};
use crate::world;
use crate::world::{
    Draft, STRANGE_TOKEN, Script, TOKEN, account, block, genesis, place, profile, raw, said, tx,
};

const LIST: Address = Address::repeat_byte(0xb1);

fn watch(accounts: &[Address]) -> Watch {
    Watch::of(&Script::default().act(Kind::List, place(1, 0, 0), accounts).ledger())
}

fn proved(drafts: &[Draft], watch: &Watch) -> Result<Proved, ProveError> {
    let (block, receipts) = raw(genesis(), drafts);
    let (block, receipts) =
        (serde_json::to_vec(&block).unwrap(), serde_json::to_vec(&receipts).unwrap());
    let judge = Judge { profile: profile(), list: LIST, watch };
    judge.prove(Asked::Above(genesis()), &block, &receipts)
}

fn is_quiet(drafts: &[Draft], watch: &Watch) -> bool {
    matches!(proved(drafts, watch).unwrap(), Proved::Quiet(..))
}

fn drafts() -> Vec<Draft> {
    vec![
        tx(1, Some(account(1)), 0).transfer(TOKEN, account(2), account(3), 7),
        tx(2, Some(account(1)), 5).transfer(STRANGE_TOKEN, account(4), account(5), 9),
        tx(3, Some(account(6)), 0).failed(),
    ]
}

#[test]
fn a_block_that_says_nothing_of_the_list_is_proved_without_being_built() {
    let proved = proved(&drafts(), &watch(&[account(9)])).unwrap();
    let Proved::Quiet(header, told) = proved else { panic!("{proved:?}") };
    let (block, receipts) = raw(genesis(), &drafts());
    let (block, receipts) = (said(&block), said(&receipts));
    let accepted = accept::block(&profile(), block, receipts, Wanted::Above(genesis())).unwrap();
    assert_eq!(header, accepted.header);
    assert_eq!(told, Said { logs: 2, fold: None });
    assert!(is_quiet(&[], &watch(&[account(9)])), "an empty one too");

    // Asked for by its height, it is compared with what a range answer said of it.
    let (block, receipts) = raw(genesis(), &drafts());
    let block = serde_json::to_vec(&block).unwrap();
    let receipts = serde_json::to_vec(&receipts).unwrap();
    let watch = watch(&[account(9)]);
    let judge = Judge { profile: profile(), list: LIST, watch: &watch };
    let height = accepted.header.number;
    let proved = judge.prove(Asked::Height(height), &block, &receipts).unwrap();
    let Proved::Quiet(_, told) = proved else { panic!("{proved:?}") };
    assert!(told.agrees_with(&Proved::Whole(Box::new(accepted))));
    assert!(judge.prove(Asked::Height(height + 1), &block, &receipts).is_err());
}

#[test]
fn whatever_may_concern_the_list_is_built() {
    let whole = |drafts: &[Draft], listed: &[Address]| !is_quiet(drafts, &watch(listed));
    let drafts = drafts();
    for listed in [2, 3, 4, 5] {
        assert!(whole(&drafts, &[account(listed)]), "party {listed} of a token's transfer");
    }
    assert!(whole(&drafts, &[account(6)]), "whom a transaction calls");
    assert!(whole(&drafts, &[drafts[1].signer()]), "who signs away value");
    assert!(whole(&drafts, &[drafts[0].signer()]), "whom the provider calls the signer");
    let act = tx(4, Some(account(1)), 0).log(LIST, vec![B256::ZERO], Bytes::new());
    assert!(whole(&[act], &[]), "the list speaks");
    let odd = tx(5, Some(account(1)), 0).log(TOKEN, vec![TRANSFER], Bytes::new());
    assert!(whole(&[odd], &[]), "it looks like a transfer and is none");
    let created = tx(6, None, 0);
    let contract = created.signer().create(6);
    assert!(whole(&[created], &[contract]), "a contract that is created");
    assert!(!whole(&[tx(6, None, 5)], &[account(9)]));
}

#[test]
fn what_is_altered_is_not_proved() {
    let (block, receipts) = raw(genesis(), &drafts());
    let block = serde_json::to_string(&block).unwrap();
    let receipts = serde_json::to_string(&receipts).unwrap();
    let watch = watch(&[account(9)]);
    let judge = Judge { profile: profile(), list: LIST, watch: &watch };
    let prove = |block: &str, receipts: &str| {
        judge.prove(Asked::Above(genesis()), block.as_bytes(), receipts.as_bytes())
    };
    assert!(prove(&block, &receipts).is_ok());
    let gas = receipts.replacen(
        "\"cumulativeGasUsed\":\"0x5208\"",
        "\"cumulativeGasUsed\":\"0x5209\"",
        1,
    );
    let status = receipts.replacen("\"status\":\"0x0\"", "\"status\":\"0x1\"", 1);
    let party = receipts.replacen(&"02".repeat(20), &"08".repeat(20), 1);
    for altered in [gas, status, party] {
        assert_ne!(altered, receipts);
        let refused = prove(&block, &altered);
        assert!(matches!(refused, Err(ProveError::Accept(AcceptError::ReceiptsRoot { .. }))));
    }
    let value = block.replacen("\"value\":\"0x5\"", "\"value\":\"0x6\"", 1);
    let nonce = block.replacen("\"nonce\":\"0x2\"", "\"nonce\":\"0x9\"", 1);
    for altered in [value, nonce] {
        assert_ne!(altered, block);
        let refused = prove(&altered, &receipts);
        assert!(matches!(refused, Err(ProveError::Accept(AcceptError::TransactionHash { .. }))));
    }
    let refused = prove(&block, "[]");
    assert!(matches!(refused, Err(ProveError::Accept(AcceptError::ReceiptCount { .. }))));
    let other = Asked::Above(Header { hash: B256::ZERO, ..genesis() });
    let refused = judge.prove(other, block.as_bytes(), receipts.as_bytes());
    assert!(matches!(refused, Err(ProveError::Accept(AcceptError::Parent { .. }))));
    assert!(matches!(prove("{}", "[]"), Err(ProveError::Unreadable(101, _))));
}

/// Of so few accounts that the listed ones come up often.
fn someone() -> impl Strategy<Value = Address> {
    (1..12_u8).prop_map(account)
}

fn some_word() -> impl Strategy<Value = B256> {
    prop_oneof![
        6 => someone().prop_map(|address| address.into_word()),
        1 => any::<[u8; 32]>().prop_map(B256::from),
        1 => (0..9_u64).prop_map(|n| B256::left_padding_from(&n.to_be_bytes())),
    ]
}

fn some_log() -> impl Strategy<Value = (Address, Vec<B256>, Bytes)> {
    let topic = prop_oneof![
        4 => proptest::sample::select(decode::TOPICS.to_vec()),
        1 => some_word(),
    ];
    let rest = prop_oneof![3 => vec(some_word(), 2..=2), 1 => vec(some_word(), 0..=3)];
    let topics = (topic, rest).prop_map(|(topic, rest)| [vec![topic], rest].concat());
    let words = prop_oneof![3 => vec(some_word(), 1..=1), 1 => vec(some_word(), 0..=4)];
    let cut = prop_oneof![4 => Just(0_usize), 1 => 1..32_usize];
    let data = (words, cut).prop_map(|(words, cut)| {
        let mut data = words.concat();
        data.truncate(data.len().saturating_sub(cut));
        Bytes::from(data)
    });
    (someone(), topics, data)
}

fn some_draft() -> impl Strategy<Value = Draft> {
    let value = prop_oneof![2 => Just(0_u64), 1 => 1..5_000_u64];
    let fails = proptest::bool::weighted(0.1);
    (0..40_u64, proptest::option::weighted(0.9, someone()), value, fails, vec(some_log(), 0..4))
        .prop_map(|(nonce, to, value, fails, logs)| {
            let draft = tx(nonce, to, value);
            if fails {
                return draft.failed();
            }
            logs.into_iter()
                .fold(draft, |draft, (address, topics, data)| draft.log(address, topics, data))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is passed over unbuilt, `decode` and `screen` would have made nothing of.
    #[test]
    fn nothing_is_passed_over(drafts in vec(some_draft(), 0..4), listed in vec(someone(), 0..3)) {
        let ledger = Script::default().act(Kind::List, place(1, 0, 0), &listed).ledger();
        let accepted = block(genesis(), &drafts);
        match proved(&drafts, &Watch::of(&ledger)).unwrap() {
            Proved::Quiet(header, _) => {
                prop_assert_eq!(header, accepted.header);
                prop_assert!(decode::acts(&accepted, LIST).unwrap().is_empty());
                let screened = world::live(&accepted, &ledger);
                prop_assert!(screened.alerts.is_empty() && screened.undecoded.is_empty());
            }
            Proved::Whole(whole) => prop_assert_eq!(whole.header, accepted.header),
        }
    }
}
