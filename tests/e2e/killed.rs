//! kill -9 at random moments of the demo's story: the same alerts, none twice, none missing.
//!
//! Two indexers watch one chain. One is left in peace; the other is killed again and again, at a
//! random moment after each start, while the chain goes on. In the end both must know the same.
//! `KILL_SEED` repeats a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use alloy::primitives::Address;
use alloy::providers::Provider;
use anyhow::{Context, Result, ensure};
use interdict_tests::anvil::Pace;
use interdict_tests::chain::Chain;
use interdict_tests::council::Plan;
use interdict_tests::indexer::Indexer;
use interdict_tests::publication;
use interdict_tests::receiver::Receiver;
use interdict_tests::stage::{Stage, USDT};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_mins(2);

/// How often the indexer is killed.
const KILLS: usize = 40;

/// The longest life of the indexer between two kills: some die before they listen, some while they
/// work off what came meanwhile.
const LIFETIME_MAX: Duration = Duration::from_millis(500);

/// The payments before the listing: enough for a lookback of several batches.
const EARLY_PAYMENTS: usize = 60;

/// After so many blocks more, anvil calls a block final.
const FINAL_AFTER_BLOCKS: u64 = 3;

struct Story {
    stage: Stage,
    plan: Plan,
    listed: Address,
}

impl Story {
    async fn begin(folder: &Path) -> Result<Self> {
        let stage = Stage::build(folder, Pace::OnDemand, 0).await?;
        let plan = stage.council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
        let listed = plan.first()?;
        Ok(Self { stage, plan, listed })
    }

    async fn pay(&self, units: u64) -> Result<u64> {
        let paid = self.stage.pay(self.listed, units).await?;
        paid.block_number.context("the payment is in no block")
    }

    /// What happens between two kills.
    async fn happen(&self, round: usize, rng: &mut StdRng) -> Result<()> {
        let (council, token) = (&self.stage.council, self.stage.token);
        let chain = &council.chain;
        match round {
            3 => drop(council.hold(&self.plan).await?),
            9 => {
                let proposal = council.propose(&self.plan).await?;
                council.pass(&proposal).await?;
            }
            _ => {}
        }
        match rng.gen_range(0..4) {
            0 => drop(self.pay(rng.gen_range(1..500) * USDT).await?),
            1 => {
                let sender = &council.relayer;
                let to = Address::repeat_byte(0x42);
                chain.pay_out_of(token, self.listed, sender, to, USDT).await?;
            }
            2 => {
                let customer = &council.guardian;
                chain.pay_ether(customer, self.listed, 10_000_000_000_000_000).await?;
            }
            _ => {
                let block = self.pay(99 * USDT).await?;
                chain.take_back(block).await?;
            }
        }
        Ok(())
    }
}

/// What must be equal, by alert: all of it but what a retraction leaves open.
fn standing(alerts: &[Value]) -> BTreeMap<String, Value> {
    let stands = |alert: &&Value| alert["confirmation"] != "retracted";
    alerts.iter().filter(stands).map(|alert| (alert["id"].to_string(), alert.clone())).collect()
}

/// The chain itself is asked: what stands is on it, what was retracted is not. Which blocks
/// somebody saw before a reorg took them is chance, for both.
async fn assert_follows_the_chain(chain: &Chain, alerts: &[Value]) -> Result<()> {
    for alert in alerts {
        let number = alert["at"]["block"].as_u64().context("an alert has a block")?;
        let block = chain.provider().get_block_by_number(number.into()).await?;
        let canonical = block.context("the chain has the block")?.header.hash.to_string();
        let stands = alert["confirmation"] != "retracted";
        assert_eq!(stands, alert["at"]["block_hash"] == canonical.as_str(), "{alert}");
    }
    Ok(())
}

/// What one of them knows and the other does not, or knows otherwise.
fn differences(found: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>) -> Vec<String> {
    let ids: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let pairs = ids.into_iter().map(|id| (found.get(id), expected.get(id)));
    let differ = pairs.filter(|(found, expected)| found != expected);
    differ.map(|(found, expected)| format!("found {found:?}\ninstead of {expected:?}")).collect()
}

async fn caught_up(indexer: &Indexer, height: u64) -> Result<()> {
    let done = |ready: &Value| {
        ready["cursor"].as_u64() == Some(height)
            && ready["lookbacks_open"] == 0
            && ready["deliveries_pending"] == 0
    };
    indexer.until("/readyz", PATIENCE, done).await?;
    Ok(())
}

/// What a receiver knows in the end, if it keeps the last word on each alert.
fn told(receiver: &Receiver) -> BTreeMap<String, (u64, Value)> {
    let mut last: BTreeMap<String, (u64, Value)> = BTreeMap::new();
    for delivery in receiver.deliveries() {
        let seq = delivery.body["data"]["seq"].as_u64().unwrap_or_default();
        let alert = delivery.alert();
        let known = last.entry(alert["id"].to_string()).or_insert((0, Value::Null));
        if seq > known.0 {
            *known = (seq, alert["confirmation"].clone());
        }
    }
    last
}

#[allow(clippy::print_stdout, reason = "a failure must say how to repeat it")]
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_ends_with_the_same_alerts() -> Result<()> {
    let seed: u64 = match std::env::var("KILL_SEED") {
        Ok(seed) => seed.parse().context("KILL_SEED is no number")?,
        Err(_) => rand::random(),
    };
    println!("KILL_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir()?;
    let story = Story::begin(folder.path()).await?;
    let chain = &story.stage.council.chain;
    let peace = story.stage.settings.start().await?;
    let war_receiver = Receiver::start().await?;
    let war = story.stage.second(&folder.path().join("war"), &war_receiver);

    for _ in 0..EARLY_PAYMENTS {
        story.pay(20 * USDT).await?;
    }
    for round in 0..KILLS {
        let lifetime = LIFETIME_MAX.mul_f64(rng.r#gen());
        let (lived, happened) = tokio::join!(war.live_for(lifetime), story.happen(round, &mut rng));
        lived?;
        happened?;
    }

    story.pay(7 * USDT).await?;
    let height = chain.height().await?;
    let survivor = war.start().await?;
    chain.mine(FINAL_AFTER_BLOCKS).await?;
    for indexer in [&survivor, &peace] {
        caught_up(indexer, height + FINAL_AFTER_BLOCKS).await?;
        let none_pending = |page: &Value| page["alerts"].as_array().is_some_and(Vec::is_empty);
        indexer.until("/v1/alerts?confirmation=pending", PATIENCE, none_pending).await?;
        caught_up(indexer, height + FINAL_AFTER_BLOCKS).await?;
    }

    let (expected, found) = (peace.alerts().await?, survivor.alerts().await?);
    let mut ids: Vec<_> = found.iter().map(|alert| alert["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), found.len(), "an alert stands twice");
    assert!(standing(&expected).len() > EARLY_PAYMENTS, "the story made too few findings");
    let differ = differences(&standing(&found), &standing(&expected));
    assert!(differ.is_empty(), "KILL_SEED={seed}\n{}", differ.join("\n"));
    assert_follows_the_chain(chain, &found).await?;
    assert_follows_the_chain(chain, &expected).await?;

    // And whoever listens to the webhooks knows what the store knows.
    let told = told(&war_receiver);
    for alert in &found {
        let id = alert["id"].to_string();
        let (_, confirmation) =
            told.get(&id).with_context(|| format!("nobody was told of {id}"))?;
        ensure!(*confirmation == alert["confirmation"], "{id} was last told as {confirmation}");
    }
    assert_eq!(told.len(), found.len(), "something was told that the store does not know");
    assert_eq!(war_receiver.refused(), Vec::<String>::new());
    Ok(())
}
