//! Each altered thing is noticed, and as what it is.

use alloy_consensus::transaction::Recovered;
use alloy_primitives::Bytes;
use alloy_rpc_types_eth::{
    Block as AlloyBlock, BlockTransactions, Log as RpcLog, TransactionReceipt,
};

use super::*;
use crate::world::{Draft, STRANGE_TOKEN, TOKEN, account, genesis, profile, raw, said, tx};

fn drafts() -> Vec<Draft> {
    vec![
        tx(1, Some(account(1)), 5).transfer(TOKEN, account(2), account(3), 7),
        tx(2, Some(account(1)), 0).transfer(TOKEN, account(2), account(3), 8).transfer(
            STRANGE_TOKEN,
            account(4),
            account(5),
            9,
        ),
        tx(3, None, 11).failed(),
    ]
}

type Raw = (AlloyBlock, Vec<TransactionReceipt>);

fn accepted((rpc, receipts): Raw) -> Result<Block, AcceptError> {
    block(&profile(), said(&rpc), said(&receipts), Wanted::Above(genesis()))
}

fn altered(change: impl FnOnce(&mut Raw)) -> AcceptError {
    let mut raw = raw(genesis(), &drafts());
    change(&mut raw);
    accepted(raw).unwrap_err()
}

fn logs(receipts: &mut [TransactionReceipt], index: usize) -> &mut Vec<RpcLog> {
    let receipt = receipts[index].inner.as_receipt_with_bloom_mut().unwrap();
    &mut receipt.receipt.logs
}

#[test]
fn an_honest_block_counts() {
    let block = accepted(raw(genesis(), &drafts())).unwrap();
    assert_eq!((block.header.number, block.header.parent), (101, genesis().hash));
    let indices: Vec<Vec<u64>> =
        block.transactions.iter().map(|tx| tx.logs.iter().map(|log| log.index).collect()).collect();
    assert_eq!(indices, [vec![0], vec![1, 2], vec![]]);
    assert_eq!(
        block.transactions.iter().map(|tx| tx.succeeded).collect::<Vec<_>>(),
        [true, true, false]
    );
}

#[test]
fn an_empty_block_counts() {
    assert!(accepted(raw(genesis(), &[])).unwrap().transactions.is_empty());
}

#[test]
fn an_altered_header_is_noticed() {
    let error = altered(|(rpc, _)| rpc.header.inner.timestamp += 1);
    assert!(matches!(error, AcceptError::HeaderHash { number: 101, .. }), "{error}");
}

#[test]
fn another_block_than_asked_for_is_noticed() {
    let above = |header: Header| {
        let (rpc, receipts) = raw(header, &drafts());
        accepted((rpc, receipts)).unwrap_err()
    };
    let error = above(Header { number: 103, ..genesis() });
    assert!(matches!(error, AcceptError::OtherBlock { got: 104, wanted: 101, .. }), "{error}");
    let error = above(Header { hash: B256::repeat_byte(1), ..genesis() });
    assert!(matches!(error, AcceptError::Parent { number: 101, .. }), "{error}");

    let (rpc, receipts) = raw(genesis(), &drafts());
    let wanted = Wanted::Exactly { hash: B256::repeat_byte(2), number: 101 };
    let error = block(&profile(), said(&rpc), said(&receipts), wanted).unwrap_err();
    assert!(matches!(error, AcceptError::OtherBlock { got: 101, .. }), "{error}");
}

#[test]
fn a_hidden_or_altered_transaction_is_noticed() {
    let error = altered(|(rpc, receipts)| {
        let BlockTransactions::Full(transactions) = &mut rpc.transactions else { return };
        transactions.pop();
        receipts.pop();
    });
    assert!(matches!(error, AcceptError::TransactionsRoot { .. }), "{error}");
    let error = altered(|(rpc, _)| {
        let BlockTransactions::Full(transactions) = &mut rpc.transactions else { return };
        let claimed = *transactions[0].inner.signer_ref();
        transactions[0].inner = Recovered::new_unchecked(tx(1, Some(account(1)), 6).tx, claimed);
    });
    assert!(matches!(error, AcceptError::TransactionsRoot { .. }), "{error}");
    let (mut rpc, _) = raw(genesis(), &drafts());
    rpc.transactions = BlockTransactions::Hashes(vec![B256::ZERO]);
    let text = serde_json::to_string(&rpc).unwrap();
    assert!(serde_json::from_str::<RpcBlock>(&text).is_err(), "hashes are no transactions");
}

#[test]
fn a_wrong_label_of_a_transaction_is_noticed() {
    let error = altered(|(rpc, _)| {
        let text = serde_json::to_string(&rpc.transactions).unwrap();
        let hash = drafts()[0].tx.tx_hash().to_string();
        let text = text.replace(&hash, &B256::repeat_byte(3).to_string());
        rpc.transactions = serde_json::from_str(&text).unwrap();
    });
    assert!(matches!(error, AcceptError::TransactionHash { index: 0, .. }), "{error}");
}

#[test]
fn a_missing_or_swapped_receipt_is_noticed() {
    let error = altered(|(_, receipts)| {
        receipts.pop();
    });
    assert_eq!(error, AcceptError::ReceiptCount { number: 101, transactions: 3, receipts: 2 });
    let error = altered(|(_, receipts)| receipts.clear());
    assert_eq!(error, AcceptError::ReceiptCount { number: 101, transactions: 3, receipts: 0 });
    let error = altered(|(_, receipts)| receipts.swap(0, 1));
    assert!(matches!(error, AcceptError::ReceiptOrder { index: 0, .. }), "{error}");
}

#[test]
fn a_dropped_log_is_noticed() {
    let error = altered(|(_, receipts)| {
        logs(receipts, 1).pop();
    });
    assert!(matches!(error, AcceptError::ReceiptsRoot { .. }), "{error}");
}

#[test]
fn an_altered_log_or_status_is_noticed() {
    let error = altered(|(_, receipts)| {
        let value: Bytes = U256::from(1_000_000).to_be_bytes_vec().into();
        logs(receipts, 0)[0].inner.data.data = value;
    });
    assert!(matches!(error, AcceptError::ReceiptsRoot { .. }), "{error}");
    let error = altered(|(_, receipts)| logs(receipts, 0)[0].inner.address = account(9));
    assert!(matches!(error, AcceptError::ReceiptsRoot { .. }), "{error}");
    let error = altered(|(_, receipts)| {
        receipts[2].inner.as_receipt_with_bloom_mut().unwrap().receipt.status = true.into();
    });
    assert!(matches!(error, AcceptError::ReceiptsRoot { .. }), "{error}");
}

#[test]
fn a_removed_log_is_noticed() {
    let error = altered(|(_, receipts)| logs(receipts, 1)[0].removed = true);
    assert_eq!(error, AcceptError::RemovedLog { number: 101, log: 1 });
}

#[test]
fn a_gap_in_the_log_indices_is_noticed() {
    let error = altered(|(_, receipts)| logs(receipts, 1)[1].log_index = Some(3));
    assert_eq!(error, AcceptError::LogIndex { number: 101, found: Some(3), expected: 2 });
}

#[test]
fn a_receipt_or_log_of_another_block_is_noticed() {
    let error = altered(|(_, receipts)| logs(receipts, 1)[0].block_number = Some(99));
    assert_eq!(error, AcceptError::OtherBlocksLog { number: 101, index: 1 });
    let error = altered(|(_, receipts)| receipts[2].block_hash = Some(B256::ZERO));
    assert_eq!(error, AcceptError::OtherBlocksLog { number: 101, index: 2 });
}
