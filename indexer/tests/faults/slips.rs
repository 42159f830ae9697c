//! A provider that slips once: one wrong or early answer never stops the chain for good, and
//! nothing is built upon one answer alone.

use std::sync::atomic::{AtomicU32, Ordering};

use interdict_indexer::chain::transport::{Answer, TransportError};
use serde_json::{Value, json};

use crate::chain::{Chain, hex};
use crate::desk::{Asked, Desk, Lie, Node, clean};

const TIP: u64 = 12;

fn chain() -> Chain {
    Chain::of(TIP + 1)
}

/// Another branch, which leaves far below what is final, and is longer.
fn invented() -> Chain {
    chain().up_to(2).longer(TIP, 7)
}

async fn at_the_head(desk: &mut Desk, tip: u64) {
    desk.until("the head", |status| status.cursor == tip && status.stalled.is_none()).await;
    desk.turns(2).await;
}

fn answer_of(chain: &Chain, asked: &Asked<'_>, answer: Answer) -> Answer {
    let result = chain.answer(asked.method, asked.params);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "result": result });
    Answer { body: body.to_string().into_bytes(), ..answer }
}

/// What a whole answer says, changed.
fn changed(mut answer: Answer, change: impl FnOnce(&mut Value)) -> Answer {
    let mut said: Value = serde_json::from_slice(&answer.body).unwrap();
    change(&mut said["result"]);
    answer.body = said.to_string().into_bytes();
    answer
}

/// Two answers in a row from a chain that contradicts what was final, and then the truth again.
#[tokio::test]
async fn a_contradiction_is_believed_only_when_it_is_repeated() {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    at_the_head(&mut desk, TIP).await;
    for _ in 0..5 {
        node.holds(invented());
        let failures = desk.status().providers[0].failures;
        desk.until("two wrong answers", |status| status.providers[0].failures == failures + 2)
            .await;
        let told = desk.status().providers[0].last_error.clone().unwrap();
        assert!(told.contains("contradicts what was final"), "{told}");
        node.holds(chain());
        desk.until("the truth", |status| status.providers[0].last_error.is_none()).await;
    }
    node.holds(chain().longer(1, 0));
    at_the_head(&mut desk, TIP + 1).await;
    assert_eq!(desk.outcome().await, clean(&chain().longer(1, 0)).await);
}

/// F33: the final block is of a branch whose head the provider has not told us of.
#[tokio::test]
async fn a_final_block_of_a_branch_that_nobody_told_of_is_asked_for_again() {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    at_the_head(&mut desk, TIP).await;
    let lie: Lie = |asked, answer| {
        let finalized = asked.params[0] == json!("finalized");
        let branch = chain().up_to(TIP - 3).longer(6, 7);
        Ok(if finalized { answer_of(&branch, asked, answer) } else { answer })
    };
    node.lies(Some(lie));
    desk.until("the stall", |status| {
        status.stalled.as_ref().is_some_and(|told| told.contains("not been told of the other"))
    })
    .await;
    assert_eq!(desk.status().cursor, TIP, "the cursor has not moved");

    let branch = chain().up_to(TIP - 3).longer(6, 7);
    node.holds(branch.clone());
    node.lies(None);
    at_the_head(&mut desk, branch.tip()).await;
    let mut outcome = desk.outcome().await;
    outcome.alerts.retain(|(_, how)| *how != interdict_core::alert::Confirmation::Retracted);
    assert_eq!(outcome, clean(&branch).await);
}

/// F37: a node that was restored and is below what was final says nothing against it.
#[tokio::test]
async fn a_node_that_has_not_come_as_far_as_what_is_final_is_waited_for() {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    at_the_head(&mut desk, TIP).await;
    node.holds(chain().up_to(4));
    desk.until("the stall", |status| status.stalled.is_some()).await;
    desk.turns(200).await;
    let told = desk.status().stalled.unwrap();
    assert!(told.contains("it lags or was reset") && !told.contains("finality violated"), "{told}");
    assert_eq!(desk.status().cursor, TIP);
    node.holds(chain().longer(2, 0));
    at_the_head(&mut desk, TIP + 2).await;
    assert_eq!(desk.outcome().await, clean(&chain().longer(2, 0)).await);
}

static TOLD: AtomicU32 = AtomicU32::new(0);

/// The first header that a database begins with is built upon for ever: one that only a single
/// answer knows of is refused.
#[tokio::test]
async fn an_invented_first_header_is_not_begun_upon() {
    let node = Node::with(chain());
    node.lies(Some(|asked, answer| {
        // The first question for the height of the beginning only: block 0 is asked for as the
        // genesis before.
        if asked.method != "eth_getBlockByNumber" || asked.params[0] != hex(0) {
            return Ok::<_, TransportError>(answer);
        }
        if TOLD.fetch_add(1, Ordering::Relaxed) != 1 {
            return Ok(answer);
        }
        Ok(changed(answer, |header| {
            let mut made = chain().0[0].header.inner.clone();
            made.gas_limit += 1;
            *header = serde_json::to_value(alloy_rpc_types_eth::Header::new(made)).unwrap();
        }))
    }));
    let Err(error) = Desk::try_with(std::slice::from_ref(&node)).await else {
        panic!("it begins upon what nobody knows")
    };
    assert!(error.to_string().contains("does not have block 0"), "{error}");
    node.lies(None);
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    at_the_head(&mut desk, TIP).await;
    assert_eq!(desk.outcome().await, clean(&chain()).await);
}
