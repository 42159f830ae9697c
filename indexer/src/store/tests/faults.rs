//! What the world does to databases, by its number in the list of faults. Each ends in the state
//! that a run without the fault ends in, or stops and says so.

use std::io::{Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{Connection, Executor};

use super::cluster::{self, Cluster};
use super::ground::{Contents, Ground, LEASE, NOW, configured, home, intake, paying};
use super::proxy::{Cut, Proxy};
use crate::chain::{Block, Header};
use crate::store::sqlite::{self, BUSY_TIMEOUT_SECONDS};
use crate::store::{CONFIG_ENDPOINT, Delivery, Hold, Home, Place, Scope, Store, StoreError};
use crate::world::genesis;

/// Blocks one above another, with payments each.
fn chain(blocks: usize, payments: u64) -> Vec<Block> {
    let mut chain: Vec<Block> = Vec::new();
    for _ in 0..blocks {
        chain.push(paying(chain.last().map_or(genesis(), |block| block.header), payments));
    }
    chain
}

async fn cursor(store: &Store) -> Result<Header, StoreError> {
    Ok(*store.trail().await?.1.last().unwrap())
}

/// Goes on from wherever the database stands, as the indexer does.
async fn go_on(store: &Store, chain: &[Block]) -> Result<(), StoreError> {
    let at = cursor(store).await?;
    for block in chain.iter().filter(|block| block.header.number > at.number) {
        store.apply(intake(block)).await?;
    }
    Ok(())
}

/// For the count of faults that `make sweep` shows.
#[allow(clippy::print_stdout, reason = "kept back by the test runner unless asked for")]
fn say(count: &str) {
    println!("{count}");
}

/// What a run without any fault leaves.
async fn without_fault(chain: &[Block]) -> Contents {
    let ground = Ground::sqlite();
    go_on(&ground.begun().await, chain).await.unwrap();
    ground.contents().await
}

#[tokio::test]
async fn f46_a_full_disk_stops_a_block_as_a_whole() {
    let ground = Ground::sqlite();
    let Place::File(path) = ground.place().clone() else { unreachable!("a file") };
    let chain = chain(40, 3);
    ground.begun().await.close().await;
    let mut limit = 40;
    let mut refused = 0;
    // Every time there is room for some more.
    loop {
        let options = sqlite::options(&path).pragma("max_page_count", limit.to_string());
        let database = sqlite::Store::open_with(&path, home(), options).await.unwrap();
        let store = Store::Sqlite(database);
        let result = go_on(&store, &chain).await;
        if let Err(error) = &result {
            assert!(matches!(error, StoreError::Full(_)), "{error}");
            // Every connection goes on as if nothing had been tried.
            for _ in 0..4 {
                let error = go_on(&store, &chain).await.unwrap_err();
                assert!(matches!(error, StoreError::Full(_)), "{error}");
            }
        }
        store.close().await;
        if result.is_ok() {
            break;
        }
        refused += 1;
        limit += 1;
    }
    assert!(refused > 20, "{refused}");
    assert_eq!(ground.contents().await, without_fault(&chain).await);
}

#[tokio::test]
async fn f47_a_lock_that_somebody_holds_is_waited_for_and_not_forever() {
    let ground = Ground::sqlite();
    let Place::File(path) = ground.place() else { unreachable!("a file") };
    let store = ground.begun().await;
    let mut other = SqliteConnection::connect_with(&sqlite::options(path)).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let chain = chain(1, 1);
    let begun = Instant::now();
    let error = store.apply(intake(&chain[0])).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    let waited = begun.elapsed();
    let bound = Duration::from_secs(BUSY_TIMEOUT_SECONDS);
    assert!(waited >= bound && waited < bound * 3, "{waited:?}");
    other.execute("ROLLBACK").await.unwrap();
    store.apply(intake(&chain[0])).await.unwrap();
    assert_eq!(ground.contents().await, without_fault(&chain).await);
}

#[tokio::test]
async fn f47_a_server_is_told_how_long_to_wait() {
    let cluster = cluster::shared();
    let ground = Ground::postgres().await;
    let Place::Server { url, .. } = ground.place() else { unreachable!("a server") };
    let store = ground.begun().await;
    // Somebody holds the one row that a writer needs; the server gives up before the caller does.
    let mut other = cluster::connect(url).await;
    let mut tx = other.begin().await.unwrap();
    tx.execute("SELECT 1 FROM home FOR UPDATE").await.unwrap();
    let block = &chain(1, 1)[0];
    let begun = Instant::now();
    let error = store.apply(intake(block)).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    tx.rollback().await.unwrap();
    store.apply(intake(block)).await.unwrap();
    assert!(cluster.socket().exists());
}

#[tokio::test]
async fn f48_after_the_disk_failed_once_nothing_more_is_written() {
    let ground = Ground::sqlite();
    let store = ground.begun().await;
    let chain = chain(2, 1);
    store.apply(intake(&chain[0])).await.unwrap();
    let Store::Sqlite(database) = &store else { unreachable!("a file") };
    let failed = async || Err::<(), _>(StoreError::Disk(sqlx::Error::WorkerCrashed));
    assert!(database.guard(failed()).await.is_err());
    let error = store.apply(intake(&chain[1])).await.unwrap_err();
    assert!(matches!(error, StoreError::Stopped) && error.is_final(), "{error}");
    store.close().await;
    drop(store);
    let again = ground.open().await;
    assert_eq!(cursor(&again).await.unwrap(), chain[0].header);
    again.apply(intake(&chain[1])).await.unwrap();
}

#[tokio::test]
async fn f49_a_damaged_page_is_found_at_the_start() {
    let ground = Ground::sqlite();
    let Place::File(path) = ground.place() else { unreachable!("a file") };
    let store = ground.begun().await;
    go_on(&store, &chain(40, 3)).await.unwrap();
    store.close().await;
    drop(store);
    let whole = std::fs::read(path).unwrap();
    let size = whole.len();
    let refused = async |what: &str| {
        let error = Store::open(path, home()).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{what}: {error}");
        assert!(error.to_string().contains("interdict-indexer restore"), "{error}");
    };
    let mut pages = 0;
    for page in (1..size / 4096).step_by(7) {
        let mut file = std::fs::File::options().write(true).read(true).open(path).unwrap();
        file.seek(SeekFrom::Start(u64::try_from(page * 4096).unwrap())).unwrap();
        let mut before = [0; 4096];
        file.read_exact(&mut before).unwrap();
        if before == [0; 4096] {
            continue;
        }
        file.seek(SeekFrom::Start(u64::try_from(page * 4096).unwrap())).unwrap();
        file.write_all(&[0x5a; 4096]).unwrap();
        drop(file);
        refused(&format!("page {page}")).await;
        std::fs::write(path, &whole).unwrap();
        pages += 1;
    }
    assert!(pages > 5, "{pages}");
    std::fs::write(path, &whole[..size / 2]).unwrap();
    refused("cut in half").await;
    std::fs::write(path, [b"no database".as_slice(), &whole[11..]].concat()).unwrap();
    refused("another header").await;
    std::fs::write(path, &whole).unwrap();
    ground.open().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_let_go_before_that_is_said() {
    let ground = Ground::sqlite();
    let Place::File(path) = ground.place() else { unreachable!("a file") };
    ground.begun().await.close().await;
    let elsewhere = Home { chain_id: home().chain_id + 1, ..home() };
    let error = sqlite::Store::open(path, elsewhere).await.unwrap_err();
    assert!(matches!(error, StoreError::OtherHome { .. }), "{error}");
    // The write-ahead log can be given up by nobody but the only one at the file. (Whether its log
    // is still there says nothing: two connections that close in the same instant both leave it.)
    let alone = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::ZERO)
        .journal_mode(SqliteJournalMode::Delete);
    SqliteConnection::connect_with(&alone).await.expect("nobody is at the file");
}

/// A worker behind a proxy, on a database of its own.
async fn behind(cluster: &Cluster) -> (Proxy, Store, Place) {
    let database = cluster.database().await;
    let proxy = Proxy::before(cluster.socket()).await;
    let place = Place::Server { url: proxy.url(&database), lease: LEASE };
    let store = Store::open(&place, home()).await.unwrap();
    store.begin_above(genesis()).await.unwrap();
    store.hold(Scope::Chain).await.unwrap();
    (proxy, store, place)
}

/// Commits that are cut before the server has them, and as many after.
const CUTS: usize = 60;

#[tokio::test]
async fn f50_a_commit_that_was_cut_happened_once_or_not_at_all() {
    let (proxy, store, place) = behind(cluster::shared()).await;
    let chain = chain(CUTS, 2);
    let mut below = cursor(&store).await.unwrap();
    for block in &chain {
        proxy.cut(Cut::BeforeCommit);
        let error = store.apply(intake(block)).await.unwrap_err();
        assert!(proxy.has_cut() && error.is_unclear(), "{error}");
        assert_eq!(cursor(&store).await.unwrap(), below, "it did not reach the server");

        proxy.cut(Cut::AfterCommit);
        let changes = store.apply(intake(block)).await.unwrap();
        assert!(proxy.has_cut());
        assert_eq!(changes.created.len(), 2, "what is told is what happened");
        below = block.header;
        assert_eq!(cursor(&store).await.unwrap(), below);
    }
    let due = store.news(0, 999).await.unwrap();
    let seqs: Vec<_> = due.iter().map(|news| news.seq).collect();
    assert_eq!(seqs, (1..=2 * i64::try_from(CUTS).unwrap()).collect::<Vec<_>>());
    assert_eq!(Ground::on(place).contents().await, without_fault(&chain).await);
    say(&format!("F50: {CUTS} commits cut before the server had them, {CUTS} after"));
}

#[tokio::test]
async fn f50_a_finality_or_a_reorganisation_whose_answer_was_lost_happened_once() {
    let (proxy, store, _place) = behind(cluster::shared()).await;
    let chain = chain(3, 2);
    go_on(&store, &chain[..2]).await.unwrap();

    proxy.cut(Cut::AfterCommit);
    store.confirm_to(chain[0].header, NOW).await.unwrap();
    assert!(proxy.has_cut());
    assert_eq!(store.trail().await.unwrap().0, 101);

    proxy.cut(Cut::AfterCommit);
    assert_eq!(store.revert_to(101, NOW).await.unwrap().retracted, 2);
    assert!(proxy.has_cut());
    assert_eq!(cursor(&store).await.unwrap(), chain[0].header);
}

#[tokio::test(flavor = "multi_thread")]
async fn f50_a_server_that_is_killed_again_and_again_loses_nothing() {
    let cluster = Cluster::start();
    let url = cluster.url(&cluster.database().await);
    let place = Place::Server { url, lease: LEASE };
    let store = Store::open(&place, home()).await.unwrap();
    store.begin_above(genesis()).await.unwrap();
    store.hold(Scope::Chain).await.unwrap();
    let chain = chain(60, 2);
    let (writer, blocks) = (store.clone(), chain.clone());
    let writing = tokio::spawn(async move {
        let mut failures = 0;
        while go_on(&writer, &blocks).await.is_err() {
            failures += 1;
            tokio::task::yield_now().await;
        }
        failures
    });
    let mut watched = 0;
    while !writing.is_finished() && watched < 4 {
        // Somewhere in the middle of whatever it is doing.
        let reached = 100 + 10 * (watched + 1);
        while !writing.is_finished() && cursor(&store).await.is_ok_and(|at| at.number < reached) {}
        tokio::task::block_in_place(|| {
            cluster.kill();
            cluster.go();
        });
        watched += 1;
    }
    let failures = writing.await.unwrap();
    assert!(failures > 0, "it was killed while it wrote");
    let ground = Ground::on(place);
    assert_eq!(ground.contents().await, without_fault(&chain).await);
}

/// Everything that is in the record reaches its receiver.
async fn tell(store: &Store) -> Result<(), StoreError> {
    store.hold(Scope::Deliveries).await?;
    loop {
        store.line_up(CONFIG_ENDPOINT).await?;
        let due = store.due_deliveries(CONFIG_ENDPOINT, NOW, 999).await?;
        if due.is_empty() {
            return Ok(());
        }
        let taken: Vec<_> = due.iter().map(Delivery::attempted).collect();
        store.delivered(CONFIG_ENDPOINT, &taken, NOW).await?;
    }
}

/// How often a replica takes over; `make sweep` asks for more.
fn failovers() -> usize {
    let asked = std::env::var("INTERDICT_FAILOVERS").ok();
    asked.map_or(2, |count| count.parse().expect("INTERDICT_FAILOVERS is a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn f51_a_replica_that_lacks_the_last_commits_is_brought_up_to_date() {
    let (mut ours, mut replica) = (Cluster::start(), Cluster::start());
    let (proxy, store, place) = behind(&ours).await;
    let (count, mut done) = (failovers(), 0);
    let chain = chain(6 * count, 2);
    for failover in 0..count {
        // Up to five of six blocks are lost, and up to all of what they brought was delivered.
        let kept = done + 1 + failover % 5;
        while go_on(&store, &chain[..kept]).await.is_err() {}
        tokio::task::block_in_place(|| ours.copy_to(&replica));
        proxy.lead(Some(ours.socket()));
        done += 6;
        while go_on(&store, &chain[..done - 1]).await.is_err() {}
        store.configure(Some(&configured(1)), NOW).await.unwrap();
        let lost = store.news(0, 9_999).await.unwrap().last().unwrap().seq;
        loop {
            match tell(&store).await {
                // The lease was lost with the rest, and is taken again.
                Err(StoreError::LeaseLost { .. }) => {}
                delivered => break delivered.unwrap(),
            }
        }

        proxy.lead(Some(replica.socket()));
        let moved = loop {
            match store.apply(intake(&chain[done - 1])).await {
                // Connections that led to the other server end first.
                Err(StoreError::Database(_)) => {}
                Err(error) => break Some(error),
                // Nothing is missing there but that something was delivered.
                Ok(_) => break None,
            }
        };
        let lacks = kept < done - 1;
        assert_eq!(matches!(moved, Some(StoreError::CursorMoved { .. })), lacks, "{moved:?}");
        if lacks {
            assert_eq!(cursor(&store).await.unwrap(), chain[kept - 1].header, "it counts");
        }
        go_on(&store, &chain[..done]).await.unwrap();
        let again = store.news(0, 9_999).await.unwrap();
        assert_eq!(again.len(), 2 * done, "what was told may be told again, by the same names");
        assert!(again.iter().any(|news| news.seq == lost));
        std::mem::swap(&mut ours, &mut replica);
    }
    assert_eq!(Ground::on(place).contents().await, without_fault(&chain).await);
    say(&format!("F51: {count} times a replica that lacked commits took over"));
}

#[tokio::test]
async fn f53_two_writers_cannot_have_one_file() {
    let ground = Ground::sqlite();
    let store = ground.begun().await;
    let error = Store::open(ground.place(), home()).await.unwrap_err();
    assert!(error.to_string().contains("in use by another indexer"), "{error}");
    store.close().await;
    drop(store);
    ground.open().await;
}

#[tokio::test]
async fn f53_two_writers_on_one_server_take_turns() {
    let ground = Ground::postgres().await;
    let mut ours = ground.begun().await;
    let chain = chain(10, 2);
    for block in &chain {
        let theirs = Store::open(ground.place(), home()).await.unwrap();
        assert!(matches!(theirs.hold(Scope::Chain).await.unwrap(), Hold::Theirs { .. }));
        let refused = theirs.apply(intake(block)).await.unwrap_err();
        assert!(matches!(refused, StoreError::LeaseLost { .. }), "{refused}");
        ours.apply(intake(block)).await.unwrap();
        ours.close().await;
        assert_eq!(theirs.hold(Scope::Chain).await.unwrap(), Hold::Taken);
        ours = theirs;
    }
    assert_eq!(ground.contents().await, without_fault(&chain).await);
}

#[tokio::test]
async fn f54_an_old_program_leaves_a_newer_database_alone() {
    for ground in [Ground::sqlite(), Ground::postgres().await] {
        ground.begun().await.close().await;
        let newer = "INSERT INTO _sqlx_migrations
                         (version, description, success, checksum, execution_time)
                     VALUES (9999, 'later', true, 'x', 0)";
        match ground.place() {
            Place::File(path) => {
                let mut db = SqliteConnection::connect_with(&sqlite::options(path)).await.unwrap();
                db.execute(newer).await.unwrap();
                db.close().await.unwrap();
            }
            Place::Server { url, .. } => {
                cluster::connect(url).await.execute(newer).await.unwrap();
            }
        }
        let before = ground.contents().await;
        let error = Store::open(ground.place(), home()).await.unwrap_err();
        assert!(matches!(error, StoreError::Newer { theirs: 9999, .. }), "{error}");
        assert_eq!(ground.contents().await, before);
    }
}
