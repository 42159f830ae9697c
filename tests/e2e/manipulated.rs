//! A reviewer is handed a plan that somebody has changed: once by an ordinary edit of the file, and
//! once so that everything in it is consistent again. They have their own copy of the publication,
//! and the chain.

use alloy::primitives::{Address, B256, address};
use anyhow::{Context, Result, ensure};
use interdict_tests::assert_says;
use interdict_tests::exit::STALE;
use interdict_tests::forger::Forgery;
use interdict_tests::reviewer::{Forged, Reviewer};
use serde_json::{Value, json};

/// The first entry that the sample gives, and an address that looks like it.
const PUBLISHED: Address = address!("0x10ab0fe358f313e8ef57b5a9033940ef84525975");
const LOOK_ALIKE: Address = address!("0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975");

#[tokio::test(flavor = "multi_thread")]
async fn an_address_swapped_for_a_look_alike() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["address"] = json!(LOOK_ALIKE);
            Ok(())
        })
        .await?;
    let (right, wrong) = (PUBLISHED.to_string(), LOOK_ALIKE.to_string());
    desk.told_of(&forged, "look_alike", &[&right, &wrong, "It is a look-alike"]).await?;

    // A person reads the same, and what to do.
    let mine = desk.mine();
    for (file, more) in [(&forged.sealed, ""), (&forged.plain, "its manifest hashes to ")] {
        let run = desk.room.council.cli.run(&["verify", file, "--publication", &mine]).await?;
        assert_eq!(run.code, STALE);
        let words = ["different: ", "It is a look-alike", &right, &wrong, more];
        assert_says(&run.stdout, &words);
        assert!(run.stderr.contains("do not sign"), "{}", run.stderr);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_slipped_in() -> Result<()> {
    let desk = Reviewer::open().await?;
    let enemy = desk.room.council.guardian.address();
    let forged = desk.forged(|forgery| forgery.slip_in(0, enemy)).await?;
    desk.told_of(&forged, "slipped_in", &[&enemy.to_string(), "slipped in"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_left_out() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk.forged(|forgery| forgery.leave_out(0)).await?;
    desk.told_of(&forged, "left_out", &[&PUBLISHED.to_string(), "left out"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_hidden_among_additions() -> Result<()> {
    let desk = Reviewer::open().await?;
    // One person's address is listed; the next publication names it still, and others besides.
    let first = desk.room.file("first.csv");
    let row = format!("address,uid,designated_on,programs,tickers\n{PUBLISHED},900001,,,ETH\n");
    std::fs::write(&first, row)?;
    let stated = ["--source", "OFAC-SDN", "--data-as-of", "2026-01-01T00:00:00Z"];
    let plan = desk.room.council.plan_with(&first, "first.json", &stated).await?;
    desk.room.council.hold(&plan).await?;
    let proposal = desk.room.council.propose(&plan).await?;
    desk.room.council.pass(&proposal).await?;

    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["delist"] =
                json!([{ "address": PUBLISHED, "uid": uid(forgery, 900_001) }]);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "hidden_removal", &[&PUBLISHED.to_string(), "a removal is hidden"]).await
}

/// A uid as this version of the manifest writes it.
fn uid(forgery: &mut Forgery, uid: u64) -> Value {
    if forgery.entry(0)["uid"].is_string() { json!(uid.to_string()) } else { json!(uid) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uid_changed() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["uid"] = uid(forgery, 900_777);
            if !forgery.entry(0)["authority_id"].is_null() {
                forgery.entry(0)["authority_id"] = json!("900777");
            }
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "uid", &[&PUBLISHED.to_string(), "900777", "900001"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_changed() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["designated_on"] = json!("2012-03-04");
            Ok(())
        })
        .await?;
    let words = [&PUBLISHED.to_string(), "date of designation", "2012-03-04", "2021-03-04"];
    desk.told_of(&forged, "date", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_changed() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.entry(0)["programs"] = json!(["EXAMPLE9"]);
            Ok(())
        })
        .await?;
    let words = [&PUBLISHED.to_string(), "the programs", "EXAMPLE9", "EXAMPLE1"];
    desk.told_of(&forged, "evidence", &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_publication_behind_the_same_entries() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["publication"]["sha256"] = json!(B256::repeat_byte(7));
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "publication", &[&B256::repeat_byte(7).to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_contract() -> Result<()> {
    let desk = Reviewer::open().await?;
    let other = Address::repeat_byte(0x5b);
    let forged = desk
        .forged(|forgery| {
            forgery.plan["blocklist"] = json!(other);
            forgery.plan["manifest"]["blocklist"] = json!(other);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "contract", &["changes a list at", &other.to_string()]).await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["signed_act"] = json!(other);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "contract", &["would sign for", &other.to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["chain_id"] = json!(1);
            forgery.plan["manifest"]["chain_id"] = json!(1);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "chain", &["another chain", "chain 1", "31337"]).await?;
    let genesis = B256::repeat_byte(9);
    let forged = desk
        .forged(|forgery| {
            forgery.plan["genesis_hash"] = json!(genesis);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "genesis", &["another chain", &genesis.to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn other_code() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["code_hash"] = json!(B256::repeat_byte(9));
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "code", &["other code", &B256::repeat_byte(9).to_string()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_nonce_deadline_or_head() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk.forged(|forgery| set(forgery, &[("nonce", json!(1))])).await?;
    desk.told_of(&forged, "nonce", &["another nonce", "under 1", "was 0"]).await?;

    let far = "2030-01-01T00:00:00Z";
    let late: jiff::Timestamp = far.parse()?;
    let both = [("deadline", json!(late.as_second())), ("expires_at", json!(far))];
    let forged = desk.forged(|forgery| set(forgery, &both[..1])).await?;
    desk.told_of(&forged, "deadline", &["another deadline", far]).await?;
    let forged = desk.forged(|forgery| set(forgery, &both)).await?;
    desk.told_of(&forged, "deadline", &["another deadline", far, "7 days"]).await?;

    let head = B256::repeat_byte(9);
    let forged = desk.forged(|forgery| set(forgery, &[("head", json!(head))])).await?;
    desk.told_of(&forged, "head", &["another state of the list", &head.to_string()]).await?;
    let forged = desk.forged(|forgery| set(forgery, &[("act_count", json!(7))])).await?;
    desk.told_of(&forged, "head", &["after act 7"]).await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["at_block"]["hash"] = json!(head);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "block", &["another block", &head.to_string()]).await?;
    let block = json!({ "number": 1_000_000, "hash": head });
    let forged = desk.forged(|forgery| set(forgery, &[("at_block", block)])).await?;
    desk.told_of(&forged, "block", &["another block", "1000000"]).await
}

fn set(forgery: &mut Forgery, fields: &[(&str, Value)]) -> Result<()> {
    for (name, value) in fields {
        ensure!(!forgery.plan[name].is_null(), "the plan has no {name}");
        forgery.plan[name] = value.clone();
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_slipped_in() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            forgery.plan["manifest"]["overrides"] = json!(["shrink"]);
            Ok(())
        })
        .await?;
    desk.told_of(&forged, "override", &["slipped in", "--allow-shrink", "it is not"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_hidden() -> Result<()> {
    let mut desk = Reviewer::open().await?;
    let burn = "0x000000000000000000000000000000000000dEaD";
    desk.genuine = desk.room.sample_with("odd.xml", &[(&format!("{PUBLISHED:#x}"), burn)])?;
    let flag = ["--allow-never-list"];
    let honest = desk.room.council.plan_with(&desk.genuine, "honest.json", &flag).await?;
    let mut forgery = Forgery::of(&honest.path)?;
    forgery.plan["manifest"]["overrides"] = json!([]);
    let plain = forgery.save(&desk.room.file("edited.json"))?;
    let forged = Forged { sealed: forgery.seal(&desk.room.file("forged.json"))?, plain };
    desk.told_of(&forged, "override", &["an override is hidden", "--allow-never-list"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_row_removed() -> Result<()> {
    let desk = Reviewer::open().await?;
    let forged = desk
        .forged(|forgery| {
            let rows = forgery.plan["quarantine"].as_array_mut().context("no quarantine")?;
            ensure!(rows.pop().is_some(), "the sample has nothing in quarantine");
            Ok(())
        })
        .await?;
    let words = ["left out of the quarantine", "0xC0f74EEd632E96C35a22d67AB4aa481Da852E4F"];
    desk.told_of(&forged, "quarantine", &words).await
}
