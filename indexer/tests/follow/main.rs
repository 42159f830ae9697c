//! The whole indexer against a real chain: what is found, what is taken back, what is never
//! believed.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

mod binary;
mod catchup;
mod chain;
#[allow(dead_code, reason = "other tests kill and copy servers")]
#[path = "../../src/store/tests/cluster.rs"]
mod cluster;
mod exports;
mod judging;
mod keeping;
mod verbs;
mod workers;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use alloy_primitives::{Address, U256, address};
use interdict_core::alert::{Alert, Confirmation, FoundBy, ListingPhase};
use interdict_core::ledger::Standing;
use interdict_core::policy::{Policy, Severity};
use interdict_indexer::Handle;
use interdict_indexer::catchup::Mode;
use interdict_indexer::config::{self, Api, Config, Webhooks};
use interdict_indexer::run::Status;
use interdict_indexer::screen::{Asset, Assets};
use interdict_indexer::store::Filter;
use serde_json::{Value, json};

use chain::{Chain, DEPLOYER, PAYER, Provider};

const LISTED: Address = address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C");
const UNIT: u64 = 1_000_000;
/// Longer than this a step never takes; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

async fn start(chain: &Chain, url: &str, folder: &Path) -> Handle {
    start_in(Mode::Full, chain, url, folder).await
}

async fn start_in(mode: Mode, chain: &Chain, url: &str, folder: &Path) -> Handle {
    let usdt = Asset { symbol: "USDT".into(), decimals: 6, dust_below: U256::from(10 * UNIT) };
    let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::from(1000) };
    let config = Config {
        chain_id: 31_337,
        providers: vec![config::Provider::at(url.into())],
        deployment: chain.deployment.clone(),
        abroad: None,
        database: folder.join("interdict.sqlite").into(),
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        poll: Duration::from_millis(50),
        lookback_from_block: 0,
        calendar: interdict_core::desk::Calendar::none(),
        catch_up: mode,
        policy: Policy::standard(),
        manifests: None,
        assets: Assets { native, tokens: [(chain.token, usdt)].into() },
        api: Api::loopback(),
        oidc: None,
        webhook: None,
        webhooks: Webhooks::default(),
    };
    interdict_indexer::start(config).await.unwrap()
}

/// Waits for the indexer's own word.
async fn until(handle: &Handle, what: &str, reached: impl FnMut(&Status) -> bool) {
    let mut status = handle.status();
    let waited = tokio::time::timeout(PATIENCE, status.wait_for(reached)).await;
    assert!(waited.is_ok(), "{what} did not come: {:?}", handle.status().borrow());
}

/// Waits until an alert is as expected; looks whenever the indexer took a step.
async fn until_alert(handle: &Handle, what: &str, fits: impl Fn(&Alert) -> bool) -> Alert {
    let mut status = handle.status();
    let found = async {
        loop {
            status.borrow_and_update();
            if let Some(alert) = all(handle).await.into_iter().find(&fits) {
                return alert;
            }
            status.changed().await.unwrap();
        }
    };
    if let Ok(alert) = tokio::time::timeout(PATIENCE, found).await {
        return alert;
    }
    panic!("{what} did not come: {:?}", all(handle).await)
}

async fn all(handle: &Handle) -> Vec<Alert> {
    handle.store().alerts(&Filter::default(), None, 500).await.unwrap().0
}

async fn ready(handle: &Handle) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/readyz", handle.address());
    let answer = client.get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

#[tokio::test]
async fn dealings_are_found_live_and_by_looking_back() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    chain.mint(PAYER, 1000 * UNIT).await;
    let early = chain.pay(PAYER, LISTED, 20 * UNIT).await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    let listed_at = chain.list(LISTED).await;
    let late = chain.pay(PAYER, LISTED, 30 * UNIT).await;

    let live =
        until_alert(&handle, "the live finding", |alert| alert.transfer.position.block == late)
            .await;
    assert_eq!((live.severity, live.phase), (Severity::Critical, ListingPhase::While));
    assert_eq!((live.transfer.signer, live.counterparty()), (PAYER, PAYER));
    let back =
        until_alert(&handle, "the earlier one", |alert| alert.transfer.position.block == early)
            .await;
    assert_eq!((back.found_by, back.phase), (FoundBy::Lookback, ListingPhase::Before));
    assert!(listed_at > early);

    // An impersonated sender has no signature, and its block verifies all the same.
    chain.rpc("anvil_impersonateAccount", json!([LISTED])).await;
    chain.rpc("anvil_setBalance", json!([LISTED, "0xde0b6b3a7640000"])).await;
    let out = chain.pay(LISTED, PAYER, UNIT).await;
    let dust = until_alert(&handle, "the dust", |alert| alert.transfer.position.block == out).await;
    assert_eq!(dust.rule, "unsolicited_dust");
    assert_eq!(all(&handle).await.len(), 3);

    // A second start goes on where the first ended, and finds nothing twice.
    let found = all(&handle).await;
    handle.stop().await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    let next = chain.pay(PAYER, LISTED, 0).await;
    let spoof = until_alert(&handle, "the spoof", |alert| alert.transfer.position.block == next);
    assert_eq!(spoof.await.rule, "spoof");
    assert_eq!(all(&handle).await[1..], found[..]);
    handle.stop().await;
}

#[tokio::test]
async fn a_reorganisation_heals() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.list(LISTED).await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    let kept = chain.pay(PAYER, LISTED, 20 * UNIT).await;
    let undone = chain.pay(PAYER, LISTED, 30 * UNIT).await;
    let taken_back =
        until_alert(&handle, "the finding", |alert| alert.transfer.position.block == undone).await;

    chain.rpc("anvil_reorg", json!([1, []])).await;
    until_alert(&handle, "the retraction", |alert| {
        alert.id == taken_back.id && alert.confirmation == Confirmation::Retracted
    })
    .await;
    let again = chain.pay(PAYER, LISTED, 40 * UNIT).await;
    until_alert(&handle, "the finding on the new branch", |alert| {
        alert.transfer.position.block == again && alert.confirmation == Confirmation::Pending
    })
    .await;

    chain.mine(20).await;
    until_alert(&handle, "finality", |alert| {
        alert.transfer.position.block == again && alert.confirmation == Confirmation::Confirmed
    })
    .await;
    let mut states: Vec<_> = all(&handle)
        .await
        .iter()
        .map(|alert| (alert.transfer.position.block, alert.confirmation))
        .collect();
    states.reverse();
    let expected = [
        (kept, Confirmation::Confirmed),
        (undone, Confirmation::Retracted),
        (again, Confirmation::Confirmed),
    ];
    assert_eq!(states, expected);
    handle.stop().await;
}

#[tokio::test]
async fn what_was_final_is_not_rewritten() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    chain.mint(PAYER, 1000 * UNIT).await;
    chain.list(LISTED).await;
    chain.pay(PAYER, LISTED, 20 * UNIT).await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    chain.mine(20).await;
    let confirmed =
        until_alert(&handle, "finality", |alert| alert.confirmation == Confirmation::Confirmed);
    let confirmed = confirmed.await;

    chain.rpc("anvil_reorg", json!([18, []])).await;
    chain.mine(1).await;
    until(&handle, "the stall", |status| {
        status.stalled.as_ref().is_some_and(|reason| reason.contains("finality violated"))
    })
    .await;
    assert_eq!(all(&handle).await, [confirmed], "nothing is taken back by a machine");
    assert_eq!(ready(&handle).await.0, 503);
    handle.stop().await;
}

#[tokio::test]
async fn a_listing_that_is_taken_back_takes_its_findings_along() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    chain.mint(PAYER, 1000 * UNIT).await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    let early = chain.pay(PAYER, LISTED, 20 * UNIT).await;
    let snapshot = chain.rpc("evm_snapshot", json!([])).await;
    chain.list(LISTED).await;
    let back =
        until_alert(&handle, "the finding", |alert| alert.transfer.position.block == early).await;

    // The chain is shorter than it was, and stays so.
    chain.rpc("evm_revert", json!([snapshot])).await;
    until_alert(&handle, "the retraction", |alert| {
        alert.id == back.id && alert.confirmation == Confirmation::Retracted
    })
    .await;
    until(&handle, "the empty list", |status| status.acts == 0 && status.cursor == early).await;

    // Listed again in another block, the same dealing is the same alert.
    chain.list(LISTED).await;
    until_alert(&handle, "the return", |alert| {
        alert.id == back.id && alert.confirmation == Confirmation::Pending
    })
    .await;
    assert_eq!(all(&handle).await.len(), 1);
    handle.stop().await;
}

#[tokio::test]
async fn a_finding_says_how_its_address_stands_now() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    chain.mint(PAYER, 1000 * UNIT).await;
    let handle = start(&chain, &chain.url, folder.path()).await;
    chain.hold(LISTED).await;
    let paid = chain.pay(PAYER, LISTED, 20 * UNIT).await;
    let stands = |standing| move |alert: &Alert| alert.standing == standing;
    let found = until_alert(&handle, "the finding", stands(Standing::Provisional)).await;
    assert_eq!((found.transfer.position.block, found.phase), (paid, ListingPhase::While));

    chain.let_holds_lapse().await;
    let lapsed = until_alert(&handle, "the lapse", stands(Standing::Lapsed)).await;
    chain.list(LISTED).await;
    until_alert(&handle, "the listing", stands(Standing::Listed)).await;
    chain.delist(LISTED).await;
    until_alert(&handle, "the delisting", stands(Standing::Delisted)).await;
    chain.rpc("anvil_reorg", json!([1, []])).await;
    chain.mine(1).await;
    let last = until_alert(&handle, "the delisting's end", stands(Standing::Listed)).await;

    // Nothing else of it has changed, and nothing was found beside it.
    let found = Alert { standing: Standing::Listed, ..found };
    assert_eq!((&last, all(&handle).await.len()), (&found, 1));
    assert_eq!(lapsed.id, found.id);
    handle.stop().await;
}

#[tokio::test]
async fn a_lying_provider_stalls_the_indexer_and_loses_nothing() {
    let chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::before(&chain).await;
    chain.mint(PAYER, 1000 * UNIT).await;
    let before = chain.list(LISTED).await;
    let handle = start(&chain, &provider.url, folder.path()).await;
    until(&handle, "the listing", |status| status.cursor == before).await;

    provider.lies(Some(|method, _, answer| {
        if method == "eth_getBlockReceipts" {
            for receipt in answer["result"].as_array_mut().into_iter().flatten() {
                receipt["logs"] = json!([]);
            }
        }
    }));
    let paid = chain.pay(PAYER, LISTED, 20 * UNIT).await;
    until(&handle, "the stall", |status| status.stalled.is_some()).await;
    let (code, health) = ready(&handle).await;
    assert_eq!(code, 503);
    assert!(health["reason"].as_str().unwrap().contains("receipts of block"), "{health}");
    assert_eq!(health["cursor"], before, "the cursor never passes what does not verify");
    assert!(all(&handle).await.is_empty());

    provider.lies(None);
    until_alert(&handle, "the finding", |alert| alert.transfer.position.block == paid).await;
    // A walk back may have met the lie too, and waits longer before it tries again.
    until(&handle, "recovery", |status| {
        status.stalled.is_none() && status.lookback_stalled.is_none()
    })
    .await;
    assert_eq!(ready(&handle).await.0, 200);
    handle.stop().await;
}

#[tokio::test]
async fn what_does_not_belong_together_does_not_start() {
    let mut chain = Chain::start().await;
    let folder = tempfile::tempdir().unwrap();
    let right = chain.deployment.clone();
    let refusal = async |chain: &Chain| {
        let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::ZERO };
        let config = Config {
            chain_id: 31_337,
            providers: vec![config::Provider::at(chain.url.clone().into())],
            deployment: chain.deployment.clone(),
            abroad: None,
            database: folder.path().join("refused.sqlite").into(),
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            poll: Duration::from_millis(50),
            lookback_from_block: 0,
            calendar: interdict_core::desk::Calendar::none(),
            catch_up: Mode::Full,
            policy: Policy::standard(),
            manifests: None,
            assets: Assets { native, tokens: [].into() },
            api: Api::loopback(),
            oidc: None,
            webhook: None,
            webhooks: Webhooks::default(),
        };
        interdict_indexer::start(config).await.unwrap_err().to_string()
    };
    chain.deployment.genesis_hash.0[0] ^= 1;
    assert!(refusal(&chain).await.contains("serves a chain that begins with"));
    chain.deployment = right.clone();
    chain.deployment.blocklist.code_hash.0[0] ^= 1;
    assert!(refusal(&chain).await.contains("not the list that was deployed"));
    chain.deployment = right;
    chain.deployment.blocklist.address = DEPLOYER;
    assert!(refusal(&chain).await.contains("there is no code"));
    assert!(!folder.path().join("refused.sqlite").exists(), "nothing was written");
}
