//! Catching up finds what following block by block finds, whatever the provider does with ranges.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use interdict_core::alert::{AlertId, Confirmation, FoundBy};
use interdict_core::transfer::Verification;
use interdict_indexer::catchup::Mode;
use serde_json::{Value, json};

use crate::chain::{Chain, Lie, PAYER, Provider};
use crate::{LISTED, UNIT, all, start_in, until};

const LATER: Address = Address::repeat_byte(0x77);
const STRANGER: Address = Address::repeat_byte(0x55);
/// Blocks with a payment between strangers above everything else: enough that all of it is final,
/// and that whichever block is the last of a range has logs.
const STRANGERS_BLOCKS: u64 = 120;

/// A past with payments before, between and after two listings, by token and by coin.
async fn past(chain: &Chain) -> u64 {
    chain.mint(PAYER, 10_000 * UNIT).await;
    for _ in 0..3 {
        chain.pay(PAYER, LISTED, 20 * UNIT).await;
        chain.pay(PAYER, STRANGER, 20 * UNIT).await;
    }
    chain.list(LISTED).await;
    for _ in 0..8 {
        chain.pay(PAYER, LISTED, 30 * UNIT).await;
        chain.pay(PAYER, LATER, 30 * UNIT).await;
        chain.mine(5).await;
        chain.pay(PAYER, STRANGER, 30 * UNIT).await;
    }
    chain.send(PAYER, LISTED, 5_000, Vec::new()).await;
    chain.list(LATER).await;
    for _ in 0..4 {
        chain.pay(PAYER, LATER, 40 * UNIT).await;
        chain.pay(PAYER, STRANGER, 40 * UNIT).await;
    }
    for _ in 0..STRANGERS_BLOCKS {
        chain.pay(PAYER, STRANGER, 1).await;
    }
    let head = chain.rpc("eth_blockNumber", json!([])).await;
    u64::from_str_radix(head.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

struct Found {
    ids: BTreeSet<AlertId>,
    /// Of those that are not from looking back, how the blocks were come by.
    live: BTreeSet<Verification>,
}

/// What an indexer finds that begins now, of tokens only or of coins too.
async fn found(chain: &Chain, head: u64, mode: Mode, lie: Option<Lie>) -> Found {
    let provider = Provider::before(chain).await;
    provider.lies(lie);
    let folder = tempfile::tempdir().unwrap();
    let handle = start_in(mode, chain, &provider.url, folder.path()).await;
    until(&handle, "the head", |status| status.cursor == head && status.head == Some(head)).await;
    while handle.store().counts().await.unwrap().lookbacks_open > 0 {
        handle.status().changed().await.unwrap();
    }
    let alerts = all(&handle).await;
    assert!(alerts.iter().all(|alert| alert.confirmation == Confirmation::Confirmed));
    let at_once = alerts.iter().filter(|alert| alert.found_by == FoundBy::Live);
    let found = Found {
        ids: alerts.iter().map(|alert| alert.id).collect(),
        live: at_once.map(|alert| alert.transfer.verification).collect(),
    };
    assert_eq!(found.ids.len(), alerts.len());
    handle.stop().await;
    found
}

/// Nothing is final by this provider's word, so that every block is followed.
fn nothing_is_final(method: &str, params: &Value, answer: &mut Value) {
    if method == "eth_getBlockByNumber" && params[0] == "finalized" {
        answer["result"] = Value::Null;
    }
}

fn asks_for_the_list(params: &Value) -> bool {
    params[0].get("address").is_some_and(|address| !address.is_null())
}

/// What following block by block finds: of tokens, and in all.
async fn followed(chain: &Chain, head: u64) -> (BTreeSet<AlertId>, BTreeSet<AlertId>) {
    let provider = Provider::before(chain).await;
    provider.lies(Some(nothing_is_final));
    let folder = tempfile::tempdir().unwrap();
    let handle = start_in(Mode::Full, chain, &provider.url, folder.path()).await;
    until(&handle, "the head", |status| status.cursor == head).await;
    while handle.store().counts().await.unwrap().lookbacks_open > 0 {
        handle.status().changed().await.unwrap();
    }
    let alerts = all(&handle).await;
    handle.stop().await;
    let tokens = alerts.iter().filter(|alert| alert.transfer.token.is_some());
    (tokens.map(|alert| alert.id).collect(), alerts.iter().map(|alert| alert.id).collect())
}

#[tokio::test]
async fn it_finds_what_following_finds() {
    let chain = Chain::start().await;
    let head = past(&chain).await;
    let (tokens, every) = followed(&chain, head).await;
    // 3 before and 8 after the first listing, 8 before and 4 after the second, and one coin.
    assert_eq!((tokens.len(), every.len()), (23, 24));

    let full = found(&chain, head, Mode::Full, None).await;
    assert_eq!(full.ids, every);
    assert_eq!(full.live, [Verification::Proved].into());

    let sampled = found(&chain, head, Mode::Sampled, None).await;
    assert!(sampled.ids.is_superset(&tokens) && sampled.ids.is_subset(&every));
    assert_eq!(sampled.live, [Verification::Sampled].into());

    let no_batches: Lie = |method, _, answer| {
        // One request of a batch is refused; alone they are answered.
        if method == "eth_getBlockReceipts" && answer["id"] != 1 {
            let error = json!({ "code": -32_600, "message": "batch requests are not supported" });
            *answer = json!({ "jsonrpc": "2.0", "id": answer["id"], "error": error });
        }
    };
    assert_eq!(found(&chain, head, Mode::Full, Some(no_batches)).await.ids, every);
}

#[tokio::test]
async fn a_lie_about_a_range_is_seen_and_each_block_proved_instead() {
    let chain = Chain::start().await;
    let head = past(&chain).await;
    let (tokens, every) = followed(&chain, head).await;
    let lies: [(&str, Lie); 5] = [
        ("no logs at all", |method, params, answer| {
            if method == "eth_getLogs" && !asks_for_the_list(params) {
                answer["result"] = json!([]);
            }
        }),
        ("no acts", |method, params, answer| {
            if method == "eth_getLogs" && asks_for_the_list(params) {
                answer["result"] = json!([]);
            }
        }),
        ("logs of removed blocks", |method, _, answer| {
            for log in answer["result"].as_array_mut().into_iter().flatten() {
                if method == "eth_getLogs" {
                    log["removed"] = json!(true);
                }
            }
        }),
        ("logs in disorder", |method, _, answer| {
            if method == "eth_getLogs"
                && let Some(logs) = answer["result"].as_array_mut()
            {
                logs.reverse();
            }
        }),
        ("at most three logs", |method, _, answer| {
            let logs = answer["result"].as_array().map_or(0, Vec::len);
            if method == "eth_getLogs" && logs > 3 {
                let message = "query returned more than 3 results";
                let error = json!({ "code": -32_005, "message": message });
                *answer = json!({ "jsonrpc": "2.0", "id": 1, "error": error });
            }
        }),
    ];
    for (name, lie) in lies {
        let found = found(&chain, head, Mode::Sampled, Some(lie)).await;
        let missing: Vec<_> = tokens.difference(&found.ids).collect();
        assert!(missing.is_empty() && found.ids.is_subset(&every), "{name}: {missing:?}");
    }
}
