//! Real receivers that are down, slow, lying or gone: nothing is lost, and nobody is held up.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use alloy_primitives::B256;
use axum::http::header;
use interdict_core::audit::{Event, Who};
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::chain::Header;
use crate::chain::transport::{Http, Manner, Proxy};
use crate::clock::Clock;
use crate::config::{self, Webhooks};
use crate::deliver::guard::Guard;
use crate::deliver::receiver::{Answer, Receiver, json};
use crate::deliver::{ATTEMPT_TIMEOUT_SECONDS, HoldsSealed, new_secret};
use crate::store::{DeliveryState, Home, Intake, Sealed, Shape, Store, Wish};
use crate::world;
use crate::world::{CHAIN, Script, TOKEN, account, assets, block, genesis, place, tx};

const HOUR: i64 = 3_600;
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Clocks that stand where they are put.
#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.now().unsigned_abs())
    }
}

/// An indexer's store and deliverer, with endpoints as people make them.
struct Office {
    _folder: TempDir,
    store: Store,
    clock: Arc<Hand>,
    courier: Courier,
    tip: Header,
}

fn event(at: i64) -> Event {
    let who = Who { person: "ada".to_owned(), role: "admin".to_owned() };
    Event { who, at, kind: "webhook.tried".into(), alert: None, detail: serde_json::json!({}) }
}

impl Office {
    async fn open() -> Self {
        Self::with(None).await
    }

    /// With a receiver of the configuration file.
    async fn with(configured: Option<Target>) -> Self {
        crate::install_crypto();
        let folder = tempfile::tempdir().unwrap();
        let home = Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) };
        let store = Store::open(&folder.path().join("test.sqlite"), home).await.unwrap();
        store.begin_above(genesis()).await.unwrap();
        // Receivers compare the signed time with their own clock.
        let now = jiff::Timestamp::now().as_second();
        let clock = Arc::new(Hand(AtomicI64::new(now)));
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let key_file = Some(folder.path().join("webhooks.key"));
        let webhooks = Webhooks { key_file, guard: Guard { allow, ports: vec![443] } };
        let ways = Arc::new(Ways::new(configured.map(Arc::new), &webhooks).unwrap());
        store.configure(ways.configured().as_ref(), now).await.unwrap();
        let post = Post {
            store: store.clone(),
            assets: assets(),
            metrics: Arc::default(),
            clock: clock.clone(),
        };
        let courier = Courier { post, ways, news: Arc::default(), rests: Mutex::default() };
        Self { _folder: folder, store, clock, courier, tip: genesis() }
    }

    /// Makes an endpoint, as the API does; its secret.
    async fn tell(&self, id: &str, url: &str) -> SecretString {
        let secret = new_secret().unwrap();
        let reached = self.courier.ways.reach(id, &url.into(), HoldsSealed::No).unwrap();
        let sealed = self.courier.ways.seal_secret(id, &secret, HoldsSealed::No).unwrap();
        let endpoint = Endpoint {
            id: id.to_owned(),
            name: id.to_owned(),
            shown: reached.shown.shown,
            receiver: reached.shown.receiver,
            sealed: Sealed { url: Some(reached.url), secret: Some(sealed), before: None },
            shape: Shape::Standard,
            wish: Wish::all(),
            state: EndpointState::Active,
            removal_by: None,
            version: 1,
            seq: 0,
            delivered_at: None,
            last_error: None,
        };
        assert!(self.store.make_endpoint(&endpoint, event(self.clock.now())).await.unwrap());
        secret
    }

    /// A block with findings.
    async fn find(&mut self, payments: u64) {
        let drafts: Vec<_> = (0..payments)
            .map(|n| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000))
            .collect();
        let block = block(self.tip, &drafts);
        let ledger = Script::default().act(Kind::List, place(50, 0, 0), &[account(2)]).ledger();
        let alerts = world::live(&block, &ledger).alerts;
        let (header, now) = (block.header, self.clock.now());
        let (acts, undecoded, lookbacks) = (vec![], vec![], vec![]);
        let moved = BTreeMap::new();
        let intake = Intake { header, acts, alerts, undecoded, lookbacks, moved, now };
        self.store.apply(intake).await.unwrap();
        self.tip = header;
    }

    async fn pass(&self) -> Summary {
        self.courier.pass().await.unwrap()
    }

    /// Passes until there is nothing more to do at once.
    async fn passes(&self) -> Summary {
        let mut all = Summary::default();
        loop {
            let summary = self.pass().await;
            all += summary;
            if !summary.more {
                return all;
            }
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn endpoint(&self, id: &str) -> Endpoint {
        self.store.endpoint(id).await.unwrap().unwrap()
    }

    async fn dead(&self, id: &str) -> Vec<i64> {
        let dead = Some(DeliveryState::Dead);
        let rows = self.store.line(id, dead, i64::MAX, 500).await.unwrap();
        rows.into_iter().map(|row| row.seq).collect()
    }
}

fn sorted(mut all: Vec<i64>) -> Vec<i64> {
    all.sort_unstable();
    all
}

fn gapless(count: usize) -> Vec<i64> {
    (1..).take(count).collect()
}

/// A way to a receiver for whom nobody waits long.
fn impatient(url: &str) -> Target {
    let timeout = Duration::from_millis(300);
    let manner = Manner { timeout, body_max_bytes: 64 << 10, proxy: Proxy::Never };
    let http = Arc::new(Http::new(url.into(), manner).unwrap());
    Target::over(http, &config::Webhook { url: url.into(), secret: SECRET.into() }).unwrap()
}

#[tokio::test]
async fn f63_who_is_down_for_72_hours_loses_nothing_and_holds_nobody_up() {
    let mut office = Office::open().await;
    let (well, url) = Receiver::listening([200]).await;
    office.tell("ep_well", &url).await;
    // An address of its own, which nobody else is given meanwhile.
    let down = Receiver::default();
    let (url, serving) = down.at(([127, 63, 72, 1], 0).into()).await;
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    office.tell("ep_down", &url).await;

    let mut found = 0;
    for minute in 0..72 * 60 {
        if minute % 90 == 0 {
            office.find(5).await;
            found += 5;
        }
        office.passes().await;
        assert_eq!(well.count(), found, "minute {minute}: who is well has everything at once");
        office.later(60);
    }
    assert_eq!(down.count(), 0);
    let endpoint = office.endpoint("ep_down").await;
    assert!(endpoint.last_error.unwrap().contains("refused"), "and it is shown why");
    let counts = office.store.line_counts("ep_down").await.unwrap();
    assert_eq!((counts.pending, counts.dead), (found as u64, 0));

    let address = url.trim_start_matches("http://").trim_end_matches("/hook").parse().unwrap();
    let (_, _serving) = down.at(address).await;
    // What was never tried comes within the longest rest, the rest within the longest wait.
    office.later(i64::try_from(crate::deliver::REST_MAX_SECONDS).unwrap());
    office.passes().await;
    let at_once = down.count();
    assert!(at_once * 2 > found, "{at_once} of {found} at once");
    for _ in 0..24 {
        office.later(HOUR);
        office.passes().await;
    }
    assert_eq!(sorted(down.seqs()), gapless(found), "each once, and none is missing");
    assert_eq!(office.store.counts().await.unwrap().outbox_pending, 0);
    assert_eq!(sorted(well.seqs()), gapless(found));
}

#[tokio::test]
async fn f64_whatever_it_answers_the_news_comes_again_and_no_redirect_is_followed() {
    let statuses =
        [301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 409, 413, 422, 425, 500, 502, 503, 504];
    for status in statuses {
        let mut office = Office::open().await;
        let elsewhere = Receiver::listening([200]).await;
        let location = Some((header::LOCATION, elsewhere.1.clone()));
        let (receiver, url) = Receiver::listening([Answer::Status(status, location)]).await;
        office.tell("ep", &url).await;
        office.find(1).await;
        assert_eq!(office.pass().await.failed, 1, "{status}");
        office.later(4);
        assert_eq!(office.pass().await, Summary::default(), "{status}: not due yet");
        office.later(1);
        assert_eq!(office.pass().await.delivered, 1, "{status}");
        assert_eq!(elsewhere.0.count(), 0, "{status} led elsewhere");
        let got = receiver.got();
        assert_eq!(got[0].1, got[1].1, "{status}: the same bytes");
        assert_eq!(got[0].0["webhook-id"], got[1].0["webhook-id"]);
    }
}

#[tokio::test]
async fn f64_who_asks_to_be_left_alone_is_within_bounds() {
    let an_hour = HOUR;
    for (asked, waits) in [("120", 120), ("0", 5), ("1000000000", an_hour), ("soon", 5)] {
        for status in [429, 503] {
            let mut office = Office::open().await;
            let answer = Answer::Status(status, Some((header::RETRY_AFTER, asked.to_owned())));
            let (receiver, url) = Receiver::listening([answer]).await;
            office.tell("ep", &url).await;
            office.find(1).await;
            assert_eq!(office.pass().await.failed, 1);
            // Nor is anything else sent meanwhile, if it asked for that.
            office.find(1).await;
            office.later(waits - 1);
            let meanwhile = office.pass().await.delivered;
            assert_eq!(meanwhile, u32::from(waits == 5), "{status} {asked}");
            office.later(1);
            office.pass().await;
            assert_eq!(receiver.count(), 3, "{status} {asked}");
        }
    }
}

#[tokio::test]
async fn f64_who_is_gone_is_told_nothing_more_until_a_person_says_so() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([410, 410, 410, 410]).await;
    office.tell("ep", &url).await;
    office.find(3).await;
    assert!(office.pass().await.gone);
    let asked = receiver.count();
    office.later(100_000);
    assert_eq!(office.pass().await, Summary::default());
    assert_eq!(receiver.count(), asked);
    let endpoint = office.endpoint("ep").await;
    assert_eq!(endpoint.state, EndpointState::Gone);
    assert!(endpoint.last_error.as_ref().unwrap().contains("gone"));
    assert_eq!(office.store.line_counts("ep").await.unwrap().pending, 3, "nothing is lost");
    let again = Endpoint { state: EndpointState::Active, ..endpoint };
    assert!(office.store.change_endpoint(&again, event(office.clock.now())).await.unwrap());
    receiver.then(std::iter::empty::<u16>());
    for _ in 0..4 {
        office.later(10);
        office.passes().await;
        let endpoint = office.endpoint("ep").await;
        if endpoint.state == EndpointState::Gone {
            let again = Endpoint { state: EndpointState::Active, ..endpoint };
            office.store.change_endpoint(&again, event(office.clock.now())).await.unwrap();
        }
    }
    assert_eq!(sorted(receiver.seqs()[receiver.count() - 3..].to_vec()), gapless(3));
}

#[tokio::test]
async fn f65_what_was_taken_and_not_acknowledged_comes_again_with_the_same_id() {
    let (receiver, url) = Receiver::listening([Answer::Mute]).await;
    let mut office = Office::with(Some(impatient(&url))).await;
    office.find(1).await;
    let summary = office.pass().await;
    assert_eq!((summary.failed, summary.delivered), (1, 0), "nobody said that it was taken");
    office.later(5);
    assert_eq!(office.pass().await.delivered, 1);
    let (ids, got) = (receiver.ids(), receiver.got());
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    assert_eq!(got[0].1, got[1].1);
    assert!(got[0].0["webhook-timestamp"] < got[1].0["webhook-timestamp"], "signed anew");
}

/// A receiver that lets an answer trickle, a byte at a time, and never comes to its end.
async fn trickling(until_it_ends: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(until_it_ends).await;
                let mut every = tokio::time::interval(Duration::from_millis(20));
                while socket.write_all(b"x").await.is_ok() {
                    every.tick().await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn f66_an_answer_that_trickles_ends_when_its_time_is_over() {
    assert!((10..=30).contains(&ATTEMPT_TIMEOUT_SECONDS));
    let heads = [
        (b"HTTP/1.1 200 OK\r\nx-slow: ".as_slice(), "headers without end", 0),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", "1 GB, slowly", 1),
        (b"", "no HTTP at all", 0),
    ];
    for (head, what, taken) in heads {
        let url = trickling(head).await;
        let mut office = Office::with(Some(impatient(&url))).await;
        office.find(1).await;
        let before = Instant::now();
        assert_eq!(office.pass().await.delivered, taken, "{what}");
        assert!(before.elapsed() < Duration::from_secs(5), "{what}");
    }
}

/// The loop itself, on the machine's clock: one endpoint never answers and is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn f66_who_is_slow_holds_nobody_else_up() {
    const FOUND: u64 = 150;
    let mut office = Office::open().await;
    let mute = std::iter::repeat_n(Answer::Mute, 1_000);
    let (slow, url) = Receiver::listening(mute).await;
    office.tell("ep_slow", &url).await;
    let (well, url) = Receiver::listening([200]).await;
    office.tell("ep_well", &url).await;
    office.find(FOUND).await;
    office.courier.post.clock = Arc::new(crate::clock::SystemClock::default());
    let stop = CancellationToken::new();
    let before = Instant::now();
    let running = tokio::spawn(office.courier.run(stop.clone()));
    let store = office.store;
    let all_told = async {
        while store.line_counts("ep_well").await.unwrap().pending > 0 {
            tokio::task::yield_now().await;
        }
    };
    let patience = Duration::from_secs(ATTEMPT_TIMEOUT_SECONDS - 2);
    tokio::time::timeout(patience, all_told).await.expect("before the slow one's first answer");
    assert!(before.elapsed() < patience);
    stop.cancel();
    assert_eq!(running.await.unwrap(), "deliverer");
    assert_eq!(sorted(well.seqs()), gapless(FOUND as usize));
    assert_eq!(slow.count(), crate::deliver::ON_THE_WAY_MAX, "so many wait for it and no more");
}

#[tokio::test]
async fn f67_one_that_is_always_refused_holds_up_none_of_the_others() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([200]).await;
    office.tell("ep", &url).await;
    office.find(100).await;
    let poison = office.store.news(0, 500).await.unwrap()[6].alert.id.to_string();
    receiver.refuse(poison.clone());
    let summary = office.passes().await;
    assert_eq!((summary.delivered, summary.failed), (99, 1));
    for wait in crate::deliver::BACKOFF_SECONDS {
        office.find(1).await;
        assert_eq!(office.passes().await.delivered, 1);
        office.later(wait);
    }
    office.passes().await;
    assert_eq!(office.dead("ep").await, [7], "given up, kept and shown");
    let rows = office.store.line("ep", Some(DeliveryState::Dead), i64::MAX, 9).await.unwrap();
    assert_eq!((rows[0].alert_id.as_str(), rows[0].attempts), (poison.as_str(), 10));
    assert_eq!(rows[0].last_error.as_deref(), Some("HTTP status 400"));
    let of_poison = receiver.ids().iter().filter(|id| id.contains(&poison)).count();
    assert_eq!(of_poison, 10);
}

#[tokio::test]
async fn f68_a_secret_that_is_rotated_between_attempts_signs_beside_the_new_one_for_its_time() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([500, 500]).await;
    let old = office.tell("ep", &url).await;
    office.find(1).await;
    office.pass().await;

    let new = new_secret().unwrap();
    let endpoint = office.endpoint("ep").await;
    let now = office.clock.now();
    let sealed = office.courier.ways.seal_secret("ep", &new, HoldsSealed::Yes).unwrap();
    let before = endpoint.sealed.secret.clone().map(|secret| (secret, now + 60));
    let sealed = Sealed { secret: Some(sealed), before, ..endpoint.sealed.clone() };
    let to = Endpoint { sealed, ..endpoint };
    assert!(office.store.change_endpoint(&to, event(now)).await.unwrap());
    office.later(5);
    office.pass().await;
    office.later(300);
    assert_eq!(office.pass().await.delivered, 1);

    let got = receiver.got();
    let verifies = |at: usize, secret: &SecretString| {
        let (headers, body) = &got[at];
        let time: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        let id = headers["webhook-id"].to_str().unwrap();
        let signed = Webhook::new(secret.expose_secret()).unwrap().sign(id, time, body).unwrap();
        headers["webhook-signature"].to_str().unwrap().split(' ').any(|one| one == signed)
    };
    let by_old: Vec<_> = (0..3).map(|at| verifies(at, &old)).collect();
    let by_new: Vec<_> = (0..3).map(|at| verifies(at, &new)).collect();
    assert_eq!(by_old, [true, true, false], "as long as was stated");
    assert_eq!(by_new, [false, true, true]);
    assert_eq!(got[0].1, got[2].1, "what is told is the same");
}

#[tokio::test]
async fn f68_an_endpoint_that_is_removed_between_attempts_is_asked_no_more() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([500]).await;
    office.tell("ep", &url).await;
    office.find(2).await;
    office.pass().await;
    let asked = receiver.count();
    let endpoint = office.endpoint("ep").await;
    let removed = Endpoint { state: EndpointState::Removed, sealed: Sealed::default(), ..endpoint };
    assert!(office.store.change_endpoint(&removed, event(office.clock.now())).await.unwrap());
    office.later(100_000);
    office.find(1).await;
    assert_eq!(office.pass().await, Summary::default());
    assert_eq!(receiver.count(), asked);
    assert_eq!(office.store.counts().await.unwrap().outbox_pending, 0);
}

#[tokio::test]
async fn f70_a_receiver_that_lost_some_closes_its_gap() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([200]).await;
    office.tell("ep", &url).await;
    office.find(30).await;
    office.passes().await;
    let (ids, bodies) = (receiver.ids(), receiver.got());
    // It lost everything from number 11 on.
    let at = office.clock.now();
    assert_eq!(office.store.replay("ep", 11..=i64::MAX, event(at)).await.unwrap(), 20);
    office.find(1).await;
    office.passes().await;
    let again = receiver.seqs().split_off(30);
    assert_eq!(sorted(again), (11..=31).collect::<Vec<_>>());
    for (id, (_, body)) in receiver.ids().iter().zip(receiver.got()).skip(30) {
        let seq = &json(&body)["data"]["seq"];
        let before = bodies.iter().position(|(_, one)| json(one)["data"]["seq"] == *seq);
        assert!(before.is_none_or(|at| ids[at] == *id && bodies[at].1 == body), "{seq}");
    }
}

#[tokio::test]
async fn t33_what_is_forged_altered_or_old_does_not_verify() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([200]).await;
    let secret = office.tell("ep", &url).await;
    office.find(1).await;
    office.pass().await;
    let (headers, body) = receiver.got().remove(0);
    let verifier = Webhook::new(secret.expose_secret()).unwrap();
    verifier.verify(&body, &headers).unwrap();
    let other = Webhook::new(new_secret().unwrap().expose_secret()).unwrap();
    assert!(other.verify(&body, &headers).is_err(), "another's secret");
    for at in 0..body.len() {
        let mut altered = body.to_vec();
        altered[at] ^= 1;
        assert!(verifier.verify(&altered, &headers).is_err(), "byte {at}");
    }
    let old = (office.clock.now() - 301).to_string();
    for (name, value) in [("webhook-id", "msg_x"), ("webhook-timestamp", old.as_str())] {
        let mut altered = headers.clone();
        altered.insert(name, value.parse().unwrap());
        assert!(verifier.verify(&body, &altered).is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_key_file_that_is_lost_is_shown_and_nobody_else_is_held_up() {
    let (receiver, url) = Receiver::listening([200]).await;
    let mut office = Office::with(Some(impatient(&url))).await;
    office.tell("ep", &url).await;
    let missing = Webhooks { key_file: Some("/nonexistent/key".into()), guard: Guard::default() };
    let configured = Some(Arc::new(impatient(&url)));
    office.courier.ways = Arc::new(Ways::new(configured, &missing).unwrap());
    office.find(2).await;
    assert_eq!(office.passes().await.delivered, 2, "the configuration file's own");
    assert_eq!(receiver.count(), 2);
    let why = office.endpoint("ep").await.last_error.unwrap();
    assert!(why.contains("/nonexistent/key"), "{why}");
    assert_eq!(office.store.line_counts("ep").await.unwrap().pending, 2);
}

#[tokio::test]
async fn slack_gets_text_and_blocks_and_nothing_that_it_would_follow() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([200]).await;
    let secret = office.tell("ep", &url).await;
    let endpoint = office.endpoint("ep").await;
    let to = Endpoint { shape: Shape::Slack, ..endpoint };
    assert!(office.store.change_endpoint(&to, event(office.clock.now())).await.unwrap());
    office.courier.post.assets.tokens.get_mut(&TOKEN).unwrap().symbol = "<!channel>&".into();
    office.find(1).await;
    office.pass().await;
    let (_, body) = receiver.got().remove(0);
    let message = json(&body);
    assert_eq!(message["text"], "New finding: critical, direct.outbound.while_listed");
    let fields = message["blocks"][1]["fields"].as_array().unwrap();
    assert!(fields.len() <= 10, "as many as Slack takes");
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains("1.5 &lt;!channel&gt;&amp;"), "{text}");
    assert!(!text.contains('<') && !text.contains(secret.expose_secret()));
    assert!(text.contains(&account(2).to_string()) && text.contains("OFAC-SDN"));
}

#[tokio::test]
async fn a_choosy_endpoint_gets_what_it_wishes_for() {
    let mut office = Office::open().await;
    let (receiver, url) = Receiver::listening([200]).await;
    office.tell("ep", &url).await;
    let endpoint = office.endpoint("ep").await;
    let kinds = vec!["alert.retracted".to_owned()];
    let wish = Wish { kinds, min_severity: Severity::Critical };
    let to = Endpoint { wish, ..endpoint };
    assert!(office.store.change_endpoint(&to, event(office.clock.now())).await.unwrap());
    office.find(3).await;
    assert_eq!(office.passes().await.delivered, 0);
    office.store.revert_to(genesis().number, office.clock.now()).await.unwrap();
    assert_eq!(office.passes().await.delivered, 3);
    assert_eq!(sorted(receiver.seqs()), gapless(3));
    let kinds: Vec<_> = receiver.got().iter().map(|(_, body)| json(body)["type"].clone()).collect();
    assert_eq!(kinds, ["alert.retracted"; 3]);
}
