//! The past of a newly listed address: whichever way down is taken, what is found is what a walk
//! block by block finds, as far as the way promises it; with far fewer requests.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use alloy_primitives::B256;
use interdict_core::alert::{AlertId, Confirmation, FoundBy};
use interdict_core::transfer::{TransferKind, Verification};
use interdict_indexer::catchup::Mode;
use interdict_indexer::chain::pool::Source;
use interdict_indexer::chain::rpc::Rpc;
use interdict_indexer::chain::transport::{Answer, Transport, TransportError};
use interdict_indexer::config::Config;
use interdict_indexer::store::Filter;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::chain::{Chain, Draft, SPACING, hex, listing};
use crate::desk::{Asked, Desk, Lie, Node};
use crate::history::{LISTED_AT, PAST, Past, TIP, invented, past};

/// Blocks of the past that are walked.
const WALKED: u64 = LISTED_AT - 1;

/// What came of a walk.
#[derive(Debug)]
struct Found {
    alerts: BTreeMap<AlertId, (TransferKind, u64, Verification)>,
    /// Logs that could not be read, by kind, as the figures tell.
    undecoded: BTreeSet<String>,
    /// Blocks walked, by how they were come by.
    sampled: u64,
    proved: u64,
    ranges_refused: u64,
}

impl Found {
    fn ids(&self) -> BTreeSet<AlertId> {
        self.alerts.keys().copied().collect()
    }
}

fn source(node: &Arc<Node>, name: char, requests_per_second: Option<NonZeroU32>) -> Source {
    let transport = Arc::clone(node) as Arc<dyn Transport>;
    let rpc = Arc::new(Rpc::over(transport, format!("http://{name}")));
    Source { rpc, requests_per_second, traces: None }
}

/// What is changed of a configuration: the walk is down to block 1, because block 0 has no logs.
fn told(mode: Mode) -> impl FnOnce(&mut Config) {
    move |config| {
        config.catch_up = mode;
        config.deployment.block = LISTED_AT;
        config.lookback_from_block = 1;
    }
}

async fn begun(mode: Mode, nodes: &[Arc<Node>], rate: Option<NonZeroU32>) -> Desk {
    let sources = nodes.iter().zip('a'..).map(|(node, name)| source(node, name, rate));
    Desk::as_told(sources.collect(), &nodes[0], told(mode)).await.unwrap()
}

/// What was counted under a name.
fn figures(desk: &Desk, name: &str) -> BTreeSet<String> {
    let counted = |line: &&str| line.starts_with(name) && !line.ends_with(" 0");
    desk.figures().lines().filter(counted).map(str::to_owned).collect()
}

fn figure(desk: &Desk, name: &str) -> u64 {
    figures(desk, name).first().map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

fn looked_back(desk: &Desk, verified: &str) -> u64 {
    figure(desk, &format!("interdict_blocks_looked_back_total{{verified=\"{verified}\"}}"))
}

/// Turns until the walk is over.
async fn over(desk: &mut Desk) -> Found {
    desk.until("the head", |status| status.cursor == TIP).await;
    let began = desk.status();
    let mut turns = 0;
    while desk.works.store.counts().await.unwrap().lookbacks_open > 0 {
        desk.turn().await;
        turns += 1;
        assert!(turns < 5_000, "the walk does not end: {:?}", (began, desk.status()));
    }
    desk.turns(2).await;
    let (alerts, _) = desk.works.store.alerts(&Filter::default(), None, 500).await.unwrap();
    assert!(alerts.iter().all(|alert| alert.found_by == FoundBy::Lookback));
    let facts = |alert: &interdict_core::alert::Alert| {
        let transfer = alert.transfer;
        (alert.id, (transfer.kind, transfer.position.block, transfer.verification))
    };
    Found {
        alerts: alerts.iter().map(facts).collect(),
        undecoded: figures(desk, "interdict_undecoded_logs_total"),
        sampled: looked_back(desk, "sampled"),
        proved: looked_back(desk, "proved"),
        ranges_refused: figure(desk, "interdict_ranges_refused_total"),
    }
}

async fn found(mode: Mode, node: &Arc<Node>) -> (Found, u64) {
    let mut desk = begun(mode, std::slice::from_ref(node), None).await;
    let found = over(&mut desk).await;
    (found, node.posts.load(Ordering::Relaxed))
}

/// Nothing is final by this provider's word, so that every block is asked for by itself.
const NOTHING_IS_FINAL: Lie = |asked, answer| {
    let is_finality = asked.params[0] == "finalized";
    if is_finality { result(answer, |result| *result = Value::Null) } else { Ok(answer) }
};

fn result(mut answer: Answer, change: impl FnOnce(&mut Value)) -> Result<Answer, TransportError> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    change(&mut body["result"]);
    answer.body = body.to_string().into_bytes();
    Ok(answer)
}

fn refusing(mut answer: Answer, code: i64, message: &str) -> Result<Answer, TransportError> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    body.as_object_mut().unwrap().remove("result");
    body["error"] = json!({ "code": code, "message": message });
    answer.body = body.to_string().into_bytes();
    Ok(answer)
}

async fn step_by_step(past: &Past) -> (Found, u64) {
    let node = Node::with(past.chain.clone());
    node.lies(Some(NOTHING_IS_FINAL));
    let (found, posts) = found(Mode::Full, &node).await;
    assert_eq!((found.proved, found.sampled), (WALKED, 0));
    (found, posts)
}

/// The same of the past that most tests look at.
async fn stepped() -> &'static (Found, u64) {
    static STEPPED: OnceCell<(Found, u64)> = OnceCell::const_new();
    STEPPED.get_or_init(|| step_by_step(&PAST)).await
}

/// What a walk by ranges promises to find: what the logs say of a party that can be asked for.
fn promised(past: &Past, stepped: &Found) -> BTreeSet<AlertId> {
    let is_promised = |kind: &TransferKind, block: &u64| {
        kind.has_log() && (*kind != TransferKind::Erc20 || !past.unindexed.contains(block))
    };
    let all = stepped.alerts.iter();
    all.filter(|(_, (kind, block, _))| is_promised(kind, block)).map(|(id, _)| *id).collect()
}

#[tokio::test]
async fn every_way_down_finds_the_same_and_two_ask_far_less() {
    for seed in 2..4 {
        let past = past(seed);
        let (stepped, steps) = step_by_step(&past).await;
        let kinds: BTreeSet<_> = stepped.alerts.values().map(|(kind, ..)| *kind).collect();
        assert!(kinds.len() >= 5 && stepped.alerts.len() > 100 && !stepped.undecoded.is_empty());
        let promised = promised(&past, &stepped);

        let (batched, asked) = found(Mode::Full, &Node::with(past.chain.clone())).await;
        assert_eq!((&batched.alerts, &batched.undecoded), (&stepped.alerts, &stepped.undecoded));
        assert_eq!((batched.proved, batched.sampled), (WALKED, 0));
        assert!(steps >= 10 * asked, "{steps} requests block by block, {asked} by batches");

        let (ranged, asked) = found(Mode::Sampled, &Node::with(past.chain.clone())).await;
        assert!(ranged.ids().is_superset(&promised) && ranged.ids().is_subset(&stepped.ids()));
        assert!(ranged.alerts.values().all(|(.., how)| *how == Verification::Sampled));
        assert_eq!((ranged.proved, ranged.sampled, ranged.ranges_refused), (0, WALKED, 0));
        // Most of these requests are for the many blocks in which something is found.
        let hits: BTreeSet<_> = ranged.alerts.values().map(|(_, block, _)| *block).collect();
        let beside = asked - hits.len() as u64;
        assert!(steps >= 10 * beside, "{steps} requests block by block, {beside} by ranges");
    }
}

#[tokio::test]
async fn a_walk_that_is_killed_goes_on_where_it_stood() {
    let (stepped, _) = stepped().await;
    for mode in [Mode::Full, Mode::Sampled] {
        let node = Node::with(PAST.chain.clone());
        let nodes = std::slice::from_ref(&node);
        let rate = NonZeroU32::new(40);
        let mut desk = begun(mode, nodes, rate).await;
        let walked = |desk: &Desk| looked_back(desk, "proved") + looked_back(desk, "sampled");
        let mut turns = 0;
        while walked(&desk) < WALKED / 3 {
            desk.turn().await;
            turns += 1;
            assert!(turns < 1_000, "{:?}", desk.status());
        }
        let first = walked(&desk);
        assert!(first < WALKED, "it is in the middle");
        let killed = desk.killed(vec![source(&node, 'a', rate)], &node, told(mode));
        let mut desk = Box::pin(killed).await;
        let found = over(&mut desk).await;
        assert_eq!(first + walked(&desk), WALKED, "no block is walked twice, none left out");
        match mode {
            Mode::Full => assert_eq!(found.alerts, stepped.alerts),
            Mode::Sampled => assert!(found.ids().is_superset(&promised(&PAST, stepped))),
        }
    }
}

fn asks_for_logs(asked: &Asked<'_>) -> bool {
    asked.method == "eth_getLogs"
}

/// Whether logs are asked for that name somebody.
fn asks_for_names(asked: &Asked<'_>) -> bool {
    let filter = &asked.params[0];
    asks_for_logs(asked)
        && (filter["topics"].as_array().unwrap().len() > 1 || filter["address"].is_array())
}

/// Changes the logs of an answer about names, or about logs of any kind.
fn logs(
    answer: Answer,
    whether: bool,
    change: impl FnOnce(&mut Vec<Value>),
) -> Result<Answer, TransportError> {
    if !whether {
        return Ok(answer);
    }
    result(answer, |result| change(result.as_array_mut().unwrap()))
}

/// Of blocks below 300, whoever is asked for.
const NO_OLD_LOGS: Lie = |asked, answer| {
    logs(answer, asks_for_logs(asked), |logs| {
        // Hex digits without leading zeros: the shorter, the lower.
        let is_old = |log: &Value| {
            let number = log["blockNumber"].as_str().unwrap();
            number.len() < 5 || number < "0x12c"
        };
        logs.retain(|log| !is_old(log));
    })
};

const LIES: [(&str, Lie); 8] = [
    ("no logs of old blocks", NO_OLD_LOGS),
    ("the second log of a block is left out", |asked, answer| {
        logs(answer, asks_for_names(asked), |logs| {
            logs.dedup_by_key(|log| log["blockNumber"].clone());
        })
    }),
    ("whoever is asked for has no logs", |asked, answer| {
        logs(answer, asks_for_names(asked), Vec::clear)
    }),
    ("nobody has logs", |asked, answer| logs(answer, asks_for_logs(asked), Vec::clear)),
    ("logs of removed blocks", |asked, answer| {
        logs(answer, asks_for_names(asked), |logs| {
            for log in logs {
                log["removed"] = json!(true);
            }
        })
    }),
    ("logs of other blocks", |asked, answer| {
        logs(answer, asks_for_names(asked), |logs| {
            for log in logs {
                log["blockNumber"] = hex(TIP);
            }
        })
    }),
    ("logs of others", |asked, answer| {
        let mut filter = asked.params[0].clone();
        logs(answer, asks_for_names(asked), |logs| {
            filter["topics"].as_array_mut().unwrap().truncate(1);
            filter["address"] = Value::Null;
            let all = PAST.chain.answer("eth_getLogs", &json!([filter]));
            logs.clone_from(all.as_array().unwrap());
        })
    }),
    ("another amount", |asked, answer| {
        logs(answer, asks_for_names(asked), |logs| {
            for log in logs {
                log["data"] = json!(B256::repeat_byte(1));
            }
        })
    }),
];

#[tokio::test]
async fn a_lie_about_a_range_is_seen_and_each_block_proved_instead() {
    let (stepped, _) = stepped().await;
    for (name, lie) in LIES {
        let node = Node::with(PAST.chain.clone());
        node.lies(Some(lie));
        let (found, _) = found(Mode::Sampled, &node).await;
        assert_eq!(found.alerts, stepped.alerts, "{name}");
        assert_eq!((found.proved, found.sampled), (WALKED, 0), "{name}");
        assert!(found.ranges_refused >= 1, "{name}");
    }
}

/// Also where the end of a range has no logs, by which it would be seen at once.
#[tokio::test]
async fn logs_are_believed_only_down_to_where_there_are_any() {
    let (stepped, _) = stepped().await;
    let node = Node::with(PAST.chain.clone());
    node.lies(Some(NO_OLD_LOGS));
    let to_the_beginning = |config: &mut Config| {
        told(Mode::Sampled)(config);
        config.lookback_from_block = 0;
    };
    let mut desk =
        Desk::as_told(vec![source(&node, 'a', None)], &node, to_the_beginning).await.unwrap();
    let found = over(&mut desk).await;
    assert_eq!(found.proved + found.sampled, LISTED_AT);
    assert!(found.ids().is_superset(&promised(&PAST, stepped)));
    assert!(found.ids().is_subset(&stepped.ids()));
}

/// Nothing shows that the provider would have logs, if there were any.
#[tokio::test]
async fn a_past_without_logs_is_proved_block_by_block() {
    let empty = (0..LISTED_AT).fold(Chain(Vec::new()), |chain, _| chain.and(0, &[]));
    let chain = empty.and(0, &[Draft::logging(listing(LISTED_AT * SPACING))]);
    let chain = (LISTED_AT..TIP).fold(chain, |chain, _| chain.and(0, &[]));
    let (found, _) = found(Mode::Sampled, &Node::with(chain)).await;
    assert_eq!((found.proved, found.sampled, found.ranges_refused), (WALKED, 0, 0));
}

#[tokio::test]
async fn what_is_too_much_at_once_is_asked_for_in_parts() {
    let (stepped, _) = stepped().await;
    let node = Node::with(PAST.chain.clone());
    node.lies(Some(|asked, answer| {
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        if asks_for_logs(asked) && said["result"].as_array().unwrap().len() > 8 {
            return refusing(answer, -32_005, "query returned more than 8 results");
        }
        Ok(answer)
    }));
    let (found, _) = found(Mode::Sampled, &node).await;
    assert_eq!((found.proved, found.sampled), (0, WALKED));
    assert!(found.ids().is_superset(&promised(&PAST, stepped)));
}

fn asks_by_height(asked: &Asked<'_>) -> bool {
    /// Characters of a hash, with its `0x`.
    const HASH_CHARS: usize = 66;
    asked.method == "eth_getBlockReceipts"
        && asked.params[0].as_str().is_some_and(|place| place.len() < HASH_CHARS)
}

const NO_RANGES: Lie = |asked, answer| {
    if asks_for_logs(asked) {
        return refusing(answer, -32_601, "the method eth_getLogs does not exist");
    }
    Ok(answer)
};

/// Batches are the only ones that ask for receipts by height.
const NO_BATCHES: Lie = |asked, answer| {
    if asks_by_height(asked) {
        return refusing(answer, -32_600, "batch requests are not supported");
    }
    Ok(answer)
};

const NEITHER: Lie = |asked, answer| {
    if asks_for_logs(asked) { NO_RANGES(asked, answer) } else { NO_BATCHES(asked, answer) }
};

#[tokio::test]
async fn what_a_provider_does_not_give_is_done_without() {
    let (stepped, steps) = stepped().await;
    let ways =
        [(Mode::Sampled, NO_RANGES, 10), (Mode::Full, NO_BATCHES, 1), (Mode::Sampled, NEITHER, 1)];
    for (mode, lie, fewer) in ways {
        let node = Node::with(PAST.chain.clone());
        node.lies(Some(lie));
        let (found, posts) = found(mode, &node).await;
        assert_eq!(found.alerts, stepped.alerts);
        assert_eq!((found.proved, found.sampled, found.ranges_refused), (WALKED, 0, 0));
        let few = |allowance: u64| posts * fewer <= steps + allowance;
        assert!(few(steps / 20), "{posts} requests, {steps} block by block");
    }
}

#[tokio::test]
async fn what_was_walked_before_a_failure_stays_walked() {
    /// Below this nothing comes.
    const WRONG_BELOW: u64 = 300;
    const NO_OLD_RECEIPTS: Lie = |asked, answer| {
        let place = asked.params[0].as_str().filter(|_| asked.method == "eth_getBlockReceipts");
        let by_hash = |place: &str| {
            let mut all = PAST.chain.0.iter().zip(0..);
            all.find(|(entry, _)| entry.hash.to_string() == place).map(|(_, number)| number)
        };
        let number = place.and_then(|place| {
            u64::from_str_radix(place.trim_start_matches("0x"), 16).ok().or_else(|| by_hash(place))
        });
        if number.is_some_and(|number| number < WRONG_BELOW) {
            return Err(TransportError("connection refused".to_owned()));
        }
        Ok(answer)
    };
    let (stepped, _) = stepped().await;
    let node = Node::with(PAST.chain.clone());
    node.lies(Some(NO_OLD_RECEIPTS));
    let mut desk = begun(Mode::Full, std::slice::from_ref(&node), None).await;
    desk.until("the stall", |status| status.lookback_stalled.is_some()).await;
    assert_eq!(looked_back(&desk, "proved"), LISTED_AT - WRONG_BELOW);
    node.lies(None);
    assert_eq!(over(&mut desk).await.alerts, stepped.alerts);
    assert_eq!(desk.status().lookback_stalled, None);
}

/// The walk begins at a block that its provider does not have.
#[tokio::test]
async fn a_past_that_does_not_meet_the_chain_is_not_walked() {
    let (stepped, _) = stepped().await;
    for mode in [Mode::Full, Mode::Sampled] {
        let node = Node::with(PAST.chain.clone());
        let mut desk = begun(mode, std::slice::from_ref(&node), None).await;
        node.holds(invented(LISTED_AT - 50..LISTED_AT));
        desk.until("the stall", |status| status.lookback_stalled.is_some()).await;
        assert_eq!(looked_back(&desk, "proved") + looked_back(&desk, "sampled"), 0);
        assert_eq!(desk.outcome().await.alerts, []);
        node.holds(PAST.chain.clone());
        let found = over(&mut desk).await;
        assert!(found.ids().is_superset(&promised(&PAST, stepped)));
        assert!(found.ids().is_subset(&stepped.ids()));
    }
}

/// Of three providers one has another chain in the middle of the past.
#[tokio::test]
async fn an_invented_past_is_not_taken_in() {
    let invented = invented(LISTED_AT / 2..LISTED_AT - 100);
    let (stepped, _) = stepped().await;
    for mode in [Mode::Full, Mode::Sampled] {
        let liar = Node::with(invented.clone());
        let nodes = [liar, Node::with(PAST.chain.clone()), Node::with(PAST.chain.clone())];
        let mut desk = begun(mode, &nodes, None).await;
        let found = over(&mut desk).await;
        assert!(found.ids().is_subset(&stepped.ids()), "{mode:?}: what never was is found");
        assert!(found.ids().is_superset(&promised(&PAST, stepped)), "{mode:?}");
        let (alerts, _) = desk.works.store.alerts(&Filter::default(), None, 500).await.unwrap();
        assert!(alerts.iter().all(|alert| alert.confirmation == Confirmation::Confirmed));
    }
}
