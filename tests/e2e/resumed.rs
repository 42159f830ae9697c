//! T49: `vote`, `execute` and `cancel` that were killed while they waited go on where they were,
//! and a batch of ballots goes on past what is cast already, whoever cast it.

use std::sync::atomic::{AtomicBool, Ordering};

use alloy::primitives::keccak256;
use anyhow::{Context as _, Result, ensure};
use interdict_tests::council::Council;
use interdict_tests::exit::{DONE, FAILED, REVERTS};
use interdict_tests::keys::Person;
use interdict_tests::room::Room;
use interdict_tests::{assert_says, liar, read_json};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// A vote that holds no addresses up: a seat is taken away, after a delay.
async fn proposed(council: &Council) -> Result<String> {
    let leaver = council.members[4].address().to_string();
    let remove = ["--remove-member", &leaver, "--reason", "a lost key"];
    council.propose_as(&council.relayer, &remove).await
}

/// Kills a command while its transaction waits for a block, and runs it once more: one
/// transaction lands, and the command ends well.
async fn resumes(council: &Council, person: &Person, args: &[&str]) -> Result<Value> {
    let (chain, cli) = (&council.chain, &council.cli);
    chain.automine(false).await?;
    let mut killed = cli.start_as(person, args)?;
    while chain.waiting(person).await? == 0 {
        ensure!(killed.try_wait()?.is_none(), "{args:?} ended before it sent");
        tokio::task::yield_now().await;
    }
    let busy = cli.run_as(person, args).await?;
    assert_eq!(busy.code, FAILED, "{args:?} beside itself: {busy:?}");
    assert!(busy.stderr.contains("another command sends"), "{}", busy.stderr);
    killed.kill().await?;
    let [left] = &cli.pending()?[..] else { anyhow::bail!("{args:?} left not one") };
    let left = read_json(left)?;

    // Another command of the same wallet waits for it.
    let one = council.guardian.address().to_string();
    let other = cli.run_as(person, &["propose", "--protect", &one, "--reason", "none"]).await?;
    assert!(other.stderr.contains("run the command that made it again"), "{other:?}");

    let mut again = cli.start_as(person, &[args, &["--json"]].concat())?;
    let mut said = BufReader::new(again.stderr.take().context("no output")?).lines();
    let mut told = Vec::new();
    loop {
        let line = said.next_line().await?;
        let line = line.with_context(|| format!("{args:?} took nothing up: {told:?}"))?;
        if line.contains("taking up the transaction") {
            break;
        }
        told.push(line);
    }
    chain.mine(1).await?;
    let ended = again.wait_with_output().await?;
    let data: Value = serde_json::from_slice(&ended.stdout)?;
    assert_eq!(ended.status.code(), Some(DONE), "{args:?}: {data}");
    let hash = &left["attempts"][0]["hash"];
    let receipt = chain.rpc("eth_getTransactionReceipt", json!([hash])).await?;
    assert_eq!(receipt["status"], "0x1", "{args:?}: the very transaction that was left");
    assert!(cli.pending()?.is_empty(), "{args:?}: what has landed is forgotten");
    chain.automine(true).await?;
    Ok(data["data"].clone())
}

/// The ballots of all five for a proposal, in the order in which they are sent.
async fn ballots(room: &Room, proposal: &str) -> Result<Vec<(Person, String)>> {
    let mut members = room.council.members.clone();
    members.sort_by_key(Person::address);
    let mut ballots = Vec::new();
    for member in members {
        let out = room.path(&format!("{}.ballot", member.name));
        let args = ["vote", proposal, "--for", "--sign-only", "--yes", "--out", &out];
        room.council.cli.json_as(&member, &args, DONE).await?;
        ballots.push((member, out));
    }
    Ok(ballots)
}

fn relay<'a>(proposal: &'a str, ballots: &'a [(Person, String)]) -> Vec<&'a str> {
    let flags = ballots.iter().flat_map(|(_, path)| ["--ballot", path.as_str()]);
    ["vote", proposal].into_iter().chain(flags).collect()
}

fn n(said: &Value, name: &str) -> usize {
    said[name].as_array().map_or(usize::MAX, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_a_proposal_is_killed_at_every_step_and_goes_on() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let proposal = proposed(council).await?;
    let ballots = ballots(&room, &proposal).await?;

    let said = resumes(council, &ballots[0].0, &["vote", &proposal, "--for"]).await?;
    assert_eq!((&said["vote"], &said["for"]), (&json!("for"), &json!("1")), "{said}");
    // Of two ballots one is cast already.
    let said = resumes(council, &council.relayer, &relay(&proposal, &ballots[..2])).await?;
    assert_eq!((n(&said, "cast"), n(&said, "cast_already")), (1, 1), "{said}");
    // What still waits decides it: the fourth is not needed any more.
    let said = resumes(council, &council.relayer, &relay(&proposal, &ballots[..4])).await?;
    assert_eq!((n(&said, "cast"), n(&said, "cast_already")), (1, 2), "{said}");
    assert_eq!((n(&said, "not_needed"), &said["state"]), (1, &json!("succeeded")), "{said}");

    let said = resumes(council, &council.relayer, &["execute", &proposal]).await?;
    assert_eq!(said["queued"], true, "{said}");
    let said = resumes(council, &council.guardian, &["cancel", &proposal]).await?;
    assert_eq!(said["state"], "canceled", "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_an_execution_that_was_killed_goes_on_with_and_without_ballots() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    council.hold(&plan).await?;
    let proposal = council.propose(&plan).await?;
    let ballots = ballots(&room, &proposal).await?;
    for (member, _) in &ballots[..2] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], DONE).await?;
    }
    // Killed with the deciding ballot on its way; what was not sent yet comes after it.
    let mut execute = relay(&proposal, &ballots[..3]);
    execute[0] = "execute";
    council.chain.automine(false).await?;
    let mut killed = council.cli.start_as(&council.relayer, &execute)?;
    while council.chain.waiting(&council.relayer).await? == 0 {
        ensure!(killed.try_wait()?.is_none(), "it ended before it sent");
        tokio::task::yield_now().await;
    }
    killed.kill().await?;
    council.chain.automine(true).await?;
    council.chain.mine(1).await?;
    let said = council.cli.json_as(&council.relayer, &execute, DONE).await?;
    assert_eq!((n(&said, "cast"), n(&said, "cast_already")), (1, 2), "{said}");
    assert_eq!(said["kind"], "list");
    assert_eq!(council.count().await?, plan.addresses().len() as u64);

    let proposal = proposed(council).await?;
    council.pass(&proposal).await?;
    council.chain.wait_seconds(4 * 24 * 3600).await?;
    let said = resumes(council, &council.relayer, &["execute", &proposal]).await?;
    assert_eq!(said["queued"], false, "{said}");
    Ok(())
}

/// Whether a question calls a function of the council, with a voter in its words.
fn asks(asked: &Value, signature: &str, voter: &str) -> bool {
    let call = &asked["params"][0];
    let data = call["input"].as_str().or(call["data"].as_str()).unwrap_or_default();
    let selector = alloy::hex::encode_prefixed(&keccak256(signature)[..4]);
    asked["method"] == "eth_call" && data.starts_with(&selector) && data.contains(voter)
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_a_batch_goes_on_where_a_rival_was_faster_and_tells_where_it_failed() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let proposal = proposed(council).await?;
    let ballots = ballots(&room, &proposal).await?;
    let rival = &ballots[1];
    council.cli.json_as(&rival.0, &["vote", &proposal, "--for"], DONE).await?;

    // To whom sends, the second vote is not cast before its sending is tried: so does a rival look
    // who is faster by a moment. The third is refused.
    let signed = read_json(&rival.1)?;
    let nonce = signed["nonce"].as_str().context("no nonce")?;
    let nonce = json!(format!("0x{:0>64}", &nonce[2..]));
    let voter = |n: usize| alloy::hex::encode(ballots[n].0.address());
    let (second, third) = (voter(1), voter(2));
    let is_tried = AtomicBool::new(false);
    let cast_by_sig = "castVoteBySig(uint256,uint8,address,bytes)";
    let url = liar::open(&room.anvil.url, move |asked, answer| {
        if asks(asked, cast_by_sig, &second) {
            is_tried.store(true, Ordering::SeqCst);
        }
        if asks(asked, cast_by_sig, &third) {
            let error = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        }
        if is_tried.load(Ordering::SeqCst) {
            return;
        }
        if asks(asked, "hasVoted(uint256,address)", &second) {
            answer["result"] = json!(format!("0x{}", "0".repeat(64)));
        }
        if asks(asked, "nonces(address,uint192)", &second) {
            answer["result"] = nonce.clone();
        }
    });
    let batch = relay(&proposal, &ballots[..4]);
    let beside = council.cli.at(url.await?);
    let run = beside.run_as(&council.relayer, &[&batch[..], &["--json"]].concat()).await?;
    assert_eq!(run.code, REVERTS, "{run:?}");
    let told = run.json()?;
    assert_eq!((&told["success"], &told["errors"][0]["code"]), (&json!(false), &json!("reverts")));
    let said = &told["data"];
    assert_eq!((n(said, "cast"), n(said, "cast_already")), (1, 1), "{told}");
    assert_eq!(said["not_cast"], json!([ballots[2].1, ballots[3].1]), "{told}");

    // The same command, by an honest node: what is cast is passed over, the rest is sent.
    let said = council.cli.json_as(&council.relayer, &batch, DONE).await?;
    assert_eq!((n(&said, "cast"), n(&said, "cast_already")), (1, 2), "{said}");
    assert_eq!((n(&said, "not_needed"), &said["state"]), (1, &json!("succeeded")), "{said}");
    let said = council.cli.json_as(&council.relayer, &batch, DONE).await?;
    assert_eq!((n(&said, "cast"), n(&said, "cast_already")), (0, 3), "{said}");
    let all_new = council.cli.run_as(&council.relayer, &relay(&proposal, &ballots[4..])).await?;
    assert_eq!(all_new.code, FAILED, "{all_new:?}");
    assert!(all_new.stderr.contains("has its quorum already"), "{all_new:?}");
    Ok(())
}

/// A gateway may pass on what it refuses: what was signed is forgotten only if nobody has it.
#[tokio::test(flavor = "multi_thread")]
async fn t49_what_a_gateway_refused_and_passed_on_is_not_forgotten() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let proposal = proposed(council).await?;
    let refuses = |asked: &Value, answer: &mut Value| {
        let id = asked["id"].clone();
        if asked["method"] == "eth_sendRawTransaction" {
            let error = json!({ "code": -32000, "message": "upstream timed out" });
            *answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
        }
        if asked["method"] == "eth_getTransactionByHash" {
            answer["result"] = Value::Null;
        }
    };
    council.chain.automine(false).await?;
    let passes_on = liar::open(&room.anvil.url, refuses).await?;
    let member = &council.members[0];
    let vote = ["vote", proposal.as_str(), "--for"];
    let run = council.cli.at(passes_on).run_as(member, &vote).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    assert_says(&run.stderr, &["upstream timed out", "is kept", "the same command again"]);
    assert_eq!(council.cli.pending()?.len(), 1, "it is on its way");
    council.chain.automine(true).await?;
    council.chain.mine(1).await?;
    assert_eq!(council.cli.run_as(member, &vote).await?.code, DONE);
    assert!(council.cli.pending()?.is_empty());

    // Where the nonce shows that nobody has it, it is forgotten.
    council.chain.automine(false).await?;
    let drops = liar::open(&room.anvil.url, move |asked, answer| {
        refuses(asked, answer);
        if asked["method"] == "eth_getTransactionCount" {
            answer["result"] = json!("0x0");
        }
    });
    let run = council.cli.at(drops.await?).run_as(&council.members[1], &vote).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    assert!(!run.stderr.contains("is kept") && council.cli.pending()?.is_empty(), "{run:?}");
    Ok(())
}
