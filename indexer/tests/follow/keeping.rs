//! The database as the binary keeps it: killed while it is made, on a disk that breaks, copied,
//! moved and pruned.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use interdict_core::deployment::Deployment;
use tokio::process::Command;

use crate::binary::{LISTED, UNIT, command, configure, configure_for, start, until};
use crate::chain::{Chain, PAYER, deployment};
use crate::cluster;

/// Moments at which a process is killed.
const KILLS: u32 = 24;

/// The two kinds, as what the environment says.
pub(crate) async fn databases() -> [Option<String>; 2] {
    use secrecy::ExposeSecret;
    let cluster = cluster::shared();
    let url = cluster.url(&cluster.database().await);
    [None, Some(url.expose_secret().to_owned())]
}

pub(crate) fn with_database(folder: &Path, url: Option<&str>) -> Command {
    let mut command = command(folder);
    if let Some(url) = url {
        command.env("DATABASE_URL", url);
    }
    command
}

pub(crate) async fn said(command: &mut Command) -> String {
    let output = command.output().await.unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with a configuration, for verbs that ask no chain.
pub(crate) fn folder() -> (tempfile::TempDir, Deployment) {
    let folder = tempfile::tempdir().unwrap();
    let deployment = deployment();
    configure_for(&deployment, "http://127.0.0.1:1", folder.path());
    (folder, deployment)
}

#[tokio::test]
async fn f54_a_migration_that_is_killed_is_made_again() {
    for url in databases().await {
        let (folder, _) = folder();
        let begun = Instant::now();
        let mut prune = with_database(folder.path(), url.as_deref());
        said(prune.args(["prune", "--dry-run"])).await;
        let whole = begun.elapsed();
        for kill in 0..KILLS {
            // A new database each time, and a later moment.
            let (folder, _) = self::folder();
            let url = match url {
                Some(_) => databases().await[1].clone(),
                None => None,
            };
            let mut prune = with_database(folder.path(), url.as_deref());
            let mut child = prune.args(["prune", "--dry-run"]).spawn().unwrap();
            tokio::time::sleep(whole * kill / KILLS).await;
            child.kill().await.unwrap();
            let mut prune = with_database(folder.path(), url.as_deref());
            let table = said(prune.args(["prune", "--dry-run"])).await;
            assert!(table.contains("lookback_jobs"), "{table}");
        }
    }
}

#[tokio::test]
async fn f48_a_disk_that_cannot_be_relied_on_stops_the_indexer() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    configure(&chain, folder.path());
    let shim = shim(folder.path()).await;
    let broken = folder.path().join("broken");
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.list(LISTED).await;
    let before = chain.pay(PAYER, LISTED, UNIT).await;

    let mut command = command(folder.path());
    command.env("LD_PRELOAD", shim).env("FSYNC_FAILS_IF", &broken);
    let (child, url) = start(&mut command).await;
    until(&url, "/readyz", |health| health["cursor"] == before).await;
    std::fs::write(&broken, "").unwrap();
    let after = chain.pay(PAYER, LISTED, UNIT).await;
    let ended = tokio::time::timeout(Duration::from_mins(1), child.wait_with_output());
    let output = ended.await.expect("it stops by itself").unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot rely on its disk"), "{message}");

    // On another disk it goes on.
    std::fs::remove_file(&broken).unwrap();
    let (_child, url) = start(&mut self::command(folder.path())).await;
    until(&url, "/readyz", |health| health["cursor"] == after).await;
    let page = until(&url, "/v1/alerts", |_| true).await;
    assert_eq!(page["alerts"].as_array().unwrap().len(), 2);
}

/// Builds the library that lets fsync fail.
async fn shim(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/follow/fsync.c");
    let library = folder.join("fsync.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    assert!(cc.status().await.unwrap().success(), "cc is what links Rust, too");
    library
}

#[tokio::test]
async fn a_database_is_copied_while_in_use_moved_to_the_other_kind_and_pruned() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    configure(&chain, folder.path());
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.list(LISTED).await;
    let last = chain.pay(PAYER, LISTED, UNIT).await;
    let (child, url) = start(&mut command(folder.path())).await;
    let done =
        |health: &serde_json::Value| health["cursor"] == last && health["lookbacks_open"] == 0;
    until(&url, "/readyz", done).await;
    let page = until(&url, "/v1/alerts", |_| true).await;

    let file = folder.path().join("copy");
    let mut backup = command(folder.path());
    let told = said(backup.arg("backup").arg(&file)).await;
    let sum = Command::new("sha256sum").arg(&file).output().await.unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    assert_eq!(told.split_whitespace().next(), sum.split_whitespace().next(), "{told}");
    drop(child);

    let server = databases().await[1].clone();
    let mut restore = with_database(folder.path(), server.as_deref());
    let told = said(restore.arg("restore").arg(&file)).await;
    assert!(told.contains("rows into the PostgreSQL database"), "{told}");
    let mut again = with_database(folder.path(), server.as_deref());
    let again = again.arg("restore").arg(&file).output().await.unwrap();
    assert!(error(&again).contains("is not empty"));

    let (_child, url) = start(&mut with_database(folder.path(), server.as_deref())).await;
    let moved = until(&url, "/v1/alerts", |_| true).await;
    assert_eq!(moved, page);
    let mut prune = with_database(folder.path(), server.as_deref());
    let table = said(prune.args(["prune", "--dry-run"])).await;
    let alerts = table.lines().find(|line| line.trim().starts_with("alerts")).unwrap();
    assert!(alerts.contains(" 1 ") && alerts.contains("ten years"), "{table}");
    chain.pay(PAYER, LISTED, UNIT).await;
    until(&url, "/readyz", |health| health["cursor"] == last + 1).await;
}

#[tokio::test]
async fn the_address_of_a_server_is_shown_nowhere() {
    let (folder, _) = folder();
    for url in ["postgres://me:s3cret@127.0.0.1:1/x", "s3cret", "mysql://me:s3cret@h/x"] {
        for arguments in [["prune", "--dry-run"], ["backup", "out"], ["prune", "--help"]] {
            let mut command = with_database(folder.path(), Some(url));
            command.env("INTERDICT_LOG", "trace").args(arguments);
            let output = command.stdin(Stdio::null()).output().await.unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(!said.contains("s3cret"), "{url} {arguments:?}: {said}");
            assert_eq!(output.status.success(), arguments[1] == "--help", "{said}");
        }
    }
}
