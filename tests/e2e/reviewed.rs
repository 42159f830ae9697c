//! A reviewer looks at what is not simply a changed plan: a proposal, an act, a plan for another
//! system or of another day, and what a publication does not say of itself.

use std::fmt::Write as _;

use alloy::primitives::{Address, B256, address, hex, keccak256};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolCall as _;
use anyhow::{Context, Result, ensure};
use interdict_core::contract::IBlocklist;
use interdict_tests::council::Plan;
use interdict_tests::exit::STALE;
use interdict_tests::forger::Forgery;
use interdict_tests::reviewer::{Reviewer, kinds};
use interdict_tests::{assert_says, read_json};
use serde_json::{Value, json};

/// The first entry that the sample gives, and an address that looks like it.
const PUBLISHED: Address = address!("0x10ab0fe358f313e8ef57b5a9033940ef84525975");
const LOOK_ALIKE: Address = address!("0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975");

/// Proposes what a plan says, whoever is warned by that, and gives the proposal's id.
async fn propose(desk: &Reviewer, plan: &str) -> Result<String> {
    let council = &desk.room.council;
    council.propose_as(&council.relayer, &[plan, "--public"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_that_is_not_the_publications() -> Result<()> {
    let desk = Reviewer::open().await?;
    // Made by the honest tool from a doctored copy; nothing in it is inconsistent.
    let swap = (&*format!("{PUBLISHED:#x}"), &*format!("{LOOK_ALIKE:#x}"));
    let doctored = desk.room.sample_with("doctored.xml", &[swap])?;
    let doctored = desk.room.council.plan(&doctored, "doctored.json").await?;
    let proposal = propose(&desk, &doctored.path).await?;
    let found = desk.differences(&["--proposal", &proposal]).await?;
    let kinds: Vec<_> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["look_alike", "manifest"], "{found:#?}");
    assert!(found[0].1.contains(&LOOK_ALIKE.to_string()), "{found:#?}");

    // The honest plan's file at its side does not make the proposal any better.
    let honest = desk.honest().await?;
    let with_plan = desk.differences(&[&honest.path, "--proposal", &proposal]).await?;
    assert_eq!(with_plan, found);

    // Whoever looks only afterwards is told too.
    desk.room.council.pass(&proposal).await?;
    let acts = desk.room.council.cli.json(&["status"], 0).await?;
    let act = acts["acts"].as_u64().context("status has no number of acts")?.to_string();
    assert_eq!(desk.differences(&["--act", &act]).await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_whose_evidence_is_another() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["programs"] = json!(["EXAMPLE9"]);
            Ok(())
        })
        .await?;
    let proposal = propose(&desk, &forged.sealed).await?;
    let words = ["another manifest", "the evidence behind them"];
    desk.told(&["--proposal", &proposal], "manifest", &words).await?;

    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["overrides"] = json!(["shrink"]);
            Ok(())
        })
        .await?;
    let proposal = propose(&desk, &forged.sealed).await?;
    let words = ["another manifest", "says --allow-shrink", "yours says no override"];
    desk.told(&["--proposal", &proposal], "manifest", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_it_should_be_passes_in_every_way() -> Result<()> {
    let desk = Reviewer::open().await?;
    let (council, mine) = (&desk.room.council, desk.mine());
    let plan = desk.honest().await?;
    let verify = async |what: &[&str]| -> Result<Value> {
        let mut args = vec!["verify"];
        args.extend(what);
        args.extend(["--publication", mine.as_str()]);
        council.cli.json(&args, 0).await
    };
    let fresh = verify(&[&plan.path]).await?;
    assert_eq!(fresh["message"], Forgery::of(&plan.path)?.plan["message"]);
    council.hold(&plan).await?;
    verify(&[&plan.path]).await?;
    verify(&["--act", "2"]).await?;
    let proposal = council.propose(&plan).await?;
    verify(&["--proposal", &proposal]).await?;
    verify(&[&plan.path, "--proposal", &proposal]).await?;
    council.pass(&proposal).await?;
    verify(&[&plan.path, "--act", "3"]).await?;
    Ok(())
}

/// A plan of an own publication, of which the command line is told these things; its reviewer has
/// the same file.
async fn own(
    desk: &mut Reviewer,
    rows: std::ops::RangeInclusive<u32>,
    (name, flags): (&str, &[&str]),
) -> Result<Plan> {
    let mut text = "address,uid,designated_on,programs,tickers\n".to_owned();
    for n in rows {
        let account = Address::from_slice(&keccak256(n.to_be_bytes())[..20]);
        writeln!(text, "{account},{n},,,ETH")?;
    }
    desk.genuine = desk.room.file(&format!("{name}.csv"));
    std::fs::write(&desk.genuine, text)?;
    desk.room.council.plan_with(&desk.genuine, name, flags).await
}

const DATE: [&str; 2] = ["--data-as-of", "2026-08-20T00:00:00Z"];

/// What an envelope warns of.
async fn warnings(desk: &Reviewer, args: &[&str]) -> Result<(Value, String)> {
    let mut all = vec!["verify"];
    all.extend(args);
    let mine = desk.mine();
    all.extend(["--publication", mine.as_str(), "--json"]);
    let run = desk.room.council.cli.run(&all).await?;
    let document = run.json()?;
    ensure!(run.code == 0, "{run:?}");
    Ok((document["data"].clone(), document["warnings"].to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn another_system_is_told_and_not_taken_for_another_day() -> Result<()> {
    let desk = Reviewer::open().await?;
    let honest = desk.honest().await?;
    // The list goes on, by an act that is not the plan's.
    let other = desk.room.sample_with("other.xml", &[("2026-01-02T", "2026-01-03T")])?;
    let other = desk.room.council.plan(&other, "other.json").await?;
    desk.room.council.hold(&other).await?;
    let found = desk.differences(&[&honest.path]).await?;
    assert_eq!(kinds(&found), ["stale"], "{found:#?}");
    let mine = desk.mine();
    let run = desk.room.council.cli.run(&["verify", &honest.path, "--publication", &mine]).await?;
    assert_eq!(run.code, STALE, "{run:?}");
    let words = ["error: the list has changed since the plan, by act 2", "make a new plan"];
    assert_says(&run.stderr, &words);

    let strange = json!(Address::repeat_byte(0x5b));
    let changes: [(&str, &str, Value); 4] = [
        ("chain", "chain_id", json!(1)),
        ("genesis", "genesis_hash", json!(B256::repeat_byte(9))),
        ("contract", "blocklist", strange.clone()),
        ("contract", "signed_act", strange),
    ];
    for (kind, field, value) in changes {
        let mut forgery = Forgery::of(&honest.path)?;
        if !forgery.plan["manifest"][field].is_null() {
            forgery.plan["manifest"][field] = value.clone();
        }
        forgery.plan[field] = value;
        let plan = forgery.seal(&desk.room.file("elsewhere.json"))?;
        desk.told(&[&plan], kind, &["another c"]).await?;
    }

    // In a block that it was not made in the list had other acts, and the plan is not blamed for
    // them; what was changed besides is told all the same.
    let mut forgery = Forgery::of(&honest.path)?;
    let made = forgery.plan["at_block"]["number"].as_u64().context("no block")?;
    forgery.plan["at_block"]["number"] = json!(made - 2);
    let plan = forgery.clone().seal(&desk.room.file("lowered.json"))?;
    let found = desk.differences(&[&plan]).await?;
    assert_eq!(kinds(&found), ["block", "stale"], "{found:#?}");
    forgery.entry(0)["address"] = json!(LOOK_ALIKE);
    let plan = forgery.seal(&desk.room.file("lowered.json"))?;
    let found = desk.differences(&[&plan]).await?;
    assert_eq!(kinds(&found), ["block", "stale", "look_alike"], "{found:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_word_the_source_and_the_date_are() -> Result<()> {
    let mut desk = Reviewer::open().await?;
    // The council's own list, planned as another authority's.
    let flags = [&["--source", "UK"], &DATE[..]].concat();
    let plan = own(&mut desk, 1..=2, ("own.json", &flags)).await?.path;
    let (said, warned) = warnings(&desk, &[&plan]).await?;
    assert_eq!((&said["source"], &said["source_by"]), (&json!("UK"), &json!("plan")));
    assert_eq!(said["data_as_of_by"], "plan");
    assert_says(&warned, &["list UK is the plan's word alone", "--source", "--data-as-of"]);
    let mine = desk.mine();
    let run = desk.room.council.cli.run(&["verify", &plan, "--publication", &mine]).await?;
    assert!(run.stdout.contains("UK, as the plan states it"), "{}", run.stdout);

    let (said, warned) = warnings(&desk, &[&[plan.as_str()], &flags[..]].concat()).await?;
    assert_eq!((&said["source_by"], &said["data_as_of_by"]), (&json!("person"), &json!("person")));
    assert_eq!(warned, "[]");
    let known = ["--source", "OWN"];
    let told = ["another publication", "names UK", "yours is OWN"];
    let args = [&[plan.as_str()], &known[..], &DATE[..]].concat();
    desk.told(&args, "publication", &told).await?;
    let args = [plan.as_str(), "--source", "UK", "--data-as-of", "2026-08-21T00:00:00Z"];
    desk.told(&args, "publication", &["2026-08-20", "2026-08-21"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_publication_that_nobody_saw() -> Result<()> {
    let desk = Reviewer::open().await?;
    let invented = B256::repeat_byte(7);
    let forged = desk
        .forged(|forgery| {
            let second = json!({ "sha256": invented, "data_as_of": "2026-01-03T00:00:00Z" });
            forgery.plan["cross_check"] = second;
            let note = "the cross-check is as of 2026-01-03T00:00:00Z, the publication as of \
                        2026-01-02T15:00:00Z: they are not of one release";
            forgery.plan["notes"].as_array_mut().context("no notes")?.push(json!(note));
            Ok(())
        })
        .await?
        .sealed;
    let (_, warned) = warnings(&desk, &[&forged]).await?;
    assert_says(&warned, &[&*invented.to_string(), "nobody compared it", "--cross-check"]);
    let second = desk.room.sample_with("second.xml", &[("2026-01-02T", "2026-01-03T")])?;
    let second = second.display().to_string();
    let told = [&*invented.to_string(), "another second publication"];
    desk.told(&[&forged, "--cross-check", &second], "cross_check", &told).await
}

/// ERC-8213's digest of calldata.
fn digest(calldata: &[u8]) -> B256 {
    let length = alloy::primitives::U256::from(calldata.len()).to_be_bytes::<32>();
    keccak256([&length[..], calldata].concat())
}

/// Makes the proposal that a Safe's file has, after its delisting was put under another function.
async fn propose_by(desk: &Reviewer, plan: &str, function: ([u8; 4], [u8; 4])) -> Result<String> {
    let member = desk.room.council.members[0].address();
    let (file, safe) = (desk.room.path("safe.json"), member.to_string());
    let args = ["propose", plan, "--delist", "--safe-transaction", &file, "--safe", &safe];
    desk.room.council.cli.json(&args, 0).await?;
    let batch = read_json(&file)?;
    let call = &batch["transactions"][0];
    let [old, new] = [function.0, function.1].map(hex::encode);
    let data = call["data"].as_str().context("no data")?;
    ensure!(data.matches(&old).count() == 1, "the call has another function");
    let request = TransactionRequest::default()
        .to(call["to"].as_str().context("no to")?.parse()?)
        .input(hex::decode(data.replace(&old, &new))?.into());
    let receipt = desk.room.council.chain.send_as(member, request).await?;
    ensure!(receipt.status(), "the council refuses it");
    let status = desk.room.council.cli.json(&["status"], 0).await?;
    let id = status["open_proposals"][0]["proposal"].as_str().context("none is open")?;
    Ok(id.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delisting_is_by_the_function_that_the_list_wants_and_its_digest_is_the_proposals()
-> Result<()> {
    let mut desk = Reviewer::open().await?;
    let flags = [&["--source", "OWN"], &DATE[..]].concat();
    let first = own(&mut desk, 1..=20, ("first.json", &flags)).await?;
    desk.room.council.hold(&first).await?;
    desk.room.council.pass(&desk.room.council.propose(&first).await?).await?;
    // Four of twenty leave, which is more than 15 %, and ten come.
    let flags = [&flags[..], &["--allow-shrink"]].concat();
    let second = own(&mut desk, 5..=30, ("second.json", &flags)).await?;
    desk.room.council.hold(&second).await?;
    let (few, many) = (IBlocklist::delistCall::SELECTOR, IBlocklist::delistManyCall::SELECTOR);
    let wrong = propose_by(&desk, &second.path, (many, few)).await?;
    let told = ["another function", "calls delist;", "delistMany is the one"];
    desk.told(&[&second.path, "--proposal", &wrong], "function", &told).await?;

    // Once the ten are on the list, four are less than 15 %.
    desk.room.council.pass(&desk.room.council.propose(&second).await?).await?;
    let council = &desk.room.council;
    let proposal = council.propose_as(&council.relayer, &[&second.path, "--delist"]).await?;
    let (said, warned) = warnings(&desk, &[&second.path, "--proposal", &proposal]).await?;
    let call = IBlocklist::delistCall { batch: second.manifest.delisting_batch()? }.abi_encode();
    assert_eq!(said["calldata_digests"], json!({ "delist": digest(&call) }));
    assert!(warned.contains("the plan foresaw delistMany"), "{warned}");
    Ok(())
}
