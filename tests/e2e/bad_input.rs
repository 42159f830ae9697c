//! Bad input gets an error that says what, where and what next, and changes nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::cli::Run;
use interdict_tests::exit::{FAILED, HAS_CHANGES, STALE};
use interdict_tests::room::Room;
use interdict_tests::{assert_says, publication, read_json};

/// Longer than a plan may be used.
const EIGHT_DAYS_SECONDS: u64 = 8 * 24 * 3600;

fn written(room: &Room, name: &str, text: &str) -> Result<PathBuf> {
    let path = room.file(name);
    std::fs::write(&path, text)?;
    Ok(path)
}

async fn planned(room: &Room, publication: &Path, more: &[&str]) -> Result<Run> {
    let publication = publication.display().to_string();
    let out = room.path("plan.json");
    let mut args = vec!["plan", publication.as_str(), "--out", out.as_str()];
    args.extend(more);
    room.council.cli.run(&args).await
}

/// No plan comes of the file, and the error has each of these words.
async fn refuses(room: &Room, publication: &Path, words: &[&str]) -> Result<()> {
    let run = planned(room, publication, &[]).await?;
    assert_fails(&run, FAILED, words);
    let name = publication.file_name().unwrap_or_default().to_string_lossy();
    assert!(run.stderr.contains(name.as_ref()), "where? {}", run.stderr);
    assert!(!room.file("plan.json").exists(), "a plan was written all the same");
    let json = planned(room, publication, &["--json"]).await?.json()?;
    assert_eq!(json["success"], false);
    assert!(json["errors"][0]["message"].is_string(), "{json}");
    Ok(())
}

fn assert_fails(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:?}");
    assert_eq!(run.stdout, "", "the result of a failure is nothing");
    assert!(run.stderr.lines().any(|line| line.starts_with("error: ")), "{}", run.stderr);
    assert_says(&run.stderr, words);
}

fn sample() -> Result<String> {
    std::fs::read_to_string(publication("sample_enhanced.xml")).context("the sample is missing")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_publication() -> Result<()> {
    let room = Room::open().await?;
    let text = sample()?;
    let half = written(&room, "half.xml", &text[..text.len() / 2])?;
    refuses(&room, &half, &["byte", "download it again"]).await?;
    // Cut between two entities, where everything before is whole.
    let end = text.rfind("</entity>").context("the sample has entities")?;
    let whole = written(&room, "cut.xml", &text[..end + "</entity>".len()])?;
    refuses(&room, &whole, &["byte", "download it again"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_instead_of_a_publication() -> Result<()> {
    let room = Room::open().await?;
    let text = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>…</body></html>";
    let page = written(&room, "page.xml", text)?;
    refuses(&room, &page, &["web page", "download"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_without_any_address() -> Result<()> {
    let room = Room::open().await?;
    let empty = written(&room, "empty.xml", &sample()?.replace("0x", "1x"))?;
    refuses(&room, &empty, &["no EVM address", "download it again"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_and_one_that_is_not_there() -> Result<()> {
    let room = Room::open().await?;
    refuses(&room, &written(&room, "nothing.xml", "")?, &["empty"]).await?;
    refuses(&room, &room.file("absent.xml"), &["cannot"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_39_digits_is_put_aside_and_shown() -> Result<()> {
    let room = Room::open().await?;
    let text = sample()?;
    let start = text.find("<value>0x").context("the sample has an address")? + "<value>".len();
    let (whole, short) = (&text[start..start + 42], &text[start..start + 41]);
    let publication = written(&room, "short.xml", &text.replacen(whole, short, 1))?;
    let run = planned(&room, &publication, &[]).await?;
    assert_eq!(run.code, HAS_CHANGES, "{run:?}");
    assert!(run.stdout.contains(short), "it is shown as published: {}", run.stdout);
    assert!(run.stdout.contains("39 hex digits"), "{}", run.stdout);
    assert!(run.stderr.contains("a person must look"), "{}", run.stderr);
    let plan = read_json(room.file("plan.json"))?;
    assert!(plan["quarantine"].to_string().contains(short));
    assert!(
        !plan["manifest"].to_string().contains(&format!("{short:?}")),
        "never listed in any form"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_csv_that_are_cut() -> Result<()> {
    const AS_OF: [&str; 2] = ["--data-as-of", "2026-01-02T15:00:00Z"];
    let room = Room::open().await?;
    let rows = publication("sample_sdn.csv");
    assert_fails(&planned(&room, &rows, &[]).await?, FAILED, &["date", "--data-as-of"]);
    let refused = planned(&room, &rows, &AS_OF).await?;
    let words = ["1 row is cut at 1,000 characters", "uid 900004", "--comments"];
    assert_fails(&refused, FAILED, &words);
    assert!(!room.file("plan.json").exists(), "a plan was written all the same");

    let read_plan = || read_json(room.file("plan.json"));
    let allowed = planned(&room, &rows, &[&AS_OF[..], &["--allow-truncated"]].concat()).await?;
    assert_eq!(allowed.code, HAS_CHANGES, "{allowed:?}");
    assert!(allowed.stderr.contains("overridden by --allow-truncated"), "{}", allowed.stderr);
    let cut = read_plan()?;
    assert_eq!(cut["manifest"]["overrides"], serde_json::json!(["truncated"]));

    let comments = publication("sample_sdn_comments.csv").display().to_string();
    let whole = planned(&room, &rows, &[&AS_OF[..], &["--comments", &comments]].concat()).await?;
    assert_eq!(whole.code, HAS_CHANGES, "{whole:?}");
    let whole = read_plan()?;
    assert_eq!(whole["manifest"]["overrides"], serde_json::json!([]));
    assert_ne!(cut["manifest"]["list"], whole["manifest"]["list"]);
    assert!(whole["manifest"]["publication"]["comments_sha256"].is_string());

    let (plan, rows) = (room.path("plan.json"), rows.display().to_string());
    let verify = ["verify", &plan, "--publication", &rows, "--comments", &comments];
    let verified = room.council.cli.run(&verify).await?;
    assert_eq!(verified.code, 0, "{verified:?}");
    let alone = room.council.cli.run(&verify[..4]).await?;
    assert_eq!(alone.code, STALE, "{alone:?}");
    assert!(alone.stdout.contains("an override is hidden"), "{alone:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chain_than_expected() -> Result<()> {
    let room = Room::open().await?;
    let sample = publication("sample_enhanced.xml");
    let elsewhere = planned(&room, &sample, &["--chain", "1"]).await?;
    assert_fails(&elsewhere, STALE, &["31337", "1", "--chain"]);

    // A plan for this chain, and one that was changed to look like it.
    assert_eq!(planned(&room, &sample, &[]).await?.code, HAS_CHANGES);
    let plan = std::fs::read_to_string(room.file("plan.json"))?;
    let changed = plan.replacen("\"chain_id\": 31337", "\"chain_id\": 1", 1);
    assert_ne!(plan, changed);
    let changed = written(&room, "changed.json", &changed)?.display().to_string();
    let right = room.path("plan.json");
    let other = Anvil::start(Pace::OnDemand).await?;
    let cases = [
        (changed.as_str(), room.council.cli.rpc_url.as_str(), "another list"),
        (right.as_str(), other.url.as_str(), "check --rpc-url"),
    ];
    for (plan, node, why) in cases {
        let sign = ["sign", plan, "--yes", "--rpc-url", node];
        let run = room.council.cli.run_as(&room.council.members[0], &sign).await?;
        assert_fails(&run, STALE, &[why, "next: "]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_has_expired_or_whose_list_has_moved() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let stale = council.plan(&publication("sample_enhanced.xml"), "stale.json").await?;
    let sign = async |path| council.cli.run_as(&council.members[0], &["sign", path, "--yes"]).await;

    council.hold(&plan).await?;
    assert_fails(&sign(&stale.path).await?, STALE, &["head", "new plan"]);

    council.chain.wait_seconds(EIGHT_DAYS_SECONDS).await?;
    assert_fails(&sign(&stale.path).await?, STALE, &["expired", "new plan"]);
    let run = council.cli.run(&["verify", &plan.path, "--publication", "absent.xml"]).await?;
    assert_ne!(run.code, 0, "{run:?}");
    Ok(())
}

/// Without a node only a key's signature can be told from another's.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_from_elsewhere_on_a_machine_without_a_network() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plan = room.plan().await?;
    let [member, other] = [0, 1].map(|n| council.members[n].address().to_string());
    let made = read_json(council.sign(&council.members[0], &plan.path).await?)?;
    let signature = made["signature"].as_str().context("no signature")?;
    let (out, shown) = (room.file("taken.json"), room.path("taken.json"));
    let take = async |signer: &[&str], signature: &str| {
        let mut args = vec!["sign", plan.path.as_str(), "--offline", "--out", shown.as_str()];
        args.extend(signer);
        args.extend(["--signature", signature]);
        council.cli.run(&args).await
    };

    let run = take(&["--signer", &other], signature).await?;
    assert_eq!(run.code, FAILED, "{run:?}");
    let words = ["error: the signature was made by", &member, &other, "leave out --offline"];
    assert_says(&run.stderr, &words);
    assert!(!out.exists(), "it was written all the same");
    let right = take(&["--signer", &member], signature).await?;
    assert_eq!(right.code, 0, "{right:?}");
    assert!(!right.stderr.contains("the signature itself"), "{}", right.stderr);

    // Who is not named is found from the signature, which finds somebody whatever it is under.
    let run = take(&[], signature).await?;
    let word = format!("found from it alone: {member}");
    assert!(run.code == 0 && run.stderr.contains(&word), "{run:?}");
    let run = take(&["--signer", &other], "0x1234").await?;
    let words = ["not checked: the signature itself", "2 bytes", &other];
    assert!(run.code == 0 && words.iter().all(|w| run.stderr.contains(w)), "{run:?}");
    let run = take(&[], "0x1234").await?;
    assert!(run.code == FAILED && run.stderr.contains("the signature is not 65 bytes"), "{run:?}");
    Ok(())
}
