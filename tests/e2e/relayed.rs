//! T1: a hold can be given to a relay that shows it to nobody before it lands. The relay is asked
//! for nothing else; without one, on a chain of worth, whoever sends is told who may see it.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::council::{Council, Plan};
use interdict_tests::exit::{DONE, FAILED, STALE, USAGE};
use interdict_tests::room::Room;
use interdict_tests::{liar, publication};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// The command that holds a plan, signed by a majority.
async fn act(council: &Council, plan: &Plan) -> Result<Vec<String>> {
    Ok(council.relayer.command(&council.act(&plan.path).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_a_relay_takes_the_transaction_and_is_asked_for_nothing_else() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let act = act(council, &plan).await?;
    let with = |relay: &str| [&act[..], &["--send-rpc-url".to_owned(), relay.to_owned()]].concat();

    // Who cannot be reached, or is on another chain, is given nothing; no word of a key is said.
    let gone = council.cli.run(&with("http://127.0.0.1:9/v2/secret-key?also=secret-too")).await?;
    assert_eq!(gone.code, FAILED, "{gone:?}");
    assert!(gone.stderr.contains("check --send-rpc-url"), "{}", gone.stderr);
    assert!(!gone.stderr.contains("secret"), "{}", gone.stderr);
    let elsewhere = liar::open(&room.anvil.url, |asked, answer| {
        if asked["method"] == "eth_chainId" {
            answer["result"] = json!("0x1");
        }
    });
    let elsewhere = council.cli.run(&with(&elsewhere.await?)).await?;
    assert_eq!(elsewhere.code, STALE, "{elsewhere:?}");
    assert!(elsewhere.stderr.contains("is chain 1, not 31337"), "{}", elsewhere.stderr);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = heard.clone();
    let relay = liar::open(&room.anvil.url, move |asked, _| {
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
    let room = Room::convene_on(Anvil::start_as(Pace::OnDemand, 11_155_111).await?).await?;
    let council = &room.council;
    let mut deploy = vec!["deploy".to_owned(), "--yes".to_owned()];
    for member in &council.members {
        deploy.extend(["--member".to_owned(), member.address().to_string()]);
    }
    council.cli.json_as(&council.deployer, &deploy, DONE).await?;
    let sample = publication("sample_enhanced.xml");
    let plan = council.plan_with(&sample, "plan.json", &["--allow-missing-canary"]).await?;
    let act = act(council, &plan).await?;
    // Nobody is there to confirm the chain by its name: nothing is sent yet.
    let told = council.cli.run(&act).await?;
    assert_eq!(told.code, USAGE, "{told:?}");
    assert!(told.stderr.contains("everybody may see the addresses"), "{}", told.stderr);
    assert!(told.stderr.contains("--send-rpc-url"), "{}", told.stderr);
    let more = ["--yes".to_owned(), "--send-rpc-url".to_owned(), room.anvil.url.clone()];
    let relayed = council.cli.run(&[&act[..], &more].concat()).await?;
    assert_eq!(relayed.code, DONE, "{relayed:?}");
    assert!(!relayed.stderr.contains("everybody may see"), "{}", relayed.stderr);
    Ok(())
}

/// A command that was killed finds its transaction with the relay, which says only that it has it.
#[tokio::test(flavor = "multi_thread")]
async fn t49_what_a_relay_has_already_is_waited_for() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    council.chain.automine(false).await?;
    let one = council.guardian.address().to_string();
    let propose = ["propose", "--protect", &one, "--reason", "none", "--send-rpc-url"];
    let through = |relay: &str| council.relayer.command(&[&propose[..], &[relay]].concat());
    let mut killed = council.cli.start(&through(&room.anvil.url))?;
    while council.chain.waiting(&council.relayer).await? == 0 {
        ensure!(killed.try_wait()?.is_none(), "it ended before it sent");
        tokio::task::yield_now().await;
    }
    killed.kill().await?;

    // The node that is asked knows nothing of what the relay keeps to itself.
    let node = liar::open(&room.anvil.url, |asked, answer| {
        if asked["method"] == "eth_getTransactionByHash" {
            answer["result"] = Value::Null;
        }
    });
    let relay = liar::open(&room.anvil.url, |asked, answer| {
        if asked["method"] == "eth_sendRawTransaction" {
            let error = json!({ "code": -32000, "message": "have it" });
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
        }
    });
    let mut again = council.cli.at(node.await?).start(&through(&relay.await?))?;
    let mut said = BufReader::new(again.stderr.take().context("no output")?).lines();
    loop {
        let line = said.next_line().await?.context("it ended before it waited")?;
        if line.contains("have it; it may have it from before") {
            break;
        }
    }
    council.chain.mine(1).await?;
    assert_eq!(again.wait().await?.code(), Some(DONE), "{:?}", said.next_line().await?);
    Ok(())
}
