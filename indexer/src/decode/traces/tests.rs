//! Both shapes say the same of the same block, and what is wrong with one is refused.

use alloy_primitives::{B256, U256};
use interdict_core::transfer::{TransferKind, Verification};
use serde_json::{Value, json};

use super::*;
use crate::chain::Block;
use crate::decode::{At, COIN_LOGGER, Compared, Decoded, Traces, transaction};
use crate::world::{CHAIN, account, block, calling, genesis, tx};

/// A payment, a call that does a lot, and one that failed.
fn busy() -> Block {
    block(
        genesis(),
        &[
            tx(1, Some(account(1)), 5),
            calling(2, Some(account(2)), 7, vec![1]),
            calling(3, Some(account(3)), 0, vec![1]).failed(),
        ],
    )
}

/// What the second transaction does, as geth tells it.
fn tree() -> Value {
    let call = |kind: &str, from: u8, to: u8, value: &str, calls: Value| {
        json!({ "type": kind, "from": account(from), "to": account(to), "value": value,
                "gas": "0x1", "gasUsed": "0x1", "input": "0x", "calls": calls })
    };
    let undone = json!({ "type": "CALL", "from": account(4), "to": account(8), "value": "0x63",
        "error": "execution reverted", "calls": [call("CALL", 8, 9, "0x64", json!([]))] });
    let destroyed = call("SELFDESTRUCT", 6, 7, "0x3", json!([]));
    json!([
        call(
            "CALL",
            2,
            4,
            "0x1",
            json!([
                call("DELEGATECALL", 4, 5, "0x1", json!([call("CALL", 4, 6, "0x2", json!([]))])),
                undone,
                call("STATICCALL", 4, 5, "0x0", json!([])),
                call("CALLCODE", 4, 5, "0x9", json!([])),
                call("CALL", 4, 4, "0x9", json!([])),
            ])
        ),
        call("CREATE2", 2, 6, "0x0", json!([destroyed])),
        call("CALL", 2, 4, "0x0", json!([])),
    ])
}

fn geth(block: &Block) -> Value {
    let tx = |index: usize| &block.transactions[index];
    let root = |index: usize, to: u8, calls: Value| {
        json!({ "txHash": tx(index).hash, "result": { "type": "CALL", "from": tx(index).claimed_signer,
            "to": account(to), "value": tx(index).value(), "calls": calls } })
    };
    let mut failed = root(2, 3, tree());
    failed["result"]["error"] = "out of gas".into();
    json!([root(0, 1, json!([])), root(1, 2, tree()), failed])
}

/// The same in a flat list.
fn parity(block: &Block) -> Value {
    let mut flat = Vec::new();
    for (index, tx) in block.transactions.iter().enumerate() {
        let root = &geth(block)[index]["result"];
        flatten(block, tx.hash, root, &mut Vec::new(), &mut flat);
    }
    flat.push(json!({ "type": "reward", "blockHash": block.header.hash,
        "action": { "author": account(1), "value": "0x1", "rewardType": "block" } }));
    Value::Array(flat)
}

fn flatten(block: &Block, hash: B256, frame: &Value, path: &mut Vec<u32>, into: &mut Vec<Value>) {
    let (from, to, value) = (&frame["from"], &frame["to"], &frame["value"]);
    let kind = frame["type"].as_str().unwrap();
    let (kind, action, result) = match kind {
        "SELFDESTRUCT" => {
            let action = json!({ "address": from, "refundAddress": to, "balance": value });
            ("suicide", action, Value::Null)
        }
        "CREATE" | "CREATE2" => {
            ("create", json!({ "from": from, "value": value }), json!({ "address": to }))
        }
        _ => {
            let kind = kind.to_lowercase();
            let action = json!({ "callType": kind, "from": from, "to": to, "value": value });
            ("call", action, json!({ "gasUsed": "0x1", "output": "0x" }))
        }
    };
    let mut trace = json!({ "type": kind, "action": action, "result": result,
        "traceAddress": path, "blockHash": block.header.hash, "transactionHash": hash });
    if let Some(error) = frame.get("error") {
        trace["error"] = error.clone();
        trace["result"] = Value::Null;
    }
    into.push(trace);
    for (inner, index) in frame["calls"].as_array().into_iter().flatten().zip(0..) {
        path.push(index);
        flatten(block, hash, inner, path, into);
        path.pop();
    }
}

fn internal(block: &Block, traces: &Traces, index: u64) -> Vec<(TransferKind, u32, u8, u8, u64)> {
    let tx = &block.transactions[usize::try_from(index).unwrap()];
    let header = &block.header;
    let at = At {
        chain_id: CHAIN,
        header,
        index,
        tx,
        signer: tx.claimed_signer,
        traced: traces.of(index),
    };
    let mut decoded = Decoded::default();
    transaction(&at, &mut decoded);
    let transfers = decoded.moved.iter().map(|moved| moved.transfer);
    let inner = transfers.filter(|transfer| transfer.item > 0);
    inner.map(|t| (t.kind, t.item, t.from[0], t.to[0], t.value.to::<u64>())).collect()
}

#[test]
fn both_shapes_give_what_moved_and_what_came_to_be() {
    let block = busy();
    let geth = call_tracer(&block, &geth(&block).to_string()).unwrap();
    let parity = trace_block(&block, &parity(&block).to_string()).unwrap();
    assert_eq!(geth, parity);
    let expected = [
        (TransferKind::Internal, 1, 2, 4, 1),
        (TransferKind::Internal, 2, 4, 6, 2),
        (TransferKind::Creation, 3, 2, 6, 0),
        (TransferKind::Internal, 4, 6, 7, 3),
    ];
    assert_eq!(internal(&block, &geth, 1), expected);
    assert!(internal(&block, &geth, 0).is_empty(), "its own value is no internal one");
    assert!(internal(&block, &geth, 2).is_empty(), "what failed moved nothing");
}

#[test]
fn what_is_traced_is_marked_and_what_two_say_is_agreed() {
    let block = busy();
    let one = call_tracer(&block, &geth(&block).to_string()).unwrap();
    let verifications = |traces: &Traces| -> Vec<Verification> {
        traces.of(1).unwrap().calls().iter().map(|(_, verification)| *verification).collect()
    };
    assert_eq!(verifications(&one), [Verification::Unverified; 4]);
    let two = trace_block(&block, &parity(&block).to_string()).unwrap();
    let same = one.compared(&two);
    assert_eq!(
        (verifications(&same.traces), same.differing),
        (vec![Verification::Agreed; 4], vec![])
    );

    // The second leaves one out and has another: nothing of either is lost.
    let mut other = geth_without_the_last(&block);
    other[1]["result"]["calls"][2]["value"] = "0x8".into();
    let other = call_tracer(&block, &other.to_string()).unwrap();
    let Compared { traces, differing } = one.compared(&other);
    assert_eq!(differing, [1]);
    let agreed = Verification::Agreed;
    let unverified = Verification::Unverified;
    assert_eq!(verifications(&traces), [agreed, agreed, agreed, unverified, unverified]);
    let values: Vec<_> = internal(&block, &traces, 1).iter().map(|(.., value)| *value).collect();
    assert_eq!(values, [1, 2, 0, 3, 8]);
}

fn geth_without_the_last(block: &Block) -> Value {
    let mut other = geth(block);
    other[1]["result"]["calls"][1]["calls"] = json!([]);
    other
}

#[test]
fn where_the_chain_logs_its_coin_the_logs_are_believed() {
    let draft =
        calling(2, Some(account(2)), 0, vec![1]).transfer(COIN_LOGGER, account(2), account(4), 1);
    let block = block(genesis(), &[draft]);
    let tx = &block.transactions[0];
    let told = json!([{ "txHash": tx.hash, "result": { "type": "CALL",
        "from": tx.claimed_signer, "to": account(2), "value": "0x0", "calls": tree() } }]);
    let traces = call_tracer(&block, &told.to_string()).unwrap();
    let kinds: Vec<_> = internal(&block, &traces, 0).iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [TransferKind::Creation], "only what no log says");
}

#[test]
fn traces_of_another_block_or_outcome_are_refused() {
    let block = busy();
    let check = |change: &dyn Fn(&mut Value), expected: TraceError| {
        let mut changed = geth(&block);
        change(&mut changed);
        assert_eq!(call_tracer(&block, &changed.to_string()).unwrap_err(), expected);
    };
    check(&|t| t[1]["txHash"] = json!(B256::ZERO), TraceError::OtherTransaction(1));
    check(&|t| t[1]["result"]["value"] = "0x8".into(), TraceError::OtherTransaction(1));
    check(&|t| t[1]["result"]["to"] = json!(account(9)), TraceError::OtherTransaction(1));
    check(&|t| t[1]["result"]["error"] = "reverted".into(), TraceError::OtherOutcome(1));
    let count = TraceError::Count { traced: 2, transactions: 3 };
    check(&|t| drop(t.as_array_mut().unwrap().pop()), count);
    let incomplete = TraceError::Incomplete("CALL".into());
    check(&|t| t[1]["result"]["calls"][0]["to"] = Value::Null, incomplete);

    let check = |change: &dyn Fn(&mut Value), expected: TraceError| {
        let mut changed = parity(&block);
        change(&mut changed);
        assert_eq!(trace_block(&block, &changed.to_string()).unwrap_err(), expected);
    };
    check(&|t| t[0]["blockHash"] = json!(B256::ZERO), TraceError::OtherTransaction(0));
    check(&|t| t[1]["action"]["value"] = "0x8".into(), TraceError::OtherTransaction(1));
    let moved = |t: &mut Value| t.as_array_mut().unwrap().rotate_left(1);
    assert!(
        trace_block(
            &block,
            &{
                let mut t = parity(&block);
                moved(&mut t);
                t
            }
            .to_string()
        )
        .is_err()
    );
    let cut = |t: &mut Value| t.as_array_mut().unwrap().truncate(1);
    check(&cut, TraceError::Count { traced: 1, transactions: 3 });
    for broken in ["", "null", "{}", "[1]", "[{}]", "[{\"result\":3}]", "\u{1}"] {
        assert!(call_tracer(&block, broken).is_err(), "{broken}");
        assert!(trace_block(&block, broken).is_err(), "{broken}");
    }
}

#[test]
fn calls_a_thousand_deep_are_read_and_deeper_ones_refused() {
    let block = block(genesis(), &[calling(2, Some(account(2)), 0, vec![1])]);
    let tx = &block.transactions[0];
    let deep = |depth: usize| {
        let frame = |inner: &str| {
            format!(
                r#"{{"type":"CALL","from":"{}","to":"{}","value":"0x1","calls":[{inner}]}}"#,
                account(2),
                account(4)
            )
        };
        let calls = (0..depth).fold(String::new(), |inner, _| frame(&inner));
        let (from, to) = (tx.claimed_signer, account(2));
        format!(
            r#"[{{"result":{{"type":"CALL","from":"{from}","to":"{to}","value":"0x0","calls":[{calls}]}}}}]"#
        )
    };
    let traces = call_tracer(&block, &deep(CALL_DEPTH_MAX)).unwrap();
    assert_eq!(traces.of(0).unwrap().calls().len(), CALL_DEPTH_MAX);
    assert_eq!(call_tracer(&block, &deep(CALL_DEPTH_MAX + 1)).unwrap_err(), TraceError::TooMany);
}

#[test]
fn a_value_beyond_any_supply_is_still_a_value() {
    let call = call_of("CALL", Some(account(1)), Some(account(2)), Some(U256::MAX)).unwrap();
    assert_eq!(call.map(|call| call.value), Some(U256::MAX));
}
