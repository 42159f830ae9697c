//! What people change while news is on its way, and what it looks like when it arrives.

use super::*;

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

/// The deliveries that the reference library of Standard Webhooks verifies in `sdk/tests`: what a
/// real receiver gets of an endpoint in a rotation, of one after it, and of a test.
#[tokio::test]
async fn what_the_reference_library_verifies_is_what_is_sent() {
    const NOW: i64 = 1_700_000_000;
    let secrets = [("new", SECRET), ("old", "whsec_b2xkIHNlY3JldCBvZiAzMiBieXRlcyBvciBtb3JlIC4u")];
    let mut office = Office::open().await;
    office.clock.0.store(NOW, Ordering::SeqCst);
    let (receiver, url) = Receiver::listening([200]).await;
    office.tell("ep", &url).await;
    let endpoint = office.endpoint("ep").await;
    let ways = Arc::clone(&office.courier.ways);
    let seal = |secret: &str| ways.seal_secret("ep", &secret.into(), HoldsSealed::Yes).unwrap();
    let before = Some((seal(secrets[1].1), NOW + 1));
    let sealed = Sealed { secret: Some(seal(secrets[0].1)), before, ..endpoint.sealed.clone() };
    let to = Endpoint { sealed, ..endpoint };
    assert!(office.store.change_endpoint(&to, event(NOW)).await.unwrap());
    office.find(2).await;
    office.passes().await;
    office.later(1);
    office.store.revert_to(genesis().number, NOW + 1).await.unwrap();
    office.passes().await;
    let way = ways.to(&office.endpoint("ep").await).unwrap();
    way.send(crate::deliver::Message::test("ep", Shape::Standard, NOW + 1), NOW + 1).await;

    let mut got = receiver.got();
    got.sort_by_key(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned());
    let deliveries: Vec<_> = got
        .iter()
        .map(|(headers, body)| {
            let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
            let header = |name: &str| (name.to_owned(), headers[name].to_str().unwrap().into());
            let headers: serde_json::Map<String, serde_json::Value> =
                names.into_iter().map(header).collect();
            let count = headers["webhook-signature"].as_str().unwrap().split(' ').count();
            let by = if count == 2 { vec!["new", "old"] } else { vec!["new"] };
            let body = std::str::from_utf8(body).unwrap();
            serde_json::json!({ "headers": headers, "body": body, "by": by })
        })
        .collect();
    let secrets: BTreeMap<_, _> = secrets.into();
    let all = serde_json::json!({ "now": NOW, "secrets": secrets, "deliveries": deliveries });
    let text = serde_json::to_string_pretty(&all).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("../sdk/tests/world/deliveries.json");
    if std::env::var("SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(path, text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == text, "sdk/tests/world/deliveries.json is not what is sent: `make bless`");
}
