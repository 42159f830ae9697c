//! A block proved from bytes is the block that `accept` accepts, or none.

use alloy_primitives::Bytes;
use interdict_core::ledger::Kind;

use super::*;
use crate::decode::TRANSFER;
use crate::world::{
    Draft, STRANGE_TOKEN, Script, TOKEN, account, genesis, place, profile, raw, said, tx,
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
