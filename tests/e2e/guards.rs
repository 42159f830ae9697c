//! What must not become a plan does not, unless a named flag says so, which the chain's hash binds;
//! and what does become one has been tried on the chain as far as the node can.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, address};
use anyhow::{Context, Result};
use interdict_core::manifest::{Manifest, Override};
use interdict_tests::cli::Run;
use interdict_tests::exit::{FAILED, HAS_CHANGES, REVERTS, USAGE};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, old_node, publication, read_json};
use serde_json::{Value, json};

/// An entry of the sample.
const PUBLISHED: &str = "0x10ab0fe358f313e8ef57b5a9033940ef84525975";

async fn planned(room: &Room, publication: &Path, more: &[&str]) -> Result<Run> {
    let publication = publication.display().to_string();
    let out = room.path("plan.json");
    let mut args = vec!["plan", publication.as_str(), "--out", out.as_str(), "--json"];
    args.extend(more);
    room.council.cli.run(&args).await
}

fn written(room: &Room) -> Result<Value> {
    read_json(room.file("plan.json"))
}

/// The guard stops the publication, says the flag, gives way to that flag alone, and the flag
/// is in the manifest whose hash the chain will carry. Another reviewer's copy verifies it.
async fn guarded(
    room: &Room,
    publication: &Path,
    which: Override,
    code: &str,
    more: &[&str],
) -> Result<Value> {
    let refused = planned(room, publication, more).await?;
    assert_eq!(refused.code, FAILED, "{refused:?}");
    let error = refused.json()?["errors"][0].clone();
    assert_eq!(error["code"], code, "{error}");
    let next = error["next"].as_str().unwrap_or_default();
    assert!(next.contains(which.flag()), "{next}");
    assert!(!room.file("plan.json").exists(), "a plan was written all the same");

    let others = Override::ALL.into_iter().filter(|other| *other != which);
    let mut others: Vec<&str> = others.map(Override::flag).collect();
    others.extend(more);
    assert_eq!(planned(room, publication, &others).await?.code, FAILED, "another flag helps");

    let allowed: Vec<&str> = [which.flag()].into_iter().chain(more.iter().copied()).collect();
    let run = planned(room, publication, &allowed).await?;
    assert!([0, HAS_CHANGES].contains(&run.code), "{run:?}");
    let plan = written(room)?;
    assert_eq!(plan["manifest"]["overrides"], json!([which]));
    let manifest: Manifest = serde_json::from_value(plan["manifest"].clone())?;
    assert_eq!(plan["manifest_hash"], json!(manifest.hash()?));
    let (plan_path, mine) = (room.path("plan.json"), publication.display().to_string());
    let mut args = vec!["verify", &plan_path, "--publication", &mine, "--json"];
    args.extend(more);
    let verified = room.council.cli.run(&args).await?;
    assert_eq!(verified.code, 0, "{verified:?}");
    let warnings = verified.json()?["warnings"].to_string();
    assert!(warnings.contains(which.flag()), "a reviewer is told of it: {warnings}");
    std::fs::remove_file(room.file("plan.json"))?;
    Ok(error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_of_currency_that_was_never_seen() -> Result<()> {
    let room = Room::open().await?;
    let odd = room.sample_with("odd.xml", &[("Address - USDC", "Address - TON")])?;
    let error = guarded(&room, &odd, Override::UnknownType, "unknown_type", &[]).await?;
    assert!(error["message"].to_string().contains("TON (1 published)"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_mistyped() -> Result<()> {
    let room = Room::open().await?;
    let wrong = "0xe070df2cB1f0cC56089F07b36b5d1cde234F73D6";
    let odd =
        room.sample_with("odd.xml", &[("0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6", wrong)])?;
    let error = guarded(&room, &odd, Override::BadChecksum, "bad_checksum", &[]).await?;
    assert!(error["message"].to_string().contains(&format!("{wrong} under 900001")), "{error}");
    let run = planned(&room, &odd, &["--allow-bad-checksum"]).await?;
    let data = &run.json()?["data"];
    assert!(data["quarantine"].to_string().contains(wrong), "it is set aside: {data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_of_which_no_address_can_be_read() -> Result<()> {
    let room = Room::open().await?;
    let empty = room.sample_with("empty.xml", &[("<value>0x", "<value>1x")])?;
    let error = guarded(&room, &empty, Override::Empty, "zero", &[]).await?;
    assert!(error["message"].to_string().contains("no EVM address that can be read"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_list_may_hold() -> Result<()> {
    let room = Room::open().await?;
    let burn = "0x000000000000000000000000000000000000dEaD";
    let odd = room.sample_with("odd.xml", &[(PUBLISHED, burn)])?;
    let error = guarded(&room, &odd, Override::NeverList, "never_list", &[]).await?;
    assert!(error["message"].to_string().contains(burn), "{error}");

    let run = planned(&room, &odd, &["--allow-never-list"]).await?;
    assert!(run.json()?["data"]["quarantine"].to_string().contains(burn), "{}", run.stdout);
    // The list's own contracts are as far from any list as the burn address.
    let own = room.council.deployment()?.blocklist.address.to_string();
    let odd = room.sample_with("own.xml", &[(PUBLISHED, own.as_str())])?;
    let run = planned(&room, &odd, &[]).await?;
    assert_eq!(run.json()?["errors"][0]["code"], "never_list");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_publications_that_disagree() -> Result<()> {
    let room = Room::open().await?;
    let sample = publication("sample_enhanced.xml");
    let other = room
        .sample_with(
            "other.xml",
            &[
                (PUBLISHED, "0x9d4c2f6a5b1e8037c6a9de4512f8b07a3c5e6d71"),
                ("2026-01-02T", "2026-01-03T"),
            ],
        )?
        .display()
        .to_string();
    let check = ["--cross-check", other.as_str()];
    let error = guarded(&room, &sample, Override::Disagreement, "disagreement", &check).await?;
    let message = error["message"].to_string().to_lowercase();
    assert!(message.contains(&format!("1 only in the first: {PUBLISHED}")), "{message}");
    assert!(message.contains("1 only in the second: 0x9d4c2f6a"), "{message}");

    // A reviewer without the second publication is told that there was one.
    let run = planned(&room, &sample, &["--cross-check", &other, "--allow-disagreement"]).await?;
    let notes = run.json()?["data"]["notes"].to_string();
    assert!(notes.contains("not of one release"), "{notes}");
    let plan = room.path("plan.json");
    let mine = sample.display().to_string();
    let verified = room.council.cli.run(&["verify", &plan, "--publication", &mine]).await?;
    assert!(verified.stdout.contains("--allow-disagreement"), "{verified:?}");

    // The same in another file agrees, and another source's is no second opinion.
    let same = room.sample_with("same.xml", &[])?.display().to_string();
    assert_eq!(planned(&room, &sample, &["--cross-check", &same]).await?.code, HAS_CHANGES);
    assert_eq!(written(&room)?["manifest"]["overrides"], json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_publication_whose_remarks_go_on_in_another_file() -> Result<()> {
    let room = Room::open().await?;
    let (xml, rows) = (publication("sample_advanced.xml"), publication("sample_sdn.csv"));
    let comments = publication("sample_sdn_comments.csv").display().to_string();
    let date = ["--data-as-of", "2026-01-02T15:00:00Z"];
    for (first, second) in [(&xml, &rows), (&rows, &xml)] {
        let second = second.display().to_string();
        let check = ["--cross-check", &second, "--comments", &comments, date[0], date[1]];
        let run = planned(&room, first, &check).await?;
        assert_eq!(run.code, HAS_CHANGES, "{run:?}");
        assert_eq!(written(&room)?["manifest"]["overrides"], json!([]));
        let notes = run.json()?["data"]["notes"].to_string();
        assert!(!notes.contains("release"), "they are of one day: {notes}");
        let plan = room.path("plan.json");
        let mine = first.display().to_string();
        let verify = [&["verify", plan.as_str(), "--publication", &mine], &check[..]].concat();
        let verified = room.council.cli.run(&verify).await?;
        assert_eq!(verified.code, 0, "{verified:?}");
        std::fs::remove_file(plan)?;
    }
    let refused = planned(&room, &xml, &["--comments", &comments]).await?;
    let message = refused.json()?["errors"][0]["message"].to_string();
    assert!(message.contains("leave out --comments"), "{message}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shrinks_or_is_older_than_the_list() -> Result<()> {
    let room = Room::open().await?;
    let second = room.sample_with("second.xml", &[("2026-01-02T", "2026-02-02T")])?;
    room.council.govern(&second, "second.json").await?;
    guarded(&room, &publication("sample_enhanced.xml"), Override::Older, "older", &[]).await?;

    // Two of eight addresses are no longer published as the EVM's.
    let eth = "345\">Digital Currency Address - ETH</type>\n          <value>1Ex";
    let xbt = "344\">Digital Currency Address - XBT</type>\n          <value>1Ex";
    let changes = [
        ("2026-01-02T", "2026-03-02T"),
        (PUBLISHED, "1ExampLeBitcoinAddressNobodyHas12"),
        ("0x4F3DE67A2c61a78eF141670E83F87B8C2C9F9dca", "1ExampLeBitcoinAddressNobodyHas13"),
        (eth, xbt),
    ];
    let less = room.sample_with("less.xml", &changes)?;
    let error = guarded(&room, &less, Override::Shrink, "shrink", &[]).await?;
    assert!(error["message"].to_string().contains("2 of 8"), "{error}");

    // A delisting is tried to its end, a day before it may land; and is told before anything else.
    let run = planned(&room, &less, &["--allow-shrink"]).await?;
    let data = run.data(HAS_CHANGES)?;
    assert_eq!(data["simulation"]["method"], "eth_simulateV1");
    assert_eq!(data["simulation"]["acts"][0]["kind"], "delist");
    assert!(data["simulation"]["acts"][0]["gas"].as_u64() > Some(50_000), "{data}");
    let removals = data["removals"].as_array().context("no removals")?;
    assert_eq!(removals.len(), 2, "{data}");
    assert_eq!((&data["count_before"], &data["count_after"]), (&json!(8), &json!(6)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_simulation_is_asked_act_by_act() -> Result<()> {
    let room = Room::open().await?;
    let old = old_node::open(&room.anvil.url).await?;
    let sample = publication("sample_enhanced.xml");
    let data = planned(&room, &sample, &["--rpc-url", &old]).await?.data(HAS_CHANGES)?;
    assert_eq!(data["simulation"]["method"], "eth_call");
    let by_call = data["simulation"]["acts"].as_array().context("no acts")?.clone();
    assert_eq!(written(&room)?["simulation"]["method"], "eth_call", "the plan says so");
    let data = planned(&room, &sample, &[]).await?.data(HAS_CHANGES)?;
    assert_eq!(data["simulation"]["method"], "eth_simulateV1");
    let simulated = data["simulation"]["acts"].as_array().context("no acts")?.clone();
    let heads = |acts: &[Value]| acts.iter().map(|act| act["head"].clone()).collect::<Vec<_>>();
    assert_eq!(heads(&by_call), heads(&simulated), "what is foreseen needs no node");
    assert!(by_call[0]["gas"].is_null() && simulated[0]["gas"].is_u64(), "{data}");
    Ok(())
}

/// More than a day may hold is what the contract refuses and the command line does not know.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_the_chain_would_refuse_ends_with_five() -> Result<()> {
    let room = Room::open().await?;
    let mut rows = "address,uid,designated_on,programs,tickers\n".to_owned();
    for n in 0..1_001_u32 {
        let account = Address::from_slice(&alloy::primitives::keccak256(n.to_be_bytes())[..20]);
        writeln!(rows, "{account},{n},,,ETH")?;
    }
    let many = room.file("many.csv");
    std::fs::write(&many, rows)?;
    let stated = ["--source", "OWN", "--data-as-of", "2026-01-02T00:00:00Z"];
    let old = old_node::open(&room.anvil.url).await?;
    for node in [room.anvil.url.as_str(), old.as_str()] {
        let mut args = stated.to_vec();
        args.extend(["--rpc-url", node]);
        let run = planned(&room, &many, &args).await?;
        assert_eq!(run.code, REVERTS, "{run:?}");
        let message = run.json()?["errors"][0]["message"].to_string();
        assert!(message.contains("holding by this plan fails"), "{message}");
        assert!(message.contains("1001 holds would be more than the 1000 of a day"), "{message}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_delegated_keys_and_look_alikes_are_spoken_of() -> Result<()> {
    let room = Room::open().await?;
    let contract = address!("0x6543D11f72b826a45a3Fe236Cd9D9d04Fd0aB605");
    let delegated = address!("0x3089bF12983B54B6a528143c92F06BF3CCd614c2");
    room.council.chain.set_code(contract, &[0x60, 0x00]).await?;
    let designator = [&[0xef, 0x01, 0x00][..], contract.as_slice()].concat();
    room.council.chain.set_code(delegated, &designator).await?;
    // One address of the sample becomes a look-alike of another.
    let like = room.sample_with(
        "like.xml",
        &[(
            "0x9eEc5F251d8c47BDBb2348D186f06F048d91A157",
            "0x10ab6f3d91c27e84b05a1d9c3e7f28465b0d5975",
        )],
    )?;
    let data = planned(&room, &like, &[]).await?.data(HAS_CHANGES)?;
    let notes = data["notes"].to_string();
    let words = [
        format!("{contract} is a contract on chain 31337"),
        format!("{delegated} is somebody's key that delegates"),
        "begin and end alike".to_owned(),
    ];
    assert_says(&notes, &words);
    let kinds: Vec<_> = written(&room)?["manifest"]["list"]
        .as_array()
        .context("no list")?
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(kinds.contains(&"contract".to_owned()) && kinds.contains(&"delegated".to_owned()));
    Ok(())
}

/// The real canaries, where the real data are.
#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_is_listed_and_not_published() -> Result<()> {
    let Some(data) = std::env::var_os("INTERDICT_REAL_DATA") else {
        interdict_tests::say_skipped(
            "the canaries of the real list",
            "INTERDICT_REAL_DATA is not set",
        );
        return Ok(());
    };
    let real = PathBuf::from(data).join("ofac/sdn_enhanced_RECONSTRUCTED_2026-08-20.xml");
    let room = Room::open().await?;
    room.council.govern(&real, "real.json").await?;
    let text = std::fs::read_to_string(&real)?;
    let canary = "0xfec8a60023265364d066a1212fde3930f6ae8da7";
    let start = text.to_lowercase().find(canary).context("the real list has its fourth canary")?;
    let published = &text[start..start + canary.len()];
    let missing = room.file("missing.xml");
    std::fs::write(&missing, text.replace(published, "TExampleTronAddressNobodyHas111111"))?;
    let error = guarded(&room, &missing, Override::MissingCanary, "missing_canary", &[]).await?;
    assert!(error["message"].to_string().to_lowercase().contains(canary), "{error}");

    // The council delists it by that flag, and from then on it is a canary no more.
    let flag = ["--allow-missing-canary"];
    let genuine = room.council.plan_with(&missing, "genuine.json", &flag).await?;
    let council = &room.council;
    let proposal = council.propose_as(&council.relayer, &[&genuine.path, "--delist"]).await?;
    council.pass(&proposal).await?;
    council.chain.wait_seconds(24 * 3600 + 1).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], 0).await?;
    assert_eq!(planned(&room, &missing, &[]).await?.code, 0);
    assert_eq!(written(&room)?["manifest"]["overrides"], json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_needs_something_to_compare() -> Result<()> {
    let room = Room::open().await?;
    let mine = publication("sample_enhanced.xml").display().to_string();
    let nothing = room.council.cli.run(&["verify", "--publication", &mine]).await?;
    assert_eq!(nothing.code, USAGE, "{nothing:?}");
    let no_act = room.council.cli.run(&["verify", "--act", "99", "--publication", &mine]).await?;
    assert_eq!(no_act.code, FAILED);
    assert!(no_act.stderr.contains("the list has no act 99"), "{}", no_act.stderr);
    // The first act protects the system itself: no publication gives it.
    let protect = room.council.cli.run(&["verify", "--act", "1", "--publication", &mine]).await?;
    assert!(protect.stderr.contains("no publication gives it"), "{}", protect.stderr);
    Ok(())
}
