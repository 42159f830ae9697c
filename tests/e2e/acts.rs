//! The acts that end something, and those that change nobody's standing: retraction, cancellation,
//! attestation, seats and protection; each from the command line to the chain.

use alloy::primitives::{Address, keccak256};
use anyhow::{Context as _, Result};
use interdict_tests::council::Plan;
use interdict_tests::exit::{DONE, FAILED, HAS_CHANGES, STALE, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::room::Room;
use interdict_tests::{assert_says, publication, read_json};
use serde_json::json;

const DAY_SECONDS: u64 = 24 * 3600;

/// A council whose keeper may attest.
async fn kept() -> Result<(Room, Person)> {
    let room = Room::convene().await?;
    let keeper = Person::new(&room.file("keys"), "keeper")?;
    room.council.chain.fund(&keeper).await?;
    room.council.deploy_with(&["--keeper", &keeper.address().to_string()]).await?;
    Ok((room, keeper))
}

/// A plan of an own publication that names these addresses.
async fn own(room: &Room, named: &[u8], name: &str) -> Result<Plan> {
    let row = |n: &u8| format!("{},{n},,,\n", own_address(*n));
    let rows: String = named.iter().map(row).collect();
    let own = room.file("own.csv");
    std::fs::write(&own, format!("address,uid,designated_on,programs,tickers\n{rows}"))?;
    let flags = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z", "--allow-shrink"];
    room.council.plan_with(&own, name, &flags).await
}

async fn is_listed(room: &Room, address: Address) -> Result<bool> {
    let list = room.council.deployment()?.blocklist.address;
    Ok(room.council.chain.listing(list, address).await?.sanctioned)
}

/// An address that nobody could take for an example.
fn own_address(n: u8) -> Address {
    Address::from_word(keccak256([n]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_retracted_by_a_quorum_and_the_rest_stays() -> Result<()> {
    let (room, _) = kept().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let (one, other) = (plan.first()?, *plan.addresses().last().context("one address only")?);
    let (shown, out) = (one.to_string(), room.path("retraction.json"));
    let retract = ["retract", &shown, "--reason", "held by mistake", "--out", &out];

    council.cli.run(&retract).await?.assert_refused(FAILED, &[&shown, "is not listed now"]);
    council.hold(&plan).await?;
    let made = council.cli.json(&retract, DONE).await?;
    assert_eq!(made["reason"], "held by mistake");
    let manifest = read_json(room.file("retraction.manifest.json"))?;
    assert_eq!(manifest["retract"][0]["address"], one.to_string().to_lowercase());

    let act = council.act(&out).await?;
    let said = council.cli.json_as(&council.relayer, &act, DONE).await?;
    assert_eq!((&said["retracted"], &said["kind"]), (&json!(1), &json!("retract")));
    assert_eq!(said["manifest"], made["manifest_hash"]);
    assert!(!is_listed(&room, one).await?, "it is held no more");
    assert!(is_listed(&room, other).await?, "the rest is held as before");

    // Repeated, it is said to have landed; nothing else happens.
    let again = council.cli.run_as(&council.relayer, &act).await?;
    again.assert_refused(STALE, &["has landed already"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vote_listed_is_not_retracted_and_a_changed_retraction_is_refused() -> Result<()> {
    let (room, _) = kept().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    council.hold(&plan).await?;
    let (shown, out) = (plan.first()?.to_string(), room.path("retraction.json"));
    let retract = ["retract", &shown, "--reason", "held by mistake", "--out", &out];
    council.cli.json(&retract, DONE).await?;

    let text = std::fs::read_to_string(&out)?;
    let changed = room.path("changed.json");
    std::fs::write(&changed, text.replace("held by mistake", "held by design"))?;
    let run = council.cli.run_as(&council.members[0], &["sign", &changed, "--yes"]).await?;
    run.assert_refused(STALE, &["its manifest hashes to"]);
    let no_reason = ["retract", &shown, "--reason", " ", "--out", &out];
    council.cli.run(&no_reason).await?.assert_refused(USAGE, &["--reason is empty"]);

    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;
    council.cli.run(&retract).await?.assert_refused(FAILED, &["listed by vote"]);
    let run = council.cli.run_as(&council.members[0], &["sign", &out, "--yes"]).await?;
    run.assert_refused(STALE, &["the list has changed", "interdict retract"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guardian_cancels_a_queued_delisting_and_nobody_else_does() -> Result<()> {
    let (room, _) = kept().await?;
    let council = &room.council;
    let all = own(&room, &[1, 2, 3], "all.json").await?;
    council.hold(&all).await?;
    council.pass(&council.propose(&all).await?).await?;
    let one = own_address(1);
    let delist = own(&room, &[2, 3], "delist.json").await?.path;
    let proposal = council.propose_as(&council.members[0], &[&delist, "--delist"]).await?;

    let early = council.cli.run_as(&council.guardian, &["cancel", &proposal]).await?;
    early.assert_refused(FAILED, &["only what is queued", "vote against it"]);
    council.vote(&proposal).await?;
    let queued = council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    assert_eq!(queued["queued"], true);
    let stranger = council.cli.run_as(&council.members[0], &["cancel", &proposal]).await?;
    stranger.assert_refused(5, &["may cancel nothing", "only the guardian"]);
    assert!(stranger.stderr.contains(&one.to_string()), "shown in words first: {stranger:?}");

    let said = council.cli.json_as(&council.guardian, &["cancel", &proposal], DONE).await?;
    assert_eq!(said["state"], "canceled");
    assert!(said["does"].as_str().is_some_and(|does| does.starts_with("delist ")), "{said}");
    council.chain.wait_seconds(2 * DAY_SECONDS).await?;
    let late = council.cli.run_as(&council.relayer, &["execute", &proposal]).await?;
    late.assert_refused(FAILED, &["is canceled"]);
    assert!(is_listed(&room, one).await?, "it stays listed");
    let status = council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["open_proposals"], json!([]), "nothing of it is open any more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keeper_attests_what_is_equal_and_nothing_else() -> Result<()> {
    let (room, keeper) = kept().await?;
    let council = &room.council;
    let sample = publication("sample_enhanced.xml").display().to_string();
    let out = room.path("attestation.json");
    let attest = ["attest", &sample, "--out", &out];

    let said = council.cli.json_as(&keeper, &attest, HAS_CHANGES).await;
    let run = council.cli.run_as(&keeper, &attest).await?;
    run.assert_refused(HAS_CHANGES, &["the list differs from the publication in"]);
    assert_eq!(said?["attested"], false);

    council.govern(&publication("sample_enhanced.xml"), "plan.json").await?;
    let stranger = council.cli.run_as(&council.relayer, &attest).await?;
    stranger.assert_refused(FAILED, &["may not attest", &keeper.address().to_string()]);
    let before = council.cli.json(&["status"], DONE).await?;
    let said = council.cli.json_as(&keeper, &attest, DONE).await?;
    assert_eq!(said["attested"], true);
    let after = council.cli.json(&["status"], DONE).await?;
    assert_eq!(after["last_acts"][0]["kind"], "attest");
    assert_eq!(after["last_acts"][0]["manifest"], said["manifest_hash"]);
    assert_eq!(before["ratified"], after["ratified"], "no address changed");
    // Within ten minutes the contract takes no second one.
    let again = council.cli.run_as(&keeper, &attest).await?;
    again.assert_refused(5, &["AttestedRecently"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_between_two_signatures_spoils_neither() -> Result<()> {
    let (room, keeper) = kept().await?;
    let council = &room.council;
    let sample = publication("sample_enhanced.xml");
    council.govern(&sample, "plan.json").await?;
    let plan = own(&room, &[4], "own.json").await?.path;
    let before = council.signatures(&plan).await?;
    let (sample, out) = (sample.display().to_string(), room.path("attestation.json"));
    council.cli.json_as(&keeper, &["attest", &sample, "--out", &out], DONE).await?;
    let after = council.signatures(&plan).await?;
    assert_eq!(before, after);
    let act = [vec!["act".to_owned(), plan], after].concat();
    let said = council.cli.json_as(&council.relayer, &act, DONE).await?;
    assert_eq!(said["held"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_and_protection_change_by_vote_and_are_shown_in_words() -> Result<()> {
    let (room, keeper) = kept().await?;
    let council = &room.council;
    let newcomer = keeper.address().to_string();
    let leaver = council.members[4].address().to_string();
    let router = Address::repeat_byte(0x77).to_string();
    let propose = ["propose", "--add-member", &newcomer, "--remove-member", &leaver, "--protect"];
    let propose: Vec<&str> =
        propose.into_iter().chain([router.as_str(), "--reason", "a lost key"]).collect();
    let said = council.cli.json_as(&council.members[0], &propose, DONE).await?;
    let proposal = said["proposal"].as_str().context("no proposal")?.to_owned();
    assert_eq!(said["needs_queuing"], true);

    let status = council.cli.run(&["status"]).await?;
    let words = ["give a seat to", &newcomer, "take the seat of", &leaver, "protect 1 address"];
    assert_says(&status.stdout, &words);
    let shown = council.cli.run(&["show", &proposal]).await?;
    assert!(shown.stdout.contains("its delay of 7 d"), "the slowest decides: {}", shown.stdout);
    council.vote(&proposal).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    council.chain.wait_seconds(8 * DAY_SECONDS).await?;
    let said = council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    assert_eq!(said["kind"], "protect");

    // From now on the newcomer's signature counts and the leaver's does not.
    let plan = room.plan().await?;
    let refused = council.cli.run_as(&council.members[4], &["sign", &plan.path, "--yes"]).await?;
    refused.assert_refused(FAILED, &["has no seat on the council"]);
    let out = room.path("newcomer.sig");
    let sign = ["sign", &plan.path, "--yes", "--out", &out];
    council.cli.json_as(&keeper, &sign, DONE).await?;
    let again = council.cli.run_as(&council.members[0], &propose).await?;
    again.assert_refused(FAILED, &["has a seat already"]);
    Ok(())
}
