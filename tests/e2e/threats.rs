//! T46 to T49 of the threat list, against the real binary: what must not be signed or sent is not,
//! and what was sent is not sent twice.

use std::path::PathBuf;
use std::process::Stdio;

use alloy::primitives::Address;
use alloy::providers::Provider as _;
use anyhow::{Context as _, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Run;
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, HAS_CHANGES, STALE, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::publication;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// More than fit one transaction of 2^24 gas, and fewer than a block of anvil holds.
const TOO_MANY: u32 = 700;

struct Room {
    folder: TempDir,
    _anvil: Anvil,
    council: Council,
}

impl Room {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        council.deploy().await?;
        Ok(Self { folder, _anvil: anvil, council })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn run_as(&self, person: &Person, args: &[&str]) -> Result<Run> {
        let wallet = person.wallet();
        let all: Vec<&str> =
            args.iter().copied().chain(wallet.iter().map(String::as_str)).collect();
        self.council.cli.run(&all).await
    }

    async fn plan(&self) -> Result<Plan> {
        self.council.plan(&publication("sample_enhanced.xml"), "plan.json").await
    }

    async fn signatures(&self, plan: &Plan) -> Result<Vec<String>> {
        let mut signatures = Vec::new();
        for member in &self.council.members[..MAJORITY] {
            signatures.push(self.council.sign(member, plan).await?);
        }
        Ok(signatures)
    }

    async fn act(&self, plan: &Plan, signatures: &[String]) -> Result<Run> {
        let mut args = vec!["act", plan.path.as_str()];
        args.extend(signatures.iter().map(String::as_str));
        self.run_as(&self.council.relayer, &args).await
    }

    async fn anvil(&self, method: &'static str, params: Value) -> Result<Value> {
        Ok(self.council.chain.provider().raw_request(method.into(), params).await?)
    }

    fn pending(&self) -> Result<Vec<PathBuf>> {
        let Ok(folder) = std::fs::read_dir(self.council.cli.deployments.join("pending")) else {
            return Ok(vec![]);
        };
        let paths: Result<Vec<PathBuf>> = folder.map(|entry| Ok(entry?.path())).collect();
        // Beside each lies a lock, which is no transaction.
        Ok(paths?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
            .collect())
    }
}

fn assert_refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    assert_eq!(run.stdout, "", "the result of a failure is nothing");
    for word in words.iter().chain(&["error: ", "next: "]) {
        assert!(run.stderr.contains(word), "no {word:?} in: {}", run.stderr);
    }
}

fn changed(path: &str, to: &str, change: impl Fn(&mut Value)) -> Result<String> {
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    change(&mut value);
    std::fs::write(to, value.to_string())?;
    Ok(to.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_who_signs_sees_every_address_whole_and_by_fours_and_look_alikes() -> Result<()> {
    let room = Room::open().await?;
    let (one, alike) = (
        "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c",
        "0x8576a1b2c3d4e5f60718293a4b5c6d7e8f90353c",
    );
    let own = room.path("own.csv");
    let header = "address,uid,designated_on,programs,tickers";
    std::fs::write(&own, format!("{header}\n{one},1,,,\n{alike},2,,,\n"))?;
    let plan = room.path("own.json");
    let flags = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z", "--out", &plan];
    let args: Vec<&str> = ["plan", &own].into_iter().chain(flags).collect();
    room.council.cli.json(&args, HAS_CHANGES).await?;
    let run = room.run_as(&room.council.members[0], &["sign", &plan, "--yes"]).await?;
    assert_eq!(run.code, DONE, "{run:?}");
    let shown = ["0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C", "8576 aCC5 C05D 6Ce8", "look alike"];
    for word in shown.into_iter().chain(["Domain Hash", "Message Hash", "EIP-712 Digest"]) {
        assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
    }
    // Without --yes and without a terminal nothing is signed.
    let run = room.run_as(&room.council.members[0], &["sign", &plan]).await?;
    assert_refused(&run, USAGE, &["no terminal to confirm on", "--yes"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_signature_counts_for_its_act_on_its_chain_only() -> Result<()> {
    let room = Room::open().await?;
    let plan = room.plan().await?;
    let signatures = room.signatures(&plan).await?;
    let [first, rest @ ..] = &*signatures else { anyhow::bail!("no signatures") };
    let with = async |bad: String| {
        let all: Vec<String> = rest.iter().cloned().chain([bad]).collect();
        room.act(&plan, &all).await
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
    let signer = room.council.relayer.address();
    let other = changed(first, &bad, |s| s["signer"] = json!(signer))?;
    assert_refused(&with(other).await?, FAILED, &["was made by"]);
    assert_refused(&with(rest[0].clone()).await?, FAILED, &["is a second one of"]);
    assert_refused(&room.act(&plan, rest).await?, FAILED, &["2 of 3 signatures are there"]);

    assert_eq!(room.act(&plan, &signatures).await?.code, DONE);
    // Replayed, it is said to have landed, and nothing is sent.
    assert_refused(&room.act(&plan, &signatures).await?, STALE, &["has landed already"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_removed_members_signature_is_refused() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let leaver = council.members[0].address().to_string();
    let propose = ["propose", "--remove-member", &leaver, "--reason", "a lost key"];
    let said = council.cli.json_as(&council.members[1], &propose, DONE).await?;
    let proposal = said["proposal"].as_str().context("no proposal")?.to_owned();
    for member in &council.members[1..=MAJORITY] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], DONE).await?;
    }
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    council.chain.wait_seconds(3 * 24 * 3600).await?;
    let plan = room.plan().await?;
    let signatures = room.signatures(&plan).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    let run = room.act(&plan, &signatures).await?;
    assert_refused(&run, FAILED, &[&leaver, "has no seat on the council now"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_nothing_is_sent_to_a_chain_of_worth_without_its_name() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let anvil = Anvil::start_as(Pace::OnDemand, 11_155_111).await?;
    let council = Council::convene(&anvil, folder.path()).await?;
    let (deployer, member) = (&council.deployer, council.members[0].address().to_string());
    let wallet = deployer.wallet();
    let mut deploy = vec!["deploy", "--member", &member];
    deploy.extend(wallet.iter().map(String::as_str));
    let run = council.cli.run(&deploy).await?;
    assert_refused(&run, USAGE, &["sepolia", "--yes"]);
    assert_eq!(council.chain.height().await?, 0, "nothing was sent");
    deploy.push("--yes");
    assert_eq!(council.cli.run(&deploy).await?.code, DONE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_more_entries_than_fit_one_transaction_are_refused_with_the_reason() -> Result<()> {
    let room = Room::open().await?;
    let row = |n: u32| {
        format!("{},{n},,,\n", Address::from_word(alloy::primitives::keccak256(n.to_be_bytes())))
    };
    let rows: String = (0..TOO_MANY).map(row).collect();
    let (own, path) = (room.path("own.csv"), room.path("own.json"));
    std::fs::write(&own, format!("address,uid,designated_on,programs,tickers\n{rows}"))?;
    let flags = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z", "--out", &path];
    let args: Vec<&str> = ["plan", &own].into_iter().chain(flags).collect();
    let said = room.council.cli.json(&args, HAS_CHANGES).await?;
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    let manifest = serde_json::from_value(file["manifest"].clone())?;
    let plan = Plan { path, said, manifest };
    let run = room.act(&plan, &room.signatures(&plan).await?).await?;
    assert_refused(&run, FAILED, &["700 entries are too many", "16777216", "EIP-7825", "split it"]);
    assert!(room.pending()?.is_empty(), "nothing was signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t48_a_fee_that_no_honest_day_has_is_not_paid() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    room.anvil("anvil_setNextBlockBaseFeePerGas", json!(["0x9184e72a000"])).await?; // 10,000 gwei
    council.chain.mine(1).await?;
    let member = council.members[0].address().to_string();
    let propose = ["propose", "--protect", &member, "--reason", "a member"];
    let run = room.run_as(&council.relayer, &propose).await?;
    assert_refused(&run, FAILED, &["wei a unit of gas", "ask another node"]);
    assert!(room.pending()?.is_empty(), "nothing was signed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t49_a_repeated_command_takes_up_its_own_transaction() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let signatures = room.signatures(&plan).await?;
    let mut args = vec!["act", plan.path.as_str()];
    args.extend(signatures.iter().map(String::as_str));

    // No block comes: the command is killed while it waits for its receipt.
    room.anvil("evm_setAutomine", json!([false])).await?;
    let wallet = council.relayer.wallet();
    let all = args.iter().copied().chain(wallet.iter().map(String::as_str));
    let mut killed = tokio::process::Command::new(interdict_tests::program("interdict")?)
        .args(all)
        .env("ETH_RPC_URL", &council.cli.rpc_url)
        .env("INTERDICT_DEPLOYMENTS", &council.cli.deployments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    while pending_count(&room).await? == 0 {
        tokio::task::yield_now().await;
    }
    killed.kill().await?;
    let left = room.pending()?;
    assert_eq!(left.len(), 1, "it was written before it was broadcast");

    // Another command of the same wallet is told to wait.
    let member = council.members[0].address().to_string();
    let propose = ["propose", "--protect", &member, "--reason", "a member"];
    let other = room.run_as(&council.relayer, &propose).await?;
    assert_refused(&other, FAILED, &["has not landed yet", "run the command that made it again"]);

    // The same command takes up the same transaction: one nonce, one act.
    let written = std::fs::read_to_string(&left[0])?;
    let all = args.iter().copied().chain(wallet.iter().map(String::as_str));
    let mut again = tokio::process::Command::new(interdict_tests::program("interdict")?)
        .args(all)
        .env("ETH_RPC_URL", &council.cli.rpc_url)
        .env("INTERDICT_DEPLOYMENTS", &council.cli.deployments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut said = BufReader::new(again.stderr.take().context("no output")?).lines();
    loop {
        let line = said.next_line().await?.context("it ended before it took anything up")?;
        if line.contains("taking up the transaction") {
            break;
        }
    }
    room.anvil("evm_mine", json!([])).await?;
    let code = again.wait().await?.code();
    assert_eq!(code, Some(DONE), "{:?}", said.next_line().await?);
    assert!(room.pending()?.is_empty(), "what has landed is forgotten");
    let hash = serde_json::from_str::<Value>(&written)?["attempts"][0]["hash"].clone();
    let found = room.anvil("eth_getTransactionReceipt", json!([hash])).await?;
    assert_eq!(found["status"], "0x1", "the very transaction that was written");
    let status = council.cli.json(&["status"], DONE).await?;
    let holds = status["last_acts"].as_array().context("no acts")?;
    let holds = holds.iter().filter(|act| act["kind"] == "list_provisional").count();
    assert_eq!(holds, 1);
    Ok(())
}

async fn pending_count(room: &Room) -> Result<u64> {
    let relayer = room.council.relayer.address();
    let provider = room.council.chain.provider();
    let pending = provider.get_transaction_count(relayer).pending().await?;
    Ok(pending - provider.get_transaction_count(relayer).latest().await?)
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
    let run = room.run_as(&council.relayer, &propose).await?;
    assert_refused(&run, FAILED, &["is no pending transaction", "remove the file"]);
    Ok(())
}
