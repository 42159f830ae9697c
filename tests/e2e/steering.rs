//! Words of others cannot steer the reader's terminal, nor pass for ours: a plan that somebody
//! sent, a node that lies.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use interdict_tests::cli::Run;
use interdict_tests::exit::{DONE, FAILED, REVERTS, STALE, USAGE};
use interdict_tests::forger::Forgery;
use interdict_tests::room::Room;
use interdict_tests::{liar, publication};
use serde_json::{Value, json};

/// Clears the screen, goes to its beginning and claims what `verify` says when all is well: by
/// controls of 7 and of 8 bits, backwards, without width, and in a line of its own.
const STEERING: &str = "\u{1b}[2J\u{1b}[H\u{9b}2J\u{202e}\u{2066}\u{200b}\u{85}\r\nsame: the plan";

/// What must not come through: controls but the end of a line, directions, no width (Unicode Cf).
fn steers(c: char) -> bool {
    let formats = ['\u{ad}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'];
    c != '\n' && c.is_control() || formats.contains(&c)
}

fn assert_harmless(run: &Run) {
    for said in [&run.stdout, &run.stderr] {
        let found: BTreeSet<char> = said.chars().filter(|c| steers(*c)).collect();
        assert!(found.is_empty(), "{found:?} in {said}");
        let forged = said.lines().any(|line| line.starts_with("same: "));
        assert!(!forged, "somebody else's line passes for ours: {said}");
    }
}

/// Shown, and not left out.
fn assert_shown(said: &str) {
    assert!(said.contains("same: the plan"), "{said}");
    assert!(said.contains("\\u{1b}[2J") && said.contains("\\u{202e}"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_cannot_steer_its_readers_terminal() -> Result<()> {
    let room = Room::open().await?;
    let cli = &room.council.cli;
    let mut forgery = Forgery::of(&room.plan().await?.path)?;
    let row = |feature: Value| json!({ "published": STEERING, "uid": STEERING, "feature": feature, "reason": STEERING });
    forgery.plan["quarantine"] = json!([row(json!(STEERING)), row(Value::Null)]);
    forgery.plan["notes"] = json!([STEERING, STEERING]);
    forgery.plan["not_evm"] = json!({ STEERING: 1 });
    forgery.plan["manifest"]["publication"]["format"] = json!(STEERING);
    for list in ["programs", "tickers", "published", "features"] {
        forgery.entry(0)[list] = json!([STEERING]);
    }
    let path = forgery.seal(&room.file("forged.json"))?;
    let shown = cli.run(&["show", &path]).await?;
    assert_eq!(shown.code, DONE, "{shown:?}");
    assert_shown(&shown.stdout);
    assert_harmless(&shown);
    let mine = publication("sample_enhanced.xml").display().to_string();
    let verified = cli.run(&["verify", &path, "--publication", &mine]).await?;
    assert_eq!(verified.code, STALE, "{verified:?}");
    assert_shown(&verified.stdout);
    assert_harmless(&verified);
    // What is typed may be copied from somebody else.
    let typed = cli.run(&["check", STEERING]).await?;
    assert_eq!(typed.code, USAGE, "{typed:?}");
    assert_harmless(&typed);
    // For programs it is the same word, in JSON's own escapes.
    let json = cli.run(&["show", &path, "--json"]).await?;
    assert_harmless(&json);
    assert_eq!(json.data(DONE)?["plan"]["notes"][0], STEERING);
    Ok(())
}

/// Every string of a document and every name in it, once each, with the steering words behind it.
fn steered(document: &Value) -> Vec<Value> {
    match document {
        Value::String(text) => vec![json!(format!("{text}{STEERING}"))],
        Value::Array(all) => {
            let with = |(n, changed)| {
                let mut all = all.clone();
                all[n] = changed;
                Value::Array(all)
            };
            let changed = |(n, one)| steered(one).into_iter().map(move |changed| (n, changed));
            all.iter().enumerate().flat_map(changed).map(with).collect()
        }
        Value::Object(all) => {
            let of_name = |name: &String| {
                let mut inner: Vec<Value> = Vec::new();
                for changed in steered(&all[name]) {
                    let mut all = all.clone();
                    all.insert(name.clone(), changed);
                    inner.push(Value::Object(all));
                }
                let mut renamed = all.clone();
                let value = renamed.remove(name).unwrap_or_default();
                renamed.insert(format!("{name}{STEERING}"), value);
                inner.push(Value::Object(renamed));
                inner
            };
            all.keys().flat_map(of_name).collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_in_a_plan_is_told_without_its_words_steering() -> Result<()> {
    let room = Room::open().await?;
    let mut plan = Forgery::of(&room.plan().await?.path)?.plan;
    // One entry has every member that any has.
    for list in ["/manifest/list", "/changes"] {
        let list = plan.pointer_mut(list).and_then(Value::as_array_mut);
        list.context("no list")?.truncate(1);
    }
    let path = room.path("wrong.json");
    let wrong = steered(&plan);
    assert!(wrong.len() > 60, "{}", wrong.len());
    let mut refused = 0;
    for plan in wrong {
        std::fs::write(&path, plan.to_string())?;
        let run = room.council.cli.run(&["show", &path]).await?;
        assert_harmless(&run);
        refused += usize::from(run.code != DONE);
    }
    assert!(refused > 0, "nothing was wrong");
    Ok(())
}

/// What a contract says that reverts with a reason: `Error(string)`.
fn reason(text: &str) -> String {
    use alloy::sol_types::SolError as _;
    alloy::hex::encode_prefixed(alloy::sol_types::Revert::from(text).abi_encode())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_cannot_steer_its_readers_terminal() -> Result<()> {
    let room = Room::open().await?;
    let nobody = "0x7777777777777777777777777777777777777777";
    let calls: [&[&str]; 4] = [&["check", nobody], &["status"], &["doctor"], &["export"]];
    // What is asked first, what is asked later, and why a call reverts.
    let errors = [
        ("eth_chainId", json!({ "code": -32000, "message": STEERING }), FAILED),
        ("eth_getCode", json!({ "code": -32000, "message": STEERING }), FAILED),
        ("eth_call", json!({ "code": -32000, "message": STEERING, "data": STEERING }), FAILED),
        ("eth_call", json!({ "code": 3, "message": format!("revert {STEERING}") }), REVERTS),
        (
            "eth_call",
            json!({ "code": 3, "message": "reverted", "data": reason(STEERING) }),
            REVERTS,
        ),
    ];
    for (method, error, code) in errors {
        let liar = liar::open(&room.anvil.url, move |asked, answer| {
            if asked["method"] == method {
                *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error });
            }
        });
        let cli = room.council.cli.at(liar.await?);
        for args in calls {
            let run = cli.run(args).await?;
            assert!(run.code == code || args[0] == "check" && run.code == FAILED, "{run:?}");
            assert_shown(&format!("{}{}", run.stdout, run.stderr));
            assert_harmless(&run);
            let json = cli.run(&[args, &["--json"][..]].concat()).await?;
            assert_harmless(&json);
            json.json()?;
        }
    }
    Ok(())
}
