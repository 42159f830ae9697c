//! T48: one node lies and another does not. With both named, the command refuses, says what they
//! disagree on, and neither signs nor sends; whichever of the two it is that lies.

use std::fmt::Debug;

use alloy::primitives::{Address, B256, keccak256};
use anyhow::Result;
use interdict_tests::cli::Run;
use interdict_tests::council::MAJORITY;
use interdict_tests::exit::{DONE, HAS_CHANGES, STALE, USAGE};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, liar, publication};
use serde_json::{Value, json};

/// An answer that is changed where a question fits.
type Lie = fn(&Value, &mut Value);

async fn run<S: AsRef<str>>(room: &Room, first: &str, second: &str, args: &[S]) -> Result<Run> {
    let mut all: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    all.extend(["--second-rpc-url", second]);
    room.council.cli.at(first).run(&all).await
}

/// Each of the two nodes lies in turn, and each time the lie is told, with both their words.
async fn refused<S>(room: &Room, args: &[S], what: &str, lie: Lie) -> Result<()>
where
    S: AsRef<str> + Debug,
{
    let (honest, liar) = (&room.anvil.url, liar::open(&room.anvil.url, lie).await?);
    for (first, second) in [(honest, &liar), (&liar, honest)] {
        let run = run(room, first, second, args).await?;
        assert_eq!(run.code, STALE, "{args:?} {what}: {run:?}");
        let disagree = format!("disagree on {what}");
        assert_says(&run.stderr, &[&disagree, "sign and send nothing", " says ", "next: "]);
        assert_eq!(run.stdout, "", "the result of a failure is nothing");
    }
    Ok(())
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
    let (plan, first) = (room.plan().await?, room.anvil.url.as_str());
    let made = run(&room, first, &second, &["plan", &sample, "--out", &out]).await?;
    assert_eq!(made.code, HAS_CHANGES, "{made:?}");
    assert_eq!(std::fs::read(&out)?, std::fs::read(&plan.path)?);
    let verified = run(&room, first, &second, &["verify", &out, "--publication", &sample]).await?;
    assert_eq!(verified.code, DONE, "{verified:?}");
    let mut act = vec!["act".to_owned(), out.clone()];
    for member in &council.members[..MAJORITY] {
        let sig = format!("{out}.{}", member.name);
        let sign = member.command(&["sign", &out, "--yes", "--out", &sig]);
        let signed = run(&room, first, &second, &sign).await?;
        assert_eq!(signed.code, DONE, "{signed:?}");
        act.push(sig);
    }
    let landed = run(&room, first, &second, &council.relayer.command(&act)).await?;
    assert_eq!(landed.code, DONE, "{landed:?}");

    let same = run(&room, first, first, &["status"]).await?;
    assert!(same.code == USAGE && same.stderr.contains("is the same node"), "{same:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_lies_about_the_chain_its_code_and_the_list() -> Result<()> {
    let room = Room::open().await?;
    let status = &["status"][..];
    refused(&room, status, "the chain id: ", |asked, answer| {
        if asked["method"] == "eth_chainId" {
            answer["result"] = json!("0x1");
        }
    })
    .await?;
    refused(&room, status, "the hash of block 0: ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "0x0" {
            answer["result"]["hash"] = json!(B256::repeat_byte(7));
        }
    })
    .await?;
    refused(&room, status, "the hash of block ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "latest" {
            answer["result"]["hash"] = json!(B256::repeat_byte(7));
        }
    })
    .await?;
    refused(&room, status, "the newest block: ", |asked, answer| {
        if asked["method"] == "eth_getBlockByNumber" && asked["params"][0] == "latest" {
            answer["result"]["number"] = json!("0xffff");
        }
    })
    .await?;
    refused(&room, status, "the code at 0x", |asked, answer| {
        if asked["method"] == "eth_getCode" {
            other(answer);
        }
    })
    .await?;
    refused(&room, status, "head() of 0x", |asked, answer| {
        if calls(asked, "head()") {
            other(answer);
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_lies_about_nonces_and_simulations() -> Result<()> {
    let room = Room::open().await?;
    let (council, plan) = (&room.council, room.plan().await?);
    let sample = publication("sample_enhanced.xml").display().to_string();
    let out = room.path("never.json");
    let make = ["plan", &sample, "--out", &out];
    refused(&room, &make, "nonce() of 0x", |asked, answer| {
        if calls(asked, "nonce()") {
            other(answer);
        }
    })
    .await?;
    refused(&room, &make, "the simulation: ", |asked, answer| {
        if asked["method"] == "eth_simulateV1" {
            answer["result"][0]["calls"][0]["logs"] = json!([]);
        }
    })
    .await?;
    assert!(!std::path::Path::new(&out).exists(), "a plan was written all the same");

    let sign = council.members[0].command(&["sign", &plan.path, "--yes"]);
    refused(&room, &sign, "the simulated transaction: ", |asked, answer| {
        if calls(asked, "listProvisional((bytes32,uint16,uint40,(address,uint64,uint40)[]))") {
            let error = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        }
    })
    .await?;

    let act = council.relayer.command(&council.act(&plan.path).await?);
    let relayer: Address = council.relayer.address();
    refused(&room, &act, &format!("the nonce of {relayer}: "), |asked, answer| {
        if asked["method"] == "eth_getTransactionCount" {
            answer["result"] = json!("0x7");
        }
    })
    .await?;
    let status = council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["acts"], 1, "nothing was sent: {status}");
    Ok(())
}
