//! What happens, in order, and what must have come of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use alloy::primitives::Address;
use alloy::rpc::types::TransactionReceipt;
use anyhow::{Context, Result, ensure};
use interdict_tests::anvil::Pace;
use interdict_tests::council::{MAJORITY, Plan, SEATS};
use interdict_tests::exit::LISTED;
use interdict_tests::indexer::Indexer;
use interdict_tests::receiver::Delivery;
use interdict_tests::stage::{Stage, USDT};
use serde_json::Value;
use tempfile::TempDir;

use crate::say;

/// How long an alert may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Blocks within which a payment to a listed address must have alerted.
const ALERT_WITHIN_BLOCKS: u64 = 2;

/// After so many blocks more the demo's chain is final.
const FINAL_AFTER_BLOCKS: u64 = 17;

/// The dealings of this story.
const EXPECTED: usize = 5;

/// A hundredth of an ether.
const CENTIETHER: u64 = 10_000_000_000_000_000;

/// Everything that must stay alive while the inbox is open.
#[derive(Debug)]
pub struct Open {
    scene: Scene,
    _folder: TempDir,
}

impl Open {
    /// Where the inbox is.
    pub fn url(&self) -> String {
        format!("{}/", self.scene.indexer.url)
    }

    /// The command that makes a token for it.
    ///
    /// # Errors
    /// The indexer is not built.
    pub fn token(&self) -> Result<String> {
        let program = interdict_tests::program("interdict-indexer")?;
        let config = self.scene.stage.settings.config();
        let what = "tokens create --person alice --role analyst";
        Ok(format!("{} --config {} {what}", program.display(), config.display()))
    }
}

#[derive(Debug)]
struct Scene {
    stage: Stage,
    indexer: Indexer,
}

/// Plays the whole story.
///
/// # Errors
/// The first thing that did not come out as it must.
pub async fn tell(publication: &Path, port: u16) -> Result<Open> {
    let folder = tempfile::Builder::new().prefix("interdict-demo-").tempdir()?;
    let scene = set(folder.path(), port).await?;
    let stage = &scene.stage;

    say::chapter("Before the listing");
    let plan = read(stage, publication).await?;
    let listed = plan.first()?;
    let early = stage.pay(listed, 500 * USDT).await?;
    say::step(format!("a customer pays 500 USDT to {listed}, who is not listed yet"));

    say::chapter("The council");
    govern(stage, &plan, listed).await?;

    say::chapter("The chain goes on");
    let paid = stage.pay(listed, 250 * USDT).await?;
    say::step("a customer pays 250 USDT to the same address");
    let alert = expect(stage, "the alert", &paid, "alert.created").await?;
    require(&alert, &[("phase", "while"), ("severity", "critical"), ("direction", "outbound")])?;
    within_blocks(stage, &paid).await?;

    let early = expect(stage, "the early payment", &early, "alert.created").await?;
    require(
        &early,
        &[
            ("phase", "before"),
            ("found_by", "lookback"),
            ("rule", "boundary"),
            ("severity", "medium"),
        ],
    )?;
    say::checked("the payment from before the listing is told apart: on its day, a person decides");

    dust(stage, listed).await?;
    ether(stage, listed).await?;
    taken_back(&scene, listed).await?;

    confirmed(&scene).await?;

    say::chapter("What the inbox holds");
    summary(&scene).await?;
    Ok(Open { scene, _folder: folder })
}

async fn set(folder: &Path, port: u16) -> Result<Scene> {
    say::chapter("The stage");
    let stage = Stage::build(folder, Pace::EverySecond, port).await?;
    say::step(format!("a local chain at {}", stage.anvil.url));
    say::step(format!(
        "the list at {}, governed by {SEATS} seats; the deployer keeps no power",
        stage.council.deployment()?.blocklist.address
    ));
    let indexer = stage.settings.start().await?;
    say::step(format!("the indexer verifies every block; its inbox is at {}/", indexer.url));
    Ok(Scene { stage, indexer })
}

async fn read(stage: &Stage, publication: &Path) -> Result<Plan> {
    let plan = stage.council.plan(publication, "plan.json").await?;
    let name = publication.file_name().unwrap_or_default().to_string_lossy();
    let only_usdt = plan.tagged_only("USDT");
    say::step(format!(
        "{name}, data as of {}: {} addresses to list, {} of them tagged only USDT",
        plan.manifest.publication.data_as_of,
        plan.addresses().len(),
        only_usdt.len()
    ));
    for address in only_usdt {
        say::step(format!("  {address}, which a reader of ETH tags would miss"));
    }
    let quarantine = plan.said["quarantine"].as_array().map_or(0, Vec::len);
    say::step(format!("{quarantine} unreadable and put aside for a person to look at"));
    Ok(plan)
}

async fn govern(stage: &Stage, plan: &Plan, listed: Address) -> Result<()> {
    let council = &stage.council;
    let all = plan.addresses();
    council.hold(plan).await?;
    say::step(format!("{MAJORITY} members sign, anyone sends: held at once, for seven days"));
    let held = council.cli.json(&["check", &listed.to_string()], LISTED).await?;
    ensure!(held["provisional"] == true, "the address is not held provisionally: {held}");

    let proposal = council.propose(plan).await?;
    say::step(format!("the ratifying vote is proposed: {}…", &proposal[..18.min(proposal.len())]));
    council.pass(&proposal).await?;
    say::step(format!("{MAJORITY} of {SEATS} vote for it; it is executed"));

    let count = council.count().await?;
    ensure!(count == all.len() as u64, "{count} addresses are listed instead of {}", all.len());
    for address in &all {
        let listing = council.chain.listing(council.deployment()?.blocklist.address, *address);
        let listing = listing.await?;
        ensure!(listing.sanctioned && !listing.provisional, "{address} is not ratified");
    }
    say::checked(format!("{count} addresses are listed and ratified on the chain"));
    for address in plan.tagged_only("USDT") {
        council.cli.json(&["check", &address.to_string()], LISTED).await?;
        say::checked(format!("{address}, tagged only USDT, among them"));
    }
    Ok(())
}

async fn dust(stage: &Stage, listed: Address) -> Result<()> {
    let chain = &stage.council.chain;
    let somebody = stage.council.members[0].address();
    let sender = &stage.council.relayer;
    let sent = chain.pay_out_of(stage.token, listed, sender, somebody, USDT).await?;
    say::step("the listed address sends 1 USDT to somebody who did not ask");
    let alert = expect(stage, "the dust", &sent, "alert.created").await?;
    require(
        &alert,
        &[("severity", "informational"), ("direction", "inbound"), ("phase", "while")],
    )?;
    say::checked("dust is on record and accuses nobody");
    Ok(())
}

async fn ether(stage: &Stage, listed: Address) -> Result<()> {
    let customer = &stage.council.guardian;
    let paid = stage.council.chain.pay_ether(customer, listed, CENTIETHER).await?;
    say::step("a customer pays 0.01 ETH to the listed address");
    let alert = expect(stage, "the ether payment", &paid, "alert.created").await?;
    require(&alert, &[("severity", "critical"), ("phase", "while")])
}

async fn taken_back(scene: &Scene, listed: Address) -> Result<()> {
    let paid = scene.stage.pay(listed, 99 * USDT).await?;
    say::step("a customer pays 99 USDT to the listed address …");
    expect(&scene.stage, "the payment", &paid, "alert.created").await?;
    let block = paid.block_number.context("the payment is in no block")?;
    scene.stage.council.chain.take_back(block).await?;
    say::step("… and a reorg takes the block back");
    let retracted = expect(&scene.stage, "the retraction", &paid, "alert.retracted").await?;
    require(&retracted, &[("confirmation", "retracted")])?;
    let id = retracted["id"].as_str().unwrap_or_default();
    let kept = scene.indexer.get(&format!("/v1/alerts/{id}")).await?;
    ensure!(kept["confirmation"] == "retracted", "the store does not say retracted: {kept}");
    say::checked("the receiver was told, and the alert is kept as retracted");
    Ok(())
}

async fn confirmed(scene: &Scene) -> Result<()> {
    scene.stage.council.chain.mine(FINAL_AFTER_BLOCKS).await?;
    let none = |page: &Value| page["alerts"].as_array().is_some_and(Vec::is_empty);
    scene.indexer.until("/v1/alerts?confirmation=pending", PATIENCE, none).await?;
    say::checked("some blocks later the rest is final: confirmed");
    Ok(())
}

async fn expect(stage: &Stage, what: &str, paid: &TransactionReceipt, kind: &str) -> Result<Value> {
    let tx = paid.transaction_hash.to_string();
    let fits = |delivery: &Delivery| {
        delivery.kind() == kind && delivery.alert()["at"]["tx_hash"] == tx.as_str()
    };
    let delivery = stage.receiver.wait_for(what, PATIENCE, fits).await?;
    tell_alert(delivery.kind() == "alert.retracted", delivery.alert(), "");
    Ok(delivery.alert().clone())
}

fn tell_alert(retracted: bool, alert: &Value, confirmation: &str) {
    let mark = if retracted { "↩" } else { "●" };
    let severity = alert["severity"].as_str().unwrap_or("?");
    let amount = alert["amount"]["decimal"].as_str().unwrap_or("?");
    let name = alert["amount"]["symbol"].as_str().unwrap_or("?");
    let way = if alert["direction"] == "outbound" { "to" } else { "from" };
    let phase = match alert["phase"].as_str() {
        Some("before") => "before it was listed",
        Some("while") => "while listed",
        _ => "after it was delisted",
    };
    let verb = if retracted { "taken back: " } else { confirmation };
    let listed = alert["listed"].as_str().unwrap_or("?");
    let rule = alert["rule"].as_str().unwrap_or("?");
    say::alert(mark, severity, format!("{verb}{amount} {name} {way} {listed} {phase} ({rule})"));
}

fn require(alert: &Value, expected: &[(&str, &str)]) -> Result<()> {
    for (field, value) in expected {
        ensure!(alert[field] == *value, "{field} is {} instead of {value}", alert[field]);
    }
    Ok(())
}

async fn within_blocks(stage: &Stage, paid: &TransactionReceipt) -> Result<()> {
    let block = paid.block_number.context("the payment is in no block")?;
    let blocks = stage.council.chain.height().await?.saturating_sub(block);
    ensure!(blocks <= ALERT_WITHIN_BLOCKS, "the alert took {blocks} blocks");
    say::checked(format!("delivered, signed and verified, {blocks} blocks after the payment"));
    Ok(())
}

async fn summary(scene: &Scene) -> Result<()> {
    let alerts = scene.indexer.alerts().await?;
    for alert in &alerts {
        let confirmed = if alert["confirmation"] == "confirmed" { "confirmed: " } else { "" };
        tell_alert(alert["confirmation"] == "retracted", alert, confirmed);
    }
    let ids: BTreeSet<_> = alerts.iter().map(|alert| alert["id"].to_string()).collect();
    ensure!(ids.len() == alerts.len(), "an alert stands twice in the inbox");
    ensure!(alerts.len() == EXPECTED, "{} alerts instead of {EXPECTED}", alerts.len());
    ensure!(
        scene.stage.receiver.refused().is_empty(),
        "refused: {:?}",
        scene.stage.receiver.refused()
    );
    say::checked(format!("{EXPECTED} alerts, each once; every delivery's signature was right"));
    Ok(())
}
