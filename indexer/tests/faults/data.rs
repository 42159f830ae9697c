//! Faults of the data (F1 to F24): each ends in the same state as without it, or stalls loudly with
//! the cursor below it; and a second, honest provider makes it as if it had not been.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use interdict_indexer::chain::transport::{Answer, TransportError};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::chain::{Chain, hex};
use crate::desk::{Asked, Desk, Lie, Node, Outcome, clean};

/// The block that is lied about.
const TARGET: u64 = 6;
/// The newest block.
const TIP: u64 = 12;

/// Whether the lie is noticed, or does no harm.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Harm {
    Noticed,
    None,
}

fn chain() -> &'static Chain {
    static CHAIN: LazyLock<Chain> = LazyLock::new(|| Chain::of(TIP + 1));
    &CHAIN
}

async fn check(lie: Lie, harm: Harm) {
    let clean = expected().await;
    alone(lie, harm, clean).await;
    in_company(lie, clean).await;
}

/// What honest providers lead to.
async fn expected() -> &'static Outcome {
    static EXPECTED: OnceCell<Outcome> = OnceCell::const_new();
    EXPECTED.get_or_init(|| clean(chain())).await
}

/// One provider: the cursor stays below what does not verify, loudly, until the lie ends.
async fn alone(lie: Lie, harm: Harm, clean: &Outcome) {
    let node = Node::with(chain().clone());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    node.lies(Some(lie));
    let took = desk
        .until("a stall or the head", |status| {
            assert!(harm == Harm::None || status.cursor < TARGET, "passed: {status:?}");
            status.stalled.is_some() || status.cursor == TIP
        })
        .await;
    assert_eq!(desk.status().stalled.is_some(), harm == Harm::Noticed, "{:?}", desk.status());
    assert!(took.as_secs() < 60, "loud within a minute, not after {took:?}");
    desk.turns(20).await;
    node.lies(None);
    desk.until("the head", |status| status.cursor == TIP && status.stalled.is_none()).await;
    desk.turns(2).await;
    assert_eq!(desk.outcome().await, *clean);
}

/// Beside an honest provider the lie changes nothing.
async fn in_company(lie: Lie, clean: &Outcome) {
    let (liar, honest) = (Node::with(chain().clone()), Node::with(chain().clone()));
    let mut desk = Desk::with(&[liar.clone(), honest.clone()]).await;
    liar.lies(Some(lie));
    desk.until("the head", |status| {
        assert!(status.stalled.is_none(), "one provider is enough: {status:?}");
        status.cursor == TIP
    })
    .await;
    desk.turns(2).await;
    assert_eq!(desk.outcome().await, *clean);
    assert!(honest.asked.load(Ordering::Relaxed) > 0);
}

/// Changes the result.
fn result(mut answer: Answer, change: impl FnOnce(&mut Value)) -> Result<Answer, TransportError> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    change(&mut body["result"]);
    answer.body = body.to_string().into_bytes();
    Ok(answer)
}

/// Says something else altogether.
fn body(answer: Answer, body: impl Into<Vec<u8>>) -> Result<Answer, TransportError> {
    Ok(Answer { body: body.into(), ..answer })
}

/// Changes the receipts of the target.
fn receipts(
    asked: &Asked<'_>,
    answer: Answer,
    change: impl FnOnce(&mut Vec<Value>),
) -> Result<Answer, TransportError> {
    if asked.method != "eth_getBlockReceipts" || !is_target(asked) {
        return Ok(answer);
    }
    result(answer, |receipts| change(receipts.as_array_mut().unwrap()))
}

/// Changes the target wherever it is given.
fn block(
    asked: &Asked<'_>,
    answer: Answer,
    change: impl FnOnce(&mut Value),
) -> Result<Answer, TransportError> {
    if !asked.method.starts_with("eth_getBlockBy") || !is_target(asked) {
        return Ok(answer);
    }
    result(answer, change)
}

fn is_target(asked: &Asked<'_>) -> bool {
    let target = &chain().0[6];
    asked.params[0] == json!(target.hash) || asked.params[0] == hex(TARGET)
}

macro_rules! faults {
    ($($name:ident: $harm:expr, $lie:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            check($lie, $harm).await;
        })*
    };
}

faults! {
    f01_no_receipts_yet_of_a_new_block: Harm::Noticed,
        |asked, answer| receipts(asked, answer, Vec::clear);
    f03_receipts_cut_off_at_the_end: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| { list.pop(); });
    f03_receipts_cut_off_at_the_start: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| { list.remove(0); });
    f04_one_log_removed: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            list[1]["logs"].as_array_mut().unwrap().pop();
        });
    f05_a_receipt_without_its_logs: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[0]["logs"] = json!([]));
    f06_receipts_of_another_block: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            *list = chain().0[5].receipts.as_array().unwrap().clone();
        });
    f07_no_block: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| *block = Value::Null);
    f07_no_receipt: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[0] = Value::Null);
    f07_no_result: Harm::Noticed,
        |asked, answer| {
            if is_target(asked) { body(answer, r#"{"jsonrpc":"2.0","id":1}"#) } else { Ok(answer) }
        };
    f08_a_head_of_which_nothing_else_is_known: Harm::Noticed,
        |asked, answer| {
            if asked.params[0] == json!("latest") || !is_above(asked) { return Ok(answer) }
            result(answer, |result| *result = Value::Null)
        };
    f10_a_pruned_past_answered_empty: Harm::Noticed,
        |asked, answer| {
            if asked.method != "eth_getBlockReceipts" { return Ok(answer) }
            result(answer, |result| *result = json!([]))
        };
    f11_pruned_history_unavailable: Harm::Noticed,
        |asked, answer| {
            if !is_target(asked) { return Ok(answer) }
            body(answer, r#"{"jsonrpc":"2.0","id":1,"error":{"code":4444,"message":"pruned history unavailable"}}"#)
        };
    f12_a_wrong_block_number: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| *block = chain().0[5].block.clone());
    f13_a_header_field_altered: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| block["timestamp"] = hex(71));
    f13_a_hash_altered: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| block["hash"] = chain().0[5].block["hash"].clone());
    f14_a_topic_altered: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            let topic = list[0]["logs"][0]["topics"][1].clone();
            list[0]["logs"][0]["topics"][2] = topic;
        });
    f14_the_data_altered: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            list[0]["logs"][0]["data"] = list[1]["logs"][0]["data"].clone();
        });
    f14_an_emitter_altered: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            list[0]["logs"][0]["address"] = json!("0x00000000000000000000000000000000000bab1e");
        });
    f14_a_status_altered: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[0]["status"] = json!("0x0"));
    f16_a_log_marked_as_removed: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[1]["logs"][0]["removed"] = json!(true));
    f17_a_log_twice: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            let log = list[0]["logs"][0].clone();
            list[0]["logs"].as_array_mut().unwrap().push(log);
        });
    f17_logs_in_another_order: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            list[1]["logs"].as_array_mut().unwrap().reverse();
        });
    f17_a_gap_in_the_log_indices: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[1]["logs"][1]["logIndex"] = hex(9));
    f18_an_empty_bloom_in_the_header: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| block["logsBloom"] = no_bloom());
    f18_an_empty_bloom_in_a_receipt: Harm::None,
        |asked, answer| receipts(asked, answer, |list| list[0]["logsBloom"] = no_bloom());
    f19_a_deposit_where_there_are_none: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| kind(block, 0x7e));
    f19_a_state_sync_where_there_is_none: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| kind(block, 0x7f));
    f19_a_transaction_type_that_nobody_knows: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| kind(block, 0xff));
    f20_a_system_transaction_that_no_root_knows: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| {
            if !block["transactions"][0].is_object() { return }
            let list = block["transactions"].as_array_mut().unwrap();
            let mut system = list[0].clone();
            system["hash"] = json!("0x1111111111111111111111111111111111111111111111111111111111111111");
            list.push(system);
        });
    f21_a_number_with_leading_zeros: Harm::None,
        |asked, answer| receipts(asked, answer, |list| {
            list[0]["cumulativeGasUsed"] = json!("0x0005208");
        });
    f21_a_field_in_upper_case: Harm::None,
        |asked, answer| receipts(asked, answer, |list| {
            let data = list[0]["logs"][0]["data"].as_str().unwrap().to_uppercase();
            list[0]["logs"][0]["data"] = json!(data.replace("0X", "0x"));
        });
    f21_hex_of_an_odd_length: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| list[0]["logs"][0]["data"] = json!("0x123"));
    f21_a_number_beyond_64_bits: Harm::Noticed,
        |asked, answer| block(asked, answer, |block| {
            block["number"] = json!("0x10000000000000006");
        });
    f21_a_missing_field: Harm::Noticed,
        |asked, answer| receipts(asked, answer, |list| {
            list[0].as_object_mut().unwrap().remove("cumulativeGasUsed");
        });
    f21_a_field_that_nobody_knows: Harm::None,
        |asked, answer| receipts(asked, answer, |list| list[0]["l1FeeScalar"] = json!({ "x": [1] }));
    f23_a_result_and_an_error: Harm::Noticed,
        |asked, answer| whole(asked, answer, |answer| {
            answer["error"] = json!({ "code": -32000, "message": "x" });
        });
    f23_the_answer_to_another_request: Harm::Noticed,
        |asked, answer| whole(asked, answer, |answer| answer["id"] = json!(2));
    f23_a_batch_where_none_was_asked_for: Harm::Noticed,
        |asked, answer| whole(asked, answer, |answer| *answer = json!([answer.clone()]));
    f24_a_web_page: Harm::Noticed,
        |asked, answer| {
            if is_target(asked) { body(answer, "<html>busy</html>") } else { Ok(answer) }
        };
    f24_bytes_that_are_no_text: Harm::Noticed,
        |asked, answer| {
            if !is_target(asked) { return Ok(answer) }
            body(answer, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\xff\xfe\"}")
        };
    f24_deep_nesting: Harm::Noticed,
        |asked, answer| {
            if !is_target(asked) { return Ok(answer) }
            let deep = "[".repeat(200_000);
            body(answer, format!(r#"{{"jsonrpc":"2.0","id":1,"result":{deep}"#))
        };
    f24_deep_nesting_in_a_field_that_is_not_read: Harm::Noticed,
        |asked, answer| {
            if !is_target(asked) { return Ok(answer) }
            let (open, shut) = ("[".repeat(200_000), "]".repeat(200_000));
            body(answer, format!(r#"{{"jsonrpc":"2.0","id":1,"more":{open}{shut}}}"#))
        };
}

/// Above the start of the target, by number or hash.
fn is_above(asked: &Asked<'_>) -> bool {
    let above = &chain().0[6..];
    above.iter().any(|entry| {
        asked.params[0] == json!(entry.hash) || asked.params[0] == entry.block["number"]
    })
}

fn no_bloom() -> Value {
    json!(format!("0x{}", "0".repeat(512)))
}

/// Gives the first transaction another type.
fn kind(block: &mut Value, kind: u64) {
    if block["transactions"][0].is_object() {
        block["transactions"][0]["type"] = hex(kind);
    }
}

/// Changes the whole answer about the target.
fn whole(
    asked: &Asked<'_>,
    mut answer: Answer,
    change: impl FnOnce(&mut Value),
) -> Result<Answer, TransportError> {
    if is_target(asked) {
        let mut said: Value = serde_json::from_slice(&answer.body).unwrap();
        change(&mut said);
        answer.body = said.to_string().into_bytes();
    }
    Ok(answer)
}

/// F2: an old block of a provider that was asked for it in a walk back.
#[tokio::test]
async fn f02_no_receipts_of_an_old_block() {
    let clean = expected().await;
    let node = Node::with(chain().clone().up_to(3));
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    node.holds(chain().clone());
    node.lies(Some(|asked, answer| {
        let old = [json!(chain().0[0].hash), hex(0)];
        if asked.method != "eth_getBlockReceipts" || !old.contains(&asked.params[0]) {
            return Ok(answer);
        }
        result(answer, |result| *result = json!([{ "logs": [] }]))
    }));
    desk.until("the head, and a walk back that stalls", |status| {
        status.cursor == TIP && status.lookback_stalled.is_some()
    })
    .await;
    node.lies(None);
    desk.until("the walk back", |status| status.lookback_stalled.is_none()).await;
    desk.turns(2).await;
    assert_eq!(desk.outcome().await, *clean);
}

/// F9: a hash that the provider does not know, answered as if there were nothing in it.
#[tokio::test]
async fn f09_an_unknown_hash_answered_as_empty() {
    check(
        |asked, answer| {
            if asked.method != "eth_getBlockReceipts" || !is_target(asked) {
                return Ok(answer);
            }
            result(answer, |result| *result = json!([]))
        },
        Harm::Noticed,
    )
    .await;
}

/// F22 at the start: a provider of another chain is refused, and so is one whose chain begins
/// elsewhere.
#[tokio::test]
async fn f22_another_chain_at_the_start() {
    let refused = async |lie: Lie| {
        let (node, honest) = (Node::with(chain().clone()), Node::with(chain().clone()));
        node.lies(Some(lie));
        let Err(error) = Desk::try_with(&[honest, node]).await else { panic!("it starts") };
        error.to_string()
    };
    assert!(refused(other_chain).await.contains("http://b serves chain 5, chain_id is 1"));
    assert!(refused(other_genesis).await.contains("http://b serves a chain that begins with"));
}

/// F22 after a fail-over: a provider that turned into one of another chain is not believed.
#[tokio::test]
async fn f22_another_chain_after_a_fail_over() {
    let clean = expected().await;
    for lie in [other_chain as Lie, other_genesis] {
        let (first, second) = (Node::with(chain().clone()), Node::with(chain().clone()));
        let mut desk = Desk::with(&[first.clone(), second.clone()]).await;
        first.lies(Some(|_, _| Err(TransportError("connection refused".to_owned()))));
        second.lies(Some(lie));
        desk.until("the stall", |status| status.stalled.is_some()).await;
        let status = desk.status();
        assert_eq!((status.cursor, status.warnings().len()), (0, 1), "{status:?}");
        first.lies(None);
        desk.until("the head", |status| status.cursor == TIP).await;
        desk.turns(2).await;
        assert_eq!(desk.outcome().await, *clean);
    }
}

fn other_chain(asked: &Asked<'_>, answer: Answer) -> Result<Answer, TransportError> {
    if asked.method != "eth_chainId" {
        return Ok(answer);
    }
    result(answer, |result| *result = hex(5))
}

fn other_genesis(asked: &Asked<'_>, answer: Answer) -> Result<Answer, TransportError> {
    if asked.params[0] != json!("0x0") {
        return Ok(answer);
    }
    result(answer, |result| {
        let mut header = chain().0[0].header.inner.clone();
        header.gas_limit += 1;
        *result = serde_json::to_value(alloy_rpc_types_eth::Header::new(header)).unwrap();
    })
}
