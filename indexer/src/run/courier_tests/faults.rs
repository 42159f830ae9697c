//! Receivers that are down, slow, lying or gone: nothing is lost, and nobody is held up.

use super::*;

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
    assert_eq!(sorted(well.seqs()), gapless(usize::try_from(FOUND).unwrap()));
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
