//! What the council has before it, as the indexer shows it: from the vote to its end, and where the
//! guardian ends it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use interdict_tests::anvil::Pace;
use interdict_tests::council::MAJORITY;
use interdict_tests::indexer::Indexer;
use interdict_tests::stage::Stage;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Addresses of the publication.
const OWN: [&str; 3] = [
    "0x1055b10df2b464ae9944b23da55334509f125620",
    "0x2ccbb77647a3ebea726428d49280a4bbda99d652",
    "0x3ee2f7bc9c812ee9206500c6c2da6f9d1271c450",
];

/// The addresses of a call, without checksums.
fn named(call: &Value) -> Result<Vec<String>> {
    let addresses = call["addresses"].as_array().context("no addresses")?;
    let lower = |address: &Value| address.as_str().map(str::to_lowercase).context("no address");
    addresses.iter().map(lower).collect()
}

/// Waits until the newest proposal stands as it should.
async fn until(indexer: &Indexer, course: &str, count: usize) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let shown = indexer.get("/v1/list/proposals").await?;
        let proposals = shown["proposals"].as_array().context("no proposals")?;
        if proposals.len() == count && proposals[0]["course"] == course {
            ensure!(shown["trouble"].is_null(), "{shown:#}");
            ensure!(shown["said_by"].as_str().is_some_and(|by| by.starts_with("http://127.0.0.1")));
            return Ok(proposals[0].clone());
        }
        if begun.elapsed() > PATIENCE {
            bail!("no proposal {count} became {course}: {shown:#}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_shown_from_its_vote_to_its_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = Stage::build(folder.path(), Pace::OnDemand, 0).await?;
    let council = &stage.council;
    // A vote in the second in which the seats were given would be counted by seats of before.
    council.chain.wait_seconds(1).await?;
    let indexer = stage.settings.start().await?;
    let plan = async |named: &[&str], name: &str| {
        let own = folder.path().join("own.csv");
        let row = |address: &&str| format!("{address},7,,,\n");
        let rows: String = named.iter().map(row).collect();
        std::fs::write(&own, format!("address,uid,designated_on,programs,tickers\n{rows}"))?;
        let flags = ["--source", "OWN", "--data-as-of", "2026-08-20T00:00:00Z", "--allow-shrink"];
        council.plan_with(&own, name, &flags).await
    };

    // A ratifying vote, which takes effect at once.
    let all = plan(&OWN, "all.json").await?;
    council.hold(&all).await?;
    let id = council.propose(&all).await?;
    let shown = until(&indexer, "active", 1).await?;
    assert_eq!(shown["id"], id);
    assert_eq!(shown["proposer"], council.members[0].address().to_string());
    assert_eq!((&shown["votes_for"], &shown["needed"]), (&json!(0), &json!(MAJORITY)));
    let [call] = &shown["calls"].as_array().context("no calls")?[..] else {
        bail!("not one call: {shown:#}")
    };
    assert_eq!((&call["deed"], &call["sources"]), (&json!("list"), &json!(["OWN"])));
    assert_eq!((named(call)?, &call["count"]), (OWN.map(str::to_owned).to_vec(), &json!(3)));
    council.pass(&id).await?;
    let shown = until(&indexer, "executed", 1).await?;
    assert_eq!((&shown["votes_for"], &shown["needed"]), (&json!(MAJORITY), &Value::Null));

    // A delisting, which waits, and which the guardian ends.
    let fewer = plan(&OWN[1..], "fewer.json").await?;
    let id = council.propose_as(&council.members[0], &[&fewer.path, "--delist"]).await?;
    let shown = until(&indexer, "active", 2).await?;
    assert_eq!(named(&shown["calls"][0])?, [OWN[0]]);
    council.vote(&id).await?;
    until(&indexer, "succeeded", 2).await?;
    council.cli.json_as(&council.relayer, &["execute", &id], 0).await?;
    let shown = until(&indexer, "queued", 2).await?;
    assert!(shown["due"].is_string(), "{shown:#}");
    council.cli.json_as(&council.guardian, &["cancel", &id], 0).await?;
    until(&indexer, "canceled", 2).await?;
    Ok(())
}
