//! Chains whose headers do not prove everything: two providers must say the same of each block, and
//! another than the first again once it is final.

use std::sync::Arc;

use interdict_indexer::chain::follow::{FollowError, Trail};
use interdict_indexer::chain::pool::{Pool, Source};
use interdict_indexer::chain::profile::{Finality, Profile, Proof};
use interdict_indexer::chain::transport::Transport;
use interdict_indexer::chain::{Header, Update};
use interdict_indexer::clock::Clock;
use interdict_indexer::run::{Wiring, assemble};
use serde_json::{Value, json};

use crate::chain::Chain;
use crate::desk::{HandClock, Lie, Node, configured};

const TIP: u64 = 12;
const FINAL_DEPTH: u64 = 4;

/// A chain whose receipts nothing proves.
fn profile() -> Profile {
    Profile {
        receipts_root: Proof::Off("the tests say so"),
        finality: Finality::Depth(FINAL_DEPTH),
        ..Profile::of(1).unwrap()
    }
}

struct Table {
    pool: Pool,
    trail: Trail,
    clock: Arc<HandClock>,
}

impl Table {
    fn with(nodes: &[Arc<Node>]) -> Self {
        let named = nodes.iter().zip('a'..).map(|(node, name)| {
            Source::over(Arc::clone(node) as Arc<dyn Transport>, format!("http://{name}"))
        });
        let first = &Chain::of(1).0[0];
        let genesis = Header {
            hash: first.hash,
            number: 0,
            parent: first.header.inner.parent_hash,
            time: first.header.inner.timestamp,
        };
        let clock = Arc::new(HandClock::default());
        let kept = Arc::clone(&clock) as Arc<dyn Clock>;
        let pool = Pool::new(named.collect(), profile(), first.hash, kept);
        Self { pool, trail: Trail::new([genesis], 0).unwrap(), clock }
    }

    /// Takes one step; how many logs the block had.
    async fn step(&mut self) -> Result<usize, FollowError> {
        self.clock.turn(1_000);
        let Some(Update::Commit(block)) = self.pool.next(&self.trail).await? else { return Ok(0) };
        self.trail.push(block.header);
        Ok(block.transactions.iter().map(|tx| tx.logs.len()).sum())
    }
}

fn nodes(count: usize) -> Vec<Arc<Node>> {
    (0..count).map(|_| Node::with(Chain::of(TIP + 1))).collect()
}

/// Drops a log of every block, which the header of such a chain does not give away.
const DROPS: Lie = |asked, mut answer| {
    if asked.method == "eth_getBlockReceipts" {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["result"][0]["logs"] = json!([]);
        if let Some(second) = body["result"].as_array_mut().unwrap().get_mut(1) {
            second["logs"] = json!([]);
        }
        answer.body = body.to_string().into_bytes();
    }
    Ok(answer)
};

#[tokio::test]
async fn two_that_say_the_same_are_believed() {
    let nodes = nodes(2);
    let mut table = Table::with(&nodes);
    assert_eq!(table.step().await.unwrap(), 2, "the act");
    for _ in 2..=TIP {
        assert_eq!(table.step().await.unwrap(), 3);
    }
    let finalized = table.pool.finalized(0).await.unwrap().unwrap();
    assert_eq!(finalized.number, TIP - FINAL_DEPTH);
}

#[tokio::test]
async fn two_that_differ_are_not() {
    for liar in [0, 1] {
        let nodes = nodes(2);
        nodes[liar].lies(Some(DROPS));
        let mut table = Table::with(&nodes);
        for _ in 0..10 {
            let error = table.step().await.unwrap_err();
            assert!(matches!(error, FollowError::Unconfirmed { number: 1, .. }), "{error}");
        }
        nodes[liar].lies(None);
        assert_eq!(table.step().await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_third_decides() {
    let nodes = nodes(3);
    nodes[0].lies(Some(DROPS));
    let mut table = Table::with(&nodes);
    let mut logs = Err(FollowError::NoProvider(String::new()));
    for _ in 0..5 {
        logs = table.step().await;
        if logs.is_ok() {
            break;
        }
    }
    assert_eq!(logs.unwrap(), 2, "the two that say the same are believed");
}

#[tokio::test]
async fn without_a_second_nothing_is_believed() {
    let nodes = nodes(2);
    let mut table = Table::with(&nodes);
    nodes[1].lies(Some(|_, answer| {
        Ok(interdict_indexer::chain::transport::Answer { status: 500, ..answer })
    }));
    let error = table.step().await.unwrap_err();
    assert!(matches!(error, FollowError::NoSecond { number: 1, .. }), "{error}");
    assert!(error.to_string().contains("HTTP status 500"), "{error}");
}

#[tokio::test]
async fn it_is_looked_at_again_once_it_is_final() {
    let nodes = nodes(2);
    let mut table = Table::with(&nodes);
    // The newest block is above the final depth only for the last few.
    for _ in 1..=TIP {
        table.step().await.unwrap();
    }
    for node in &nodes {
        node.holds(Chain::of(TIP + 1 + FINAL_DEPTH));
    }
    table.step().await.unwrap();
    nodes[1].lies(Some(DROPS));
    let error = table.pool.finalized(0).await.unwrap_err();
    assert!(matches!(error, FollowError::Unconfirmed { .. }), "{error}");
    nodes[1].lies(None);
    table.clock.turn(1_000);
    let finalized = table.pool.finalized(0).await.unwrap().unwrap();
    assert_eq!(finalized.number, TIP);
}

#[tokio::test]
async fn one_provider_is_refused_at_the_start() {
    let (folder, node) = (tempfile::tempdir().unwrap(), Node::with(Chain::of(1)));
    let config = configured(&folder, 137, Chain::of(1).0[0].hash);
    let source = Source::over(node as Arc<dyn Transport>, "http://a".to_owned());
    let clock = Arc::new(HandClock::default()) as Arc<dyn Clock>;
    let wiring = Wiring { providers: vec![source], teller: None, receiver: None, clock };
    let refusal = assemble(config, wiring).await.unwrap_err().to_string();
    assert!(refusal.contains("the headers of Polygon do not prove everything"), "{refusal}");
    assert!(refusal.contains("configure a second one as [[provider]]"), "{refusal}");
}
