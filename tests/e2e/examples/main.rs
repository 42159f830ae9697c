//! Every example that the README and the manual have is run as it stands there, in the situation
//! that it is for, and ends as the text promises. Only what is written as `0x…` is filled in.

mod situation;
mod text;

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_tests::desk::Desk;
use interdict_tests::exit::INTERRUPTED;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use self::situation::{Situation, Stage};
use self::text::Example;

/// How long a command that goes on may take to say something, and to end when it is interrupted.
const PATIENCE: Duration = Duration::from_mins(1);

/// What cannot be run here, and why.
const NOT_RUN: [(&str, &str); 4] = [
    ("interdict fetch ofac-enhanced", "asks the authority's own server; e2e/fetch.rs has others"),
    ("interdict fetch uk ", "asks the authority's own server; e2e/fetch.rs has others"),
    ("--ledger", "needs a Ledger"),
    ("--from ~/old/keystore.json", "asks for that keystore's password, at a terminal"),
];

/// How an example ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// By itself, with an exit code.
    With(i32),
    /// When it is interrupted, having said something.
    Interrupted,
}

/// Where an example is run and how it ends, by how it begins and what it has in it; the first that
/// fits counts.
const RULES: [(&str, &str, Situation, Ends); 42] = {
    use Ends::{Interrupted, With};
    use Situation::{
        Bare, Delisting, Deployed, Held, Newcomer, Planned, Proposed, Queued, Ratified, Retracting,
        Succeeded, Voted,
    };
    [
        ("interdict", "--help", Bare, With(0)),
        ("interdict completions", "", Bare, With(0)),
        ("interdict man", "", Bare, With(0)),
        ("interdict wallet new", "", Newcomer, With(0)),
        ("interdict wallet import", "< key.txt", Newcomer, With(0)),
        ("interdict fetch", "", Bare, With(0)),
        ("interdict deploy", "", Bare, With(0)),
        ("interdict init", "", Deployed, With(0)),
        ("interdict doctor", "", Deployed, With(0)),
        ("interdict plan", "", Deployed, With(3)),
        ("interdict verify", "plan.json", Planned, With(0)),
        ("interdict verify", "retraction.json", Retracting, With(0)),
        ("interdict verify", "--proposal", Proposed, With(0)),
        ("interdict verify", "--act", Ratified, With(0)),
        ("interdict sign", "", Planned, With(0)),
        ("interdict act", "plan.json", Planned, With(0)),
        ("interdict act", "retraction.json", Retracting, With(0)),
        ("interdict retract", "", Held, With(0)),
        ("interdict propose", "--delist", Delisting, With(0)),
        ("interdict propose", "plan.json", Held, With(0)),
        ("interdict propose", "member", Ratified, With(0)),
        ("interdict propose", "--protect", Ratified, With(0)),
        ("interdict vote", "", Proposed, With(0)),
        ("interdict execute", "bob.ballot", Voted, With(0)),
        ("interdict execute", "--ballot", Proposed, With(0)),
        ("interdict execute", "", Succeeded, With(0)),
        ("interdict cancel", "", Queued, With(0)),
        ("interdict attest", "", Ratified, With(0)),
        // Listed, of several at least one; and somebody whom this list does not know.
        ("interdict check", "0x…", Ratified, With(3)),
        ("interdict check", "--file", Ratified, With(3)),
        ("interdict check", "0x8576", Ratified, With(0)),
        ("interdict export", "", Ratified, With(0)),
        ("interdict status", "", Ratified, With(0)),
        ("interdict show", "plan.json", Planned, With(0)),
        ("interdict show", "12", Ratified, With(0)),
        ("interdict show", "0x5f2a9c…", Proposed, With(0)),
        ("interdict show", "0x8576", Ratified, With(0)),
        // Somebody without a seat, for whom nothing waits.
        ("interdict watch", "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C --once", Held, With(0)),
        ("interdict watch", "--plans", Planned, Interrupted),
        ("interdict watch", "| jq", Proposed, Interrupted),
        ("cast wallet sign", "> alice.sig # sign", Planned, With(0)),
        ("cast wallet sign", "> alice.sig # vote", Proposed, With(0)),
    ]
};

fn rule(example: &Example) -> Result<usize> {
    let fits = |(begins, has, ..): &(&str, &str, Situation, Ends)| {
        example.line.starts_with(begins) && example.whole().contains(has)
    };
    let what = || format!("say in RULES where this is run and how it ends: {example:?}");
    RULES.iter().position(fits).with_context(what)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_does_what_its_text_promises() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut stage = Stage::set(&folder.path().join("desk")).await?;
    let examples = text::examples(&stage.desk).await?;
    let (not_run, run): (Vec<_>, Vec<_>) = examples
        .into_iter()
        .partition(|example| NOT_RUN.iter().any(|(what, _)| example.line.contains(what)));
    for (what, why) in NOT_RUN {
        let is_there = not_run.iter().any(|example| example.line.contains(what));
        ensure!(is_there, "no example has {what:?} ({why}): take it off the list");
    }
    let run = run.into_iter().map(|example| Ok((rule(&example)?, example)));
    let run = run.collect::<Result<Vec<_>>>()?;
    let used: BTreeSet<usize> = run.iter().map(|(rule, _)| *rule).collect();
    let idle: Vec<_> = (0..RULES.len()).filter(|n| !used.contains(n)).map(|n| RULES[n]).collect();
    ensure!(idle.is_empty(), "no example is run by these rules: {idle:?}");

    let mut wrong = Vec::new();
    for situation in Situation::ALL {
        stage.come_to(situation).await.with_context(|| format!("{situation:?}"))?;
        let here = run.iter().filter(|(rule, _)| RULES[*rule].2 == situation);
        for (n, (rule, example)) in here.enumerate() {
            let copy = folder.path().join(format!("{situation:?}-{n}"));
            let desk = stage.desk.copied(&copy)?;
            let line = stage.filled(example)?;
            let run = types(&desk, &line, RULES[*rule].3);
            if let Err(why) = stage.chain.without_trace(run).await {
                wrong.push(format!("{}: {}\n  as {line}\n  {why:#}", example.place, example.line));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    Ok(())
}

async fn types(desk: &Desk, line: &str, ends: Ends) -> Result<()> {
    let Ends::With(code) = ends else { return interrupted(desk, line).await };
    let run = desk.types(line).await?;
    ensure!(run.code == code, "exit code {} instead of {code}:\n{}", run.code, run.stderr);
    Ok(())
}

/// Ctrl-C, as soon as something was said: it goes to all that the line has started.
async fn interrupted(desk: &Desk, line: &str) -> Result<()> {
    let mut shell = desk.shell(line)?;
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0).spawn()?;
    let stdout = child.stdout.take().context("no output")?;
    // Read from until the end: whoever writes to a pipe that is closed ends of that.
    let mut lines = BufReader::new(stdout).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await;
    let group = child.id().context("it ended by itself")?;
    Command::new("kill").args(["-INT", "--", &format!("-{group}")]).status().await?;
    let status =
        tokio::time::timeout(PATIENCE, child.wait()).await.context("it does not end")??;
    let Ok(Ok(Some(_))) = first else { bail!("it says nothing") };
    // Of a pipe a shell tells how the last command ended, which is not ours.
    let is_piped = line.contains('|');
    let ended = is_piped || status.code() == Some(INTERRUPTED) || status.signal().is_some();
    ensure!(ended, "interrupted, it ended with {status}");
    drop(lines);
    Ok(())
}
