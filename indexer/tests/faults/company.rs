//! Several providers: who is asked, who is left alone, who is set aside, and what nobody may decide
//! (F15, F25, F26, F31, F32, F37 to F39, F41).

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use interdict_indexer::chain::pool::{Source, Word};
use interdict_indexer::chain::rpc::Rpc;
use interdict_indexer::chain::transport::{Answer, Transport, TransportError};
use interdict_indexer::clock::Clock;
use interdict_indexer::run::Status;
use serde_json::json;

use crate::chain::{Chain, SPACING};
use crate::desk::{Desk, Lie, Node, clean};

const TIP: u64 = 12;

fn chain() -> Chain {
    Chain::of(TIP + 1)
}

fn asked(node: &Node) -> u64 {
    node.asked.load(Ordering::Relaxed)
}

fn state(status: &Status, at: usize) -> Word {
    status.providers[at].state
}

async fn at_the_head(desk: &mut Desk, tip: u64) {
    desk.until("the head", |status| status.cursor == tip && status.stalled.is_none()).await;
    desk.turns(2).await;
}

const DOWN: Lie = |_, _| Err(TransportError("connection refused".to_owned()));

fn refusing(answer: Answer, code: i64, message: &str) -> Result<Answer, TransportError> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": message } });
    Ok(Answer { body: body.to_string().into_bytes(), ..answer })
}

#[tokio::test]
async fn one_provider_is_kept_to_while_it_answers() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    let before = asked(&nodes[1]);
    desk.until("the head", |status| status.cursor == TIP).await;
    assert!(asked(&nodes[1]) - before <= 2, "the second is asked what is final, and no more");
    let status = desk.status();
    assert_eq!((state(&status, 0), state(&status, 1)), (Word::Following, Word::Waiting));
}

#[tokio::test]
async fn one_that_fails_twice_is_left_for_the_next_and_the_next_is_kept_to() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    nodes[0].lies(Some(DOWN));
    let before = asked(&nodes[0]);
    at_the_head(&mut desk, TIP).await;
    let tried = asked(&nodes[0]) - before;
    assert!((2..=6).contains(&tried), "asked {tried} times while it was down");
    assert_eq!(desk.outcome().await, clean(&chain()).await);
    nodes[0].lies(None);
    let longer = chain().longer(1, 0);
    for node in &nodes {
        node.holds(longer.clone());
    }
    at_the_head(&mut desk, TIP + 1).await;
    assert_eq!(state(&desk.status(), 1), Word::Following);
}

/// F15: two providers have different blocks at one height. Whichever is followed is followed whole.
#[tokio::test]
async fn f15_providers_disagree_on_the_hash_at_a_height() {
    let (ours, theirs) = (chain().up_to(9).longer(3, 1), chain().up_to(9).longer(4, 2));
    let nodes = [Node::with(ours.clone()), Node::with(theirs.clone())];
    let mut desk = Desk::with(&nodes).await;
    at_the_head(&mut desk, TIP).await;
    assert_eq!(desk.outcome().await, clean(&ours).await);
    // Now the first cannot give the receipts of its next block, and the other branch is taken over
    // whole, after our own is reverted.
    nodes[0].lies(Some(DOWN));
    at_the_head(&mut desk, 13).await;
    let expected = clean(&theirs).await;
    let outcome = desk.outcome().await;
    assert_eq!(outcome.cursor, expected.cursor);
    assert!(expected.alerts.iter().all(|alert| outcome.alerts.contains(alert)));
}

/// F25: 429 with a Retry-After is obeyed to the second, by the clock that is turned by hand.
#[tokio::test]
async fn f25_a_provider_is_left_alone_as_long_as_it_asks() {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    node.lies(Some(|_, answer| {
        let retry_after = Some(Duration::from_secs(20));
        Ok(Answer { status: 429, retry_after, body: vec![], ..answer })
    }));
    desk.turn().await;
    let (refused_at, before) = (desk.clock.elapsed(), asked(&node));
    assert_eq!(state(&desk.status(), 0), Word::RateLimited);
    assert!(desk.status().providers[0].rate_limited_until.is_some());
    node.lies(None);
    while desk.clock.elapsed() + Duration::from_secs(1) < refused_at + Duration::from_secs(20) {
        desk.turn().await;
        assert_eq!(
            asked(&node),
            before,
            "asked after {:?}",
            desk.clock.elapsed().saturating_sub(refused_at)
        );
    }
    at_the_head(&mut desk, TIP).await;
    assert_eq!(desk.outcome().await, clean(&chain()).await);
}

/// F25: the codes that mean "too often" in an HTTP 200, and a 429 that does not say how long.
#[tokio::test]
async fn f25_every_way_of_saying_too_often_leads_to_the_next_provider() {
    let ways: [Lie; 5] = [
        |_, answer| Ok(Answer { status: 429, body: vec![], ..answer }),
        |_, answer| refusing(answer, -32_005, "limit exceeded"),
        |_, answer| refusing(answer, -32_011, "too many"),
        |_, answer| refusing(answer, -32_016, "over rate limit"),
        |_, answer| refusing(answer, -32_000, "project ID request rate exceeded"),
    ];
    for way in ways {
        let nodes = [Node::with(chain()), Node::with(chain())];
        let mut desk = Desk::with(&nodes).await;
        nodes[0].lies(Some(way));
        let before = asked(&nodes[0]);
        desk.until("the head", |status| status.cursor == TIP).await;
        assert!(asked(&nodes[0]) - before <= 2, "it is not asked on");
        assert_eq!(desk.outcome().await.cursor, TIP);
    }
}

/// F26, and everybody at once: nothing is skipped, and it goes on by itself.
#[tokio::test]
async fn f26_server_errors_stall_until_they_end() {
    let ways: [Lie; 4] = [
        |_, answer| Ok(Answer { status: 500, body: vec![], ..answer }),
        |_, answer| Ok(Answer { status: 502, body: b"<html>".to_vec(), ..answer }),
        |_, answer| Ok(Answer { status: 503, body: vec![], ..answer }),
        |_, answer| Ok(Answer { status: 504, body: vec![], ..answer }),
    ];
    for way in ways {
        let nodes = [Node::with(chain()), Node::with(chain())];
        let mut desk = Desk::with(&nodes).await;
        for node in &nodes {
            node.lies(Some(way));
        }
        desk.until("the stall", |status| status.stalled.is_some()).await;
        assert_eq!(desk.status().cursor, 0);
        nodes[1].lies(None);
        at_the_head(&mut desk, TIP).await;
        assert_eq!(desk.outcome().await, clean(&chain()).await);
    }
}

/// F31 as far as single blocks go: a refusal for size is no rate limit, and the next provider is
/// asked.
#[tokio::test]
async fn f31_too_much_at_once_is_not_taken_for_too_often() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    nodes[0].lies(Some(|_, answer| refusing(answer, -32_005, "response size exceeded")));
    desk.until("the head", |status| {
        assert_ne!(state(status, 0), Word::RateLimited);
        status.cursor == TIP
    })
    .await;
}

/// F32: all providers down for six hours, then back.
#[tokio::test]
async fn f32_all_down_for_six_hours_and_nothing_is_skipped() {
    let nodes = [Node::with(chain().up_to(6)), Node::with(chain().up_to(6))];
    let mut desk = Desk::with(&nodes).await;
    at_the_head(&mut desk, 6).await;
    for node in &nodes {
        node.lies(Some(DOWN));
    }
    let before = asked(&nodes[0]);
    for _ in 0..6 * 60 {
        desk.clock.turn(60_000);
        desk.turn().await;
    }
    assert!(desk.status().stalled.is_some());
    let tried = asked(&nodes[0]) - before;
    assert!(tried < 1_000, "{tried} requests into the void");
    for node in &nodes {
        node.holds(chain());
        node.lies(None);
    }
    at_the_head(&mut desk, TIP).await;
    assert_eq!(desk.outcome().await, clean(&chain()).await);
}

/// F37: a node that was reset to its first block is left, and alone it stalls.
#[tokio::test]
async fn f37_a_node_that_begins_again_at_zero() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    at_the_head(&mut desk, TIP).await;
    let longer = chain().longer(2, 0);
    nodes[0].holds(chain().up_to(0));
    nodes[1].holds(longer.clone());
    at_the_head(&mut desk, TIP + 2).await;
    assert_eq!(desk.outcome().await, clean(&longer).await);

    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    at_the_head(&mut desk, TIP).await;
    node.holds(chain().up_to(0));
    desk.until("the stall", |status| status.stalled.is_some()).await;
    assert_eq!(desk.outcome().await, clean(&chain()).await, "nothing is taken back");
}

/// F38: the final block lags, jumps back or is not named; what was final stays so.
#[tokio::test]
async fn f38_the_final_block_lags_jumps_back_or_is_absent() {
    let ways: [Lie; 3] = [
        |asked, answer| {
            if asked.params[0] != json!("finalized") {
                return Ok(answer);
            }
            refusing(answer, -39_001, "Unknown block")
        },
        |asked, answer| {
            if asked.params[0] != json!("finalized") {
                return Ok(answer);
            }
            let body = json!({ "jsonrpc": "2.0", "id": 1, "result": chain().0[1].block });
            Ok(Answer { body: body.to_string().into_bytes(), ..answer })
        },
        |asked, answer| {
            if asked.params[0] != json!("finalized") {
                return Ok(answer);
            }
            let body = json!({ "jsonrpc": "2.0", "id": 1, "result": null });
            Ok(Answer { body: body.to_string().into_bytes(), ..answer })
        },
    ];
    for way in ways {
        let node = Node::with(chain());
        let mut desk = Desk::with(std::slice::from_ref(&node)).await;
        at_the_head(&mut desk, TIP).await;
        let finalized = desk.status().finalized;
        assert_eq!(finalized, TIP - 4);
        node.lies(Some(way));
        node.holds(chain().longer(3, 0));
        at_the_head(&mut desk, TIP + 3).await;
        assert_eq!(desk.status().finalized, finalized, "it neither falls nor is guessed");
        node.lies(None);
        desk.until("finality", |status| status.finalized == TIP - 1).await;
    }
}

/// F39: one provider contradicts what was final and the others do not: it is left. All of them do:
/// a person must look.
#[tokio::test]
async fn f39_what_was_final_is_contradicted_by_one_and_by_all() {
    let other = chain().up_to(3).longer(12, 5);
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    at_the_head(&mut desk, TIP).await;
    let before = desk.outcome().await;
    nodes[0].holds(other.clone());
    nodes[1].holds(chain().longer(1, 0));
    at_the_head(&mut desk, TIP + 1).await;
    let after = desk.outcome().await;
    let known = |id| after.alerts.iter().any(|(other, _)| other == id);
    assert!(before.alerts.iter().all(|(id, _)| known(id)), "nothing is forgotten");
    assert_eq!(desk.outcome().await, clean(&chain().longer(1, 0)).await);

    nodes[1].holds(other);
    desk.until("the latch", |status| {
        status.stalled.as_ref().is_some_and(|reason| reason.contains("finality violated"))
    })
    .await;
    assert_eq!(desk.status().cursor, TIP + 1, "nothing is taken back by a machine");
    let asked_before = asked(&nodes[0]) + asked(&nodes[1]);
    desk.turns(100).await;
    assert_eq!(asked(&nodes[0]) + asked(&nodes[1]), asked_before, "it is latched");
}

/// F41: a provider that sits on a dead branch says nothing wrong. Another one's head gives it away.
#[tokio::test]
async fn f41_a_provider_that_is_stuck_is_left_for_one_that_is_not() {
    let nodes = [Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    at_the_head(&mut desk, TIP).await;
    let longer = chain().longer(60 / SPACING, 0);
    nodes[1].holds(longer.clone());
    let took = desk.until("the other's head", |status| status.cursor == longer.tip()).await;
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert_eq!(state(&desk.status(), 1), Word::Following);
    desk.turns(2).await;
    assert_eq!(desk.outcome().await, clean(&longer).await);
}

/// An invented branch verifies, because whoever makes headers makes their roots. A majority of
/// three sets its provider aside.
#[tokio::test]
async fn an_invented_branch_is_known_by_the_others_once_it_calls_itself_final() {
    let invented = chain().up_to(6).longer(6, 9);
    let nodes = [Node::with(chain()), Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    nodes[0].holds(invented);
    desk.until("the verdict", |status| !status.warnings().is_empty()).await;
    assert_eq!(state(&desk.status(), 0), Word::SetAside);
    assert!(desk.status().warnings()[0].contains("the majority"), "{:?}", desk.status());
    at_the_head(&mut desk, TIP).await;
    let clean = clean(&chain()).await;
    let outcome = desk.outcome().await;
    assert!(clean.alerts.iter().all(|alert| outcome.alerts.contains(alert)), "the true ones");
    // It comes back to the others' chain, and is taken in again.
    nodes[0].holds(chain().longer(2, 0));
    nodes[1].holds(chain().longer(2, 0));
    nodes[2].holds(chain().longer(2, 0));
    desk.until("its return", |status| status.warnings().is_empty()).await;
}

/// Between two there is no majority: nothing is taken in, loudly, until they agree.
#[tokio::test]
async fn two_that_disagree_on_a_final_block_stall_everything() {
    let invented = chain().up_to(6).longer(6, 9);
    let nodes = [Node::with(invented.clone()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    desk.until("the stall", |status| {
        status.stalled.as_ref().is_some_and(|reason| reason.contains("disagree on the final block"))
    })
    .await;
    let cursor = desk.status().cursor;
    nodes[0].holds(invented.longer(5, 9));
    nodes[1].holds(chain().longer(5, 0));
    desk.turns(100).await;
    let status = desk.status();
    assert!(status.stalled.is_some() && status.finalized == 0, "{status:?}");
    assert_eq!(status.cursor, cursor, "nothing is taken in meanwhile");
    nodes[0].holds(chain().longer(5, 0));
    at_the_head(&mut desk, TIP + 5).await;
}

/// The budget of a provider holds by the clock that is turned by hand.
#[tokio::test]
async fn a_budget_is_kept() {
    let node = Node::with(Chain::of(101));
    let rpc = Arc::new(Rpc::over(Arc::clone(&node) as Arc<dyn Transport>, "http://a".to_owned()));
    let requests_per_second = NonZeroU32::new(5);
    let mut desk =
        Desk::over(vec![Source { rpc, requests_per_second, traces: None }], &node).await.unwrap();
    desk.until("the head", |status| status.cursor == 100).await;
    let (requests, seconds) = (asked(&node), desk.clock.elapsed().as_secs());
    assert!(seconds >= 40, "{requests} requests in {seconds} s");
    assert!(requests <= 5 * (seconds + 1) + 8, "{requests} requests in {seconds} s");
}
