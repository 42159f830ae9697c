//! T48: one node lies and another does not. With both named, the command refuses, says what they
//! disagree on, and neither signs nor sends; whichever of the two it is that lies.

use alloy::primitives::{Address, B256, keccak256};
use anyhow::Result;
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::{Cli, Run};
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, HAS_CHANGES, STALE, USAGE};
use interdict_tests::{liar, publication};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Room {
    folder: TempDir,
    anvil: Anvil,
    council: Council,
    plan: Plan,
}

/// An answer that is changed where a question fits.
type Lie = fn(&Value, &mut Value);

impl Room {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        council.deploy().await?;
        let plan = council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
        Ok(Self { folder, anvil, council, plan })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn run(&self, first: &str, second: &str, args: &[&str]) -> Result<Run> {
        let deployments = self.council.cli.deployments.clone();
        let cli = Cli { rpc_url: first.to_owned(), deployments };
        let mut all = args.to_vec();
        all.extend(["--second-rpc-url", second]);
        cli.run(&all).await
    }

    /// Each of the two nodes lies in turn, and each time the lie is told, with both their words.
    async fn refused(&self, args: &[&str], what: &str, lie: Lie) -> Result<()> {
        let (honest, liar) = (&self.anvil.url, liar::open(&self.anvil.url, lie).await?);
        for (first, second) in [(honest, &liar), (&liar, honest)] {
            let run = self.run(first, second, args).await?;
            assert_eq!(run.code, STALE, "{args:?} {what}: {run:?}");
            let words = [format!("disagree on {what}"), "sign and send nothing".to_owned()];
            for word in words.iter().map(String::as_str).chain([" says ", "next: "]) {
                assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
            }
            assert_eq!(run.stdout, "", "the result of a failure is nothing");
        }
        Ok(())
    }
}

/// Whether a question calls a function.
fn calls(asked: &Value, signature: &str) -> bool {
    let call = &asked["params"][0];
    let data = call["input"].as_str().or(call["data"].as_str()).unwrap_or_default();
    let selector = alloy::hex::encode_prefixed(&keccak256(signature)[..4]);
    asked["method"] == "eth_call" && data.starts_with(&selector)
}

/// The same hex with another last digit.
fn other(answer: &mut Value) {
    let Some(text) = answer["result"].as_str() else { return };
    let (most, last) = text.split_at(text.len() - 1);
    answer["result"] = json!(format!("{most}{}", if last == "0" { "1" } else { "0" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_a_second_honest_node_changes_nothing() -> Result<()> {
    let room = Room::open().await?;
    let (council, sample) = (&room.council, publication("sample_enhanced.xml"));
    let second = liar::open(&room.anvil.url, |_, _| ()).await?;
    let (sample, out) = (sample.display().to_string(), room.path("second.json"));
    let run = async |args: &[&str]| room.run(&room.anvil.url, &second, args).await;
    let made = run(&["plan", &sample, "--out", &out]).await?;
    assert_eq!(made.code, HAS_CHANGES, "{made:?}");
    assert_eq!(std::fs::read(&out)?, std::fs::read(&room.plan.path)?);
    let verified = run(&["verify", &out, "--publication", &sample]).await?;
    assert_eq!(verified.code, DONE, "{verified:?}");
    let mut act = vec!["act".to_owned(), out.clone()];
    for member in &council.members[..MAJORITY] {
        let (wallet, sig) = (member.wallet(), format!("{out}.{}", member.name));
        let mut sign = vec!["sign", &out, "--yes", "--out", &sig];
        sign.extend(wallet.iter().map(String::as_str));
        let signed = run(&sign).await?;
        assert_eq!(signed.code, DONE, "{signed:?}");
        act.push(sig);
    }
    act.extend(council.relayer.wallet());
    let landed = run(&act.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    assert_eq!(landed.code, DONE, "{landed:?}");

    let same = room.run(&room.anvil.url, &room.anvil.url, &["status"]).await?;
    assert!(same.code == USAGE && same.stderr.contains("is the same node"), "{same:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_lies_about_the_chain_its_code_and_the_list() -> Result<()> {
    let room = Room::open().await?;
    let status = &["status"][..];
    room.refused(status, "the chain id: ", |asked, answer| {
        if asked["method"] == "eth_chainId" {
            answer["result"] = json!("0x1");
        }
    })
    .await?;
    room.refused(status, "the hash of block 0: ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "0x0" {
            answer["result"]["hash"] = json!(B256::repeat_byte(7));
        }
    })
    .await?;
    room.refused(status, "the hash of block ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "latest" {
            answer["result"]["hash"] = json!(B256::repeat_byte(7));
        }
    })
    .await?;
    room.refused(status, "the newest block: ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "latest" {
            answer["result"]["number"] = json!("0xffff");
        }
    })
    .await?;
    room.refused(status, "the code at 0x", |asked, answer| {
        if asked["method"] == "eth_getCode" {
            other(answer);
        }
    })
    .await?;
    room.refused(status, "head() of 0x", |asked, answer| {
        if calls(asked, "head()") {
            other(answer);
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_lies_about_nonces_and_simulations() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan.path.as_str());
    let sample = publication("sample_enhanced.xml").display().to_string();
    let out = room.path("never.json");
    let make = ["plan", &sample, "--out", &out];
    room.refused(&make, "nonce() of 0x", |asked, answer| {
        if calls(asked, "nonce()") {
            other(answer);
        }
    })
    .await?;
    room.refused(&make, "the simulation: ", |asked, answer| {
        if asked["method"] == "eth_simulateV1" {
            answer["result"][0]["calls"][0]["logs"] = json!([]);
        }
    })
    .await?;
    assert!(!std::path::Path::new(&out).exists(), "a plan was written all the same");

    let wallet = council.members[0].wallet();
    let mut sign = vec!["sign", plan, "--yes"];
    sign.extend(wallet.iter().map(String::as_str));
    room.refused(&sign, "the simulated transaction: ", |asked, answer| {
        if calls(asked, "listProvisional((bytes32,uint16,uint40,(address,uint64,uint40)[]))") {
            let error = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        }
    })
    .await?;

    let mut act = vec!["act".to_owned(), plan.to_owned()];
    for member in &council.members[..MAJORITY] {
        act.push(council.sign(member, &room.plan).await?);
    }
    act.extend(council.relayer.wallet());
    let act: Vec<&str> = act.iter().map(String::as_str).collect();
    let relayer: Address = council.relayer.address();
    room.refused(&act, &format!("the nonce of {relayer}: "), |asked, answer| {
        if asked["method"] == "eth_getTransactionCount" {
            answer["result"] = json!("0x7");
        }
    })
    .await?;
    let status = council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["acts"], 1, "nothing was sent: {status}");
    Ok(())
}
