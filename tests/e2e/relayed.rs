//! T1: a hold can be given to a relay that shows it to nobody before it lands. The relay is asked
//! for nothing else; without one, on a chain of worth, whoever sends is told who may see it.

use std::sync::{Arc, Mutex};

use alloy::providers::Provider as _;
use anyhow::{Context as _, Result, ensure};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Cli;
use interdict_tests::council::{Council, MAJORITY, Plan};
use interdict_tests::exit::{DONE, FAILED, HAS_CHANGES, STALE, USAGE};
use interdict_tests::{liar, publication};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The command that holds a plan, signed by a majority.
async fn act(council: &Council, plan: &Plan) -> Result<Vec<String>> {
    let mut act = vec!["act".to_owned(), plan.path.clone()];
    for member in &council.members[..MAJORITY] {
        act.push(council.sign(member, plan).await?);
    }
    act.extend(council.relayer.wallet());
    Ok(act)
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_relay_takes_the_transaction_and_is_asked_for_nothing_else() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let anvil = Anvil::start(Pace::OnDemand).await?;
    let council = Council::convene(&anvil, folder.path()).await?;
    council.deploy().await?;
    let plan = council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
    let act = act(&council, &plan).await?;
    let with = |relay: &str| [&act[..], &["--send-rpc-url".to_owned(), relay.to_owned()]].concat();

    // Who cannot be reached, or is on another chain, is given nothing; no word of a key is said.
    let gone = council.cli.run(&with("http://127.0.0.1:9/v2/secret-key?also=secret-too")).await?;
    assert_eq!(gone.code, FAILED, "{gone:?}");
    assert!(gone.stderr.contains("check --send-rpc-url"), "{}", gone.stderr);
    assert!(!gone.stderr.contains("secret"), "{}", gone.stderr);
    let elsewhere = liar::open(&anvil.url, |asked, answer| {
        if asked["method"] == "eth_chainId" {
            answer["result"] = json!("0x1");
        }
    });
    let elsewhere = council.cli.run(&with(&elsewhere.await?)).await?;
    assert_eq!(elsewhere.code, STALE, "{elsewhere:?}");
    assert!(elsewhere.stderr.contains("is chain 1, not 31337"), "{}", elsewhere.stderr);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let relay = liar::open(&anvil.url, move |asked, _| {
        if let Ok(mut heard) = ears.lock() {
            heard.push(asked["method"].as_str().unwrap_or("no method").to_owned());
        }
    });
    let run = council.cli.run(&with(&relay.await?)).await?;
    assert_eq!(run.code, DONE, "{run:?}");
    let heard = heard.lock().map(|heard| heard.clone()).unwrap_or_default();
    assert_eq!(heard, ["eth_chainId", "eth_sendRawTransaction"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_who_sends_a_hold_in_public_is_told_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let anvil = Anvil::start_as(Pace::OnDemand, 11_155_111).await?;
    let council = Council::convene(&anvil, folder.path()).await?;
    let mut deploy = vec!["deploy".to_owned(), "--yes".to_owned()];
    for member in &council.members {
        deploy.extend(["--member".to_owned(), member.address().to_string()]);
    }
    council.cli.json_as(&council.deployer, &deploy, DONE).await?;
    let plan = council.folder.join("plan.json").display().to_string();
    let sample = publication("sample_enhanced.xml").display().to_string();
    let make = ["plan", &sample, "--out", &plan, "--allow-missing-canary"];
    let said = council.cli.json(&make, HAS_CHANGES).await?;
    let plan = council.read(&plan, said)?;
    let act = act(&council, &plan).await?;
    // Nobody is there to confirm the chain by its name: nothing is sent yet.
    let told = council.cli.run(&act).await?;
    assert_eq!(told.code, USAGE, "{told:?}");
    assert!(told.stderr.contains("everybody may see the addresses"), "{}", told.stderr);
    assert!(told.stderr.contains("--send-rpc-url"), "{}", told.stderr);
    let more = ["--yes".to_owned(), "--send-rpc-url".to_owned(), anvil.url.clone()];
    let relayed = council.cli.run(&[&act[..], &more].concat()).await?;
    assert_eq!(relayed.code, DONE, "{relayed:?}");
    assert!(!relayed.stderr.contains("everybody may see"), "{}", relayed.stderr);
    Ok(())
}

/// A command that was killed finds its transaction with the relay, which says only that it has it.
#[tokio::test(flavor = "multi_thread")]
async fn t49_what_a_relay_has_already_is_waited_for() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let anvil = Anvil::start(Pace::OnDemand).await?;
    let council = Council::convene(&anvil, folder.path()).await?;
    council.deploy().await?;
    let provider = council.chain.provider();
    let rpc = async |method: &'static str, params: Value| -> Result<Value> {
        Ok(provider.raw_request(method.into(), params).await?)
    };
    rpc("evm_setAutomine", json!([false])).await?;
    let one = council.guardian.address().to_string();
    let by = council.relayer.wallet();
    let propose = ["propose", "--protect", &one, "--reason", "none", "--send-rpc-url"];
    let through = |relay: &str| -> Vec<String> {
        let words = propose.iter().map(|word| (*word).to_owned());
        words.chain([relay.to_owned()]).chain(by.iter().cloned()).collect()
    };
    let mut killed = council.cli.start(&through(&anvil.url))?;
    let relayer = council.relayer.address();
    while provider.get_transaction_count(relayer).pending().await? == 0 {
        ensure!(killed.try_wait()?.is_none(), "it ended before it sent");
        tokio::task::yield_now().await;
    }
    killed.kill().await?;

    // The node that is asked knows nothing of what the relay keeps to itself.
    let node = liar::open(&anvil.url, |asked, answer| {
        if asked["method"] == "eth_getTransactionByHash" {
            answer["result"] = Value::Null;
        }
    });
    let relay = liar::open(&anvil.url, |asked, answer| {
        if asked["method"] == "eth_sendRawTransaction" {
            let error = json!({ "code": -32000, "message": "have it" });
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        }
    });
    let cli = Cli { rpc_url: node.await?, ..council.cli.clone() };
    let mut again = cli.start(&through(&relay.await?))?;
    let mut said = BufReader::new(again.stderr.take().context("no output")?).lines();
    loop {
        let line = said.next_line().await?.context("it ended before it waited")?;
        if line.contains("have it; it may have it from before") {
            break;
        }
    }
    rpc("evm_mine", json!([])).await?;
    assert_eq!(again.wait().await?.code(), Some(DONE), "{:?}", said.next_line().await?);
    Ok(())
}
