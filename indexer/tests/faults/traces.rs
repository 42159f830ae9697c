//! Traces, which nothing proves: what two providers say alike, what one says alone, what makes no
//! sense, and what is done when nobody can be heard.

use std::collections::BTreeMap;
use std::sync::Arc;

use interdict_core::transfer::{TransferKind, Verification};
use interdict_indexer::chain::pool::{Source, Tracer};
use interdict_indexer::chain::transport::{Answer, Transport, TransportError};
use interdict_indexer::store::Filter;
use serde_json::{Value, json};

use crate::chain::Chain;
use crate::desk::{Asked, Desk, Lie, Node, clean};

const TIP: u64 = 5;
/// One transaction in block 1, two in each of those above it.
const TRANSACTIONS: usize = 9;

fn chain() -> Chain {
    Chain::of(TIP + 1)
}

/// An indexer whose providers all trace.
async fn traced(nodes: &[Arc<Node>]) -> Desk {
    let sources = nodes.iter().zip('a'..).map(|(node, name)| Source {
        traces: Some(Tracer::CallTracer),
        ..Source::over(Arc::clone(node) as Arc<dyn Transport>, format!("http://{name}"))
    });
    Desk::over(sources.collect(), &nodes[0]).await.unwrap()
}

async fn at_the_head(desk: &mut Desk) {
    desk.until("the head", |status| status.cursor == TIP && status.stalled.is_none()).await;
    desk.turns(2).await;
}

/// How many internal transfers were found, by how far they are proved.
async fn internal(desk: &Desk) -> BTreeMap<Verification, usize> {
    let (alerts, _) = desk.works.store.alerts(&Filter::default(), None, 500).await.unwrap();
    let mut found = BTreeMap::new();
    for alert in alerts.iter().filter(|alert| alert.transfer.kind == TransferKind::Internal) {
        *found.entry(alert.transfer.verification).or_default() += 1;
    }
    found
}

fn figure(desk: &Desk, line: &str) -> bool {
    desk.figures().lines().any(|known| known == line)
}

fn changed(asked: &Asked<'_>, answer: Answer, change: fn(&mut Value)) -> Answer {
    if asked.method != "debug_traceBlockByHash" {
        return answer;
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    change(&mut body);
    Answer { body: body.to_string().into_bytes(), ..answer }
}

#[tokio::test]
async fn one_providers_word_is_unverified_and_two_the_same_are_agreed() {
    let mut alone = traced(&[Node::with(chain())]).await;
    at_the_head(&mut alone).await;
    // Block 1 lists the address only after its own transaction has passed coin on.
    let found = internal(&alone).await;
    assert_eq!(found, [(Verification::Unverified, TRANSACTIONS)].into());

    let mut both = traced(&[Node::with(chain()), Node::with(chain())]).await;
    at_the_head(&mut both).await;
    assert_eq!(internal(&both).await, [(Verification::Agreed, TRANSACTIONS)].into());
    assert!(figure(&both, "interdict_traces_differing_total 0"));
}

#[tokio::test]
async fn who_is_not_to_trace_is_not_asked() {
    let found = clean(&chain()).await;
    let mut desk = Desk::with(&[Node::with(chain())]).await;
    at_the_head(&mut desk).await;
    assert_eq!(desk.outcome().await, found);
    assert!(internal(&desk).await.is_empty());
}

/// The second provider leaves out what the first saw, and saw something else.
const OTHERWISE: Lie = |asked, answer| {
    Ok(changed(asked, answer, |body| {
        body["result"][0]["result"]["calls"][0]["value"] = json!("0x2");
    }))
};

#[tokio::test]
async fn of_what_two_say_differently_nothing_is_lost() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = traced(&nodes).await;
    nodes[1].lies(Some(OTHERWISE));
    at_the_head(&mut desk).await;
    // The first transaction of each of five blocks.
    let blocks = usize::try_from(TIP).unwrap();
    let (agreed, unverified) = (TRANSACTIONS - blocks, 2 * blocks);
    let expected = [(Verification::Agreed, agreed), (Verification::Unverified, unverified)].into();
    assert_eq!(internal(&desk).await, expected);
    assert!(figure(&desk, &format!("interdict_traces_differing_total {blocks}")));
}

/// The traces contradict what the header proves.
const CONTRADICTS: Lie = |asked, answer| {
    Ok(changed(asked, answer, |body| body["result"][0]["result"]["value"] = json!("0x9")))
};

#[tokio::test]
async fn what_contradicts_the_proved_is_counted_and_kept_and_the_chain_goes_on() {
    let node = Node::with(chain());
    let mut desk = traced(std::slice::from_ref(&node)).await;
    node.lies(Some(CONTRADICTS));
    at_the_head(&mut desk).await;
    assert!(internal(&desk).await.is_empty());
    assert!(figure(&desk, &format!("interdict_undecoded_logs_total{{kind=\"traces\"}} {TIP}")));
    assert_eq!(desk.outcome().await, clean(&chain()).await, "all that is proved is found");

    // Another provider that makes sense is believed in its place.
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = traced(&nodes).await;
    nodes[0].lies(Some(CONTRADICTS));
    at_the_head(&mut desk).await;
    assert_eq!(internal(&desk).await, [(Verification::Unverified, TRANSACTIONS)].into());
}

/// The node does not trace.
const CANNOT: Lie = |asked, answer| {
    let error = json!({ "code": -32601, "message": "the method does not exist" });
    if asked.method != "debug_traceBlockByHash" {
        return Ok::<_, TransportError>(answer);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "error": error }).to_string().into_bytes();
    Ok(Answer { body, ..answer })
};

#[tokio::test]
async fn where_nobody_can_be_heard_the_chain_stalls_loudly_and_loses_nothing() {
    let node = Node::with(chain());
    let mut desk = traced(std::slice::from_ref(&node)).await;
    node.lies(Some(CANNOT));
    desk.until("a stall", |status| status.stalled.is_some()).await;
    let status = desk.status();
    let reason = status.stalled.unwrap();
    assert_eq!(status.cursor, 0, "the cursor has not moved");
    assert!(reason.contains("block 1 cannot be traced"), "{reason}");
    assert!(reason.contains("the method does not exist") && reason.contains("take `traces`"));
    node.lies(None);
    at_the_head(&mut desk).await;
    assert_eq!(internal(&desk).await, [(Verification::Unverified, TRANSACTIONS)].into());
}

#[tokio::test]
async fn a_second_provider_that_is_silent_is_done_without() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = traced(&nodes).await;
    nodes[1].lies(Some(CANNOT));
    at_the_head(&mut desk).await;
    assert_eq!(internal(&desk).await, [(Verification::Unverified, TRANSACTIONS)].into());
}
