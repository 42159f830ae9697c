//! A block of each family of chains counts, and each altered field is noticed. What the roots must
//! be is computed in a second way, which shares nothing with the product.

mod arbitrum;
mod optimism;
mod plain;
mod polygon;

use alloy_consensus::{
    Header as ConsensusHeader, SignableTransaction, TxEip1559, TxEnvelope, TxLegacy,
};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};
use alloy_rpc_types_eth::Header as RpcHeader;
use serde_json::{Value, json};

use self::plain::{PlainLog, list, number, string};
use super::*;
use crate::chain::Signer;
use crate::decode::TRANSFER;
use crate::world::account;

/// A transaction as a node says it, and what the roots commit to.
struct Piece {
    said: Value,
    encoded: Vec<u8>,
    logs: Vec<PlainLog>,
    /// What the receipt says and commits to beyond the usual.
    deposit: Option<(u64, bool)>,
}

impl Piece {
    fn of(mut said: Value, encoded: Vec<u8>) -> Self {
        said["hash"] = json!(keccak256(&encoded));
        let logs = vec![transfer(1), transfer(2)];
        Self { said, encoded, logs, deposit: None }
    }

    fn signed(tx: &TxEnvelope) -> Self {
        let mut said = serde_json::to_value(tx).unwrap();
        said["from"] = json!(account(0xaa));
        Self::of(said, tx.encoded_2718())
    }

    fn kind(&self) -> u8 {
        let text = self.said["type"].as_str().unwrap();
        u8::from_str_radix(&text[2..], 16).unwrap()
    }

    fn receipt(&self, gas: u64) -> Vec<u8> {
        let more = match self.deposit {
            Some((nonce, true)) => vec![number(U256::from(nonce)), number(U256::from(1))],
            Some((_, false)) | None => vec![],
        };
        plain::receipt(self.kind(), true, gas, &self.logs, &more)
    }
}

fn transfer(n: u8) -> PlainLog {
    let topics = vec![TRANSFER, account(n).into_word(), account(n + 1).into_word()];
    (account(0x70), topics, U256::from(n).to_be_bytes_vec())
}

fn payment(nonce: u64) -> TxEnvelope {
    let to = TxKind::Call(account(7));
    let tx = TxEip1559 { chain_id: 10, nonce, to, value: U256::from(5), ..TxEip1559::default() };
    tx.into_signed(Signature::test_signature()).into()
}

/// What a node says of a block, and its header.
#[derive(Clone)]
struct Said {
    header: RpcHeader,
    block: Value,
    receipts: Value,
}

const PARENT: B256 = B256::repeat_byte(0xee);

fn built(number: u64, pieces: &[Piece], extra_data: Bytes) -> Said {
    let encoded: Vec<_> = pieces.iter().map(|piece| piece.encoded.clone()).collect();
    let receipts: Vec<_> =
        pieces.iter().zip(1..).map(|(piece, n)| piece.receipt(n * 21_000)).collect();
    let header = RpcHeader::new(ConsensusHeader {
        parent_hash: PARENT,
        number,
        extra_data,
        transactions_root: plain::root(&encoded),
        receipts_root: plain::root(&receipts),
        ..ConsensusHeader::default()
    });
    let mut block = serde_json::to_value(&header).unwrap();
    block["transactions"] = pieces.iter().map(|piece| piece.said.clone()).collect();
    let mut index = 0;
    let told =
        pieces.iter().zip(1..).map(|(piece, n)| told(piece, n * 21_000, &header, &mut index));
    let receipts = told.collect();
    Said { header, block, receipts }
}

fn told(piece: &Piece, gas: u64, header: &RpcHeader, index: &mut u64) -> Value {
    let (hash, place) = (json!(header.hash), json!(U256::from(header.inner.number)));
    let logs = piece.logs.iter().map(|(address, topics, data)| {
        let log_index = json!(U256::from(*index));
        *index += 1;
        json!({
            "address": address, "topics": topics, "data": Bytes::from(data.clone()),
            "blockHash": hash, "blockNumber": place, "logIndex": log_index, "removed": false,
            "transactionHash": piece.said["hash"], "transactionIndex": "0x0",
        })
    });
    let mut receipt = json!({
        "transactionHash": piece.said["hash"], "blockHash": hash, "blockNumber": place,
        "type": piece.said["type"], "status": "0x1", "cumulativeGasUsed": U256::from(gas),
        "logs": logs.collect::<Vec<_>>(),
    });
    if let Some((nonce, is_canyon)) = piece.deposit {
        receipt["depositNonce"] = json!(U256::from(nonce));
        if is_canyon {
            receipt["depositReceiptVersion"] = json!("0x1");
        }
    }
    receipt
}

/// Reads and accepts; `Err` says why not.
fn accepted(chain: u64, said: &Said) -> Result<Block, String> {
    let profile = Profile::of(chain).unwrap();
    let read = |error: serde_json::Error| error.to_string();
    let rpc = serde_json::from_str(&said.block.to_string()).map_err(read)?;
    let receipts = serde_json::from_str(&said.receipts.to_string()).map_err(read)?;
    let Header { hash, number, .. } = header(&profile, &said.header).map_err(|e| e.to_string())?;
    let wanted = Wanted::Exactly { hash, number };
    block(&profile, rpc, receipts, wanted).map_err(|error| error.to_string())
}

/// Alters one field after another of one transaction; each must be noticed.
fn each_field_counts(chain: u64, said: &Said, index: usize, fields: &[&str]) {
    for field in fields {
        let mut altered = said.clone();
        let value = &mut altered.block["transactions"][index][field];
        *value = another(value);
        assert!(accepted(chain, &altered).is_err(), "{field} of transaction {index}");
    }
}

/// The same kind of value, and another one.
fn another(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| "0x".to_owned(), str::to_owned);
    let (head, last) = text.split_at(text.len() - 1);
    match last {
        "x" => json!("0x01"),
        "1" => json!(format!("{head}2")),
        _ => json!(format!("{head}1")),
    }
}

#[test]
fn what_cannot_be_proved_is_refused_by_its_height() {
    let early = built(1_000, &[], Bytes::new());
    for chain in [10, 100, 42_161] {
        let error = accepted(chain, &early).unwrap_err();
        assert!(error.contains("block 1000 cannot be proved"), "{error}");
    }
    assert!(accepted(1, &early).is_ok());
}

/// Validators of BNB Smart Chain sign what they send at gas price 0, and sign headers in their
/// extra data. Both are in the roots and in the hash as everything else is.
#[test]
fn a_block_of_bnb_smart_chain_counts() {
    let to = TxKind::Call(account(0x10));
    let system = TxLegacy { chain_id: Some(56), gas_price: 0, to, ..TxLegacy::default() };
    let system = TxEnvelope::from(system.into_signed(Signature::test_signature()));
    let pieces = [Piece::signed(&payment(1)), Piece::signed(&system)];
    let said = built(60_000_000, &pieces, Bytes::from(vec![9; 97]));
    assert_eq!(accepted(56, &said).unwrap().transactions.len(), 2);
    each_field_counts(56, &said, 1, &["gasPrice", "to", "nonce", "hash"]);
    let mut short = said;
    short.block["transactions"].as_array_mut().unwrap().pop();
    short.receipts.as_array_mut().unwrap().pop();
    assert!(accepted(56, &short).is_err(), "it may not be left out");
}

/// Roots of up to 300 receipts, three ways: what acceptance takes, alloy's own receipts, and the
/// second way.
#[test]
fn three_ways_lead_to_one_root() {
    use alloy_consensus::{Receipt, ReceiptEnvelope, TxType, proofs::calculate_receipt_root};
    let kinds =
        [TxType::Legacy, TxType::Eip2930, TxType::Eip1559, TxType::Eip4844, TxType::Eip7702];
    for count in [0_u64, 1, 2, 15, 16, 17, 127, 128, 129, 300] {
        let logs = |n: u64| (0..n % 4).map(move |m| transfer(u8::try_from((n + m) % 200).unwrap()));
        let (mut theirs, mut plain, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..count {
            let kind = kinds[usize::try_from(n % 5).unwrap()];
            let succeeded = n % 3 != 0;
            let bare = Receipt {
                status: succeeded.into(),
                cumulative_gas_used: n * 7,
                logs: logs(n)
                    .map(|(address, topics, data)| {
                        alloy_primitives::Log::new_unchecked(address, topics, data.into())
                    })
                    .collect(),
            };
            let envelope = ReceiptEnvelope::from_typed(kind, bare);
            let mut said = serde_json::to_value(&envelope).unwrap();
            for log in said["logs"].as_array_mut().unwrap() {
                for field in ["blockHash", "blockNumber", "transactionHash", "transactionIndex"] {
                    log[field] = Value::Null;
                }
                log["logIndex"] = Value::Null;
            }
            said["transactionHash"] = json!(B256::ZERO);
            let read: RpcReceipt = serde_json::from_str(&said.to_string()).unwrap();
            ours.push(BareReceipt::from(read).encoded());
            let logs: Vec<_> = logs(n).collect();
            plain.push(plain::receipt(kind as u8, succeeded, n * 7, &logs, &[]));
            theirs.push(envelope);
        }
        let root = plain::root(&plain);
        assert_eq!(ordered_trie_root_encoded(&ours), root, "{count}");
        assert_eq!(calculate_receipt_root(&theirs), root, "{count}");
    }
}

/// Where nothing can be recomputed, the provider's labels are taken, and are worth what a second
/// provider makes of them.
#[test]
fn what_is_off_is_not_recomputed() {
    const OFF: Proof = Proof::Off("the tests say so");
    let profile =
        Profile { header_hash: OFF, tx_root: OFF, receipts_root: OFF, ..Profile::of(1).unwrap() };
    assert!(!profile.is_proved());
    let mut said = built(5, &[Piece::signed(&payment(1))], Bytes::new());
    said.block["receiptsRoot"] = json!(B256::ZERO);
    said.block["transactionsRoot"] = json!(B256::ZERO);
    let rpc = serde_json::from_str(&said.block.to_string()).unwrap();
    let receipts = serde_json::from_str(&said.receipts.to_string()).unwrap();
    let wanted = Wanted::Exactly { hash: said.header.hash, number: 5 };
    assert!(block(&profile, rpc, receipts, wanted).is_ok());
}
