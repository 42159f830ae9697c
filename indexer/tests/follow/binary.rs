//! The binary as it is run: it says where it listens, stops when told, survives being killed, and
//! refuses in one sentence.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};

use alloy_primitives::{Address, address};
use interdict_indexer::store::{Home, News, Store};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::chain::{Chain, PAYER};

const LISTED: Address = address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C");
const UNIT: u64 = 1_000_000;

fn configure(chain: &Chain, folder: &Path) {
    let deployment = serde_json::to_string(&chain.deployment).unwrap();
    std::fs::write(folder.join("deployment.json"), deployment).unwrap();
    let config = format!(
        "chain_id = 31337\nrpc_url = \"{}\"\ndeployment = \"deployment.json\"\n\
         database = \"interdict.sqlite\"\nbind = \"127.0.0.1:0\"\npoll_ms = 50\n\
         [native]\nsymbol = \"ETH\"\ndecimals = 18\ndust_below = \"0.004\"\n\
         [[token]]\naddress = \"{}\"\nsymbol = \"IDD\"\ndecimals = 6\ndust_below = \"10\"\n",
        chain.url, chain.token
    );
    std::fs::write(folder.join("indexer.toml"), config).unwrap();
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict-indexer"));
    command.arg("--config").arg(folder.join("indexer.toml"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.env("INTERDICT_LOG", "error");
    command
}

/// Starts it; the process and where it listens.
async fn start(folder: &Path) -> (Child, String) {
    let mut child = command(folder).spawn().unwrap();
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
async fn until(url: &str, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
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
    tokio::time::timeout(std::time::Duration::from_mins(1), asked).await.unwrap()
}

#[tokio::test]
async fn it_survives_being_killed_and_stops_when_told() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    configure(&chain, folder.path());
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
        let (mut child, url) = start(folder.path()).await;
        let moved = until(&url, "/readyz", |health| health["cursor"].as_u64() > Some(cursor)).await;
        cursor = moved["cursor"].as_u64().unwrap();
        child.kill().await.unwrap();
    }

    let (mut child, url) = start(folder.path()).await;
    let done = |health: &Value| health["ready"] == true && health["lookbacks_open"] == 0;
    let health = until(&url, "/readyz", done).await;
    assert_eq!(health["cursor"], last);
    let page = until(&url, "/v1/alerts?limit=500", |_| true).await;
    let alerts = page["alerts"].as_array().unwrap();
    let before = alerts.iter().filter(|alert| alert["phase"] == "before").count();
    assert_eq!((alerts.len(), before), (20, 10));

    let second = refused(folder.path(), &[]).await;
    let message = String::from_utf8(second.stderr).unwrap();
    assert!(message.contains("in use by another indexer"), "{message}");

    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(child.wait().await.unwrap().success(), "told to stop is no failure");
    let home = Home {
        chain_id: 31_337,
        genesis_hash: chain.deployment.genesis_hash,
        blocklist: chain.blocklist,
    };
    let store = Store::open(&folder.path().join("interdict.sqlite"), home).await.unwrap();
    let news = store.due_deliveries(i64::MAX, 500).await.unwrap();
    let created = news.iter().filter(|news| news.kind == News::Created.word());
    let told: BTreeSet<_> = created.clone().map(|news| news.alert.id).collect();
    assert_eq!((created.count(), told.len()), (20, 20), "each finding is told, and told once");
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
