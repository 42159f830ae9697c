//! From a new publication on a disk to an effective listing: five members of the council in five
//! folders, each with a keystore, an address book and a copy of the publication of their own, none
//! with ether. The relayer pays. Nobody but the council sees an address before it is listed.
//!
//! It prints its timeline. The time is measured and not asserted: machines differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, B256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::Filter;
use anyhow::{Context, Result, ensure};
use interdict_core::deployment::Deployment;
use interdict_core::manifest::Manifest;
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::chain::Chain;
use interdict_tests::cli::Cli;
use interdict_tests::council::{Council, MAJORITY, SEATS};
use interdict_tests::exit::{HAS_CHANGES, LISTED};
use interdict_tests::keys::Person;
use interdict_tests::{publication, read_json};
use serde_json::{Value, json};

/// What happened, who did it, and when.
struct Timeline {
    begun: Instant,
    rows: Vec<(f32, String, String)>,
}

impl Timeline {
    fn add(&mut self, who: &str, what: impl Into<String>) {
        let at = self.begun.elapsed().as_secs_f32();
        self.rows.push((at, who.to_owned(), what.into()));
    }

    fn print(&self) {
        let mut text = "\n     AT  WHO        WHAT\n".to_owned();
        for (at, who, what) in &self.rows {
            let _ = writeln!(text, "{at:5.2} s  {who:<9}  {what}");
        }
        // Past the test harness, which shows nothing of a test that passes.
        let _ = write!(std::io::stdout().lock(), "{text}");
    }
}

/// A member at their own desk.
struct Desk {
    member: Person,
    cli: Cli,
    folder: PathBuf,
}

impl Desk {
    /// A folder with a key, an address book and a copy of the publication.
    fn furnish(folder: &Path, member: &Person, book: &Path, rpc_url: &str) -> Result<Self> {
        let deployments = folder.join("deployments");
        std::fs::create_dir_all(&deployments)?;
        std::fs::copy(book, deployments.join("31337.json"))?;
        std::fs::copy(publication("sample_enhanced.xml"), folder.join("publication.xml"))?;
        let cli = Cli { rpc_url: rpc_url.to_owned(), deployments };
        Ok(Self { member: member.clone(), cli, folder: folder.to_owned() })
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Makes the plan anew from the member's own copy, and signs only then.
    async fn verify_and_sign(&self) -> Result<()> {
        let (plan, mine) = (self.file("plan.json"), self.file("publication.xml"));
        let verified = self.cli.json(&["verify", &plan, "--publication", &mine], 0).await?;
        let signature = self.file("signature.json");
        let args = ["sign", plan.as_str(), "--yes", "--out", signature.as_str()];
        self.cli.json_as(&self.member, &args, 0).await?;
        // What the second opinion has computed is what the key has signed.
        let signed = read_json(signature)?;
        ensure!(signed["digest"] == verified["message"]["eip712_digest"], "another digest");
        Ok(())
    }
}

/// The chain with everybody on it; only the deployer, the relayer and the guardian have ether.
struct Scene {
    _anvil: Anvil,
    council: Council,
    book: Deployment,
    desks: Vec<Desk>,
}

async fn set(folder: &Path) -> Result<Scene> {
    let anvil = Anvil::start(Pace::OnDemand).await?;
    let deployments = folder.join("deployments");
    let keys = |name: &str| -> Result<Person> {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        Person::new(&folder, "key")
    };
    std::fs::create_dir_all(&deployments)?;
    let members = (1..=SEATS).map(|n| keys(&format!("member-{n}"))).collect::<Result<Vec<_>>>()?;
    let council = Council {
        chain: Chain::new(&anvil.url)?,
        cli: Cli { rpc_url: anvil.url.clone(), deployments },
        deployer: keys("deployer")?,
        members,
        relayer: keys("relayer")?,
        guardian: keys("guardian")?,
        folder: folder.to_owned(),
    };
    for person in [&council.deployer, &council.relayer, &council.guardian] {
        council.chain.fund(person).await?;
    }
    let book = council.deploy().await?;
    let book_file = council.deployment_file();
    let desk = |(n, member): (usize, &Person)| {
        let folder = folder.join(format!("member-{}", n + 1));
        Desk::furnish(&folder, member, &book_file, &anvil.url)
    };
    let desks = council.members.iter().enumerate().map(desk).collect::<Result<_>>()?;
    Ok(Scene { _anvil: anvil, council, book, desks })
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_publication_on_disk_to_effective() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let scene = set(folder.path()).await?;
    let chain = &scene.council.chain;
    let mempool: U256 =
        chain.provider().raw_request("eth_newPendingTransactionFilter".into(), json!([])).await?;

    let mut timeline = Timeline { begun: Instant::now(), rows: Vec::new() };
    timeline.add("authority", "a new publication is on five disks");
    let (act, manifest) = hold(&scene, &mut timeline).await?;
    let listed: Vec<Address> = manifest.list.iter().map(|entry| entry.address).collect();
    for address in &listed {
        scene.desks[0].cli.json(&["check", &address.to_string()], LISTED).await?;
    }
    timeline.add("anyone", format!("all {} entries are listed: EFFECTIVE", listed.len()));
    ratify(&scene, &mut timeline, &manifest).await?;

    let hashes: Vec<B256> =
        chain.provider().raw_request("eth_getFilterChanges".into(), json!([mempool])).await?;
    ensure!(hashes.contains(&act), "the watcher of the mempool has seen the act itself");
    assert_first_public_in(chain, &scene.book, act, &hashes, &listed).await?;
    timeline.add("watcher", format!("{} transactions: no address before the act", hashes.len()));
    for member in &scene.council.members {
        let provider = chain.provider();
        assert_eq!(provider.get_balance(member.address()).await?, U256::ZERO, "nobody paid");
        assert_eq!(provider.get_transaction_count(member.address()).await?, 0, "nobody sent");
    }
    timeline.print();
    Ok(())
}

/// The first member plans, all verify and sign at the same time, the relayer sends; gives the act's
/// transaction.
async fn hold(scene: &Scene, timeline: &mut Timeline) -> Result<(B256, Manifest)> {
    let first = &scene.desks[0];
    let (mine, plan) = (first.file("publication.xml"), first.file("plan.json"));
    first.cli.json(&["plan", &mine, "--out", &plan], HAS_CHANGES).await?;
    let text = std::fs::read_to_string(&plan)?;
    let manifest: Manifest =
        serde_json::from_value(serde_json::from_str::<Value>(&text)?["manifest"].clone())?;
    timeline.add("member 1", format!("planned: {} entries to hold", manifest.list.len()));
    for desk in &scene.desks[1..] {
        std::fs::write(desk.file("plan.json"), &text)?;
    }
    let mut args = vec!["act".to_owned(), plan.clone()];
    for (n, desk) in scene.desks.iter().enumerate() {
        desk.verify_and_sign().await?;
        timeline.add(&format!("member {}", n + 1), "verified with their own copy, and signed");
        args.push(desk.file("signature.json"));
    }
    let said = first.cli.json_as(&scene.council.relayer, &args, 0).await?;
    timeline.add("relayer", format!("sent the act: {} addresses held", said["held"]));
    let act = said["transaction"].as_str().context("no transaction")?.parse()?;
    Ok((act, manifest))
}

/// The relayer proposes and sends the members' ballots; each verifies the proposal before signing.
async fn ratify(scene: &Scene, timeline: &mut Timeline, manifest: &Manifest) -> Result<()> {
    let (relayer, first) = (&scene.council.relayer, &scene.desks[0]);
    let plan = first.file("plan.json");
    let said = first.cli.json_as(relayer, &["propose", plan.as_str()], 0).await?;
    let id = said["proposal"].as_str().context("no proposal")?.to_owned();
    timeline.add("relayer", "proposed the ratification");
    // The vote opens in the second after the proposal's, by the chain's clock.
    scene.council.chain.wait_seconds(1).await?;
    for (n, desk) in scene.desks[..MAJORITY].iter().enumerate() {
        let mine = desk.file("publication.xml");
        desk.cli.json(&["verify", "--proposal", &id, "--publication", &mine], 0).await?;
        vote(scene, desk, &id).await?;
        let who = format!("member {}", n + 1);
        timeline.add(&who, "verified the proposal, and voted by signature");
    }
    first.cli.json_as(relayer, &["execute", &id], 0).await?;
    timeline.add("relayer", "executed it: listed without end");
    let status = first.cli.json(&["status"], 0).await?;
    let addresses: BTreeMap<_, _> = manifest.list.iter().map(|e| (e.address, e.uid)).collect();
    assert_eq!(status["ratified"], addresses.len());
    Ok(())
}

/// A ballot by signature, which the relayer sends.
async fn vote(scene: &Scene, desk: &Desk, id: &str) -> Result<()> {
    let out = desk.file("ballot.json");
    let args = ["vote", id, "--for", "--sign-only", "--yes", "--out", out.as_str()];
    desk.cli.json_as(&desk.member, &args, 0).await?;
    let args = ["vote", id, "--ballot", out.as_str()];
    desk.cli.json_as(&scene.council.relayer, &args, 0).await?;
    Ok(())
}

/// Of all that the mempool and the chain have shown, the act is the first that names an address.
async fn assert_first_public_in(
    chain: &Chain,
    book: &Deployment,
    act: B256,
    mempool: &[B256],
    listed: &[Address],
) -> Result<()> {
    let names = |bytes: &[u8]| {
        listed.iter().any(|address| bytes.windows(20).any(|window| window == address.as_slice()))
    };
    let provider = chain.provider();
    let mut first = None;
    for hash in mempool {
        let transaction = provider.get_transaction_by_hash(*hash).await?;
        let transaction = transaction.context("the node has lost a transaction")?;
        if names(transaction.input()) {
            first = first.or(Some(*hash));
        }
    }
    assert_eq!(first, Some(act), "an address was in the mempool before the act");

    let receipt = provider.get_transaction_receipt(act).await?.context("no receipt")?;
    let block = receipt.block_number.context("the act is in no block")?;
    let everything = Filter::new().from_block(0).to_block(block);
    let logs = provider.get_logs(&everything).await?;
    ensure!(logs.iter().any(|log| log.address() == book.blocklist.address), "no log at all");
    for log in logs.iter().filter(|log| log.transaction_hash != Some(act)) {
        let topics: Vec<u8> = log.topics().iter().flat_map(|topic| topic.0).collect();
        ensure!(!names(&topics) && !names(&log.inner.data.data), "a log before the act: {log:?}");
    }
    Ok(())
}
