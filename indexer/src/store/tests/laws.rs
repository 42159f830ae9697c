//! What is written belongs together, before and after every step, in either database.

use alloy_primitives::{B256, Bytes, U256};
use interdict_core::alert::{Alert, Confirmation, FoundBy, ListingPhase};
use interdict_core::ledger::Kind;

use super::ground::{Ground, LISTED, NOW, PAYER, first, home, intake, lined, paying};
use crate::chain::Header;
use crate::decode::TRANSFER;
use crate::screen;
use crate::store::{
    CONFIG_ENDPOINT, Changes, Filter, Finality, Home, Intake, Lookback, NEWS_KEPT_SECONDS,
    PageCursor, Prune, Retry, Store, StoreError, Stretch,
};
use crate::world;
use crate::world::{Script, TOKEN, account, block, genesis, place, tx};

pub(super) async fn all(store: &Store) -> Vec<Alert> {
    store.alerts(&Filter::default(), None, 500).await.unwrap().0
}

pub(super) async fn news(store: &Store) -> Vec<(i64, String)> {
    let told = store.news(0, 500).await.unwrap();
    told.into_iter().map(|news| (news.seq, news.kind)).collect()
}

async fn cursor(store: &Store) -> Header {
    *store.trail().await.unwrap().1.last().unwrap()
}

pub(super) async fn a_block_brings_alerts_and_the_news_of_them(ground: &Ground) {
    let store = ground.begun().await;
    let block = paying(genesis(), 2);
    let changes = store.apply(intake(&block)).await.unwrap();
    assert_eq!(changes.created.len(), 2);
    assert_eq!(cursor(&store).await, block.header);
    let mut expected = changes.created.clone();
    expected.reverse();
    assert_eq!(all(&store).await, expected, "what is read is what was written");
    let expected = [(1, "alert.created".to_owned()), (2, "alert.created".to_owned())];
    assert_eq!(news(&store).await, expected);
}

pub(super) async fn a_block_is_taken_in_once_and_in_its_place(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let two = paying(one.header, 1);
    let error = store.apply(intake(&two)).await.unwrap_err();
    assert!(matches!(error, StoreError::CursorMoved { expected: 101 }), "{error}");
    store.apply(intake(&one)).await.unwrap();
    assert!(store.apply(intake(&one)).await.is_err());
    assert_eq!(all(&store).await.len(), 1, "what failed left nothing");
    assert_eq!(news(&store).await.len(), 1);
}

pub(super) async fn what_fails_midway_leaves_nothing(ground: &Ground) {
    let store = ground.begun().await;
    let block = paying(genesis(), 1);
    let mut broken = intake(&block);
    // The act is refused by the database after the cursor and the block were written.
    let mut act = Script::default().act(Kind::List, place(101, 0, 0), &[account(1)]).0.remove(0);
    act.number = 0;
    broken.acts.push(act);
    let error = store.apply(broken).await.unwrap_err();
    assert!(matches!(error, StoreError::Database(_)), "{error}");
    assert_eq!(cursor(&store).await, genesis());
    assert!(all(&store).await.is_empty());
    store.apply(intake(&block)).await.unwrap();
}

pub(super) async fn a_block_that_goes_and_returns_keeps_its_alerts_names(ground: &Ground) {
    let store = ground.begun().await;
    let block = paying(genesis(), 1);
    let created = store.apply(intake(&block)).await.unwrap().created;

    let changes = store.revert_to(100, NOW).await.unwrap();
    assert_eq!(changes.retracted, 1);
    assert_eq!(cursor(&store).await, genesis());
    let retracted = all(&store).await;
    assert_eq!(retracted[0].confirmation, Confirmation::Retracted);

    let changes = store.apply(intake(&block)).await.unwrap();
    assert_eq!((changes.created.len(), changes.updated), (0, 1));
    assert_eq!(all(&store).await, created, "the same alert, pending again");
    let kinds: Vec<_> = news(&store).await.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["alert.created", "alert.retracted", "alert.updated"]);
}

pub(super) async fn what_is_reverted_is_gone_and_the_rest_stays(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let two = paying(one.header, 1);
    let three = paying(two.header, 1);
    let act = Script::default().act(Kind::List, place(102, 0, 0), &[account(1)]).0.remove(0);
    store.apply(intake(&one)).await.unwrap();
    let job = Lookback { act: 1, found_at: 102, next: (101, one.header.hash), from_block: 0 };
    let with_act = Intake { acts: vec![act], lookbacks: vec![job], ..intake(&two) };
    store.apply(with_act).await.unwrap();
    store.apply(intake(&three)).await.unwrap();
    assert_eq!(store.open_lookback().await.unwrap(), Some(job));

    assert_eq!(store.revert_to(101, NOW).await.unwrap().retracted, 2);
    assert!(store.acts().await.unwrap().is_empty());
    assert_eq!(store.open_lookback().await.unwrap(), None);
    assert_eq!(cursor(&store).await, one.header);
    let pending = Filter { confirmation: vec![Confirmation::Pending], ..Filter::default() };
    assert_eq!(store.alerts(&pending, None, 500).await.unwrap().0.len(), 1);
    assert!(store.revert_to(99, NOW).await.is_err(), "below where this database began");
}

pub(super) async fn a_walk_back_stands_and_falls_with_its_listing(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let two = block(one.header, &[]);
    let script = Script::default().act(Kind::List, place(102, 0, 0), &[account(LISTED)]);
    let job = Lookback { act: 1, found_at: 102, next: (101, one.header.hash), from_block: 101 };
    let nothing = Intake { alerts: vec![], ..intake(&one) };
    store.apply(nothing).await.unwrap();
    let listing = Intake { acts: script.0.clone(), lookbacks: vec![job], ..intake(&two) };
    store.apply(listing.clone()).await.unwrap();

    assert_eq!(store.open_lookback().await.unwrap(), Some(job));
    let newly = screen::newly_listed(&script.ledger(), 1);
    let found = world::back(&one, &script.ledger(), 1, &newly);
    let stretch = Stretch {
        job,
        next: None,
        alerts: found.alerts,
        undecoded: vec![],
        subjects: i64::MAX,
        now: NOW,
    };
    let created = store.walked(stretch.clone()).await.unwrap().created;
    assert_eq!((created[0].found_by, created[0].phase), (FoundBy::Lookback, ListingPhase::Before));
    assert_eq!(store.counts().await.unwrap().lookbacks_open, 0);
    assert_eq!(store.walked(stretch.clone()).await.unwrap(), Changes::default(), "walked once");

    assert_eq!(created[0].confirmation, Confirmation::Pending);

    // The listing goes; the payment's own block stays.
    assert_eq!(store.revert_to(101, NOW).await.unwrap().retracted, 1);
    assert_eq!(store.walked(stretch.clone()).await.unwrap(), Changes::default(), "no such walk");
    store.apply(listing).await.unwrap();
    assert_eq!(store.open_lookback().await.unwrap(), Some(job));
    assert_eq!(store.walked(stretch).await.unwrap().updated, 1, "it is found again");
}

pub(super) async fn what_is_found_below_a_final_listing_is_final_at_once(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let two = block(one.header, &[]);
    let script = Script::default().act(Kind::List, place(102, 0, 0), &[account(LISTED)]);
    let job = Lookback { act: 1, found_at: 102, next: (101, one.header.hash), from_block: 101 };
    store.apply(Intake { alerts: vec![], ..intake(&one) }).await.unwrap();
    let listing = Intake { acts: script.0.clone(), lookbacks: vec![job], ..intake(&two) };
    store.apply(listing).await.unwrap();
    store.confirm_to(two.header, NOW).await.unwrap();
    assert_eq!(store.open_lookback().await.unwrap(), Some(job));
    let newly = screen::newly_listed(&script.ledger(), 1);
    let alerts = world::back(&one, &script.ledger(), 1, &newly).alerts;
    let stretch =
        Stretch { job, next: None, alerts, undecoded: vec![], subjects: i64::MAX, now: NOW };
    let created = store.walked(stretch).await.unwrap().created;
    assert_eq!(created[0].confirmation, Confirmation::Confirmed);
}

pub(super) async fn looking_back_never_rewrites_what_was_found_live(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let live = store.apply(intake(&one)).await.unwrap().created;
    let script = Script::default()
        .act(Kind::List, place(50, 0, 0), &[account(LISTED)])
        .act(Kind::Delist, place(102, 0, 0), &[account(LISTED)])
        .act(Kind::List, place(102, 1, 1), &[account(LISTED)]);
    let job = Lookback { act: 3, found_at: 102, next: (101, one.header.hash), from_block: 101 };
    let two = block(one.header, &[]);
    let again = Intake { acts: script.0.clone(), lookbacks: vec![job], ..intake(&two) };
    store.apply(again).await.unwrap();
    assert_eq!(store.open_lookback().await.unwrap(), Some(job));
    let newly = screen::newly_listed(&script.ledger(), 3);
    let alerts = world::back(&one, &script.ledger(), 3, &newly).alerts;
    assert_eq!(alerts[0].id, live[0].id, "the same dealing");
    let stretch =
        Stretch { job, next: None, alerts, undecoded: vec![], subjects: i64::MAX, now: NOW };
    assert_eq!(store.walked(stretch).await.unwrap(), Changes::default());
    assert_eq!(all(&store).await, live);
}

pub(super) async fn finality_confirms_what_we_accepted_and_nothing_else(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let two = paying(one.header, 1);
    store.apply(intake(&one)).await.unwrap();
    store.apply(intake(&two)).await.unwrap();
    let ahead = Header { number: 500, ..two.header };
    assert_eq!(store.confirm_to(ahead, NOW).await.unwrap(), Finality::Unknown);
    let other = Header { hash: B256::repeat_byte(5), ..one.header };
    let violated = Finality::Violated { ours: one.header.hash };
    assert_eq!(store.confirm_to(other, NOW).await.unwrap(), violated);

    let Finality::Confirmed(changes) = store.confirm_to(one.header, NOW).await.unwrap() else {
        panic!("we accepted it")
    };
    assert_eq!(changes.updated, 1);
    let states: Vec<_> = all(&store).await.iter().map(|alert| alert.confirmation).collect();
    assert_eq!(states, [Confirmation::Pending, Confirmation::Confirmed]);
    let again = store.confirm_to(one.header, NOW).await.unwrap();
    assert_eq!(again, Finality::Confirmed(Changes::default()), "told once");
    assert_eq!(store.trail().await.unwrap().0, 101);
    assert!(store.revert_to(100, NOW).await.is_err(), "what is final stays");
}

pub(super) async fn pages_follow_one_another_without_gap_or_repeat(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 4);
    let two = paying(one.header, 3);
    store.apply(intake(&one)).await.unwrap();
    store.apply(intake(&two)).await.unwrap();
    let whole = all(&store).await;
    assert_eq!(whole.len(), 7);
    let mut paged = Vec::new();
    let mut after: Option<PageCursor> = None;
    for expected in [3, 3, 1] {
        let (page, next) = store.alerts(&Filter::default(), after, 3).await.unwrap();
        assert_eq!(page.len(), expected);
        paged.extend(page);
        after = next;
    }
    assert_eq!((paged, after), (whole, None));
}

pub(super) async fn pages_part_two_findings_of_one_transfer(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 4);
    let both = [account(LISTED), account(PAYER)];
    let ledger = Script::default().act(Kind::List, place(50, 0, 0), &both).ledger();
    let alerts = world::live(&one, &ledger).alerts;
    store.apply(Intake { alerts, ..intake(&one) }).await.unwrap();
    let whole = all(&store).await;
    let mut paged = Vec::new();
    let mut after = None;
    for _ in 0..8 {
        let (page, next) = store.alerts(&Filter::default(), after, 1).await.unwrap();
        paged.extend(page);
        after = next;
    }
    assert_eq!((whole.len(), paged, after), (8, whole, None));
}

pub(super) async fn filters_narrow(ground: &Ground) {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 2))).await.unwrap();
    let count = async |filter: Filter| store.alerts(&filter, None, 500).await.unwrap().0.len();
    let listed = |n| Filter { listed: Some(account(n)), ..Filter::default() };
    let counterparty = |n| Filter { counterparty: Some(account(n)), ..Filter::default() };
    assert_eq!((count(listed(LISTED)).await, count(listed(PAYER)).await), (2, 0));
    assert_eq!((count(counterparty(PAYER)).await, count(counterparty(LISTED)).await), (2, 0));
    let before = Filter { phase: vec![ListingPhase::Before], ..Filter::default() };
    assert_eq!(count(before).await, 0);
}

pub(super) async fn a_database_has_one_home_and_goes_on_where_it_was(ground: &Ground) {
    let store = ground.begun().await;
    store.close().await;
    drop(store);
    let other = Home { chain_id: 5, ..home() };
    let error = Store::open(ground.place(), other).await.unwrap_err();
    assert!(matches!(error, StoreError::OtherHome { .. }), "{error}");
    let again = ground.open().await;
    again.begin_above(Header { number: 7, ..genesis() }).await.unwrap();
    assert_eq!(cursor(&again).await, genesis(), "what was begun goes on");
}

pub(super) async fn amounts_of_any_size_return_as_they_were(ground: &Ground) {
    let store = ground.begun().await;
    let mut intake = intake(&paying(genesis(), 4));
    let amounts = [U256::ZERO, U256::MAX, U256::from(u64::MAX), U256::from(1) << 255];
    for (alert, amount) in intake.alerts.iter_mut().zip(amounts) {
        alert.transfer.value = amount;
    }
    store.apply(intake).await.unwrap();
    let mut read: Vec<_> = all(&store).await.iter().map(|alert| alert.transfer.value).collect();
    read.reverse();
    assert_eq!(read, amounts);
    let told = store.news(0, 9).await.unwrap();
    assert_eq!(told.iter().map(|news| news.alert.transfer.value).collect::<Vec<_>>(), amounts);
}

pub(super) async fn what_cannot_be_decoded_is_kept_once_and_goes_with_its_block(ground: &Ground) {
    let store = ground.begun().await;
    let topics = vec![TRANSFER, account(PAYER).into_word(), account(LISTED).into_word()];
    let strange = tx(0, None, 0).log(TOKEN, topics, Bytes::from_static(&[1, 2, 3]));
    let block = block(genesis(), &[strange]);
    let intake = intake(&block);
    assert_eq!(intake.undecoded.len(), 1);
    store.apply(intake.clone()).await.unwrap();
    assert_eq!(ground.rows("undecoded_logs").await.len(), 1);
    store.revert_to(100, NOW).await.unwrap();
    assert!(ground.rows("undecoded_logs").await.is_empty());
    let twice = Intake {
        undecoded: [intake.undecoded.clone(), intake.undecoded.clone()].concat(),
        ..intake
    };
    store.apply(twice).await.unwrap();
    assert_eq!(ground.rows("undecoded_logs").await.len(), 1);
}

pub(super) async fn news_is_counted_without_gaps_whatever_fails_between(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 2);
    store.apply(intake(&one)).await.unwrap();
    for _ in 0..3 {
        let mut broken = intake(&paying(one.header, 2));
        let mut act =
            Script::default().act(Kind::List, place(102, 0, 0), &[account(1)]).0.remove(0);
        act.number = 0;
        broken.acts.push(act);
        assert!(store.apply(broken).await.is_err());
        assert!(store.apply(intake(&paying(genesis(), 1))).await.is_err(), "out of its place");
    }
    store.apply(intake(&paying(one.header, 2))).await.unwrap();
    let seqs: Vec<_> = news(&store).await.into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

pub(super) async fn of_many_writers_one_takes_each_block_in(ground: &Ground) {
    let store = ground.begun().await;
    let mut below = genesis();
    for _ in 0..5 {
        let block = paying(below, 2);
        let writers = (0..8).map(|_| {
            let (store, intake) = (store.clone(), intake(&block));
            tokio::spawn(async move { store.apply(intake).await })
        });
        let mut taken = 0;
        for writer in writers.collect::<Vec<_>>() {
            match writer.await.unwrap() {
                Ok(changes) => taken += changes.created.len(),
                Err(error) => assert!(matches!(error, StoreError::CursorMoved { .. }), "{error}"),
            }
        }
        assert_eq!(taken, 2, "the block was taken in once");
        below = block.header;
    }
    let seqs: Vec<_> = news(&store).await.into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(seqs, (1..=10).collect::<Vec<_>>());
}

pub(super) async fn only_what_nobody_needs_is_pruned(ground: &Ground) {
    let store = ground.begun().await;
    let mut below = genesis();
    for _ in 0..6 {
        let block = paying(below, 1);
        store.apply(intake(&block)).await.unwrap();
        below = block.header;
    }
    lined(&store).await;
    for seq in 1..=4 {
        store.delivered(CONFIG_ENDPOINT, &[first(seq)], NOW + seq).await.unwrap();
    }
    store.failed(CONFIG_ENDPOINT, first(5), "HTTP status 500", Retry::Never).await.unwrap();
    let removed = async |prune, now| {
        let pruned = store.prune(prune, now).await.unwrap();
        pruned.iter().map(|one| (one.table, one.rows, one.removed)).collect::<Vec<_>>()
    };
    let late = NOW + NEWS_KEPT_SECONDS;
    assert_eq!(removed(Prune::Count, late + 1).await[2], ("deliveries", 6, 0));
    assert_eq!(removed(Prune::Count, late + 4).await[2], ("deliveries", 6, 3));
    let all = removed(Prune::Remove, late + 100 * NEWS_KEPT_SECONDS).await;
    assert_eq!(all[..3], [("blocks", 7, 0), ("outbox", 6, 0), ("deliveries", 6, 4)]);
    let again = removed(Prune::Remove, late + 100 * NEWS_KEPT_SECONDS).await;
    let kept = [("outbox", 6, 0), ("deliveries", 2, 0), ("endpoints", 1, 0), ("alerts", 6, 0)];
    assert_eq!(again[1..5], kept, "no finding goes, nor what was told of it, however old");
    store.apply(intake(&paying(below, 1))).await.unwrap();
    assert_eq!(news(&store).await.last().unwrap().0, 7, "counting goes on");
    lined(&store).await;
    let line = store.line(CONFIG_ENDPOINT, None, i64::MAX, 9).await.unwrap();
    assert_eq!(line.iter().map(|row| row.seq).collect::<Vec<_>>(), [7, 6, 5]);
}
