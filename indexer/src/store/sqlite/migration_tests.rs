//! What only a file knows of migrations: its own numbers, and tables that are written anew.

use std::borrow::Cow;

use alloy_primitives::B256;
use sqlx::migrate::{Migration, Migrator};
use tempfile::TempDir;

use super::*;
use crate::world::{CHAIN, TOKEN, account};

const LISTED: u8 = 0xaa;
/// The migration that writes the alerts anew.
const KINDS: i64 = 5;

fn home() -> Home {
    Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) }
}

/// A database that only some of the migrations have made.
async fn made_by(path: &Path, some: impl Fn(&Migration) -> bool) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let mut migrator: Migrator = sqlx::migrate!("migrations/sqlite");
    let steps = migrator.iter().filter(|step| some(step)).cloned().collect();
    migrator.migrations = Cow::Owned(steps);
    migrator.run(&pool).await.unwrap();
    pool
}

/// A database as the first version left it: two findings, told thrice, the last news gone.
async fn old(path: &Path) {
    let pool = made_by(path, |step| step.version == 1).await;
    let hex = |n: u8, bytes: usize| format!("x'{}'", hex::encode(vec![n; bytes]));
    let alert = |id: u8, kind: &str, token: &str, log: i64| {
        format!(
            "INSERT INTO alerts VALUES ({}, 'pending', 'escalated', 101, 'live', 'critical',
             'direct.outbound.while_listed', 'default-1', 'while', {}, 'recipient', {}, 1, {}, 1,
             '[26014]', 1, 101, {}, 5, 0, {}, {log}, {}, '{kind}', {token}, {}, {}, {})",
            hex(id, 16),
            hex(LISTED, 20),
            hex(1, 20),
            hex(9, 32),
            hex(7, 32),
            hex(8, 32),
            hex(1, 20),
            hex(1, 20),
            hex(LISTED, 20),
            hex(3, 32),
        )
    };
    let news = |id: u8| {
        let state = "INSERT INTO outbox (alert_id, kind, alert, made_at, due_at) VALUES";
        format!("{state} ({}, 'alert.created', '{{}}', 1, 1)", hex(id, 16))
    };
    let undecoded = format!(
        "INSERT INTO undecoded_logs VALUES ({}, 3, 101, 101, {}, {}, 'erc721', 'old')",
        hex(7, 32),
        hex(8, 32),
        hex(4, 20)
    );
    let token = format!("x'{}'", hex::encode(TOKEN));
    for statement in [
        alert(1, "native", "NULL", -1),
        alert(2, "erc20", &token, 4),
        news(1),
        news(2),
        news(2),
        "UPDATE outbox SET state = 'delivered', attempts = 1, delivered_at = 2 WHERE seq = 1"
            .into(),
        "DELETE FROM outbox WHERE seq = 3".into(),
        undecoded,
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

async fn opened() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.sqlite");
    old(&path).await;
    let store = Store::open(&path, home()).await.unwrap();
    (folder, store)
}

async fn count(store: &Store, query: &'static str) -> i64 {
    sqlx::query(query).fetch_one(&store.pool).await.unwrap().try_get(0).unwrap()
}

#[tokio::test]
async fn numbers_of_news_go_on_where_they_stood() {
    let (_folder, store) = opened().await;
    let next = "INSERT INTO outbox (alert_id, kind, alert, made_at)
        SELECT id, 'alert.updated', '{}', 1 FROM alerts LIMIT 1 RETURNING seq";
    assert_eq!(count(&store, next).await, 4, "the third was given, and is not given again");
    let next = "SELECT next_seq FROM endpoints WHERE id = 'config'";
    assert_eq!(count(&store, next).await, 4, "the line of its receiver goes on there, too");
    let orphan = "INSERT INTO outbox (alert_id, kind, alert, made_at)
        VALUES (zeroblob(16), 'alert.created', '{}', 1)";
    assert!(sqlx::query(orphan).execute(&store.pool).await.is_err(), "news is of an alert");
}

/// What the migrations before wrote into the tables that are written anew is still there.
#[tokio::test]
async fn what_was_found_keeps_how_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.sqlite");
    old(&path).await;
    let pool = made_by(&path, |step| step.version < KINDS).await;
    for statement in [
        "UPDATE alerts SET standing = 'delisted' WHERE kind = 'erc20'",
        "INSERT INTO outbox (alert_id, kind, alert, made_at, due_at)
         SELECT id, 'alert.reevaluated', '{}', 1, 1 FROM alerts WHERE kind = 'erc20'",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let store = Store::open(&path, home()).await.unwrap();
    let stands = "SELECT count(*) FROM alerts WHERE (kind, standing)
        IN (('erc20', 'delisted'), ('native', 'listed'))";
    assert_eq!(count(&store, stands).await, 2);
    let told = "SELECT count(*) FROM outbox WHERE kind = 'alert.reevaluated' AND seq = 4";
    assert_eq!(count(&store, told).await, 1);
}
