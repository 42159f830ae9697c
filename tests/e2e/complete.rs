//! Anyone can prove that they have the whole list: `contracts/prove.mjs` knows only the contract's
//! address, and finds every event that a node drops, alters, doubles or reorders.

use std::process::Stdio;

use alloy::primitives::aliases::{U24, U40};
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, bail, ensure};
use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use interdict_core::deployment::Deployment;
use interdict_tests::chain::{Blocklist, Chain, IBlocklist};
use interdict_tests::repository;
use interdict_tests::room::Room;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinSet;

/// Two cores, and a process for each proof.
const PROOFS_AT_ONCE: usize = 3;

const DAY: u64 = 24 * 3600;

/// The list's events in the life below, and all the lies about them.
const EVENTS: usize = 32;
const TOLD: i32 = 279;

alloy::sol! {
    function schedule(address target, bytes data, uint48 when) returns (bytes32, uint32);
    function execute(address target, bytes data) payable returns (uint32);
}

/// Acts on the list in the name of whoever holds the role, without their keys.
struct Hands<'a> {
    chain: &'a Chain,
    book: &'a Deployment,
}

impl Hands<'_> {
    async fn call(&self, from: Address, to: Address, data: Vec<u8>) -> Result<()> {
        self.chain.rpc("anvil_setBalance", json!([from, "0xde0b6b3a7640000"])).await?;
        let request = TransactionRequest::default().to(to).input(data.into());
        let receipt = self.chain.send_as(from, request).await?;
        ensure!(receipt.status(), "{} reverted", receipt.transaction_hash);
        Ok(())
    }

    async fn council(&self, call: impl SolCall) -> Result<()> {
        self.call(self.book.council.address, self.book.blocklist.address, call.abi_encode()).await
    }

    async fn signed_act(&self, call: impl SolCall) -> Result<()> {
        let from = self.book.signed_act.address;
        self.call(from, self.book.blocklist.address, call.abi_encode()).await
    }

    /// What the council's vote does after its delay.
    async fn delayed(&self, call: impl SolCall, seconds: u64) -> Result<()> {
        let (council, manager) = (self.book.council.address, self.book.access_manager.address);
        let (target, data) = (self.book.blocklist.address, Bytes::from(call.abi_encode()));
        let when = alloy::primitives::aliases::U48::ZERO;
        let schedule = scheduleCall { target, data: data.clone(), when };
        self.call(council, manager, schedule.abi_encode()).await?;
        self.chain.wait_seconds(seconds).await?;
        self.call(council, manager, executeCall { target, data }.abi_encode()).await
    }
}

fn batch(sources: u16, accounts: &[(u8, u64)]) -> IBlocklist::Batch {
    let entry = |(n, uid): &(u8, u64)| IBlocklist::Entry {
        account: Address::repeat_byte(*n),
        uid: *uid,
        designatedOn: U40::from(1_600_000_000),
    };
    IBlocklist::Batch {
        manifest: B256::repeat_byte(7),
        sources,
        dataAsOf: U40::from(1_700_000_000),
        entries: accounts.iter().map(entry).collect(),
    }
}

/// A list that has seen every kind of act.
async fn a_long_life(hands: &Hands<'_>) -> Result<()> {
    let held = batch(1, &[(1, 1), (2, 2), (2, 3)]);
    hands.signed_act(Blocklist::listProvisionalCall { batch: held.clone() }).await?;
    hands.council(Blocklist::listCall { batch: held }).await?;
    hands.signed_act(Blocklist::listProvisionalCall { batch: batch(1, &[(3, 4)]) }).await?;
    hands.signed_act(Blocklist::retractCall { batch: batch(1, &[(3, 4)]) }).await?;
    hands.council(Blocklist::listCall { batch: batch(3, &[(1, 1), (4, 5)]) }).await?;
    hands.delayed(Blocklist::delistCall { batch: batch(1, &[(1, 1)]) }, DAY).await?;
    hands.delayed(Blocklist::delistManyCall { batch: batch(3, &[(4, 5)]) }, 3 * DAY).await?;
    hands.council(Blocklist::listCall { batch: batch(2, &[(4, 5)]) }).await?;
    let accounts = vec![Address::repeat_byte(9)];
    let protect = Blocklist::protectCall { accounts: accounts.clone() };
    hands.delayed(protect, 7 * DAY).await?;
    hands.delayed(Blocklist::unprotectCall { accounts }, 7 * DAY).await?;
    // One that lapses by itself, without an event.
    hands.signed_act(Blocklist::listProvisionalCall { batch: batch(1, &[(5, 6)]) }).await?;
    hands.chain.wait_seconds(8 * DAY).await
}

/// What a lying node does to the events that it is asked for. It is in the path of its address.
fn lie(logs: &mut Vec<Value>, what: &str, at: usize, part: usize) -> Result<()> {
    match what {
        "honest" => {}
        "drop" => drop(logs.remove(at)),
        "double" => logs.insert(at, logs[at].clone()),
        "swap" => logs.swap(at, at + 1),
        // The topics come first, then the words of the data; of each the last hex digit.
        "alter" => {
            let topics = logs[at]["topics"].as_array().context("no topics")?.len();
            let (place, end) = if part < topics {
                (&mut logs[at]["topics"][part], 66)
            } else {
                (&mut logs[at]["data"], 66 + 64 * (part - topics))
            };
            let mut hex = place.as_str().context("no hex")?.to_owned();
            let other = if hex.as_bytes()[end - 1] == b'0' { "1" } else { "0" };
            hex.replace_range(end - 1..end, other);
            *place = json!(hex);
        }
        _ => bail!("no such lie: {what}"),
    }
    Ok(())
}

/// A node that passes every question on and lies about events.
async fn lying_node(
    State((client, honest)): State<(reqwest::Client, String)>,
    Path((what, at, part)): Path<(String, usize, usize)>,
    Json(question): Json<Value>,
) -> Json<Value> {
    let asked = async {
        let answer = client.post(&honest).json(&question).send().await?;
        let mut answer: Value = answer.json().await?;
        if question["method"] == "eth_getLogs" {
            let logs = answer["result"].as_array_mut().context("no logs")?;
            lie(logs, &what, at, part)?;
        }
        anyhow::Ok(answer)
    };
    Json(asked.await.unwrap_or_else(|error| json!({ "broken": error.to_string() })))
}

async fn serve(honest: &str) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new()
        .route("/{what}/{at}/{part}", post(lying_node))
        .with_state((reqwest::Client::new(), honest.to_owned()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

/// Runs the proof as a stranger would; gives its exit code and what it said.
async fn prove(url: String, list: Address) -> Result<(Option<i32>, String)> {
    let output = Command::new("node")
        .arg(repository().join("contracts/prove.mjs"))
        .args([url, list.to_string()])
        .stdin(Stdio::null())
        .output()
        .await
        .context("node does not start")?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8_lossy(&said).trim().to_owned()))
}

/// Every way to lie about so many events, of so many topics and words each.
fn every_lie(parts: &[usize]) -> Vec<(&'static str, usize, usize)> {
    let mut lies = Vec::new();
    for (at, parts) in (1..).zip(parts) {
        lies.extend([("drop", at, 0), ("double", at, 0)]);
        lies.extend((0..*parts).map(|part| ("alter", at, part)));
    }
    lies.extend((1..parts.len()).map(|at| ("swap", at, 0)));
    lies
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_events_can_prove_that_they_have_them_all() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let book = council.deployment()?;
    a_long_life(&Hands { chain: &council.chain, book: &book }).await?;
    let (list, node) = (book.blocklist.address, serve(&room.anvil.url).await?);

    let (code, said) = prove(format!("{node}/honest/0/0"), list).await?;
    assert_eq!(code, Some(0), "{said}");
    let read = Blocklist::new(list, council.chain.provider());
    let head = read.head().call().await?;
    assert!(
        said.contains(&format!("5 addresses ever listed, 3 listed now; head {head}")),
        "{said}"
    );

    let filter = alloy::rpc::types::Filter::new().address(list).from_block(0);
    let logs = council.chain.provider().get_logs(&filter).await?;
    // The first is of the list's authority and of no act: who rules is not what is listed.
    let of_acts = &logs[1..];
    let parts: Vec<usize> =
        of_acts.iter().map(|log| log.topics().len() + log.data().data.len() / 32).collect();
    assert_eq!(read.actCount().call().await?, U24::from(12));
    let mut lies = every_lie(&parts).into_iter();
    let (mut running, mut told) = (JoinSet::new(), 0);
    loop {
        while running.len() < PROOFS_AT_ONCE {
            let Some((what, at, part)) = lies.next() else { break };
            let url = format!("{node}/{what}/{at}/{part}");
            running.spawn(async move { (what, at, part, prove(url, list).await) });
        }
        let Some(ended) = running.join_next().await else { break };
        let (what, at, part, ending) = ended?;
        let (code, said) = ending?;
        assert_eq!(code, Some(1), "{what} event {at}, part {part}: {said}");
        assert!(said.starts_with("not proved: "), "{what} event {at}, part {part}: {said}");
        told += 1;
    }
    assert_eq!((told, parts.len()), (TOLD, EVENTS), "the life above has changed: count anew");
    Ok(())
}
