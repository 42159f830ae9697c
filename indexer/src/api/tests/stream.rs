//! The stream: what happens is told once, in order, and nothing is missed.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use interdict_core::ledger::Kind;
use reqwest::StatusCode;

use super::site::{Site, read};
use crate::store::Intake;
use crate::world::{self, Script, TOKEN, account, block, place, tx};

/// How long a test waits for what must come, at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// One who listens: whole events, each as its lines.
struct Ear {
    body: std::pin::Pin<
        Box<dyn futures_util::Stream<Item = reqwest::Result<axum::body::Bytes>> + Send>,
    >,
    heard: String,
}

impl Ear {
    async fn on(site: &Site, last: Option<&str>) -> Self {
        let mut asked = site.client.get(format!("{}/v1/stream", site.url));
        if let Some(last) = last {
            asked = asked.header("last-event-id", last);
        }
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        Self { body: Box::pin(answer.bytes_stream()), heard: String::new() }
    }

    /// The next event; `None` when the stream ends.
    async fn next(&mut self) -> Option<BTreeMap<String, String>> {
        loop {
            if let Some((event, rest)) = self.heard.split_once("\n\n") {
                let lines = event.lines().filter_map(|line| line.split_once(": "));
                let event: BTreeMap<_, _> =
                    lines.map(|(name, said)| (name.to_owned(), said.to_owned())).collect();
                self.heard = rest.to_owned();
                if event.contains_key("event") {
                    return Some(event);
                }
                continue;
            }
            let more = tokio::time::timeout(PATIENCE, self.body.next()).await.unwrap();
            self.heard += std::str::from_utf8(&more?.unwrap()).unwrap();
        }
    }

    /// The next of a kind.
    async fn next_of(&mut self, kind: &str) -> BTreeMap<String, String> {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event["event"] == kind {
                return event;
            }
        }
    }
}

/// A block with a payment to a listed address.
async fn pay(site: &Site, nonce: u64) {
    let below = *site.store.trail().await.unwrap().1.last().unwrap();
    let paid = tx(nonce, None, 0).transfer(TOKEN, account(1), account(2), 7);
    let block = block(below, &[paid]);
    let ledger = Script::default().act(Kind::List, place(50, 0, 0), &[account(2)]).ledger();
    let alerts = world::live(&block, &ledger).alerts;
    assert_eq!(alerts.len(), 1);
    let (acts, undecoded, lookbacks, moved) = (vec![], vec![], vec![], BTreeMap::new());
    let header = block.header;
    let intake = Intake { header, acts, alerts, undecoded, lookbacks, moved, now: 1 };
    site.store.apply(intake).await.unwrap();
    site.status.send_modify(|status| status.cursor = header.number);
}

#[tokio::test]
async fn what_happens_is_told_and_whoever_comes_again_misses_nothing() {
    let site = Site::open(2).await;
    site.follows();
    let mut ear = Ear::on(&site, None).await;
    let status = ear.next_of("status").await;
    assert!(status["data"].contains("\"ready\":true"), "{status:?}");
    pay(&site, 10).await;
    let first = ear.next_of("alert").await;
    assert!(first["data"].contains("alert.created") && first["data"].contains("critical"));
    drop(ear);
    pay(&site, 11).await;
    pay(&site, 12).await;
    let mut again = Ear::on(&site, Some(&first["id"])).await;
    let (second, third) = (again.next_of("alert").await, again.next_of("alert").await);
    assert!(first["data"] != second["data"] && second["data"] != third["data"]);
    let mut last = Ear::on(&site, Some(&third["id"])).await;
    last.next_of("status").await;
    pay(&site, 13).await;
    let fourth = last.next_of("alert").await;
    assert!(fourth["data"] != third["data"], "nothing twice");
    let asked = site.client.get(format!("{}/v1/stream", site.url)).header("last-event-id", "x");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_so_many_listen_and_all_are_let_go_when_the_server_stops() {
    let site = Site::open(1).await;
    site.follows();
    let mut ears = Vec::new();
    for _ in 0..super::super::kept::LISTENERS_MAX {
        ears.push(Ear::on(&site, None).await);
        site.clock.turn(Duration::from_secs(1));
    }
    let (status, said) = read(site.get("/v1/stream").await).await;
    assert!(!status.is_success(), "{said}");
    site.stop.cancel();
    for mut ear in ears {
        while ear.next().await.is_some() {}
    }
    assert_eq!(site.kept.listeners.available_permits(), super::super::kept::LISTENERS_MAX);
}
