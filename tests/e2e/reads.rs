//! The verbs that read: `show`, `export`, `check` and `status`, now and as of the past.

use alloy::primitives::Address;
use anyhow::{Context as _, Result};
use interdict_tests::council::Plan;
use interdict_tests::exit::{DONE, LISTED, UNKNOWN, USAGE};
use interdict_tests::room::Room;
use serde_json::{Value, json};

const NOBODY: Address = Address::repeat_byte(0x77);
const HOUR_SECONDS: u64 = 3600;

/// A list that has a past: held, ratified, and one hour between the two.
struct Past {
    room: Room,
    plan: Plan,
    proposal: String,
    listed: String,
    /// The block before the hold, of the hold, and of the ratification.
    blocks: [u64; 3],
}

async fn past() -> Result<Past> {
    let room = Room::open().await?;
    let council = &room.council;
    let before = council.chain.height().await?;
    council.chain.wait_seconds(HOUR_SECONDS).await?;
    let plan = room.plan().await?;
    council.hold(&plan).await?;
    let held = council.chain.height().await?;
    council.chain.wait_seconds(HOUR_SECONDS).await?;
    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;
    let ratified = council.chain.height().await?;
    let listed = plan.first()?.to_string();
    let blocks = [before, held, ratified];
    Ok(Past { room, plan, proposal, listed, blocks })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_exported_as_it_stood() -> Result<()> {
    let past = past().await?;
    let cli = &past.room.council.cli;
    let n = past.plan.addresses().len();
    let export = async |more: &[&str]| -> Result<Value> {
        let mut args = vec!["export"];
        args.extend(more);
        cli.json(&args, DONE).await
    };
    let now = export(&[]).await?;
    let status = cli.json(&["status"], DONE).await?;
    assert_eq!((&now["head"], &now["acts"]), (&status["head"], &status["acts"]));
    let rows = now["rows"].as_array().context("no rows")?;
    assert_eq!(rows.len(), n);
    let addresses: Vec<_> = rows.iter().map(|row| row["address"].to_string()).collect();
    assert!(addresses.is_sorted_by(|a, b| a.to_lowercase() < b.to_lowercase()), "{addresses:?}");
    let manifest = past.plan.manifest.hash()?.to_string();
    for row in rows {
        assert_eq!((&row["standing"], &row["manifest"]), (&json!("ratified"), &json!(manifest)));
        assert!(row["persons"][0]["designated_on"].is_string() && row["listed_at"].is_u64());
        assert_eq!(row["data_as_of"], 1_767_366_000, "2026-01-02T15:00:00Z");
        assert_eq!(row["until"], Value::Null);
    }
    assert_eq!(export(&["--all"]).await?["rows"], now["rows"]);

    let [before, held, ratified] = past.blocks.map(|block| block.to_string());
    assert_eq!(export(&["--at", &before]).await?["rows"], json!([]));
    let then = export(&["--at", &held]).await?;
    assert_eq!(then["rows"][0]["standing"], "held");
    let act = cli.json(&["show", "2"], DONE).await?;
    assert_eq!(then["head"], act["act"]["head"], "the head of that moment");
    assert_eq!(export(&["--at", &ratified]).await?["rows"], now["rows"]);
    let far = cli.run(&["export", "--at", "99999"]).await?;
    assert!(far.code == UNKNOWN && far.stderr.contains("not there yet"), "{far:?}");

    // The three forms say the same, and a file is what stdout would have had.
    let csv = cli.run(&["export", "--format", "csv"]).await?;
    assert_eq!(csv.stdout.lines().count(), n + 1, "{}", csv.stdout);
    assert!(csv.stdout.starts_with("address,standing,"), "{}", csv.stdout);
    let lines = cli.run(&["export", "--format", "jsonl"]).await?.stdout;
    let lines: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(&lines, rows);
    let file = past.room.path("list.csv");
    cli.json(&["export", "--format", "csv", "--out", &file], DONE).await?;
    assert_eq!(std::fs::read_to_string(file)?, csv.stdout);
    Ok(())
}

/// What a site hosts stays the same until the list does.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_the_same_until_there_is_another_act() -> Result<()> {
    let past = past().await?;
    let cli = &past.room.council.cli;
    let (path, file) = (past.room.file("list.json"), past.room.path("list.json"));
    let said = cli.json(&["export", "--snapshot", &file], DONE).await?;
    let first = std::fs::read(&path)?;
    let status = cli.json(&["status"], DONE).await?;
    assert_eq!((&said["head"], &said["acts"]), (&status["head"], &status["acts"]));
    let snapshot: Value = serde_json::from_slice(&first)?;
    assert_eq!((&snapshot["head"], &snapshot["seal"]), (&said["head"], &said["seal"]));
    let acts = snapshot["acts"].as_array().context("no acts")?;
    assert_eq!(json!(acts.len()), said["acts"]);

    past.room.council.chain.wait_seconds(60).await?;
    let again = cli.json(&["export", "--snapshot", &file], DONE).await?;
    assert_eq!((again, std::fs::read(&path)?), (said, first));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_checked_as_of_the_past() -> Result<()> {
    let past = past().await?;
    let (cli, listed) = (&past.room.council.cli, past.listed.as_str());
    let [before, held, ratified] = past.blocks.map(|block| block.to_string());
    let check = async |at: &str, code: i32| cli.json(&["check", listed, "--at", at], code).await;
    assert_eq!(check(&before, DONE).await?["answer"], "clear");
    let then = check(&held, LISTED).await?;
    assert_eq!((&then["answer"], &then["provisional"]), (&json!("listed"), &json!(true)));
    assert_eq!(check(&ratified, LISTED).await?["provisional"], false);

    // By time, to the second, where the contract remembers it too.
    let since = then["since"].as_u64().context("no since")?;
    assert_eq!(check(&rfc3339(since), LISTED).await?["answer"], "listed");
    assert_eq!(check(&rfc3339(since - 1), DONE).await?["answer"], "clear");
    // Before the list there was, and after now, nothing is known: not clear.
    for at in ["0", "1971-01-01", "2999-01-01", "99999"] {
        assert_eq!(check(at, UNKNOWN).await?["answer"], "unknown", "{at}");
    }
    let run = cli.run(&["check", listed, "--at", "yesterday"]).await?;
    assert_eq!(run.code, USAGE, "{run:?}");
    Ok(())
}

/// Unix seconds as people write them.
fn rfc3339(time: u64) -> String {
    let seconds = i64::try_from(time).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_addresses_get_an_answer_each() -> Result<()> {
    let past = past().await?;
    let (cli, listed, nobody) = (&past.room.council.cli, past.listed.as_str(), NOBODY.to_string());
    let words = |said: &Value| -> Vec<String> {
        let answers = said["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
        answers.iter().map(|a| a["answer"].as_str().unwrap_or("?").to_owned()).collect()
    };
    let both = cli.json(&["check", &nobody, listed], LISTED).await?;
    assert_eq!(words(&both), ["clear", "listed"]);

    let (file, path) = (past.room.file("customers.txt"), past.room.path("customers.txt"));
    std::fs::write(&file, format!("# customers\n{nobody}\n\n0x12 # cut\n"))?;
    let run = cli.run(&["check", "--file", &path, "--json"]).await?;
    assert_eq!(run.code, UNKNOWN, "{run:?}");
    let said = run.json()?;
    assert_eq!(
        (said["success"].as_bool(), words(&said["data"])),
        (Some(false), vec!["clear".to_owned(), "unknown".to_owned()])
    );
    assert!(
        said["data"]["answers"][1]["reason"].as_str().is_some_and(|why| why.contains("line 4"))
    );
    std::fs::write(&file, format!("0x12\n{listed}\n"))?;
    assert_eq!(
        words(&cli.run(&["check", "--file", &path, "--json"]).await?.json()?["data"]),
        ["unknown", "listed"]
    );
    assert_eq!(cli.run(&["check", "--file", &path]).await?.code, LISTED);
    std::fs::write(&file, "# nobody\n")?;
    assert_eq!(cli.run(&["check", "--file", &path]).await?.code, USAGE);

    // A venue obeys the lists of its own jurisdictions, and is told of the others.
    let other = cli.json(&["check", listed, "--source", "UK,EU"], DONE).await?;
    assert_eq!(
        (&other["answer"], &other["listed_by_others"]),
        (&json!("clear"), &json!(["OFAC-SDN"]))
    );
    cli.json(&["check", listed, "--source", "UK,OFAC-SDN"], LISTED).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_is_shown_whole() -> Result<()> {
    let past = past().await?;
    let cli = &past.room.council.cli;
    let show = async |what: &str| cli.json(&["show", what], DONE).await;
    let manifest = past.plan.manifest.hash()?.to_string();

    let address = show(&past.listed).await?;
    assert_eq!((&address["shows"], &address["answer"]), (&json!("address"), &json!("listed")));
    assert_eq!(address["episodes"].as_array().map(Vec::len), Some(1));
    assert_eq!(address["acts"].as_array().map(Vec::len), Some(2), "held and ratified");
    let own = past.room.council.deployment()?;
    assert_eq!(show(&own.council.address.to_string()).await?["protected"], true);
    assert_eq!(show(&NOBODY.to_string()).await?["episodes"], json!([]));

    let act = show("2").await?;
    assert_eq!(
        (&act["act"]["kind"], &act["act"]["manifest"]),
        (&json!("list_provisional"), &json!(manifest))
    );
    assert_eq!(show(&manifest).await?["acts"].as_array().map(Vec::len), Some(2));

    let proposal = show(&past.proposal).await?;
    assert_eq!((&proposal["state"], &proposal["for"]), (&json!("executed"), &json!("3")));
    assert_eq!(proposal["votes"].as_array().map(Vec::len), Some(3));
    assert_eq!(proposal["votes"][0]["voter"], json!(past.room.council.members[0].address()));
    let text = cli.run(&["show", &past.proposal]).await?.stdout;
    for address in past.plan.addresses() {
        assert!(text.contains(&address.to_string()), "{address} is not in {text}");
    }
    let text = cli.run(&["show", &past.plan.path]).await?.stdout;
    for address in past.plan.addresses() {
        assert!(text.contains(&address.to_string()), "{address} is not in {text}");
    }
    for (what, code) in [("99", UNKNOWN), ("0x12", USAGE), ("absent.json", USAGE)] {
        let run = cli.run(&["show", what]).await?;
        assert!(run.code == code && run.stderr.contains("error: "), "{what}: {run:?}");
    }
    let nothing = format!("0x{}", "22".repeat(32));
    assert_eq!(cli.run(&["show", &nothing]).await?.code, UNKNOWN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn status_says_who_decides_how_long_it_waits_and_how_fresh_it_is() -> Result<()> {
    let past = past().await?;
    let status = past.room.council.cli.json(&["status"], DONE).await?;
    assert_eq!(status["council"], json!({ "seats": 5, "vote_quorum": 3, "signature_quorum": 3 }));
    assert_eq!(status["delays"]["delist_seconds"], 86_400);
    assert_eq!(status["freshness"], json!({}), "nobody attested");
    let text = past.room.council.cli.run(&["status"]).await?.stdout;
    assert!(text.contains("5 seats; 3 decide a vote, 3 sign an act"), "{text}");
    assert!(text.contains("delist 1 d, mass-delist 3 d"), "{text}");
    assert!(text.contains("OFAC-SDN  2026-01-02T15:00:00Z  never"), "{text}");
    Ok(())
}
