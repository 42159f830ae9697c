//! `interdict check`: 0 clear, 3 listed, 1 unknown. Whatever cannot be answered is never "clear".

use alloy::primitives::Address;
use alloy::providers::Provider;
use anyhow::Result;
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::council::Council;
use interdict_tests::exit::{CLEAR, LISTED, UNKNOWN, USAGE};
use interdict_tests::room::Room;
use serde_json::json;

const NOBODY: Address = Address::repeat_byte(0x77);

/// How long a hold lasts by default.
const TERM_SECONDS: u64 = 7 * 24 * 3600;

/// Code that returns nothing to every call: STOP.
const SILENT: [u8; 1] = [0x00];

/// Asserts that `check` says unknown, why, and what to do next, in words and as JSON.
async fn assert_unknown(council: &Council, args: &[&str], why: &str) -> Result<()> {
    let address = NOBODY.to_string();
    let mut all = vec!["check", address.as_str()];
    all.extend(args);
    let run = council.cli.run(&all).await?;
    assert_eq!(run.code, UNKNOWN, "{run:?}");
    assert!(run.stdout.starts_with("unknown"), "{run:?}");
    assert!(!run.stdout.contains("clear"), "{run:?}");
    assert!(run.stderr.contains(why), "no {why:?} in {}", run.stderr);
    assert!(run.stderr.contains("next: "), "{run:?}");
    all.push("--json");
    let run = council.cli.run(&all).await?;
    assert_eq!((run.code, &run.json()?["data"]["answer"]), (UNKNOWN, &json!("unknown")));
    assert_eq!(run.json()?["success"], false);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn listed_clear_and_nothing_in_between() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let listed = plan.first()?.to_string();
    let before = council.cli.json(&["check", &listed], CLEAR).await?;
    assert_eq!(before["answer"], "clear");

    council.hold(&plan).await?;
    let held = council.cli.json(&["check", &listed], LISTED).await?;
    assert_eq!((&held["answer"], &held["provisional"]), (&json!("listed"), &json!(true)));
    assert_eq!(held["sources"], json!(["OFAC-SDN"]));
    assert_eq!(held["manifest"], plan.manifest.hash()?.to_string());
    let shown = council.cli.run(&["check", &listed]).await?;
    assert_eq!(shown.code, LISTED);
    assert!(shown.stdout.starts_with("listed"), "{shown:?}");

    // A hold that nobody ratifies ends by itself.
    council.chain.wait_seconds(TERM_SECONDS).await?;
    let lapsed = council.cli.json(&["check", &listed], CLEAR).await?;
    assert_eq!(lapsed["answer"], "clear");
    let clear = council.cli.json(&["check", &NOBODY.to_string()], CLEAR).await?;
    assert_eq!(clear["answer"], "clear");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_a_usage_error() -> Result<()> {
    let room = Room::convene().await?;
    let council = &room.council;
    let digits_39 = "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353";
    let bad_checksum = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353c";
    for (bad, why) in [(digits_39, "39 hex digits"), (bad_checksum, "checksum"), ("abc", "0x")] {
        let run = council.cli.run(&["check", bad]).await?;
        assert_eq!(run.code, USAGE, "{run:?}");
        assert!(run.stderr.contains(why) && run.stderr.contains(bad), "{}", run.stderr);
        assert!(run.stdout.is_empty(), "{run:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_is_never_clear() -> Result<()> {
    let room = Room::convene().await?;
    let council = &room.council;
    assert_unknown(council, &[], "31337.json").await?; // nothing is deployed here

    let deployment = council.deploy().await?;
    let list = deployment.blocklist.address;
    council.cli.json(&["check", &NOBODY.to_string()], CLEAR).await?;
    assert_unknown(council, &["--chain", "1"], "31337").await?;
    assert_unknown(council, &["--rpc-url", "http://127.0.0.1:1"], "127.0.0.1").await?;

    let code = council.chain.provider().get_code_at(list).await?;
    council.chain.set_code(list, &SILENT).await?;
    assert_unknown(council, &[], "code").await?;
    council.chain.set_code(list, &[]).await?;
    assert_unknown(council, &[], "no code").await?;
    council.chain.set_code(list, &code).await?;
    council.cli.json(&["check", &NOBODY.to_string()], CLEAR).await?;

    // Another chain of the same id: a restarted local node.
    let other = Anvil::start(Pace::OnDemand).await?;
    assert_unknown(council, &["--rpc-url", &other.url], "check --rpc-url").await?;

    room.anvil.stop().await?;
    assert_unknown(council, &[], "127.0.0.1").await?;
    Ok(())
}
