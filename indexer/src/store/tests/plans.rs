//! What is due, and what the figures say, is found by an index, however much waits: the plans of
//! both databases, over a backlog.

use std::io::Write;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::cluster;
use super::ground::{Ground, intake, lined, paying};
use crate::store::{CONFIG_ENDPOINT, Place, postgres, sqlite};
use crate::world::genesis;

/// News that waits, in both halves of the line.
const BACKLOG: u32 = 20_000;

/// News of the one alert there is, so often, all of it failed once and due much later.
fn backlog() -> [String; 2] {
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {BACKLOG})"
    );
    [
        format!(
            "{numbers} INSERT INTO outbox (seq, alert_id, kind, alert, made_at, urgent)
             SELECT i, (SELECT id FROM alerts), 'alert.updated', '{{}}', 1, i % 2 FROM n"
        ),
        format!(
            "{numbers} INSERT INTO deliveries (endpoint, seq, news, urgent, attempts, due_at)
             SELECT 'config', i, i, i % 2, 1, 1000000 + i FROM n"
        ),
    ]
}

fn say(database: &str, plan: &[String]) {
    let say = format!("{database}, {BACKLOG} waiting:\n  {}\n", plan.join("\n  "));
    std::io::stderr().lock().write_all(say.as_bytes()).unwrap();
}

#[tokio::test]
async fn what_is_due_is_found_by_an_index_on_sqlite() {
    let ground = Ground::sqlite();
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    lined(&store).await;
    let Place::File(path) = ground.place() else { panic!("a file") };
    let options = SqliteConnectOptions::new().filename(path);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    for statement in backlog() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    let explained = format!("EXPLAIN QUERY PLAN {}", sqlite::DUE);
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(explained))
        .bind(CONFIG_ENDPOINT)
        .bind(0)
        .bind(64)
        .fetch_all(&mut db)
        .await
        .unwrap();
    let plan: Vec<_> = rows.into_iter().map(|(.., detail)| detail).collect();
    say("SQLite", &plan);
    let by_index = "SEARCH deliveries USING INDEX deliveries_due \
        (endpoint=? AND urgent=? AND due_at<?)";
    assert_eq!(plan.iter().filter(|step| *step == by_index).count(), 2);
    let scans = plan.iter().filter(|step| step.starts_with("SCAN"));
    // The rows that were found, at most two turns' worth.
    assert!(scans.clone().all(|step| !step.contains("deliveries") && !step.contains("outbox")));
}

#[tokio::test]
async fn what_is_due_is_found_by_an_index_on_postgres() {
    let ground = Ground::postgres().await;
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    lined(&store).await;
    let Place::Server { url, .. } = ground.place() else { panic!("a server") };
    let mut db = cluster::connect(url).await;
    for statement in backlog() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    sqlx::query("ANALYZE deliveries, outbox").execute(&mut db).await.unwrap();
    let explained = format!("EXPLAIN (COSTS OFF) {}", postgres::DUE);
    let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explained))
        .bind(CONFIG_ENDPOINT)
        .bind(0_i64)
        .bind(64_i64)
        .fetch_all(&mut db)
        .await
        .unwrap();
    say("PostgreSQL", &plan);
    let by_index = plan.iter().filter(|step| step.contains("deliveries_due on deliveries"));
    assert_eq!(by_index.count(), 2);
    assert!(!plan.iter().any(|step| step.contains("Seq Scan on deliveries")));
}

/// What the figures are read by, and what each reads it by. What is counted is counted in an index
/// alone.
fn figures(queries: [&'static str; 4]) -> [(&'static str, Vec<&'static str>); 4] {
    let [open, to_do, oldest, counts] = queries;
    [
        (open, vec!["alerts_open"]),
        (to_do, vec!["alerts_waiting", "alerts_due"]),
        (oldest, vec!["alerts_open", "outbox_by_alert"]),
        (counts, vec!["deliveries_waiting", "outbox_"]),
    ]
}

/// A plan reads what it reads by these indexes, and nothing row by row.
fn is_by(plan: &[String], indexes: &[&str]) {
    for index in indexes {
        assert!(plan.iter().any(|step| step.contains(index)), "{index} is not in {plan:#?}");
    }
    for step in plan {
        let scans = step.contains("Seq Scan on") || step.starts_with("SCAN ");
        let harmless = step.contains("INDEX")
            || step.contains("SUBQUERY")
            || step.contains("CONSTANT ROW")
            || step.contains("SCAN first")
            || step.contains("Seq Scan on endpoints");
        assert!(!scans || harmless, "{step} in {plan:#?}");
    }
}

#[tokio::test]
async fn what_the_figures_say_is_found_by_indexes_on_sqlite() {
    let ground = Ground::sqlite();
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    lined(&store).await;
    let Place::File(path) = ground.place() else { panic!("a file") };
    let options = SqliteConnectOptions::new().filename(path);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    for statement in backlog() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    let queries = [sqlite::OPEN, sqlite::TO_DO, sqlite::OLDEST, sqlite::COUNTS];
    for (query, indexes) in figures(queries) {
        let explained = format!("EXPLAIN QUERY PLAN {query}");
        let rows: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(explained)).fetch_all(&mut db).await.unwrap();
        let plan: Vec<_> = rows.into_iter().map(|(.., detail)| detail).collect();
        say("SQLite", &plan);
        is_by(&plan, &indexes);
    }
}

#[tokio::test]
async fn what_the_figures_say_is_found_by_indexes_on_postgres() {
    let ground = Ground::postgres().await;
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    lined(&store).await;
    let Place::Server { url, .. } = ground.place() else { panic!("a server") };
    let mut db = cluster::connect(url).await;
    for statement in backlog() {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
    }
    sqlx::query("ANALYZE deliveries, outbox").execute(&mut db).await.unwrap();
    // Of the one finding there is no index is quicker than the row: as if there were many.
    sqlx::query("SET enable_seqscan = off").execute(&mut db).await.unwrap();
    let queries = [postgres::OPEN, postgres::TO_DO, postgres::OLDEST, postgres::COUNTS];
    for (query, indexes) in figures(queries) {
        let explained = format!("EXPLAIN (GENERIC_PLAN, COSTS OFF) {query}");
        let plan: Vec<String> = sqlx::raw_sql(AssertSqlSafe(explained))
            .fetch_all(&mut db)
            .await
            .unwrap()
            .iter()
            .map(|row| sqlx::Row::get(row, 0))
            .collect();
        say("PostgreSQL", &plan);
        is_by(&plan, &indexes);
    }
}
