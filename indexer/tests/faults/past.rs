//! Final history far behind the head, and providers that fail or lie about it: what was proved
//! stays, and nothing is taken for final that the others do not have.

use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use interdict_core::alert::Confirmation;
use interdict_indexer::chain::pool::{Source, Word};
use interdict_indexer::chain::rpc::Rpc;
use interdict_indexer::chain::transport::{Answer, Transport, TransportError};
use serde_json::{Value, json};

use crate::chain::Chain;
use crate::desk::{Asked, Desk, Lie, Node, Outcome};

const TIP: u64 = 120;
/// From here on something is wrong, in each test in its own way.
const WRONG_FROM: u64 = 70;
/// Payments to the listed address, three in each block from block 2 on.
const FINDINGS: u64 = 3 * (TIP - 1);

static CHAIN: LazyLock<Chain> = LazyLock::new(|| Chain::of(TIP + 1));

/// The height of the block whose receipts are asked for, by number or hash.
fn of_receipts(asked: &Asked<'_>) -> Option<u64> {
    let place = asked.params[0].as_str().filter(|_| asked.method == "eth_getBlockReceipts")?;
    let by_hash = || CHAIN.0.iter().zip(0..).find(|(entry, _)| entry.hash.to_string() == place);
    u64::from_str_radix(place.trim_start_matches("0x"), 16).ok().or_else(|| Some(by_hash()?.1))
}

async fn ends_well(desk: &mut Desk) {
    desk.until("the head", |status| status.cursor == TIP && status.stalled.is_none()).await;
    desk.turns(2).await;
    let Outcome { cursor, alerts } = desk.outcome().await;
    let found = u64::try_from(alerts.len()).unwrap();
    assert_eq!((cursor, found), (TIP, FINDINGS));
    let confirmed = alerts.iter().filter(|(_, state)| *state == Confirmation::Confirmed).count();
    assert_eq!(u64::try_from(confirmed).unwrap(), 3 * (CHAIN.finalized() - 1));
}

const NO_RECEIPTS: Lie = |asked, answer| {
    if of_receipts(asked).is_some_and(|number| number >= WRONG_FROM) {
        return Err(TransportError("connection refused".to_owned()));
    }
    Ok(answer)
};

const OTHER_RECEIPTS: Lie = |asked, answer| {
    if of_receipts(asked) != Some(WRONG_FROM) {
        return Ok(answer);
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["result"].as_array_mut().unwrap()[0]["logs"] = json!([]);
    Ok(Answer { body: body.to_string().into_bytes(), ..answer })
};

#[tokio::test]
async fn what_was_proved_before_a_failure_stays_and_the_rest_waits() {
    for lie in [NO_RECEIPTS, OTHER_RECEIPTS] {
        let node = Node::with(CHAIN.clone());
        node.lies(Some(lie));
        let mut desk = Desk::with(std::slice::from_ref(&node)).await;
        desk.until("the stall", |status| status.stalled.is_some()).await;
        assert_eq!(desk.status().cursor, WRONG_FROM - 1);
        assert_eq!(desk.status().head, Some(CHAIN.finalized()), "how far it is, is known");
        desk.turns(50).await;
        assert_eq!(desk.status().cursor, WRONG_FROM - 1);
        node.lies(None);
        ends_well(&mut desk).await;
    }
}

#[tokio::test]
async fn one_that_names_final_blocks_and_gives_no_others_is_left_for_the_next() {
    let nodes = [Node::with(CHAIN.clone()), Node::with(CHAIN.clone())];
    nodes[0].lies(Some(NO_RECEIPTS));
    let mut desk = Desk::with(&nodes).await;
    ends_well(&mut desk).await;
    assert_eq!(desk.status().providers[1].state, Word::Following);
}

/// Final by its word is what the others say too; what it gives below is of another branch.
const TRUE_LAST: Lie = |asked, answer| {
    if asked.method != "eth_getBlockByNumber" || asked.params[0] != "finalized" {
        return Ok(answer);
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["result"] = CHAIN.answer(asked.method, asked.params);
    Ok(Answer { body: body.to_string().into_bytes(), ..answer })
};

/// Whether it is seen at the last final block or, where a budget ends a span before, by asking the
/// others about its end.
#[tokio::test]
async fn an_invented_past_is_not_taken_in() {
    for requests_per_second in [None, NonZeroU32::new(10)] {
        let liar = Node::with(CHAIN.clone().up_to(WRONG_FROM).longer(TIP - WRONG_FROM, 9));
        liar.lies(Some(TRUE_LAST));
        let nodes = [liar, Node::with(CHAIN.clone()), Node::with(CHAIN.clone())];
        let sources = nodes.iter().zip('a'..).map(|(node, name)| {
            let transport = Arc::clone(node) as Arc<dyn Transport>;
            let rpc = Arc::new(Rpc::over(transport, format!("http://{name}")));
            Source { rpc, requests_per_second, traces: None }
        });
        let mut desk = Desk::over(sources.collect(), &nodes[1]).await.unwrap();
        ends_well(&mut desk).await;
        assert_ne!(desk.status().providers[0].state, Word::Following);
    }
}
