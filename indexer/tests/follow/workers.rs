//! Two indexers on one server: one follows the chain, and the other does when that one is gone.

use std::time::Duration;

use interdict_indexer::store::{Place, Store};
use serde_json::Value;

use crate::binary::{LISTED, UNIT, configure, home, on, start, told_once, until};
use crate::chain::{Chain, PAYER};
use crate::cluster;

#[tokio::test]
async fn a_worker_that_is_killed_is_replaced_and_nothing_is_lost_or_told_twice() {
    let chain = Chain::start().await;
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    configure(&chain, one.path());
    configure(&chain, two.path());
    let url = cluster::shared().url(&cluster::shared().database().await);
    let database = Place::Server { url, lease: Duration::from_secs(1) };
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.pay(PAYER, LISTED, UNIT).await;
    let listed = chain.list(LISTED).await;

    let (mut first, first_url) = start(&mut on(one.path(), &database)).await;
    until(&first_url, "/readyz", |health| health["cursor"] == listed).await;
    let (mut second, second_url) = start(&mut on(two.path(), &database)).await;
    let waits = |health: &Value| {
        health["ready"] == false
            && health["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("another worker follows the chain"))
    };
    until(&second_url, "/readyz", waits).await;

    for round in 0..3 {
        let last = chain.pay(PAYER, LISTED, UNIT).await;
        until(&first_url, "/readyz", |health| health["cursor"] == last).await;
        // What one writes the other shows.
        let page = until(&second_url, "/v1/alerts", |page| {
            page["alerts"].as_array().is_some_and(|alerts| alerts.len() == round + 2)
        });
        page.await;
    }
    first.kill().await.unwrap();
    let last = chain.pay(PAYER, LISTED, UNIT).await;
    let done = |health: &Value| health["ready"] == true && health["cursor"] == last;
    until(&second_url, "/readyz", done).await;
    second.kill().await.unwrap();
    told_once(&Store::open(&database, home(&chain)).await.unwrap(), 5).await;
}
