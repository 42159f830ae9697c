//! Votes by signature: the members have no ether at all, a stranger sends, and what would not count
//! is refused before anything is sent.

use std::path::Path;

use alloy::primitives::{B256, U256, keccak256};
use anyhow::{Context as _, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Run;
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, STALE, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::terminal::Terminal;
use interdict_tests::{cast, publication};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Room {
    folder: TempDir,
    _anvil: Anvil,
    council: Council,
    /// A stranger to the council who pays for gas.
    stranger: Person,
}

impl Room {
    /// A council whose members cannot pay for anything.
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        council.deploy().await?;
        let stranger = Person::new(&folder.path().join("keys"), "stranger")?;
        council.chain.fund(&stranger).await?;
        for member in &council.members {
            council.chain.empty(member).await?;
        }
        Ok(Self { folder, _anvil: anvil, council, stranger })
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

    /// Held by signatures that the stranger sends, and proposed by the stranger.
    async fn proposed(&self) -> Result<(Plan, String)> {
        let plan = self.council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
        let mut act = vec!["act".to_owned(), plan.path.clone()];
        for member in &self.council.members[..MAJORITY] {
            act.push(self.council.sign(member, &plan).await?);
        }
        self.council.cli.json_as(&self.stranger, &act, DONE).await?;
        let args = ["propose", plan.path.as_str()];
        let said = self.council.cli.json_as(&self.stranger, &args, DONE).await?;
        let proposal = said["proposal"].as_str().context("no proposal")?.to_owned();
        Ok((plan, proposal))
    }

    async fn ballot(&self, member: &Person, proposal: &str, choice: &str) -> Result<String> {
        let out = self.path(&format!("{}.{choice}.ballot", member.name));
        let args = ["vote", proposal, choice, "--sign-only", "--yes", "--out", &out];
        self.council.cli.json_as(member, &args, DONE).await?;
        Ok(out)
    }

    fn changed(&self, ballot: &str, name: &str, change: fn(&mut Value)) -> Result<String> {
        let mut value: Value = serde_json::from_str(&std::fs::read_to_string(ballot)?)?;
        change(&mut value);
        let path = self.path(name);
        std::fs::write(&path, value.to_string())?;
        Ok(path)
    }
}

fn assert_refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    for word in words.iter().chain(&["error: ", "next: "]) {
        assert!(run.stderr.contains(word), "no {word:?} in: {}", run.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_without_ether_decide_and_a_stranger_sends() -> Result<()> {
    let room = Room::open().await?;
    let (plan, proposal) = room.proposed().await?;
    let members = &room.council.members;
    let mut ballots = Vec::new();
    for (member, choice) in members.iter().zip(["--for", "--for", "--against", "--for"]) {
        ballots.push(room.ballot(member, &proposal, choice).await?);
    }
    // Sent by execution, in one command.
    let mut execute = vec!["execute", proposal.as_str()];
    for ballot in &ballots {
        execute.extend(["--ballot", ballot.as_str()]);
    }
    let said = room.council.cli.json_as(&room.stranger, &execute, DONE).await?;
    assert_eq!((&said["kind"], &said["queued"]), (&json!("list"), &json!(false)));
    let n = |name: &str| said[name].as_array().map_or(0, Vec::len);
    assert!(n("cast") >= MAJORITY, "what was cast on the way is told: {said}");
    assert_eq!((n("cast") + n("not_needed"), n("cast_already")), (4, 0), "{said}");
    assert_eq!(room.council.count().await?, plan.addresses().len() as u64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_quorum_is_said_to_be_not_needed() -> Result<()> {
    let room = Room::open().await?;
    let (_, proposal) = room.proposed().await?;
    let mut vote = vec!["vote".to_owned(), proposal.clone()];
    for member in &room.council.members {
        let ballot = room.ballot(member, &proposal, "--for").await?;
        vote.extend(["--ballot".to_owned(), ballot]);
    }
    let said = room.council.cli.json_as(&room.stranger, &vote, DONE).await?;
    assert_eq!(said["cast"].as_array().map(Vec::len), Some(MAJORITY), "{said}");
    assert_eq!(said["not_needed"].as_array().map(Vec::len), Some(2), "{said}");
    assert_eq!(said["state"], "succeeded");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_ballot_counts_once_for_its_proposal_on_its_chain_only() -> Result<()> {
    let room = Room::open().await?;
    let (_, proposal) = room.proposed().await?;
    let [alice, bob, ..] = &*room.council.members else { anyhow::bail!("two members") };
    let own = room.ballot(alice, &proposal, "--for").await?;
    let send = async |paths: &[&str]| {
        let mut vote = vec!["vote", proposal.as_str()];
        for path in paths {
            vote.extend(["--ballot", path]);
        }
        room.run_as(&room.stranger, &vote).await
    };

    let chain = room.changed(&own, "chain", |b| b["chain_id"] = json!(1))?;
    assert_refused(&send(&[&chain]).await?, STALE, &["on chain 1", "31337"]);
    let council = room.changed(&own, "council", |b| b["council"] = b["voter"].clone())?;
    assert_refused(&send(&[&council]).await?, STALE, &["votes at"]);
    let other = room.changed(&own, "proposal", |b| b["proposal"] = json!("0x7"))?;
    assert_refused(&send(&[&other]).await?, FAILED, &["votes on proposal 0x00", "not on"]);
    let against = room.changed(&own, "against", |b| b["support"] = json!(0))?;
    assert_refused(&send(&[&against]).await?, FAILED, &["states the digest"]);
    let strange = room.changed(&own, "strange", |b| b["support"] = json!(3))?;
    assert_refused(&send(&[&strange]).await?, FAILED, &["unknown choice 3"]);
    let nonce = room.changed(&own, "nonce", |b| b["nonce"] = json!("0x9"))?;
    assert_refused(&send(&[&nonce]).await?, FAILED, &["has been used"]);
    let cut = room.changed(&own, "cut", |b| b["signature"] = json!("0x1234"))?;
    assert_refused(&send(&[&cut]).await?, FAILED, &["not 65 bytes"]);
    assert_refused(&send(&[&own, &own]).await?, FAILED, &["is a second one of"]);

    // A stranger can sign, and has no vote; one bad ballot keeps the good ones from being sent.
    let sign = ["vote", &proposal, "--for", "--sign-only", "--yes"];
    let stranger = room.run_as(&room.stranger, &sign).await?;
    assert_refused(&stranger, FAILED, &["it has no vote"]);
    assert_refused(&send(&[&own, &cut]).await?, FAILED, &["not 65 bytes"]);
    let status = room.council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["open_proposals"][0]["for"], "0", "nothing was sent by any of these");

    assert_eq!(send(&[&own]).await?.code, DONE);
    let again = send(&[&own]).await?;
    assert_eq!(again.code, DONE, "{again:?}");
    assert!(again.stdout.contains("cast already") && !again.stdout.contains("transaction"));
    let second = room.ballot(bob, &proposal, "--for").await?;
    room.council.chain.wait_seconds(8 * 24 * 3600).await?;
    assert_refused(&send(&[&second]).await?, FAILED, &["was defeated"]);
    Ok(())
}

/// Who signs sees by which digests another tool can tell that it is the same, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn t46_a_ballot_is_signed_by_its_digests_and_with_a_word() -> Result<()> {
    let room = Room::open().await?;
    let (_, proposal) = room.proposed().await?;
    let member = &room.council.members[0];
    let out = room.path("confirmed.ballot");
    let sign = ["vote", &proposal, "--for", "--sign-only", "--out", &out];
    let unasked = room.run_as(member, &sign).await?;
    assert_refused(&unasked, USAGE, &["no terminal to confirm on", "--yes", "EIP-712 Digest"]);

    let wallet = member.wallet();
    let args: Vec<&str> = sign.into_iter().chain(wallet.iter().map(String::as_str)).collect();
    for (answer, code) in [("vote against", FAILED), ("vote for", DONE)] {
        let mut terminal = Terminal::start(&room.council.cli, 200, &args)?;
        terminal.shows("type `vote for` to sign:").await?;
        terminal.types(&format!("{answer}\n")).await?;
        let left = terminal.ends().await?;
        assert_eq!(left.code, code, "{answer}: {}", left.text);
        assert_eq!(Path::new(&out).exists(), code == DONE);
    }
    let said = room.council.cli.json_as(member, &[&sign[..], &["--yes"]].concat(), DONE).await?;
    let word = |name: &str| -> Result<B256> {
        Ok(said["digests"][name].as_str().with_context(|| format!("no {name}"))?.parse()?)
    };
    let (domain, message) = (word("domain_hash")?, word("message_hash")?);
    let digest = keccak256([&[0x19, 0x01], domain.as_slice(), message.as_slice()].concat());
    assert_eq!(word("eip712_digest")?, digest);
    assert_eq!(said["ballot"]["digest"], json!(digest));
    assert!(unasked.stderr.contains(&digest.to_string()), "{}", unasked.stderr);

    // A Safe's owners get the digest of the calldata: its length as a word, and it (ERC-8213).
    let (safe, file) = (member.address().to_string(), room.path("safe.json"));
    let by_safe = ["vote", &proposal, "--for", "--safe", &safe, "--safe-transaction", &file];
    let said = room.council.cli.json(&by_safe, DONE).await?;
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    let call = written["transactions"][0]["data"].as_str().context("no calldata")?;
    let call = alloy::hex::decode(call)?;
    let length = U256::from(call.len()).to_be_bytes::<32>();
    assert_eq!(said["calldata_digests"], json!([keccak256([&length[..], &call].concat())]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn casts_ballot_is_ours() -> Result<()> {
    let room = Room::open().await?;
    let (_, proposal) = room.proposed().await?;
    let member = &room.council.members[0];
    let voter = member.address().to_string();
    let typed = room.path("typed.json");
    let for_cast = ["vote", &proposal, "--for", "--voter", &voter, "--typed-data", &typed];
    room.council.cli.json(&for_cast, DONE).await?;
    let keystore = member.keystore.display().to_string();
    let password = member.password_file.display().to_string();
    let args = ["wallet", "sign", "--data", "--from-file", &typed, "--keystore", &keystore];
    let args: Vec<&str> = args.into_iter().chain(["--password-file", &password]).collect();
    let signature = cast::run(&args).await?;

    let out = room.path("cast.ballot");
    let take = ["vote", &proposal, "--for", "--voter", &voter, "--signature", &signature];
    let take: Vec<&str> = take.into_iter().chain(["--out", &out]).collect();
    room.council.cli.json(&take, DONE).await?;
    let ours = room.ballot(member, &proposal, "--for").await?;
    let read = |path: &str| std::fs::read_to_string(Path::new(path));
    assert_eq!(read(&out)?, read(&ours)?);
    let vote = ["vote", &proposal, "--ballot", &out];
    let said = room.council.cli.json_as(&room.stranger, &vote, DONE).await?;
    assert_eq!((&said["vote"], &said["voter"]), (&json!("for"), &json!(voter.to_lowercase())));
    Ok(())
}
