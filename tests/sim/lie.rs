//! Answers altered: what a broken or malicious node makes of what it knows.

use alloy_primitives::B256;
use alloy_rpc_types_eth::{Block as RpcBlock, Header as RpcHeader};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde_json::{Value, json};

use crate::node::Asked;
use crate::story::Chain;
use crate::tree::{Draft, Id, Printed, Roots, print, receipts};

/// Blocks below the head beyond which a node may have thrown data away.
const PRUNED_AFTER_BLOCKS: u64 = 16;

/// What a lie is about.
pub(crate) struct Occasion<'a> {
    pub(crate) chain: &'a Chain,
    pub(crate) asked: &'a Asked,
    /// The block that the honest answer speaks of.
    pub(crate) block: Option<Id>,
    /// Where the node believes that the chain ends.
    pub(crate) tip: Id,
}

/// Alters an answer; which fault it became, if it did become one.
pub(crate) fn alter(
    fault: u8,
    occasion: &Occasion<'_>,
    rng: &mut StdRng,
    result: &mut Value,
) -> Option<u8> {
    let before = result.clone();
    let became = match occasion.asked {
        Asked::Receipts(hash) => of_receipts(fault, occasion, *hash, rng, result),
        Asked::ReceiptsAt(_) => of_receipts(fault, occasion, B256::ZERO, rng, result),
        Asked::At(_) | Asked::Head(_) | Asked::Full(_) | Asked::FullAt(_) => {
            of_blocks(fault, occasion, rng, result)
        }
        Asked::ChainId => (fault == 22).then(|| {
            *result = json!("0x539");
            22
        }),
        Asked::Code | Asked::Other => None,
    };
    let became = became.unwrap_or_else(|| {
        of_any(fault, rng, result);
        fault
    });
    (*result != before).then_some(became)
}

/// What may befall every answer.
fn of_any(fault: u8, rng: &mut StdRng, result: &mut Value) {
    match fault {
        7 => *result = Value::Null,
        21 => anomaly(rng, result),
        _ => {}
    }
}

fn of_receipts(
    fault: u8,
    occasion: &Occasion<'_>,
    hash: B256,
    rng: &mut StdRng,
    result: &mut Value,
) -> Option<u8> {
    let tree = &occasion.chain.tree;
    if fault == 9 && result.is_null() {
        let block = tree.by_hash(hash)?;
        *result = json!([]);
        return (!block.is_empty()).then_some(9);
    }
    let block = tree.of(occasion.block?);
    let depth = tree.of(occasion.tip).number.saturating_sub(block.number);
    let receipts = result.as_array_mut()?;
    match fault {
        1 | 2 | 10 => {
            let half = receipts.len() / 2;
            let partly = fault == 10 && depth > PRUNED_AFTER_BLOCKS && rng.gen_bool(0.5);
            receipts.truncate(if partly { half } else { 0 });
            return Some(match depth {
                0 => 1,
                1..=PRUNED_AFTER_BLOCKS => 2,
                _ => 10,
            });
        }
        3 if rng.gen_bool(0.5) => drop(receipts.pop()),
        3 if !receipts.is_empty() => drop(receipts.remove(0)),
        4 => {
            let (receipt, log) = some_log(rng, receipts)?;
            logs_mut(&mut receipts[receipt])?.remove(log);
            renumber(receipts);
        }
        5 => {
            let (receipt, _) = some_log(rng, receipts)?;
            receipts[receipt]["logs"] = json!([]);
            receipts[receipt]["logsBloom"] = json!(format!("0x{}", "0".repeat(512)));
            renumber(receipts);
        }
        6 => {
            let other = tree.blocks.choose(rng)?;
            // Labelled as ours or not.
            let text = if rng.gen_bool(0.5) {
                other.receipts.replace(&other.hash.to_string(), &block.hash.to_string())
            } else {
                other.receipts.clone()
            };
            *result = serde_json::from_str(&text).ok()?;
        }
        14 => {
            let (receipt, log) = some_log(rng, receipts)?;
            alter_log(rng, &mut logs_mut(&mut receipts[receipt])?[log]);
        }
        16 => {
            let (receipt, log) = some_log(rng, receipts)?;
            logs_mut(&mut receipts[receipt])?[log]["removed"] = json!(true);
        }
        17 => reorder(rng, receipts)?,
        18 => {
            let (receipt, _) = some_log(rng, receipts)?;
            receipts[receipt]["logsBloom"] = json!(format!("0x{}", "0".repeat(512)));
        }
        19 => receipts.choose_mut(rng)?["type"] = unknown_type(rng),
        20 => {
            let mut system = receipts.last()?.clone();
            system["transactionHash"] = json!(B256::repeat_byte(0x55));
            system["logs"] = json!([]);
            receipts.push(system);
        }
        _ => return None,
    }
    Some(fault)
}

fn of_blocks(
    fault: u8,
    occasion: &Occasion<'_>,
    rng: &mut StdRng,
    result: &mut Value,
) -> Option<u8> {
    let chain = occasion.chain;
    let full = occasion.asked.is_full();
    let is_finality = *occasion.asked == Asked::At("finalized".to_owned());
    match fault {
        6 | 12 => {
            let other = if is_finality {
                // A node that names what is not final yet could not be told from the truth.
                let number = chain.tree.of(occasion.block?).number;
                chain.tree.of(chain.tree.ancestor(occasion.block?, rng.gen_range(0..=number))?)
            } else {
                chain.tree.blocks.choose(rng)?
            };
            *result = serde_json::from_str(if full { &other.full } else { &other.head }).ok()?;
        }
        13 | 18 if !full && !is_finality && rng.gen_bool(0.3) => {
            *result = invented(rng, result)?;
            return Some(13);
        }
        13 => alter_header(rng, result),
        18 => {
            let full = json!(format!("0x{}", "f".repeat(512)));
            let empty = json!(format!("0x{}", "0".repeat(512)));
            let now = &mut result["logsBloom"];
            *now = if *now == empty { full } else { empty };
        }
        14 if full => {
            let tx = result["transactions"].as_array_mut()?.choose_mut(rng)?;
            tx[*["value", "to", "nonce", "input", "hash"].choose(rng)?] = json!("0x1234");
        }
        19 if full => {
            result["transactions"].as_array_mut()?.choose_mut(rng)?["type"] = unknown_type(rng);
        }
        20 if full => {
            let transactions = result["transactions"].as_array_mut()?;
            let system = transactions.choose(rng)?.clone();
            transactions.push(system);
        }
        _ => return None,
    }
    Some(fault)
}

/// A header that hashes to what it says and belongs to no chain.
pub(crate) fn invented(rng: &mut StdRng, result: &Value) -> Option<Value> {
    let block: RpcBlock<B256> = serde_json::from_value(result.clone()).ok()?;
    let mut header = block.header.inner.clone();
    match rng.gen_range(0..4) {
        0 => header.state_root = B256::from(rng.r#gen::<[u8; 32]>()),
        1 => header.parent_hash = B256::from(rng.r#gen::<[u8; 32]>()),
        2 => header.number = header.number.saturating_sub(rng.gen_range(0..9)),
        _ => header.number += rng.gen_range(1..2_000),
    }
    serde_json::to_value(RpcBlock::<B256>::new(RpcHeader::new(header), block.transactions)).ok()
}

fn alter_header(rng: &mut StdRng, result: &mut Value) {
    let hash = json!(B256::from(rng.r#gen::<[u8; 32]>()));
    let fields = ["stateRoot", "receiptsRoot", "transactionsRoot", "parentHash", "hash"];
    if let Some(field) = fields.choose(rng).filter(|_| rng.gen_bool(0.7)) {
        result[*field] = hash;
    } else {
        result[*["timestamp", "gasUsed", "number"].choose(rng).unwrap()] = json!("0x77");
    }
}

fn logs_mut(receipt: &mut Value) -> Option<&mut Vec<Value>> {
    receipt["logs"].as_array_mut()
}

/// A place where there is a log: of the receipt, and of the log in it.
fn some_log(rng: &mut StdRng, receipts: &[Value]) -> Option<(usize, usize)> {
    let mut places = Vec::new();
    for (receipt, value) in receipts.iter().enumerate() {
        let logs = value["logs"].as_array().map_or(0, Vec::len);
        places.extend((0..logs).map(|log| (receipt, log)));
    }
    places.choose(rng).copied()
}

/// Numbers the logs as if none had ever been left out.
fn renumber(receipts: &mut [Value]) {
    let logs = receipts.iter_mut().filter_map(logs_mut).flatten();
    for (log, index) in logs.zip(0u64..) {
        log["logIndex"] = json!(format!("{index:#x}"));
    }
}

fn alter_log(rng: &mut StdRng, log: &mut Value) {
    let stranger = json!(B256::left_padding_from(&[0xab; 20]));
    match rng.gen_range(0..3) {
        0 => log["address"] = json!("0xabababababababababababababababababababab"),
        1 => {
            if let Some(topic) = log["topics"].as_array_mut().and_then(|topics| topics.last_mut()) {
                *topic = stranger;
            }
        }
        _ => log["data"] = stranger,
    }
}

fn reorder(rng: &mut StdRng, receipts: &mut [Value]) -> Option<()> {
    let (receipt, log) = some_log(rng, receipts)?;
    let logs = logs_mut(&mut receipts[receipt])?;
    match rng.gen_range(0..4) {
        0 => {
            let double = logs[log].clone();
            logs.push(double);
            renumber(receipts);
        }
        1 => logs[log]["logIndex"] = json!("0x7777"),
        2 => {
            logs.reverse();
            renumber(receipts);
        }
        _ => receipts.reverse(),
    }
    Some(())
}

fn unknown_type(rng: &mut StdRng) -> Value {
    json!(*["0x7e", "0x7f", "0xff"].choose(rng).unwrap())
}

/// Odd numbers, and fields that are missing or not known.
fn anomaly(rng: &mut StdRng, result: &mut Value) {
    let target = match result {
        Value::Array(items) => items.choose_mut(rng),
        other => Some(other),
    };
    let Some(Value::Object(fields)) = target else { return };
    match rng.gen_range(0..6) {
        0 => drop(fields.insert("gasUsed".into(), json!("0x0000005208"))),
        1 => drop(fields.insert("gasUsed".into(), json!("0x520"))),
        2 => drop(fields.insert("gasUsed".into(), json!("0x1ffffffffffffffff"))),
        3 => {
            let name =
                *["number", "blockNumber", "hash", "logs", "parentHash"].choose(rng).unwrap();
            fields.remove(name);
        }
        4 => drop(fields.insert("aFieldOfTomorrow".into(), json!({ "deep": [1, 2, 3] }))),
        _ => {
            for value in fields.values_mut() {
                if let Some(digits) = value.as_str().and_then(|text| text.strip_prefix("0x")) {
                    *value = json!(format!("0x{}", digits.to_uppercase()));
                }
            }
        }
    }
}

/// A block that a node tells consistently and wrongly for a while.
#[derive(Clone, Debug)]
pub(crate) struct Forgery {
    pub(crate) block: Id,
    pub(crate) fault: u8,
    pub(crate) left: u32,
    printed: Printed,
}

impl Forgery {
    /// Forges a block, if there is anything in it to forge.
    pub(crate) fn of(chain: &Chain, block: Id, rng: &mut StdRng) -> Option<Self> {
        let truth = chain.tree.of(block);
        let mut drafts = truth.drafts.clone();
        let place = rng.gen_range(0..drafts.len().max(1));
        let draft = drafts.get_mut(place)?;
        let whole = rng.gen_bool(0.5);
        if whole {
            drafts.remove(place);
        } else {
            // Another payee, or another value.
            let to = alloy_primitives::Address::repeat_byte(0xab);
            let forged = Draft::payment(200, to, 1, 0);
            draft.tx = forged.tx;
        }
        let roots = if whole { Roots::OfContents } else { Roots::OfHeader };
        let mut printed = print(&truth.header, &drafts, receipts(&drafts), roots);
        if whole {
            // Every root is right; only the header's own hash is not what it is called.
            let own = printed.hash.to_string();
            let called = truth.hash.to_string();
            for text in [&mut printed.head, &mut printed.full, &mut printed.receipts] {
                *text = text.replace(&own, &called);
            }
        }
        let fault = if whole { 13 } else { 14 };
        Some(Self { block, fault, left: rng.gen_range(2..10), printed })
    }

    /// The forged answer.
    pub(crate) fn answer(&mut self, asked: &Asked, block: Option<Id>) -> Option<(u8, String)> {
        if block != Some(self.block) || self.left == 0 {
            return None;
        }
        let text = match asked {
            asked if asked.is_full() => &self.printed.full,
            asked if asked.is_receipts() => &self.printed.receipts,
            _ => return None,
        };
        self.left -= 1;
        Some((self.fault, text.clone()))
    }
}
