//! T46 to T49 of the threat list, against the real binary: what must not be signed or sent is not,
//! and what was sent is not sent twice.

use alloy::primitives::Address;
use anyhow::{Context as _, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Run;
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, STALE, USAGE};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, read_json};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// More than fit one transaction of 2^24 gas, and fewer than a block of anvil holds.
const TOO_MANY: u32 = 700;

/// Of what an own publication does not say of itself.
const OWN: [&str; 4] = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z"];

async fn act(council: &Council, plan: &Plan, signatures: &[String]) -> Result<Run> {
    let act = [&["act".to_owned(), plan.path.clone()], signatures].concat();
    council.cli.run_as(&council.relayer, &act).await
}

fn assert_refused(run: &Run, code: i32, words: &[&str]) {
    run.assert_refused(code, &[words, &["next: "]].concat());
    assert_eq!(run.stdout, "", "the result of a failure is nothing");
}

fn changed(path: &str, to: &str, change: impl Fn(&mut Value)) -> Result<String> {
    let mut value = read_json(path)?;
    change(&mut value);
    std::fs::write(to, value.to_string())?;
    Ok(to.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_who_signs_sees_every_address_whole_and_by_fours_and_look_alikes() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let (one, alike) = (
        "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c",
        "0x8576a1b2c3d4e5f60718293a4b5c6d7e8f90353c",
    );
    let own = room.file("own.csv");
    let header = "address,uid,designated_on,programs,tickers";
    std::fs::write(&own, format!("{header}\n{one},1,,,\n{alike},2,,,\n"))?;
    let plan = council.plan_with(&own, "own.json", &OWN).await?.path;
    let run = council.cli.run_as(&council.members[0], &["sign", &plan, "--yes"]).await?;
    assert_eq!(run.code, DONE, "{run:?}");
    let shown = ["0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C", "8576 aCC5 C05D 6Ce8", "look alike"];
    assert_says(&run.stderr, &shown);
    assert_says(&run.stderr, &["Domain Hash", "Message Hash", "EIP-712 Digest"]);
    // Without --yes and without a terminal nothing is signed.
    let run = council.cli.run_as(&council.members[0], &["sign", &plan]).await?;
    assert_refused(&run, USAGE, &["no terminal to confirm on", "--yes"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_signature_counts_for_its_act_on_its_chain_only() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let signatures = council.signatures(&plan.path).await?;
    let [first, rest @ ..] = &*signatures else { anyhow::bail!("no signatures") };
    let with = async |bad: String| {
        let all: Vec<String> = rest.iter().cloned().chain([bad]).collect();
        act(council, &plan, &all).await
    };
    let bad = room.path("bad.sig");
    let chain = changed(first, &bad, |s| s["chain_id"] = json!(1))?;
    assert_refused(&with(chain).await?, STALE, &["on chain 1", "on chain 31337"]);
    let contract = changed(first, &bad, |s| s["signed_act"] = s["signer"].clone())?;
    assert_refused(&with(contract).await?, STALE, &["signs for"]);
    let nonce = changed(first, &bad, |s| s["nonce"] = json!(7))?;
    assert_refused(&with(nonce).await?, FAILED, &["signs for nonce 7"]);
    let digest = changed(first, &bad, |s| s["digest"] = json!(format!("0x{}", "11".repeat(32))))?;
    assert_refused(&with(digest).await?, FAILED, &["belongs to another plan"]);
    let signer = council.relayer.address();
    let other = changed(first, &bad, |s| s["signer"] = json!(signer))?;
    assert_refused(&with(other).await?, FAILED, &["was made by"]);
    assert_refused(&with(rest[0].clone()).await?, FAILED, &["is a second one of"]);
    assert_refused(&act(council, &plan, rest).await?, FAILED, &["2 of 3 signatures are there"]);

    assert_eq!(act(council, &plan, &signatures).await?.code, DONE);
    // Replayed, it is said to have landed, and nothing is sent.
    assert_refused(&act(council, &plan, &signatures).await?, STALE, &["has landed already"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_removed_members_signature_is_refused() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let leaver = council.members[0].address().to_string();
    let remove = ["--remove-member", &leaver, "--reason", "a lost key"];
    let proposal = council.propose_as(&council.members[1], &remove).await?;
    for member in &council.members[1..=MAJORITY] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], DONE).await?;
    }
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    council.chain.wait_seconds(3 * 24 * 3600).await?;
    let plan = room.plan().await?;
    let signatures = council.signatures(&plan.path).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    let run = act(council, &plan, &signatures).await?;
    assert_refused(&run, FAILED, &[&leaver, "has no seat on the council now"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_nothing_is_sent_to_a_chain_of_worth_without_its_name() -> Result<()> {
    let room = Room::convene_on(Anvil::start_as(Pace::OnDemand, 11_155_111).await?).await?;
    let council = &room.council;
    let member = council.members[0].address().to_string();
    let mut deploy = vec!["deploy", "--member", &member];
    let run = council.cli.run_as(&council.deployer, &deploy).await?;
    assert_refused(&run, USAGE, &["sepolia", "--yes"]);
    assert_eq!(council.chain.height().await?, 0, "nothing was sent");
    deploy.push("--yes");
    assert_eq!(council.cli.run_as(&council.deployer, &deploy).await?.code, DONE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_more_entries_than_fit_one_transaction_are_refused_with_the_reason() -> Result<()> {
    let room = Room::open().await?;
    let row = |n: u32| {
        format!("{},{n},,,\n", Address::from_word(alloy::primitives::keccak256(n.to_be_bytes())))
    };
    let rows: String = (0..TOO_MANY).map(row).collect();
    let (council, own) = (&room.council, room.file("own.csv"));
    std::fs::write(&own, format!("address,uid,designated_on,programs,tickers\n{rows}"))?;
    let plan = council.plan_with(&own, "own.json", &OWN).await?;
    let run = act(council, &plan, &council.signatures(&plan.path).await?).await?;
    assert_refused(&run, FAILED, &["700 entries are too many", "16777216", "EIP-7825", "split it"]);
    assert!(council.cli.pending()?.is_empty(), "nothing was signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_a_fee_that_no_honest_day_has_is_not_paid() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let fee = json!(["0x9184e72a000"]); // 10,000 gwei
    council.chain.rpc("anvil_setNextBlockBaseFeePerGas", fee).await?;
    council.chain.mine(1).await?;
    let member = council.members[0].address().to_string();
    let propose = ["propose", "--protect", &member, "--reason", "a member"];
    let run = council.cli.run_as(&council.relayer, &propose).await?;
    assert_refused(&run, FAILED, &["wei a unit of gas", "ask another node"]);
    assert!(council.cli.pending()?.is_empty(), "nothing was signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_a_repeated_command_takes_up_its_own_transaction() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let act = council.act(&plan.path).await?;

    // No block comes: the command is killed while it waits for its receipt.
    council.chain.automine(false).await?;
    let mut killed = council.cli.start_as(&council.relayer, &act)?;
    while council.chain.waiting(&council.relayer).await? == 0 {
        tokio::task::yield_now().await;
    }
    killed.kill().await?;
    let left = council.cli.pending()?;
    assert_eq!(left.len(), 1, "it was written before it was broadcast");

    // Another command of the same wallet is told to wait.
    let member = council.members[0].address().to_string();
    let propose = ["propose", "--protect", &member, "--reason", "a member"];
    let other = council.cli.run_as(&council.relayer, &propose).await?;
    assert_refused(&other, FAILED, &["has not landed yet", "run the command that made it again"]);

    // The same command takes up the same transaction: one nonce, one act.
    let written = read_json(&left[0])?;
    let mut again = council.cli.start_as(&council.relayer, &act)?;
    let mut said = BufReader::new(again.stderr.take().context("no output")?).lines();
    loop {
        let line = said.next_line().await?.context("it ended before it took anything up")?;
        if line.contains("taking up the transaction") {
            break;
        }
    }
    council.chain.mine(1).await?;
    let code = again.wait().await?.code();
    assert_eq!(code, Some(DONE), "{:?}", said.next_line().await?);
    assert!(council.cli.pending()?.is_empty(), "what has landed is forgotten");
    let hash = &written["attempts"][0]["hash"];
    let found = council.chain.rpc("eth_getTransactionReceipt", json!([hash])).await?;
    assert_eq!(found["status"], "0x1", "the very transaction that was written");
    let status = council.cli.json(&["status"], DONE).await?;
    let holds = status["last_acts"].as_array().context("no acts")?;
    let holds = holds.iter().filter(|act| act["kind"] == "list_provisional").count();
    assert_eq!(holds, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_what_was_changed_on_disk_is_not_sent() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let folder = council.cli.deployments.join("pending");
    std::fs::create_dir_all(&folder)?;
    let from = council.relayer.address();
    std::fs::write(folder.join(format!("31337-{from:#x}.json")), "{}")?;
    let member = council.members[0].address().to_string();
    let propose = ["propose", "--protect", &member, "--reason", "a member"];
    let run = council.cli.run_as(&council.relayer, &propose).await?;
    assert_refused(&run, FAILED, &["is no pending transaction", "remove the file"]);
    Ok(())
}
