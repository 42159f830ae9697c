//! What goes out of the house goes page by page: no number of findings fills the memory of the
//! process that writes them out.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use interdict_indexer::store::Place;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use tokio::process::{Child, Command};

use crate::binary::{LISTED, UNIT, configure, on, start, until};
use crate::chain::{Chain, PAYER};
use crate::cluster;
use crate::keeping::said;

/// Findings beside the one that was found.
const MANY: u64 = 50_000;
/// What the process may take more while it writes all of them out: pages, the database's cache and
/// what is on its way. The file has far more, so that nobody keeps that.
const MEMORY_MAX_BYTES: u64 = 40 << 20;

/// A line of what the system says of a process's memory, in bytes.
fn memory(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

/// The one finding so often, under names of their own.
fn copies(columns: &[String], id: &str) -> AssertSqlSafe<String> {
    let values = columns.iter().map(|column| if column == "id" { id } else { column });
    let (columns, values) = (columns.join(", "), values.collect::<Vec<_>>().join(", "));
    AssertSqlSafe(format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
         INSERT INTO alerts ({columns})
         SELECT {values} FROM (SELECT * FROM alerts LIMIT 1) AS one, n"
    ))
}

async fn fill(folder: &Path, database: &Place) {
    match database {
        Place::Server { url, .. } => {
            let mut db = cluster::connect(url).await;
            let columns = "SELECT column_name::text FROM information_schema.columns
                           WHERE table_name = 'alerts'";
            let columns: Vec<String> =
                sqlx::query_scalar(columns).fetch_all(&mut db).await.unwrap();
            let id = "decode(md5(i::text), 'hex')";
            sqlx::query(copies(&columns, id)).execute(&mut db).await.unwrap();
            sqlx::query("ANALYZE alerts").execute(&mut db).await.unwrap();
        }
        Place::File(_) => {
            let file = folder.join("interdict.sqlite");
            let options = SqliteConnectOptions::new().filename(file);
            let mut db = SqliteConnection::connect_with(&options).await.unwrap();
            let columns = "SELECT name FROM pragma_table_info('alerts')";
            let columns: Vec<String> =
                sqlx::query_scalar(columns).fetch_all(&mut db).await.unwrap();
            sqlx::query(copies(&columns, "randomblob(16)")).execute(&mut db).await.unwrap();
            db.close().await.unwrap();
        }
    }
}

/// Tells a process to stop, and waits until it has.
async fn stop(mut child: Child) {
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(child.wait().await.unwrap().success());
}

async fn take(client: &reqwest::Client, url: &str, path: &str, token: &str) -> (u64, u64) {
    let answer = client.get(format!("{url}{path}")).bearer_auth(token).send().await.unwrap();
    assert!(answer.status().is_success(), "{:?}", answer.status());
    let (mut bytes, mut lines, mut body) = (0, 0, answer.bytes_stream());
    while let Some(part) = body.next().await {
        let part = part.unwrap();
        bytes += part.len() as u64;
        lines += part.split(|byte| *byte == b'\n').count() as u64 - 1;
    }
    (bytes, lines)
}

async fn goes_out_within_bounds(folder: &Path, database: &Place) {
    let chain = Chain::start().await;
    configure(&chain, folder);
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.list(LISTED).await;
    chain.pay(PAYER, LISTED, UNIT).await;
    let (child, url) = start(&mut on(folder, database)).await;
    let found = |page: &Value| page["alerts"].as_array().is_some_and(|all| all.len() == 1);
    until(&url, "/v1/alerts", found).await;
    stop(child).await;
    fill(folder, database).await;
    let create = ["tokens", "create", "--person", "alice", "--role", "auditor"];
    let token = said(on(folder, database).args(create)).await;

    let (child, url) = start(&mut on(folder, database)).await;
    let pid = child.id().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // Connections and caches are there before it is looked at.
    take(&client, &url, "/v1/alerts?limit=500", token.trim()).await;
    for (path, around) in [("/v1/export/alerts.json", 2), ("/v1/export/alerts.csv", 1)] {
        let before = memory(pid, "VmRSS");
        std::fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
        let (bytes, lines) = take(&client, &url, path, token.trim()).await;
        let took = memory(pid, "VmHWM").saturating_sub(before);
        eprint_line(&format!(
            "{path}: {lines} lines, {} KiB, {} KiB memory",
            bytes >> 10,
            took >> 10
        ));
        assert_eq!(lines, MANY + 1 + around, "each, and what stands around them");
        assert!(took < MEMORY_MAX_BYTES, "{took} bytes");
        assert!(
            path.ends_with("csv") || bytes > MEMORY_MAX_BYTES * 3 / 2,
            "that shows nothing: {bytes}"
        );
    }
    let audit = client.get(format!("{url}/v1/audit?kind=export.")).bearer_auth(token.trim());
    let audit: Value =
        serde_json::from_slice(&audit.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let rows = audit["rows"].as_array().unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["export.ended", "export.begun", "export.ended", "export.begun"]);
    for ended in [&rows[0], &rows[2]] {
        assert_eq!(
            (&ended["person"], &ended["detail"]["rows"]),
            (&json!("alice"), &json!(MANY + 1))
        );
    }
    stop(child).await;
}

fn eprint_line(line: &str) {
    use std::io::Write;
    writeln!(std::io::stderr().lock(), "{line}").unwrap();
}

#[tokio::test]
async fn fifty_thousand_findings_go_out_within_bounds_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = Place::from(folder.path().join("interdict.sqlite"));
    goes_out_within_bounds(folder.path(), &file).await;
}

#[tokio::test]
async fn fifty_thousand_findings_go_out_within_bounds_from_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let url = cluster::shared().url(&cluster::shared().database().await);
    let server = Place::Server { url, lease: Duration::from_secs(1) };
    goes_out_within_bounds(folder.path(), &server).await;
}
