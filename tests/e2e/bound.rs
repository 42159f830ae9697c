//! T46 and T48: whoever votes on a proposal's id votes on what was shown. A node that gives one
//! proposal's id with what another does is found out, and what reads as our own words while its
//! bytes are others is none of them.

use alloy::network::{EthereumWallet, TransactionBuilder as _};
use alloy::primitives::{Address, Bytes, U256, keccak256};
use alloy::providers::{Provider as _, ProviderBuilder};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolValue as _;
use anyhow::{Context as _, Result, ensure};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::{Cli, Run};
use interdict_tests::council::{Council, Plan};
use interdict_tests::exit::{DONE, FAILED, STALE};
use interdict_tests::keys::Person;
use interdict_tests::{liar, publication};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Room {
    _folder: TempDir,
    anvil: Anvil,
    council: Council,
    plan: Plan,
    /// What ratifies the plan.
    honest: String,
}

impl Room {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let anvil = Anvil::start(Pace::OnDemand).await?;
        let council = Council::convene(&anvil, folder.path()).await?;
        council.deploy().await?;
        let plan = council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
        council.hold(&plan).await?;
        let honest = council.propose(&plan).await?;
        Ok(Self { _folder: folder, anvil, council, plan, honest })
    }

    async fn run_as(&self, person: &Person, args: &[&str]) -> Result<Run> {
        let wallet = person.wallet();
        let all: Vec<&str> =
            args.iter().copied().chain(wallet.iter().map(String::as_str)).collect();
        self.council.cli.run(&all).await
    }

    /// Whom the honest proposal calls, and with what.
    async fn call(&self) -> Result<(Address, Vec<u8>)> {
        let shown = self.council.cli.json(&["show", &self.honest], DONE).await?;
        let text = |name: &str| shown["calls"][0][name].as_str().context("no call");
        Ok((text("target")?.parse()?, alloy::hex::decode(text("data")?)?))
    }

    /// Proposes a call under a description that may be no text; gives the id.
    async fn propose(&self, target: Address, call: &[u8], description: &[u8]) -> Result<String> {
        let by = EthereumWallet::from(self.council.relayer.signer.clone());
        let provider = ProviderBuilder::new().wallet(by).connect_http(self.anvil.url.parse()?);
        let (targets, values) = (vec![target], vec![U256::ZERO]);
        let calls = vec![Bytes::copy_from_slice(call)];
        let hash = keccak256(description);
        let bound = (targets.clone(), values.clone(), calls.clone(), hash).abi_encode_params();
        // A text and bytes are encoded in one way.
        let whole = (targets, values, calls, Bytes::copy_from_slice(description));
        let selector = &keccak256("propose(address[],uint256[],bytes[],string)")[..4];
        let data = [selector, &whole.abi_encode_params()].concat();
        let to = self.council.deployment()?.council.address;
        let request = TransactionRequest::default().with_to(to).with_input(data);
        let receipt = provider.send_transaction(request).await?.get_receipt().await?;
        ensure!(receipt.status(), "the proposal is refused");
        Ok(keccak256(bound).to_string())
    }
}

/// A node that shows the honest proposal under the id of another.
async fn swapped(room: &Room, evil: &str) -> Result<Cli> {
    let (honest, evil) = (room.honest[2..].to_owned(), evil[2..].to_owned());
    let url = liar::open(&room.anvil.url, move |asked, answer| {
        let Some(logs) = answer["result"].as_array_mut() else { return };
        if asked["method"] != "eth_getLogs" {
            return;
        }
        let is_of = |log: &Value, id: &str| {
            log["data"].as_str().is_some_and(|data| data[2..].starts_with(id))
        };
        logs.retain(|log| !is_of(log, &evil));
        for log in logs.iter_mut().filter(|log| is_of(log, &honest)) {
            let data = log["data"].as_str().unwrap_or_default().replacen(&honest, &evil, 1);
            log["data"] = json!(data);
        }
    });
    Ok(Cli { rpc_url: url.await?, deployments: room.council.cli.deployments.clone() })
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_an_id_with_what_another_proposal_does_is_refused() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let bad = Address::repeat_byte(0xba).to_string();
    let propose = ["propose", "--protect", &bad, "--reason", "none"];
    let said = council.cli.json_as(&council.relayer, &propose, DONE).await?;
    let evil = said["proposal"].as_str().context("no proposal")?.to_owned();
    let lying = swapped(&room, &evil).await?;

    let sample = publication("sample_enhanced.xml").display().to_string();
    let wallet = council.members[0].wallet();
    let mut vote = vec!["vote", evil.as_str(), "--for"];
    vote.extend(wallet.iter().map(String::as_str));
    let sign = [&vote[..], &["--sign-only", "--yes"]].concat();
    let verify = vec!["verify", "--proposal", evil.as_str(), "--publication", &sample];
    let show = vec!["show", evil.as_str()];
    for args in [vote, sign, verify, show, vec!["status"], vec!["watch", "--once"]] {
        let run = lying.run(&args).await?;
        assert_eq!((run.code, &*run.stdout), (STALE, ""), "{args:?}: {run:?}");
        for word in [&room.honest, &evil, "it lies", "next: ", "ask another"] {
            assert!(run.stderr.contains(word), "no {word:?} in {}", run.stderr);
        }
        assert!(!run.stderr.contains("vote closes"), "nothing of it is shown: {}", run.stderr);
        let told = lying.run(&[&args[..], &["--json"]].concat()).await?.json()?;
        assert_eq!(told["errors"][0]["code"], "wrong_proposal", "{told}");
    }
    // Nobody has voted on either; and the honest one is verified by an honest node.
    for id in [&evil, &room.honest] {
        let shown = council.cli.json(&["show", id], DONE).await?;
        assert_eq!(shown["votes"], json!([]), "{shown}");
    }
    let verify = ["verify", "--proposal", &room.honest, "--publication", &sample];
    council.cli.json(&verify, DONE).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_our_words_in_other_bytes_are_none_of_ours() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let (target, call) = room.call().await?;
    let longer = [&call[..], &[0; 32]].concat();
    let id = room.propose(target, &longer, b"the same, and a word more").await?;
    let vote = room.run_as(&council.members[0], &["vote", &id, "--for"]).await?;
    assert_eq!(vote.code, FAILED, "{vote:?}");
    assert!(vote.stderr.contains("in other bytes than ours"), "{}", vote.stderr);
    let sample = publication("sample_enhanced.xml").display().to_string();
    let verify = ["verify", "--proposal", &id, "--publication", &sample, "--json"];
    let told = council.cli.run(&verify).await?;
    assert_eq!(told.code, STALE, "{told:?}");
    assert_eq!(told.json()?["errors"][0]["code"], "foreign_proposal");

    // Anyone may propose under what is no text: that spoils nobody's command, and has its own id.
    let id = room.propose(target, &call, b"\xff\xfe").await?;
    council.cli.json(&["status"], DONE).await?;
    council.cli.json_as(&council.members[0], &["vote", &id, "--for"], DONE).await?;
    for member in &council.members[1..3] {
        council.cli.json_as(member, &["vote", &id, "--for"], DONE).await?;
    }
    council.cli.json_as(&council.relayer, &["execute", &id], DONE).await?;
    assert_eq!(council.count().await?, room.plan.addresses().len() as u64);
    Ok(())
}
