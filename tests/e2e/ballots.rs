//! Votes by signature: the members have no ether at all, a stranger sends, and what would not count
//! is refused before anything is sent.

use std::path::Path;

use alloy::primitives::{B256, U256, keccak256};
use anyhow::{Context as _, Result};
use interdict_tests::cli::Run;
use interdict_tests::council::{MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, STALE, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::room::Room;
use interdict_tests::terminal::Terminal;
use interdict_tests::{cast, read_json};
use serde_json::{Value, json};

/// A council whose members cannot pay for anything, and a stranger to it who pays for gas.
async fn poor() -> Result<(Room, Person)> {
    let room = Room::open().await?;
    let chain = &room.council.chain;
    let stranger = Person::new(&room.file("keys"), "stranger")?;
    chain.fund(&stranger).await?;
    for member in &room.council.members {
        chain.empty(member).await?;
    }
    Ok((room, stranger))
}

/// Held by signatures that the stranger sends, and proposed by the stranger.
async fn proposed(room: &Room, stranger: &Person) -> Result<(Plan, String)> {
    let (council, plan) = (&room.council, room.plan().await?);
    council.cli.json_as(stranger, &council.act(&plan.path).await?, DONE).await?;
    let proposal = council.propose_as(stranger, &[&plan.path]).await?;
    Ok((plan, proposal))
}

async fn ballot(room: &Room, member: &Person, proposal: &str, choice: &str) -> Result<String> {
    let out = room.path(&format!("{}.{choice}.ballot", member.name));
    let args = ["vote", proposal, choice, "--sign-only", "--yes", "--out", &out];
    room.council.cli.json_as(member, &args, DONE).await?;
    Ok(out)
}

fn changed(room: &Room, ballot: &str, name: &str, change: fn(&mut Value)) -> Result<String> {
    let mut value = read_json(ballot)?;
    change(&mut value);
    let path = room.path(name);
    std::fs::write(&path, value.to_string())?;
    Ok(path)
}

fn assert_refused(run: &Run, code: i32, words: &[&str]) {
    run.assert_refused(code, &[words, &["next: "]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_without_ether_decide_and_a_stranger_sends() -> Result<()> {
    let (room, stranger) = poor().await?;
    let (plan, proposal) = proposed(&room, &stranger).await?;
    let members = &room.council.members;
    let mut ballots = Vec::new();
    for (member, choice) in members.iter().zip(["--for", "--for", "--against", "--for"]) {
        ballots.push(ballot(&room, member, &proposal, choice).await?);
    }
    // Sent by execution, in one command.
    let mut execute = vec!["execute", proposal.as_str()];
    for ballot in &ballots {
        execute.extend(["--ballot", ballot.as_str()]);
    }
    let said = room.council.cli.json_as(&stranger, &execute, DONE).await?;
    assert_eq!((&said["kind"], &said["queued"]), (&json!("list"), &json!(false)));
    let n = |name: &str| said[name].as_array().map_or(0, Vec::len);
    assert!(n("cast") >= MAJORITY, "what was cast on the way is told: {said}");
    assert_eq!((n("cast") + n("not_needed"), n("cast_already")), (4, 0), "{said}");
    assert_eq!(room.council.count().await?, plan.addresses().len() as u64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_quorum_is_said_to_be_not_needed() -> Result<()> {
    let (room, stranger) = poor().await?;
    let (_, proposal) = proposed(&room, &stranger).await?;
    let mut vote = vec!["vote".to_owned(), proposal.clone()];
    for member in &room.council.members {
        let ballot = ballot(&room, member, &proposal, "--for").await?;
        vote.extend(["--ballot".to_owned(), ballot]);
    }
    let said = room.council.cli.json_as(&stranger, &vote, DONE).await?;
    assert_eq!(said["cast"].as_array().map(Vec::len), Some(MAJORITY), "{said}");
    assert_eq!(said["not_needed"].as_array().map(Vec::len), Some(2), "{said}");
    assert_eq!(said["state"], "succeeded");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t47_a_ballot_counts_once_for_its_proposal_on_its_chain_only() -> Result<()> {
    let (room, stranger) = poor().await?;
    let (_, proposal) = proposed(&room, &stranger).await?;
    let [alice, bob, ..] = &*room.council.members else { anyhow::bail!("two members") };
    let own = ballot(&room, alice, &proposal, "--for").await?;
    let send = async |paths: &[&str]| {
        let mut vote = vec!["vote", proposal.as_str()];
        for path in paths {
            vote.extend(["--ballot", path]);
        }
        room.council.cli.run_as(&stranger, &vote).await
    };

    let chain = changed(&room, &own, "chain", |b| b["chain_id"] = json!(1))?;
    assert_refused(&send(&[&chain]).await?, STALE, &["on chain 1", "31337"]);
    let council = changed(&room, &own, "council", |b| b["council"] = b["voter"].clone())?;
    assert_refused(&send(&[&council]).await?, STALE, &["votes at"]);
    let other = changed(&room, &own, "proposal", |b| b["proposal"] = json!("0x7"))?;
    assert_refused(&send(&[&other]).await?, FAILED, &["votes on proposal 0x00", "not on"]);
    let against = changed(&room, &own, "against", |b| b["support"] = json!(0))?;
    assert_refused(&send(&[&against]).await?, FAILED, &["states the digest"]);
    let strange = changed(&room, &own, "strange", |b| b["support"] = json!(3))?;
    assert_refused(&send(&[&strange]).await?, FAILED, &["unknown choice 3"]);
    let nonce = changed(&room, &own, "nonce", |b| b["nonce"] = json!("0x9"))?;
    assert_refused(&send(&[&nonce]).await?, FAILED, &["has been used"]);
    let cut = changed(&room, &own, "cut", |b| b["signature"] = json!("0x1234"))?;
    assert_refused(&send(&[&cut]).await?, FAILED, &["not 65 bytes"]);
    assert_refused(&send(&[&own, &own]).await?, FAILED, &["is a second one of"]);

    // A stranger can sign, and has no vote; one bad ballot keeps the good ones from being sent.
    let sign = ["vote", &proposal, "--for", "--sign-only", "--yes"];
    let stranger = room.council.cli.run_as(&stranger, &sign).await?;
    assert_refused(&stranger, FAILED, &["it has no vote"]);
    assert_refused(&send(&[&own, &cut]).await?, FAILED, &["not 65 bytes"]);
    let status = room.council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["open_proposals"][0]["for"], "0", "nothing was sent by any of these");

    assert_eq!(send(&[&own]).await?.code, DONE);
    let again = send(&[&own]).await?;
    assert_eq!(again.code, DONE, "{again:?}");
    assert!(again.stdout.contains("cast already") && !again.stdout.contains("transaction"));
    let second = ballot(&room, bob, &proposal, "--for").await?;
    room.council.chain.wait_seconds(8 * 24 * 3600).await?;
    assert_refused(&send(&[&second]).await?, FAILED, &["was defeated"]);
    Ok(())
}

/// Who signs sees by which digests another tool can tell that it is the same, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn t46_a_ballot_is_signed_by_its_digests_and_with_a_word() -> Result<()> {
    let (room, stranger) = poor().await?;
    let (_, proposal) = proposed(&room, &stranger).await?;
    let member = &room.council.members[0];
    let out = room.path("confirmed.ballot");
    let sign = ["vote", &proposal, "--for", "--sign-only", "--out", &out];
    let unasked = room.council.cli.run_as(member, &sign).await?;
    assert_refused(&unasked, USAGE, &["no terminal to confirm on", "--yes", "EIP-712 Digest"]);

    let args = member.command(&sign);
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
    let written = read_json(&file)?;
    let call = written["transactions"][0]["data"].as_str().context("no calldata")?;
    let call = alloy::hex::decode(call)?;
    let length = U256::from(call.len()).to_be_bytes::<32>();
    assert_eq!(said["calldata_digests"], json!([keccak256([&length[..], &call].concat())]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn casts_ballot_is_ours() -> Result<()> {
    let (room, stranger) = poor().await?;
    let (_, proposal) = proposed(&room, &stranger).await?;
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
    let ours = ballot(&room, member, &proposal, "--for").await?;
    let read = |path: &str| std::fs::read_to_string(Path::new(path));
    assert_eq!(read(&out)?, read(&ours)?);
    let vote = ["vote", &proposal, "--ballot", &out];
    let said = room.council.cli.json_as(&stranger, &vote, DONE).await?;
    assert_eq!((&said["vote"], &said["voter"]), (&json!("for"), &json!(voter.to_lowercase())));
    Ok(())
}
