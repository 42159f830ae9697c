//! The lists of authorities whose ids are words, from the publication to the chain and back.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use interdict_core::uid;
use interdict_tests::exit::{DONE, HAS_CHANGES};
use interdict_tests::publication;
use interdict_tests::room::Room;

const DAY_SECONDS: u64 = 24 * 3600;

/// The sample without the address whose checksum is wrong: that has a guard and a test of its own,
/// and a digit too few in its place has none.
fn readable(sample: &str, folder: &Path) -> Result<PathBuf> {
    let wrong = "0xe070df2cB1f0cC56089F07b36b5d1cde234F73D6";
    let text = std::fs::read_to_string(publication(sample))?;
    ensure!(text.contains(wrong), "{sample} has no wrong checksum");
    let path = folder.join(sample);
    std::fs::write(&path, text.replace(wrong, &wrong[..41]))?;
    Ok(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uk_id_is_a_number_on_chain_and_a_word_in_the_manifest() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;

    let plan = council.govern(&readable("uk_sample.xml", room.folder())?, "plan.json").await?;
    let people: Vec<_> = plan.manifest.list.iter().map(|e| (&*e.authority_id, e.uid)).collect();
    assert_eq!(people.len(), 4);
    assert!(people.iter().all(|(id, uid)| uid::of(id) == *uid), "{people:?}");
    let cyber = plan.manifest.list.iter().find(|entry| entry.authority_id == "CYB0901");
    let address = cyber.context("the sample has CYB0901")?.address.to_string();
    let check = council.cli.json(&["check", &address], HAS_CHANGES).await?;
    assert_eq!(check["sources"], serde_json::json!(["UK"]));
    let on_chain = uid::of("CYB0901").to_string();
    let uids = check["uids"].as_array().context("check says who")?;
    assert!(uids.contains(&on_chain.clone().into()), "{uids:?}, {on_chain}");

    // The other rendering of the same list names the same, by the same numbers.
    let csv = readable("uk_sample.csv", room.folder())?.display().to_string();
    let out = room.path("again.json");
    let again = council.cli.json(&["plan", &csv, "--out", &out], DONE).await?;
    assert_eq!((&again["unchanged"], &again["list"]), (&4.into(), &0.into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_has_ended_leaves_the_list() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;

    let orders = readable("nbctf_sample.csv", room.folder())?.display().to_string();
    let path = room.path("plan.json");
    let as_of = |time: &'static str| {
        ["plan", &orders, "--out", &path, "--data-as-of", time].map(str::to_owned)
    };
    let first = council.cli.json(&as_of("2026-01-02T00:00:00Z"), HAS_CHANGES).await?;
    assert_eq!((&first["list"], &first["delist"]), (&4.into(), &0.into()), "{first}");
    let text = std::fs::read_to_string(&path)?;
    assert!(text.contains("\"authority_id\": \"ASO 5/24\""), "{text}");
    assert!(text.contains("\"valid_until\": \"2026-01-02\""), "{text}");

    // A reviewer states nothing but the file: the plan says as of when it was read.
    let verify = ["verify", path.as_str(), "--publication", orders.as_str()];
    assert_eq!(council.cli.json(&verify, DONE).await?["same"], true);

    let plan = council.read(&path, first)?;
    council.hold(&plan).await?;
    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;

    let run = council.cli.run(&as_of("2026-01-03T00:00:00Z")).await?;
    assert!(run.stderr.contains("--allow-shrink"), "one of three is a third: {}", run.stderr);
    let mut args = as_of("2026-01-03T00:00:00Z").to_vec();
    args.push("--allow-shrink".to_owned());
    let next = council.cli.json(&args, HAS_CHANGES).await?;
    assert_eq!((&next["list"], &next["delist"]), (&0.into(), &1.into()), "{next}");
    assert!(next["notes"].to_string().contains("ASO 5/24 ended on 2026-01-02"), "{next}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_address_of_a_list_leaves_it_by_two_words() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;

    // One order with one address, which ends; a digit too few beside it ends as well.
    let text = std::fs::read_to_string(publication("nbctf_sample.csv"))?;
    let kept = |line: &&str| line.starts_with("order,") || line.starts_with("ASO 5/24,");
    let lines: Vec<_> = text.lines().filter(kept).collect();
    ensure!(lines.len() == 3, "{lines:?}");
    let orders = room.file("orders.csv");
    std::fs::write(&orders, lines.join("\n") + "\n")?;
    let orders = orders.display().to_string();
    let path = room.path("plan.json");
    let plan = |time: &str, more: &[&str]| {
        let args = ["plan", &orders, "--out", &path, "--data-as-of", time];
        [&args[..], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = council.cli.json(&plan("2026-01-02T00:00:00Z", &[]), HAS_CHANGES).await?;
    let plan_of_it = council.read(&path, first)?;
    council.hold(&plan_of_it).await?;
    let proposal = council.propose(&plan_of_it).await?;
    council.pass(&proposal).await?;
    ensure!(council.count().await? == 1, "nothing is listed");

    let refused = async |flags: &[&str], code: &str| {
        let mut args = plan("2026-01-03T00:00:00Z", flags);
        args.push("--json".to_owned());
        let run = council.cli.run(&args).await?;
        let document = run.json()?;
        ensure!(document["errors"][0]["code"] == code, "{document}");
        Ok(())
    };
    refused(&[], "zero").await?;
    refused(&["--allow-empty"], "shrink").await?;
    refused(&["--allow-shrink"], "zero").await?;
    let both = ["--allow-empty", "--allow-shrink"];
    let next = council.cli.json(&plan("2026-01-03T00:00:00Z", &both), HAS_CHANGES).await?;
    assert_eq!((&next["list"], &next["delist"]), (&0.into(), &1.into()), "{next}");
    let delist = [path.as_str(), "--delist"];
    let proposal = council.propose_as(&council.members[0], &delist).await?;
    council.pass(&proposal).await?;
    council.chain.wait_seconds(DAY_SECONDS + 1).await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], DONE).await?;
    assert_eq!(council.count().await?, 0);
    Ok(())
}
