//! Two workers on one server: who may write, who waits, and what becomes of one that falls silent.

use std::time::Duration;

use alloy_primitives::B256;
use interdict_core::ledger::Kind;

use super::cluster;
use super::ground::{Ground, LISTED, NOW, home, intake, paying};
use super::proxy::Proxy;
use crate::screen;
use crate::store::{
    Attempted, CONFIG_ENDPOINT, Hold, Intake, Lookback, Place, Scope, Store, StoreError, Stretch,
};
use crate::world;
use crate::world::{Script, account, block, genesis, place};

/// Short, for tests that wait for its end.
const SHORT: Duration = Duration::from_secs(1);
/// Longer than this nobody waits for a lease of that term; a test that does has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until another worker's lease has lapsed.
async fn take_over(store: &Store, scope: Scope) {
    let asked = async {
        while store.hold(scope).await.unwrap() != Hold::Taken {
            tokio::time::sleep(SHORT / 10).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap();
}

fn lost(error: &StoreError) -> bool {
    matches!(error, StoreError::LeaseLost { .. })
}

#[tokio::test]
async fn a_lone_process_holds_everything() {
    let store = Ground::sqlite().begun().await;
    for scope in [Scope::Chain, Scope::Deliveries, Scope::Lookback(7)] {
        assert_eq!(store.hold(scope).await.unwrap(), Hold::Kept);
    }
}

#[tokio::test]
async fn who_has_no_lease_writes_nothing() {
    let ground = Ground::postgres().await;
    let first = ground.begun().await;
    let second = Store::open(ground.place(), home()).await.unwrap();
    let one = paying(genesis(), 1);
    assert!(lost(&second.apply(intake(&one)).await.unwrap_err()), "it never asked");
    let Hold::Theirs { worker } = second.hold(Scope::Chain).await.unwrap() else {
        panic!("the first has it")
    };
    assert!(worker.contains(&format!("process {}", std::process::id())), "{worker}");
    assert!(lost(&second.apply(intake(&one)).await.unwrap_err()));
    assert!(lost(&second.revert_to(100, NOW).await.unwrap_err()));
    assert!(lost(&second.confirm_to(genesis(), NOW).await.unwrap_err()));
    let tried = Attempted { seq: 1, round: 0 };
    assert!(lost(&second.delivered(CONFIG_ENDPOINT, &[tried], NOW).await.unwrap_err()));
    assert_eq!(first.hold(Scope::Chain).await.unwrap(), Hold::Kept);
    first.apply(intake(&one)).await.unwrap();

    // One that stops in good order leaves nobody waiting.
    first.close().await;
    assert_eq!(second.hold(Scope::Chain).await.unwrap(), Hold::Taken);
    second.apply(intake(&paying(one.header, 1))).await.unwrap();
}

#[tokio::test]
async fn a_lease_lasts_while_its_worker_lives_and_not_longer() {
    let ground = Ground::postgres().await;
    let Place::Server { url, .. } = ground.place() else { unreachable!("a server") };
    let place = Place::Server { url: url.clone(), lease: SHORT };
    let first = Store::open(&place, home()).await.unwrap();
    first.begin_above(genesis()).await.unwrap();
    first.hold(Scope::Chain).await.unwrap();
    let second = Store::open(&place, home()).await.unwrap();
    // Three terms pass by the server's clock.
    let mut server = cluster::connect(url).await;
    sqlx::query("SELECT pg_sleep(3)").execute(&mut server).await.unwrap();
    assert!(matches!(second.hold(Scope::Chain).await.unwrap(), Hold::Theirs { .. }));

    // It goes without a word, like a process that is killed.
    drop(first);
    take_over(&second, Scope::Chain).await;
    second.apply(intake(&paying(genesis(), 1))).await.unwrap();
}

#[tokio::test]
async fn who_lost_the_lease_and_does_not_know_it_writes_nothing() {
    let cluster = cluster::shared();
    let database = cluster.database().await;
    let proxy = Proxy::before(cluster.socket()).await;
    let (far, near) = (proxy.url(&database), cluster.url(&database));
    let first = Store::open(Place::Server { url: far, lease: SHORT }, home()).await.unwrap();
    first.begin_above(genesis()).await.unwrap();
    first.hold(Scope::Chain).await.unwrap();
    let second = Store::open(Place::Server { url: near, lease: SHORT }, home()).await.unwrap();

    // The first is cut off, and comes back when the second has taken over.
    proxy.lead(None);
    take_over(&second, Scope::Chain).await;
    let one = paying(genesis(), 1);
    second.apply(intake(&one)).await.unwrap();
    proxy.lead(Some(cluster.socket()));
    let two = paying(one.header, 1);
    let error = first.apply(intake(&two)).await.unwrap_err();
    assert!(lost(&error), "{error}");
    assert!(matches!(first.hold(Scope::Chain).await.unwrap(), Hold::Theirs { .. }));
    second.apply(intake(&two)).await.unwrap();
}

#[tokio::test]
async fn each_walk_back_has_one_walker() {
    let ground = Ground::postgres().await;
    let first = ground.begun().await;
    let listed = block(genesis(), &[]);
    let script = Script::default().act(Kind::List, place(101, 0, 0), &[account(1)]).act(
        Kind::List,
        place(101, 1, 1),
        &[account(2)],
    );
    let next = (100, genesis().hash);
    let job = |act| Lookback { act, found_at: 101, next, from_block: 90 };
    let lookbacks = vec![job(1), job(2)];
    first.apply(Intake { acts: script.0, lookbacks, ..intake(&listed) }).await.unwrap();

    let second = Store::open(ground.place(), home()).await.unwrap();
    let third = Store::open(ground.place(), home()).await.unwrap();
    assert_eq!(first.open_lookback().await.unwrap(), Some(job(1)));
    assert_eq!(second.open_lookback().await.unwrap(), Some(job(2)));
    assert_eq!(third.open_lookback().await.unwrap(), None, "both are being walked");
    assert_eq!(first.open_lookback().await.unwrap(), Some(job(1)), "each goes on with its own");

    let stretch = |job, next| Stretch {
        job,
        next,
        alerts: vec![],
        undecoded: vec![],
        subjects: i64::MAX,
        now: NOW,
    };
    assert!(lost(&second.walked(stretch(job(1), None)).await.unwrap_err()));
    first.walked(stretch(job(1), Some((99, B256::ZERO)))).await.unwrap();
    // The next walker goes on where the last one stood.
    first.close().await;
    let left = Lookback { next: (99, B256::ZERO), ..job(1) };
    assert_eq!(third.open_lookback().await.unwrap(), Some(left));
    third.walked(stretch(left, None)).await.unwrap();
    assert_eq!(third.open_lookback().await.unwrap(), None, "one is over, the other is walked");
    second.walked(stretch(job(2), None)).await.unwrap();
    assert_eq!(second.counts().await.unwrap().lookbacks_open, 0);
}

#[tokio::test]
async fn a_reorganisation_takes_a_walk_from_its_walker() {
    let ground = Ground::postgres().await;
    let first = ground.begun().await;
    let listed = block(genesis(), &[]);
    let script = Script::default().act(Kind::List, place(101, 0, 0), &[account(1)]);
    let job = Lookback { act: 1, found_at: 101, next: (100, genesis().hash), from_block: 90 };
    let lookbacks = vec![job];
    first.apply(Intake { acts: script.0, lookbacks, ..intake(&listed) }).await.unwrap();
    let second = Store::open(ground.place(), home()).await.unwrap();
    assert_eq!(second.open_lookback().await.unwrap(), Some(job));
    first.revert_to(100, NOW).await.unwrap();
    let stretch = Stretch {
        job,
        next: None,
        alerts: vec![],
        undecoded: vec![],
        subjects: i64::MAX,
        now: NOW,
    };
    assert_eq!(second.walked(stretch).await.unwrap(), crate::store::Changes::default());
    assert_eq!(second.open_lookback().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_workers_find_at_once_is_counted_without_gaps() {
    /// Blocks that one takes in while the other walks back over as many.
    const BLOCKS: u64 = 30;
    let ground = Ground::postgres().await;
    let first = ground.begun().await;
    let mut past = vec![paying(genesis(), 1)];
    for _ in 1..BLOCKS {
        past.push(paying(past.last().unwrap().header, 1));
    }
    for block in &past {
        first.apply(Intake { alerts: vec![], ..intake(block) }).await.unwrap();
    }
    let tip = past.last().unwrap().header;
    let listed = block(tip, &[]);
    let number = listed.header.number;
    let script = Script::default().act(Kind::List, place(number, 0, 0), &[account(LISTED)]);
    let next = (tip.number, tip.hash);
    let job = Lookback { act: 1, found_at: number, next, from_block: 101 };
    let acts = script.0.clone();
    first.apply(Intake { acts, lookbacks: vec![job], ..intake(&listed) }).await.unwrap();

    let second = Store::open(ground.place(), home()).await.unwrap();
    let walking = tokio::spawn(async move {
        let ledger = script.ledger();
        let newly = screen::newly_listed(&ledger, 1);
        for block in past.iter().rev() {
            let job = second.open_lookback().await.unwrap().unwrap();
            assert_eq!(job.next.1, block.header.hash);
            let alerts = world::back(block, &ledger, 1, &newly).alerts;
            let below = (block.header.number - 1, block.header.parent);
            let next = (below.0 >= job.from_block).then_some(below);
            let stretch =
                Stretch { job, next, alerts, undecoded: vec![], subjects: i64::MAX, now: NOW };
            assert_eq!(second.walked(stretch).await.unwrap().created.len(), 1);
        }
    });
    let mut below = listed.header;
    for _ in 0..BLOCKS {
        let block = paying(below, 1);
        first.apply(intake(&block)).await.unwrap();
        below = block.header;
    }
    walking.await.unwrap();
    let told = first.news(0, 500).await.unwrap();
    let seqs: Vec<_> = told.iter().map(|news| news.seq).collect();
    assert_eq!(seqs, (1..=2 * i64::try_from(BLOCKS).unwrap()).collect::<Vec<_>>());
}
