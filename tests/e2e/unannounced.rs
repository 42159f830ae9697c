//! A listing warns nobody: its addresses first become public in the very transaction that makes
//! them listed. The public mempool, every transaction and every log are watched meanwhile.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256};
use alloy::providers::Provider;
use anyhow::{Context, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::chain::{Blocklist, Chain};
use interdict_tests::council::{Council, Plan};
use interdict_tests::exit::FAILED;
use interdict_tests::publication;
use interdict_tests::room::Room;
use serde_json::Value;
use tokio::task::JoinHandle;

const DAY_SECONDS: u64 = 24 * 3600;

/// Everything that waits in the mempool, as text, by transaction.
type Pool = BTreeMap<String, String>;

/// Whether a text, be it calldata or a topic, names an address.
fn names(text: &str, address: Address) -> bool {
    text.to_lowercase().contains(&alloy::primitives::hex::encode(address))
}

/// What the node tells anyone who asks for its mempool.
async fn pool(chain: &Chain) -> Result<Pool> {
    let content: Value = chain.provider().raw_request("txpool_content".into(), ()).await?;
    let senders = ["pending", "queued"].into_iter().filter_map(|kind| content[kind].as_object());
    let waiting = senders.flat_map(|by_sender| by_sender.values()).filter_map(Value::as_object);
    let transactions = waiting.flat_map(|by_nonce| by_nonce.values());
    Ok(transactions.map(|tx| (tx["hash"].to_string(), tx["input"].to_string())).collect())
}

/// Looks at the mempool without pause until told to stop; gives all that it ever saw.
fn watch(chain: Chain, stop: Arc<AtomicBool>) -> JoinHandle<Result<Pool>> {
    tokio::spawn(async move {
        let mut seen = Pool::new();
        while !stop.load(Ordering::Relaxed) {
            seen.append(&mut pool(&chain).await?);
        }
        Ok(seen)
    })
}

/// The transactions of the chain that name an address, in order: by calldata or by a log.
async fn transactions_naming(chain: &Chain, address: Address) -> Result<Vec<(u64, B256)>> {
    let mut found = Vec::new();
    for number in 0..=chain.height().await? {
        let block = chain.provider().get_block_by_number(number.into()).full().await?;
        let block = block.with_context(|| format!("there is no block {number}"))?;
        for tx in block.transactions.txns() {
            let receipt = chain.provider().get_transaction_receipt(*tx.inner.tx_hash()).await?;
            let receipt = serde_json::to_string(&receipt.context("no receipt")?)?;
            if names(&serde_json::to_string(tx)?, address) || names(&receipt, address) {
                found.push((number, *tx.inner.tx_hash()));
            }
        }
    }
    Ok(found)
}

async fn is_listed(council: &Council, address: Address, block: u64) -> Result<bool> {
    let list = Blocklist::new(council.deployment()?.blocklist.address, council.chain.provider());
    Ok(list.isSanctioned(address).block(BlockId::number(block)).call().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_before_being_listed() -> Result<()> {
    // Blocks come by the clock, so that a transaction waits in the mempool where all can see it.
    let room = Room::convene_on(Anvil::start(Pace::ByTheClock).await?).await?;
    let council = &room.council;
    council.deploy().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = watch(council.chain.clone(), Arc::clone(&stop));

    let plan = room.plan().await?;
    let act = council.hold(&plan).await?;
    let act: B256 = act["transaction"].as_str().context("act names no transaction")?.parse()?;
    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;
    stop.store(true, Ordering::Relaxed);
    let seen = watcher.await??;

    assert!(seen.contains_key(&format!("\"{act}\"")), "the act waited where the watcher looks");
    for address in plan.addresses() {
        let naming = transactions_naming(&council.chain, address).await?;
        let (block, first) = *naming.first().context("nothing ever names it")?;
        assert_eq!(first, act, "{address} is named before its act");
        assert!(!is_listed(council, address, block - 1).await?);
        assert!(is_listed(council, address, block).await?, "{address}: listed by the same one");

        let mined: Vec<String> = naming.iter().map(|(_, hash)| format!("\"{hash}\"")).collect();
        let waited = seen.iter().filter(|(_, input)| names(input, address));
        for (hash, _) in waited {
            assert!(mined.contains(hash), "{hash} named {address} and came to nothing");
        }
        assert!(naming.len() >= 3, "the act, the proposal, the execution: {naming:?}");
    }
    Ok(())
}

/// The same watch over the way that warns: it must be able to tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_proposal_is_seen_to_warn() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    council.propose_as(&council.members[0], &[&plan.path, "--public"]).await?;

    let address = plan.first()?;
    let naming = transactions_naming(&council.chain, address).await?;
    let (block, _) = *naming.first().context("the watch is blind")?;
    assert!(!is_listed(council, address, block).await?, "named, and not listed");
    Ok(())
}

/// The error of a command that ended with 1, and what its envelope warns of.
async fn refused(council: &Council, args: &[String]) -> Result<Value> {
    let run = council.cli.run(&[args, &["--json".to_owned()]].concat()).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    Ok(run.json()?["errors"][0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_held_or_held_no_more_is_not_proposed() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let n = plan.addresses().len();
    let propose = |plan: &Plan| council.members[0].command(&["propose", &plan.path]);
    let error = refused(council, &propose(&plan)).await?;
    assert_eq!(error["code"], "not_held", "{error}");
    assert!(error["message"].to_string().contains(&format!("{n} addresses")), "{error}");
    council.hold(&plan).await?;
    let held = council.chain.time().await?;

    // Planned while they are held, to be ratified.
    council.chain.mine_at(held + DAY_SECONDS).await?;
    let ratify = council.plan(&publication("sample_enhanced.xml"), "ratify.json").await?;
    assert_eq!((&ratify.said["ratify"], &ratify.said["hold"]), (&9.into(), &0.into()));
    let (file, safe) = (room.path("safe.json"), council.members[0].address().to_string());
    let by_safe =
        ["propose", ratify.path.as_str(), "--safe-transaction", &file, "--safe", &safe, "--json"];
    let warned = async || -> Result<String> {
        let run = council.cli.run(&by_safe).await?;
        assert_eq!(run.code, 0, "{run:?}");
        Ok(run.json()?["warnings"].to_string())
    };
    assert_eq!(warned().await?, "[]", "the vote ends first");
    council.chain.mine_at(held + 5 * DAY_SECONDS).await?;
    let warning = warned().await?;
    assert!(warning.contains(&format!("the hold of {n} addresses ends before")), "{warning}");

    council.chain.mine_at(held + 7 * DAY_SECONDS + 1).await?;
    let address = plan.first()?;
    assert!(!is_listed(council, address, council.chain.height().await?).await?, "it has lapsed");
    let before = transactions_naming(&council.chain, address).await?;
    let error = refused(council, &propose(&ratify)).await?;
    assert_eq!(error["code"], "not_held", "{error}");
    let next = error["next"].to_string();
    assert!(next.contains("--public") && next.contains("a new plan"), "{error}");
    assert_eq!(transactions_naming(&council.chain, address).await?, before, "named once more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_addresses_before_the_act_is_its_owners_to_read() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let typed = ["sign", plan.path.as_str(), "--typed-data", &room.path("typed.json")];
    council.cli.json(&typed, 0).await?;
    council.hold(&plan).await?;
    let held = plan.addresses()[0].to_string();
    let out = room.path("retraction.json");
    council.cli.json(&["retract", &held, "--reason", "a mistake", "--out", &out], 0).await?;
    for name in [
        "plan.json",
        "plan.manifest.json",
        "typed.json",
        "retraction.json",
        "retraction.manifest.json",
    ] {
        let bits = std::fs::metadata(room.path(name))?.permissions().mode() & 0o777;
        assert_eq!(bits, 0o600, "{name} has {bits:o}");
    }
    Ok(())
}
