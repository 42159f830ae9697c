//! `interdict watch`: what waits for a member, and until when, once and as it changes.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use interdict_tests::council::{Council, MAJORITY};
use interdict_tests::envelope;
use interdict_tests::exit::{DONE, WAITS};
use interdict_tests::room::Room;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

const PATIENCE: Duration = Duration::from_mins(1);
const DAY_SECONDS: u64 = 24 * 3600;

fn items<'a>(said: &'a Value, kind: &str) -> Vec<&'a Value> {
    let waiting = said["waiting"].as_array().map(Vec::as_slice).unwrap_or_default();
    waiting.iter().filter(|item| item["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_told_what_waits_for_them() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let who = council.members.iter().map(|member| member.address().to_string());
    let who: Vec<String> = who.collect();
    let plans = room.folder().display().to_string();
    let watch = |member: &str| {
        let args = ["watch", "--once", "--plans", &plans, "--as", member];
        args.map(str::to_owned)
    };
    assert_eq!(council.cli.json(&watch(&who[0]), DONE).await?["waiting"], json!([]));

    // A plan waits for each member's signature, until a quorum has signed.
    let plan = room.plan().await?;
    let said = council.cli.json(&watch(&who[0]), WAITS).await?;
    let [waits] = items(&said, "signature")[..] else { bail!("not one plan: {said:#}") };
    assert!(waits["says"].as_str().is_some_and(|says| says.ends_with("0 of 3")), "{waits}");
    council.sign(&council.members[0], &plan.path).await?;
    let said = council.cli.json(&watch(&who[0]), DONE).await?;
    assert_eq!(items(&said, "signature").len(), 1, "{said:#}");
    council.cli.json(&watch(&who[1]), WAITS).await?;
    for member in &council.members[1..MAJORITY] {
        council.sign(member, &plan.path).await?;
    }
    let said = council.cli.json(&watch(&who[4]), DONE).await?;
    assert_eq!(items(&said, "execution").len(), 1, "{said:#}");

    // What was acted on waits no more; its hold does when it is soon to lapse.
    council.hold(&plan).await?;
    let said = council.cli.json(&watch(&who[4]), DONE).await?;
    assert_eq!(said["waiting"], json!([]), "{said:#}");
    council.chain.wait_seconds(6 * DAY_SECONDS).await?;
    let said = council.cli.json(&watch(&who[4]), DONE).await?;
    let [hold] = items(&said, "hold")[..] else { bail!("not one hold: {said:#}") };
    assert!(hold["says"].as_str().is_some_and(|says| says.contains("8 addresses")), "{hold}");
    let left = hold["until"].as_u64().context("no end")? - said["time"].as_u64().unwrap_or(0);
    assert!(left <= DAY_SECONDS, "{left} s are left");
    // Nobody compared the list with its source for six days.
    assert_eq!(items(&said, "source").len(), 1, "{said:#}");

    // A vote waits for those who have a seat and have not voted.
    let proposal = council.propose(&plan).await?;
    council.cli.json_as(&council.members[0], &["vote", &proposal, "--for"], 0).await?;
    let said = council.cli.json(&watch(&who[1]), WAITS).await?;
    let [vote] = items(&said, "vote")[..] else { bail!("not one vote: {said:#}") };
    assert_eq!(
        (&vote["mine"], &vote["key"]),
        (&json!(true), &json!(format!("proposal {proposal}")))
    );
    let said = council.cli.json(&watch(&who[0]), DONE).await?;
    assert_eq!(items(&said, "vote")[0]["mine"], false);
    let stranger = watch(&council.relayer.address().to_string());
    let run = council.cli.run(&stranger).await?;
    assert_eq!(run.code, DONE, "{run:?}");
    assert!(run.stderr.contains("no seat"), "{}", run.stderr);
    Ok(())
}

/// What succeeded and what is queued wait for somebody to execute them, and not for ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_execution_waits_until_it_expires() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let leaver = council.members[4].address().to_string();
    let propose = ["propose", "--remove-member", &leaver, "--reason", "a lost key"];
    let made = council.cli.json_as(&council.members[0], &propose, 0).await?;
    let id = made["proposal"].as_str().context("no proposal")?.to_owned();
    council.vote(&id).await?;
    let until = async |kind: &str| {
        let said = council.cli.json(&["watch", "--once"], DONE).await?;
        let [item] = items(&said, kind)[..] else { bail!("not one {kind}: {said:#}") };
        item["until"].as_u64().with_context(|| format!("no end: {item}"))
    };
    let vote_end = made["vote_end"].as_u64().context("no end of the vote")?;
    let succeeded = until("execution").await?;
    assert_eq!(succeeded, vote_end + 7 * DAY_SECONDS, "the council's own window");
    let queued = council.cli.json_as(&council.relayer, &["execute", &id], 0).await?;
    let due = queued["executable_at"].as_u64().context("no time")?;
    assert_eq!(until("delay").await?, due, "from then on");
    council.chain.wait_seconds(4 * DAY_SECONDS).await?;
    let expires = until("execution").await?;
    assert_eq!(expires, due + 7 * DAY_SECONDS, "the access manager's expiration");
    // And so it is.
    let now = council.chain.time().await?;
    council.chain.wait_seconds(expires - now + 1).await?;
    let said = council.cli.json(&["watch", "--once"], DONE).await?;
    assert!(items(&said, "execution").is_empty(), "{said:#}");
    let state = council.cli.json(&["show", &id], 0).await?["state"].clone();
    assert_eq!(state, "expired");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_no_folder_is_told_that_signatures_are_not_looked_for() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let plans = room.folder().display().to_string();
    for (more, looks) in [(vec![], false), (vec!["--plans", &plans], true)] {
        let watch = [&["watch", "--once"], &more[..]].concat();
        let said = council.cli.json(&watch, DONE).await?;
        assert_eq!(said["signatures_looked_for"], looks, "{said}");
        let words = council.cli.run(&watch).await?.stdout;
        assert_eq!(words.contains("not looked for: give --plans <DIR>"), !looks, "{words}");
    }

    // Who follows is told the same, and that nothing waits; each line is a document to the end.
    let member = council.relayer.address().to_string();
    let mut watcher = Following::start(council, &["--as", &member])?;
    let stderr = watcher.child.stderr.take().context("no output")?;
    let mut told = BufReader::new(stderr).lines();
    for words in ["nothing waits", "signatures are not looked for"] {
        let line = tokio::time::timeout(PATIENCE, told.next_line()).await??;
        let line = line.context("the watcher ended")?;
        assert!(line.contains(words), "no {words:?} in {line}");
    }
    let first = watcher.document().await?.context("no warning")?;
    let warned = first["warnings"][0].as_str().unwrap_or_default();
    assert!(warned.contains("has no seat on the council"), "{first}");
    let id = watcher.child.id().context("it has ended")?;
    let id = Pid::from_raw(i32::try_from(id)?).context("no id")?;
    kill_process(id, Signal::INT)?;
    let last = watcher.document().await?.context("no end")?;
    assert_eq!(last["errors"][0]["code"], "interrupted", "{last}");
    assert_eq!(watcher.document().await?, None);
    assert_eq!(watcher.child.wait().await?.code(), Some(130));

    // A first look that fails is a line as well.
    let nowhere = ["watch", "--json", "--rpc-url", "http://127.0.0.1:9"];
    let run = council.cli.run(&nowhere).await?;
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert_eq!(run.json()?["errors"][0]["code"], "unreachable");
    Ok(())
}

/// A watcher that goes on, read line by line.
struct Following {
    lines: Lines<BufReader<ChildStdout>>,
    child: Child,
}

impl Following {
    fn start(council: &Council, args: &[&str]) -> Result<Self> {
        let mut all = vec!["watch", "--json", "--interval", "1s"];
        all.extend(args);
        let mut child = council.cli.start(&all)?;
        let stdout = child.stdout.take().context("no output")?;
        Ok(Self { lines: BufReader::new(stdout).lines(), child })
    }

    /// The document in the next line, if it has not ended.
    async fn document(&mut self) -> Result<Option<Value>> {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await??;
        let document = line.map(|line| serde_json::from_str(&line)).transpose()?;
        document.iter().try_for_each(envelope::check)?;
        Ok(document)
    }

    /// The next change that fits, each line being an envelope.
    async fn until(&mut self, change: &str, kind: &str) -> Result<Value> {
        let found = async {
            while let Some(line) = self.lines.next_line().await? {
                let document: Value = serde_json::from_str(&line)?;
                envelope::check(&document)?;
                let data = &document["data"];
                if data["change"] == change && data["item"]["kind"] == kind {
                    return Ok(data.clone());
                }
            }
            bail!("the watcher ended")
        };
        let waited = tokio::time::timeout(PATIENCE, found).await;
        waited.with_context(|| format!("no {change} {kind}"))?
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_as_they_come() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let member = council.members[4].address().to_string();
    let plans = room.folder().display().to_string();
    let mut watcher = Following::start(council, &["--as", &member, "--plans", &plans])?;

    let plan = room.plan().await?;
    assert_eq!(watcher.until("new", "signature").await?["item"]["mine"], true);
    council.hold(&plan).await?;
    let proposal = council.propose(&plan).await?;
    let vote = watcher.until("new", "vote").await?;
    assert_eq!(vote["item"]["key"], format!("proposal {proposal}"));
    assert_eq!(vote["item"]["mine"], true);
    council.cli.json_as(&council.members[4], &["vote", &proposal, "--for"], 0).await?;
    assert_eq!(watcher.until("changed", "vote").await?["item"]["mine"], false);
    for member in &council.members[..2] {
        council.cli.json_as(member, &["vote", &proposal, "--for"], 0).await?;
    }
    watcher.until("changed", "execution").await?;
    council.cli.json_as(&council.relayer, &["execute", &proposal], 0).await?;
    watcher.until("gone", "execution").await?;

    // A node that goes away is told once, and is no end.
    room.anvil.stop().await?;
    let line = tokio::time::timeout(PATIENCE, watcher.lines.next_line()).await??;
    let document: Value = serde_json::from_str(&line.context("the watcher ended")?)?;
    envelope::check(&document)?;
    assert_eq!(
        (&document["success"], &document["errors"][0]["code"]),
        (&json!(false), &json!("unreachable"))
    );
    Ok(())
}
