//! T46 and T48: whoever votes on a proposal's id votes on what was shown. A node that gives one
//! proposal's id with what another does is found out, and what reads as our own words while its
//! bytes are others is none of them.

use alloy::network::{EthereumWallet, TransactionBuilder as _};
use alloy::primitives::{Address, Bytes, U256, keccak256};
use alloy::providers::{Provider as _, ProviderBuilder};
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolValue as _;
use anyhow::{Context as _, Result, ensure};
use interdict_tests::cli::Cli;
use interdict_tests::council::Plan;
use interdict_tests::exit::{DONE, FAILED, STALE};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, liar, publication};
use serde_json::{Value, json};

/// A council that holds what a plan lists, and has a proposal before it.
struct Vote {
    room: Room,
    plan: Plan,
    /// What ratifies the plan.
    honest: String,
}

impl Vote {
    async fn open() -> Result<Self> {
        let room = Room::open().await?;
        let plan = room.plan().await?;
        room.council.hold(&plan).await?;
        let honest = room.council.propose(&plan).await?;
        Ok(Self { room, plan, honest })
    }

    /// Whom the honest proposal calls, and with what.
    async fn call(&self) -> Result<(Address, Vec<u8>)> {
        let shown = self.room.council.cli.json(&["show", &self.honest], DONE).await?;
        let text = |name: &str| shown["calls"][0][name].as_str().context("no call");
        Ok((text("target")?.parse()?, alloy::hex::decode(text("data")?)?))
    }

    /// Proposes a call under a description that may be no text; gives the id.
    async fn propose(&self, target: Address, call: &[u8], description: &[u8]) -> Result<String> {
        let by = EthereumWallet::from(self.room.council.relayer.signer.clone());
        let provider = ProviderBuilder::new().wallet(by).connect_http(self.room.anvil.url.parse()?);
        let (targets, values) = (vec![target], vec![U256::ZERO]);
        let calls = vec![Bytes::copy_from_slice(call)];
        let hash = keccak256(description);
        let bound = (targets.clone(), values.clone(), calls.clone(), hash).abi_encode_params();
        // A text and bytes are encoded in one way.
        let whole = (targets, values, calls, Bytes::copy_from_slice(description));
        let selector = &keccak256("propose(address[],uint256[],bytes[],string)")[..4];
        let data = [selector, &whole.abi_encode_params()].concat();
        let to = self.room.council.deployment()?.council.address;
        let request = TransactionRequest::default().with_to(to).with_input(data);
        let receipt = provider.send_transaction(request).await?.get_receipt().await?;
        ensure!(receipt.status(), "the proposal is refused");
        Ok(keccak256(bound).to_string())
    }
}

/// A node that shows the honest proposal under the id of another.
async fn swapped(vote: &Vote, evil: &str) -> Result<Cli> {
    let (honest, evil) = (vote.honest[2..].to_owned(), evil[2..].to_owned());
    let url = liar::open(&vote.room.anvil.url, move |asked, answer| {
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
    Ok(vote.room.council.cli.at(url.await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_an_id_with_what_another_proposal_does_is_refused() -> Result<()> {
    let open = Vote::open().await?;
    let council = &open.room.council;
    let bad = Address::repeat_byte(0xba).to_string();
    let protect = ["--protect", &bad, "--reason", "none"];
    let evil = council.propose_as(&council.relayer, &protect).await?;
    let lying = swapped(&open, &evil).await?;

    let sample = publication("sample_enhanced.xml").display().to_string();
    let vote = council.members[0].command(&["vote", &evil, "--for"]);
    let vote: Vec<&str> = vote.iter().map(String::as_str).collect();
    let sign = [&vote[..], &["--sign-only", "--yes"]].concat();
    let verify = vec!["verify", "--proposal", evil.as_str(), "--publication", &sample];
    let show = vec!["show", evil.as_str()];
    for args in [vote, sign, verify, show, vec!["status"], vec!["watch", "--once"]] {
        let run = lying.run(&args).await?;
        assert_eq!((run.code, &*run.stdout), (STALE, ""), "{args:?}: {run:?}");
        assert_says(&run.stderr, &[&open.honest, &evil, "it lies", "next: ", "ask another"]);
        assert!(!run.stderr.contains("vote closes"), "nothing of it is shown: {}", run.stderr);
        let told = lying.run(&[&args[..], &["--json"]].concat()).await?.json()?;
        assert_eq!(told["errors"][0]["code"], "wrong_proposal", "{told}");
    }
    // Nobody has voted on either; and the honest one is verified by an honest node.
    for id in [&evil, &open.honest] {
        let shown = council.cli.json(&["show", id], DONE).await?;
        assert_eq!(shown["votes"], json!([]), "{shown}");
    }
    let verify = ["verify", "--proposal", &open.honest, "--publication", &sample];
    council.cli.json(&verify, DONE).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t46_our_words_in_other_bytes_are_none_of_ours() -> Result<()> {
    let open = Vote::open().await?;
    let council = &open.room.council;
    let (target, call) = open.call().await?;
    let longer = [&call[..], &[0; 32]].concat();
    let id = open.propose(target, &longer, b"the same, and a word more").await?;
    let vote = council.cli.run_as(&council.members[0], &["vote", &id, "--for"]).await?;
    assert_eq!(vote.code, FAILED, "{vote:?}");
    assert!(vote.stderr.contains("in other bytes than ours"), "{}", vote.stderr);
    let sample = publication("sample_enhanced.xml").display().to_string();
    let verify = ["verify", "--proposal", &id, "--publication", &sample, "--json"];
    let told = council.cli.run(&verify).await?;
    assert_eq!(told.code, STALE, "{told:?}");
    assert_eq!(told.json()?["errors"][0]["code"], "foreign_proposal");

    // Anyone may propose under what is no text: that spoils nobody's command, and has its own id.
    let id = open.propose(target, &call, b"\xff\xfe").await?;
    council.cli.json(&["status"], DONE).await?;
    council.pass(&id).await?;
    assert_eq!(council.count().await?, open.plan.addresses().len() as u64);
    Ok(())
}
