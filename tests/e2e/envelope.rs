//! `--json` keeps its schema, for every verb, whether it succeeds or not.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use interdict_tests::cli::Cli;
use interdict_tests::room::Room;
use interdict_tests::{envelope, publication};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_fails_in_an_envelope() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cli = Cli::without_network(folder.path());
    let verbs = cli.verbs().await?;
    let known: BTreeSet<&str> = verbs.iter().map(String::as_str).collect();
    for verb in ["init", "deploy", "fetch", "plan", "check", "export", "show", "watch", "man"] {
        assert!(known.contains(verb), "{verb} is not among {verbs:?}");
    }
    // The manual needs neither arguments nor a node, and cannot fail so.
    for verb in verbs.iter().filter(|verb| *verb != "man") {
        let run = cli.run(&[verb, "--json"]).await?;
        let document = run.json().with_context(|| format!("interdict {verb} --json"))?;
        assert_eq!(document["success"], false, "{verb}: {document}");
        assert!(run.code == 1 || run.code == 2, "{verb}: {run:?}");
        assert!(document["errors"][0]["next"].is_string(), "{verb}: {document}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_the_story_succeeds_in_an_envelope() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let sample = publication("sample_enhanced.xml").display().to_string();
    let plan = room.plan().await?;
    let verify = ["verify", plan.path.as_str(), "--publication", sample.as_str()];
    council.cli.json(&verify, 0).await?;
    council.hold(&plan).await?;
    let proposal = council.propose(&plan).await?;
    council.pass(&proposal).await?;
    let address = plan.first()?.to_string();
    let book = council.deployment_file().display().to_string();
    let pages = room.path("man");
    // An address made of the proposal's id is none that anybody has.
    let nobody = &proposal[..42];
    let calls: [(&[&str], i32); 14] = [
        (&["init", "--book", &book], 0),
        (&["doctor"], 0),
        (&["check", &address], 3),
        (&["check", &address, nobody, "--at", "0"], 1),
        (&["export", "--format", "csv"], 0),
        (&["export", "--format", "jsonl", "--all"], 0),
        (&["status"], 0),
        (&["show", &address], 0),
        (&["show", "2"], 0),
        (&["show", &proposal], 0),
        (&["show", &plan.path], 0),
        (&["watch", "--once"], 0),
        (&["completions", "zsh"], 0),
        (&["man", "--out", &pages], 0),
    ];
    for (args, code) in calls {
        council.cli.json(args, code).await?;
    }
    Ok(())
}

#[test]
fn what_is_no_envelope_is_told() {
    let good = json!({
        "schema_version": 1, "success": true, "data": {}, "errors": [], "warnings": [],
    });
    assert!(envelope::check(&good).is_ok());
    let check = |change: fn(&mut serde_json::Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(envelope::check(&bad).is_err(), "{bad}");
    };
    check(|e| e["schema_version"] = json!(2));
    check(|e| e["data"] = json!([]));
    check(|e| e["success"] = json!(false));
    check(|e| e["more"] = json!(1));
    check(|e| e["errors"] = json!([{ "code": "x", "message": "y", "next": null }]));
    check(|e| e["warnings"] = json!([1]));
    check(|e| *e = json!({}));
}
