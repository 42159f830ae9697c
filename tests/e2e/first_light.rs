//! From a publication to an alert, on a real chain with the real binaries.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use alloy::primitives::Address;
use anyhow::{Context, Result};
use interdict_tests::anvil::Pace;
use interdict_tests::exit::LISTED;
use interdict_tests::indexer::Indexer;
use interdict_tests::publication;
use interdict_tests::receiver::Delivery;
use interdict_tests::stage::{Stage, USDT};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(1);
async fn build(folder: &Path) -> Result<Stage> {
    Stage::build(folder, Pace::OnDemand, 0).await
}

async fn pay(stage: &Stage, to: Address, units: u64) -> Result<String> {
    Ok(stage.pay(to, units).await?.transaction_hash.to_string())
}

async fn told(stage: &Stage, kind: &str, tx: &str) -> Result<Value> {
    let fits = |d: &Delivery| d.kind() == kind && d.alert()["at"]["tx_hash"] == tx;
    let delivery = stage.receiver.wait_for(&format!("{kind} of {tx}"), PATIENCE, fits).await?;
    Ok(delivery.alert().clone())
}

async fn follow_to_head(stage: &Stage, indexer: &Indexer) -> Result<()> {
    let height = stage.council.chain.height().await?;
    let there = |ready: &Value| ready["cursor"].as_u64() == Some(height);
    indexer.until("/readyz", PATIENCE, there).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_becomes_a_listing_and_a_payment_an_alert() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = build(folder.path()).await?;
    let indexer = stage.settings.start().await?;

    let plan = stage.council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
    let listed = plan.first()?;
    assert!(!plan.tagged_only("USDT").is_empty(), "the sample has an address tagged only USDT");
    let early = pay(&stage, listed, 500 * USDT).await?;

    // Held by signatures, then ratified by a vote.
    stage.council.hold(&plan).await?;
    let held = stage.council.cli.json(&["check", &listed.to_string()], LISTED).await?;
    assert_eq!(held["provisional"], true);
    let proposal = stage.council.propose(&plan).await?;
    stage.council.pass(&proposal).await?;
    let check = stage.council.cli.json(&["check", &listed.to_string()], LISTED).await?;
    assert_eq!(check["provisional"], false);
    assert_eq!(stage.council.count().await?, plan.addresses().len() as u64);

    // The publication is on the chain: nothing is left to plan.
    let again = publication("sample_enhanced.xml").display().to_string();
    let out = folder.path().join("again.json").display().to_string();
    stage.council.cli.json(&["plan", &again, "--out", &out], 0).await?;

    // Judged as of the transfer.
    let early = told(&stage, "alert.created", &early).await?;
    assert_eq!((&early["phase"], &early["found_by"]), (&"before".into(), &"lookback".into()));
    // On the listing's own day, after its publication: both readings stand.
    assert_eq!((&early["rule"], &early["severity"]), (&"boundary".into(), &"medium".into()));

    let paid = pay(&stage, listed, 250 * USDT).await?;
    let paid = told(&stage, "alert.created", &paid).await?;
    assert_eq!((&paid["phase"], &paid["severity"]), (&"while".into(), &"critical".into()));
    assert_eq!(paid["listing"]["manifest"], plan.manifest.hash()?.to_string());

    let somebody = Address::repeat_byte(0x42);
    let chain = &stage.council.chain;
    let dust = chain
        .pay_out_of(stage.token, listed, &stage.council.relayer, somebody, USDT)
        .await?
        .transaction_hash
        .to_string();
    let dust = told(&stage, "alert.created", &dust).await?;
    assert_eq!(
        (&dust["rule"], &dust["severity"]),
        (&"unsolicited_dust".into(), &"informational".into())
    );

    // Nobody is accused for dealing with an address that no list names.
    let stranger = pay(&stage, Address::repeat_byte(0x77), 250 * USDT).await?;
    follow_to_head(&stage, &indexer).await?;
    let alerts = indexer.alerts().await?;
    assert!(alerts.iter().all(|alert| alert["at"]["tx_hash"] != stranger.as_str()));
    assert_eq!(alerts.len(), 3, "{alerts:#?}");

    // Two blocks later the chain has made up its mind.
    chain.mine(3).await?;
    let id = paid["id"].as_str().context("an alert has an id")?.to_owned();
    let path = format!("/v1/alerts/{id}");
    indexer.until(&path, PATIENCE, |alert| alert["confirmation"] == "confirmed").await?;
    assert_eq!(stage.receiver.refused(), Vec::<String>::new());
    indexer.kill().await?;
    stage.anvil.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reorg_takes_back_is_retracted() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = build(folder.path()).await?;
    let plan = stage.council.govern(&publication("sample_enhanced.xml"), "plan.json").await?;
    let indexer = stage.settings.start().await?;

    let tx = pay(&stage, plan.first()?, 99 * USDT).await?;
    let created = told(&stage, "alert.created", &tx).await?;
    stage.council.chain.take_back(stage.council.chain.height().await?).await?;
    let retracted = told(&stage, "alert.retracted", &tx).await?;
    assert_eq!(created["id"], retracted["id"]);

    // The chain goes on, and the retracted one stays on record.
    let tx = pay(&stage, plan.first()?, 98 * USDT).await?;
    told(&stage, "alert.created", &tx).await?;
    let alerts = indexer.alerts().await?;
    let states: Vec<_> = alerts.iter().map(|alert| alert["confirmation"].to_string()).collect();
    assert_eq!(alerts.len(), 2);
    assert!(states.contains(&"\"retracted\"".to_owned()), "{states:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_a_reorg_takes_back_takes_its_findings_along() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = build(folder.path()).await?;
    let indexer = stage.settings.start().await?;
    let plan = stage.council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
    let early = pay(&stage, plan.first()?, 500 * USDT).await?;
    stage.council.hold(&plan).await?;
    let found = told(&stage, "alert.created", &early).await?;
    assert_eq!(found["phase"], "before");

    stage.council.chain.take_back(stage.council.chain.height().await?).await?;
    let retracted = told(&stage, "alert.retracted", &early).await?;
    assert_eq!(found["id"], retracted["id"], "the payment stands, the listing does not");
    follow_to_head(&stage, &indexer).await?;
    let confirmations: BTreeSet<_> =
        indexer.alerts().await?.iter().map(|alert| alert["confirmation"].to_string()).collect();
    assert_eq!(confirmations, BTreeSet::from(["\"retracted\"".to_owned()]));
    Ok(())
}
