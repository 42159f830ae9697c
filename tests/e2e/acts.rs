//! The acts that end something, and those that change nobody's standing: retraction, cancellation,
//! attestation, seats and protection; each from the command line to the chain.

use alloy::primitives::{Address, keccak256};
use anyhow::{Context as _, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Run;
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, HAS_CHANGES, STALE, USAGE};
use interdict_tests::keys::Person;
use interdict_tests::publication;
use serde_json::{Value, json};
use tempfile::TempDir;

const DAY_SECONDS: u64 = 24 * 3600;

struct Room {
    folder: TempDir,
    _anvil: Anvil,
    council: Council,
    keeper: Person,
}

impl Room {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        let keeper = Person::new(&folder.path().join("keys"), "keeper")?;
        council.chain.fund(&keeper).await?;
        council.deploy_with(&["--keeper", &keeper.address().to_string()]).await?;
        Ok(Self { folder, _anvil: anvil, council, keeper })
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

    /// A plan of an own publication that names these addresses.
    async fn own(&self, named: &[u8], name: &str) -> Result<Plan> {
        let row = |n: &u8| format!("{},{n},,,\n", own_address(*n));
        let rows: String = named.iter().map(row).collect();
        let (own, out) = (self.path("own.csv"), self.path(name));
        std::fs::write(&own, format!("address,uid,designated_on,programs,tickers\n{rows}"))?;
        let flags = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z", "--allow-shrink"];
        let args: Vec<&str> = ["plan", &own, "--out", &out].into_iter().chain(flags).collect();
        let said = self.council.cli.json(&args, HAS_CHANGES).await?;
        let file: Value = serde_json::from_str(&std::fs::read_to_string(&out)?)?;
        let manifest = serde_json::from_value(file["manifest"].clone())?;
        Ok(Plan { path: out, said, manifest })
    }

    /// A majority's signatures under a paper.
    async fn signatures(&self, paper: &str) -> Result<Vec<String>> {
        let mut signatures = Vec::new();
        for member in &self.council.members[..MAJORITY] {
            let out = format!("{paper}.{}.sig", member.name);
            let args = ["sign", paper, "--yes", "--out", &out];
            self.council.cli.json_as(member, &args, DONE).await?;
            signatures.push(out);
        }
        Ok(signatures)
    }

    async fn vote(&self, proposal: &str) -> Result<()> {
        for member in &self.council.members[..MAJORITY] {
            self.council.cli.json_as(member, &["vote", proposal, "--for"], DONE).await?;
        }
        Ok(())
    }

    async fn listed(&self, address: Address) -> Result<bool> {
        let list = self.council.deployment()?.blocklist.address;
        Ok(self.council.chain.listing(list, address).await?.sanctioned)
    }
}

/// An address that nobody could take for an example.
fn own_address(n: u8) -> Address {
    Address::from_word(keccak256([n]))
}

fn assert_refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    for word in words.iter().chain(&["error: "]) {
        assert!(run.stderr.contains(word), "no {word:?} in: {}", run.stderr);
    }
}

fn first(plan: &Plan) -> Result<Address> {
    plan.addresses().first().copied().context("the sample lists nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_retracted_by_a_quorum_and_the_rest_stays() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let (one, other) = (first(&plan)?, *plan.addresses().last().context("one address only")?);
    let (shown, out) = (one.to_string(), room.path("retraction.json"));
    let retract = ["retract", &shown, "--reason", "held by mistake", "--out", &out];

    assert_refused(&council.cli.run(&retract).await?, FAILED, &[&shown, "is not listed now"]);
    council.hold(&plan).await?;
    let made = council.cli.json(&retract, DONE).await?;
    assert_eq!(made["reason"], "held by mistake");
    let manifest = std::fs::read(room.path("retraction.manifest.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    assert_eq!(manifest["retract"][0]["address"], one.to_string().to_lowercase());

    let signatures = room.signatures(&out).await?;
    let mut act: Vec<&str> = vec!["act", &out];
    act.extend(signatures.iter().map(String::as_str));
    let said = council.cli.json_as(&council.relayer, &act, DONE).await?;
    assert_eq!((&said["retracted"], &said["kind"]), (&json!(1), &json!("retract")));
    assert_eq!(said["manifest"], made["manifest_hash"]);
    assert!(!room.listed(one).await?, "it is held no more");
    assert!(room.listed(other).await?, "the rest is held as before");

    // Repeated, it is said to have landed; nothing else happens.
    let again = room.run_as(&council.relayer, &act).await?;
    assert_refused(&again, STALE, &["has landed already"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vote_listed_is_not_retracted_and_a_changed_retraction_is_refused() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    council.hold(&plan).await?;
    let (shown, out) = (first(&plan)?.to_string(), room.path("retraction.json"));
    let retract = ["retract", &shown, "--reason", "held by mistake", "--out", &out];
    council.cli.json(&retract, DONE).await?;

    let text = std::fs::read_to_string(&out)?;
    let changed = room.path("changed.json");
    std::fs::write(&changed, text.replace("held by mistake", "held by design"))?;
    let run = room.run_as(&council.members[0], &["sign", &changed, "--yes"]).await?;
    assert_refused(&run, STALE, &["its manifest hashes to"]);
    let no_reason = ["retract", &shown, "--reason", " ", "--out", &out];
    assert_refused(&council.cli.run(&no_reason).await?, USAGE, &["--reason is empty"]);

    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;
    assert_refused(&council.cli.run(&retract).await?, FAILED, &["listed by vote"]);
    let run = room.run_as(&council.members[0], &["sign", &out, "--yes"]).await?;
    assert_refused(&run, STALE, &["the list has changed", "interdict retract"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guardian_cancels_a_queued_delisting_and_nobody_else_does() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let all = room.own(&[1, 2, 3], "all.json").await?;
    council.hold(&all).await?;
    council.pass(&council.propose(&all).await?).await?;
    let one = own_address(1);
    let delist = room.own(&[2, 3], "delist.json").await?.path;
    let said =
        council.cli.json_as(&council.members[0], &["propose", &delist, "--delist"], DONE).await?;
    let proposal = said["proposal"].as_str().context("no proposal")?.to_owned();

    let early = room.run_as(&council.guardian, &["cancel", &proposal]).await?;
    assert_refused(&early, FAILED, &["only what is queued", "vote against it"]);
    room.vote(&proposal).await?;
    let queued = council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    assert_eq!(queued["queued"], true);
    let stranger = room.run_as(&council.members[0], &["cancel", &proposal]).await?;
    assert_refused(&stranger, 5, &["may cancel nothing", "only the guardian"]);
    assert!(stranger.stderr.contains(&one.to_string()), "shown in words first: {stranger:?}");

    let said = council.cli.json_as(&council.guardian, &["cancel", &proposal], DONE).await?;
    assert_eq!(said["state"], "canceled");
    assert!(said["does"].as_str().is_some_and(|does| does.starts_with("delist ")), "{said}");
    council.chain.wait_seconds(2 * DAY_SECONDS).await?;
    let late = room.run_as(&council.relayer, &["execute", &proposal]).await?;
    assert_refused(&late, FAILED, &["is canceled"]);
    assert!(room.listed(one).await?, "it stays listed");
    let status = council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["open_proposals"], json!([]), "nothing of it is open any more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keeper_attests_what_is_equal_and_nothing_else() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let sample = publication("sample_enhanced.xml").display().to_string();
    let out = room.path("attestation.json");
    let attest = ["attest", &sample, "--out", &out];

    let said = council.cli.json_as(&room.keeper, &attest, HAS_CHANGES).await;
    let run = room.run_as(&room.keeper, &attest).await?;
    assert_refused(&run, HAS_CHANGES, &["the list differs from the publication in"]);
    assert_eq!(said?["attested"], false);

    council.govern(&publication("sample_enhanced.xml"), "plan.json").await?;
    let stranger = room.run_as(&council.relayer, &attest).await?;
    assert_refused(&stranger, FAILED, &["may not attest", &room.keeper.address().to_string()]);
    let before = council.cli.json(&["status"], DONE).await?;
    let said = council.cli.json_as(&room.keeper, &attest, DONE).await?;
    assert_eq!(said["attested"], true);
    let after = council.cli.json(&["status"], DONE).await?;
    assert_eq!(after["last_acts"][0]["kind"], "attest");
    assert_eq!(after["last_acts"][0]["manifest"], said["manifest_hash"]);
    assert_eq!(before["ratified"], after["ratified"], "no address changed");
    // Within ten minutes the contract takes no second one.
    let again = room.run_as(&room.keeper, &attest).await?;
    assert_refused(&again, 5, &["AttestedRecently"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_between_two_signatures_spoils_neither() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let sample = publication("sample_enhanced.xml");
    council.govern(&sample, "plan.json").await?;
    let plan = room.own(&[4], "own.json").await?.path;
    let before = room.signatures(&plan).await?;
    let (sample, out) = (sample.display().to_string(), room.path("attestation.json"));
    council.cli.json_as(&room.keeper, &["attest", &sample, "--out", &out], DONE).await?;
    let after = room.signatures(&plan).await?;
    assert_eq!(before, after);
    let mut act: Vec<&str> = vec!["act", &plan];
    act.extend(after.iter().map(String::as_str));
    let said = council.cli.json_as(&council.relayer, &act, DONE).await?;
    assert_eq!(said["held"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_and_protection_change_by_vote_and_are_shown_in_words() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let newcomer = room.keeper.address().to_string();
    let leaver = council.members[4].address().to_string();
    let router = Address::repeat_byte(0x77).to_string();
    let propose = ["propose", "--add-member", &newcomer, "--remove-member", &leaver, "--protect"];
    let propose: Vec<&str> =
        propose.into_iter().chain([router.as_str(), "--reason", "a lost key"]).collect();
    let said = council.cli.json_as(&council.members[0], &propose, DONE).await?;
    let proposal = said["proposal"].as_str().context("no proposal")?.to_owned();
    assert_eq!(said["needs_queuing"], true);

    let status = council.cli.run(&["status"]).await?;
    for word in ["give a seat to", &newcomer, "take the seat of", &leaver, "protect 1 address"] {
        assert!(status.stdout.contains(word), "no {word:?} in {}", status.stdout);
    }
    let shown = council.cli.run(&["show", &proposal]).await?;
    assert!(shown.stdout.contains("its delay of 7 d"), "the slowest decides: {}", shown.stdout);
    room.vote(&proposal).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    council.chain.wait_seconds(8 * DAY_SECONDS).await?;
    let said = council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    assert_eq!(said["kind"], "protect");

    // From now on the newcomer's signature counts and the leaver's does not.
    let plan = room.plan().await?;
    let refused = room.run_as(&council.members[4], &["sign", &plan.path, "--yes"]).await?;
    assert_refused(&refused, FAILED, &["has no seat on the council"]);
    let out = room.path("newcomer.sig");
    let sign = ["sign", &plan.path, "--yes", "--out", &out];
    council.cli.json_as(&room.keeper, &sign, DONE).await?;
    let again = room.run_as(&council.members[0], &propose).await?;
    assert_refused(&again, FAILED, &["has a seat already"]);
    Ok(())
}
