//! The binary as it is run: it says where it listens, stops when told, survives being killed, and
//! refuses in one sentence.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use alloy_primitives::{Address, address};
use interdict_core::deployment::Deployment;
use interdict_indexer::store::{Home, News, Place, Store};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::chain::{Chain, PAYER};
use crate::cluster;

pub(crate) const LISTED: Address = address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C");
pub(crate) const UNIT: u64 = 1_000_000;

pub(crate) fn configure(chain: &Chain, folder: &Path) {
    configure_for(&chain.deployment, &chain.url, folder);
    let token = format!(
        "[[token]]\naddress = \"{}\"\nsymbol = \"IDD\"\ndecimals = 6\ndust_below = \"10\"\n",
        chain.token
    );
    let path = folder.join("indexer.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, config + &token).unwrap();
}

pub(crate) fn configure_for(deployment: &Deployment, url: &str, folder: &Path) {
    let deployment = serde_json::to_string(deployment).unwrap();
    std::fs::write(folder.join("deployment.json"), deployment).unwrap();
    let config = format!(
        "chain_id = 31337\nrpc_url = \"{url}\"\ndeployment = \"deployment.json\"\n\
         database = \"interdict.sqlite\"\ndatabase_lease_seconds = 1\nbind = \"127.0.0.1:0\"\n\
         poll_ms = 50\n[native]\nsymbol = \"ETH\"\ndecimals = 18\ndust_below = \"0.004\"\n",
    );
    std::fs::write(folder.join("indexer.toml"), config).unwrap();
}

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict-indexer"));
    command.arg("--config").arg(folder.join("indexer.toml"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("INTERDICT_LOG", "error").env_remove("DATABASE_URL");
    command
}

/// Starts it; the process and where it listens.
pub(crate) async fn start(command: &mut Command) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("it says where it listens");
    (child, line.strip_prefix("listening on ").unwrap().to_owned())
}

async fn refused(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder).args(arguments).output().await.unwrap();
    assert!(output.stdout.is_empty(), "stdout is for the address only");
    output
}

/// Asks until the answer is as expected.
pub(crate) async fn until(url: &str, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = async {
        loop {
            let answer = client.get(format!("{url}{path}")).send().await.unwrap();
            let value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            if fits(&value) {
                return value;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), asked).await.unwrap()
}

#[tokio::test]
async fn it_survives_being_killed_and_stops_when_told_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = Place::from(folder.path().join("interdict.sqlite"));
    survives(folder.path(), &file).await;
}

#[tokio::test]
async fn it_survives_being_killed_and_stops_when_told_on_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let url = cluster::shared().url(&cluster::shared().database().await);
    let server = Place::Server { url, lease: Duration::from_secs(1) };
    survives(folder.path(), &server).await;
}

/// The indexer on a database.
pub(crate) fn on(folder: &Path, database: &Place) -> Command {
    let mut command = command(folder);
    if let Place::Server { url, .. } = database {
        command.env("DATABASE_URL", url.expose_secret());
    }
    command
}

pub(crate) fn home(chain: &Chain) -> Home {
    let genesis_hash = chain.deployment.genesis_hash;
    Home { chain_id: 31_337, genesis_hash, blocklist: chain.blocklist }
}

async fn survives(folder: &Path, database: &Place) {
    let chain = Chain::start().await;
    configure(&chain, folder);
    chain.mint(PAYER, 1000 * UNIT).await;
    for _ in 0..10 {
        chain.pay(PAYER, LISTED, UNIT).await;
    }
    chain.list(LISTED).await;
    let mut last = 0;
    for _ in 0..10 {
        last = chain.pay(PAYER, LISTED, UNIT).await;
    }

    // Killed at whatever it was doing, again and again, until it has seen everything.
    let mut cursor = 0;
    while cursor < last {
        let (mut child, url) = start(&mut on(folder, database)).await;
        let moved = until(&url, "/readyz", |health| health["cursor"].as_u64() > Some(cursor)).await;
        cursor = moved["cursor"].as_u64().unwrap();
        child.kill().await.unwrap();
    }

    let (mut child, url) = start(&mut on(folder, database)).await;
    let done = |health: &Value| health["ready"] == true && health["lookbacks_open"] == 0;
    let health = until(&url, "/readyz", done).await;
    assert_eq!(health["cursor"], last);
    let page = until(&url, "/v1/alerts?limit=500", |_| true).await;
    let alerts = page["alerts"].as_array().unwrap();
    let before = alerts.iter().filter(|alert| alert["phase"] == "before").count();
    assert_eq!((alerts.len(), before), (20, 10));

    if matches!(database, Place::File(_)) {
        let second = refused(folder, &[]).await;
        let message = String::from_utf8(second.stderr).unwrap();
        assert!(message.contains("in use by another indexer"), "{message}");
    }

    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(child.wait().await.unwrap().success(), "told to stop is no failure");
    told_once(&Store::open(database, home(&chain)).await.unwrap(), 20).await;
}

/// Each finding is told, and told once.
pub(crate) async fn told_once(store: &Store, findings: usize) {
    let news = store.news(0, 500).await.unwrap();
    let created = news.iter().filter(|news| news.kind == News::Created.word());
    let told: BTreeSet<_> = created.clone().map(|news| news.alert.id).collect();
    assert_eq!((created.count(), told.len()), (findings, findings));
    let seqs: Vec<_> = news.iter().map(|news| news.seq).collect();
    let gapless: Vec<_> = (1..).take(seqs.len()).collect();
    assert_eq!(seqs, gapless);
}

#[tokio::test]
async fn it_refuses_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let output = refused(folder.path(), &[]).await;
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.starts_with("error: cannot read "), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}
