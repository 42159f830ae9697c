//! `watch`: tells a member what waits for them and until when, once or as it changes.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::args::{Global, WatchArgs};
use crate::exit::{Exit, Failure, Report};
use crate::watching::{self, Change, Item, Terms, Waiting, Watcher};
use crate::{deployed, output, text};

const INTERVAL_MAX_SECONDS: u64 = 3600;

pub(crate) async fn run(global: &Global, args: WatchArgs) -> Result<Report> {
    if args.interval > INTERVAL_MAX_SECONDS {
        let message = "--interval is more than 1h, in which a vote may open and close";
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    let deployed = deployed::open(global).await?;
    let terms = Terms {
        member: args.member,
        plans: args.plans,
        soon_seconds: args.soon,
        stale_seconds: args.stale_after,
    };
    let mut watcher = Watcher::new(deployed, terms);
    let waiting = watcher.look().await?;
    if args.once {
        return Ok(once(&watcher, &waiting));
    }
    begin(&watcher, &waiting);
    follow(&mut watcher, waiting, Duration::from_secs(args.interval), global.json).await
}

const NOT_LOOKED_FOR: &str = "not looked for: give --plans <DIR>";

fn place(watcher: &Watcher, waiting: &Waiting) -> String {
    let (number, time) = (waiting.at.number, text::time(waiting.at.time));
    format!("block {number} of chain {}, {time}", watcher.chain_id())
}

/// Says that it has looked, where it would be silent else; and where it does not look.
fn begin(watcher: &Watcher, waiting: &Waiting) {
    if waiting.items.is_empty() {
        output::progress(&format!("as of {}: nothing waits", place(watcher, waiting)));
    }
    if !watcher.reads_plans() {
        output::progress(&format!("signatures are {NOT_LOOKED_FOR}"));
    }
}

fn once(watcher: &Watcher, waiting: &Waiting) -> Report {
    let mine = waiting.items.iter().filter(|item| item.mine).count();
    let data = json!({
        "chain_id": watcher.chain_id(),
        "block": waiting.at.number,
        "time": waiting.at.time,
        "mine": mine,
        "signatures_looked_for": watcher.reads_plans(),
        "waiting": waiting.items,
    });
    let mut facts = vec![
        ("as of", place(watcher, waiting)),
        ("waiting", waiting.items.len().to_string()),
        ("for you", mine.to_string()),
    ];
    if !watcher.reads_plans() {
        facts.push(("signatures", NOT_LOOKED_FOR.to_owned()));
    }
    let facts = text::facts(&facts);
    let row = |item: &Item| {
        let until = item.until.map(text::time).unwrap_or_default();
        let mark = if item.mine { "you" } else { "" };
        [mark.to_owned(), item.says.clone(), until, item.next.clone().unwrap_or_default()]
    };
    let rows: Vec<_> = waiting.items.iter().map(row).collect();
    let text = if rows.is_empty() {
        facts
    } else {
        format!("{facts}\n\n{}", text::table(["", "WAITS FOR", "UNTIL", "NEXT"], rows))
    };
    let exit = if mine > 0 { Exit::Changes } else { Exit::Done };
    let mut report = Report::new(exit, data, text);
    report.warnings.clone_from(&waiting.warnings);
    report
}

/// Prints what waits, and from then on every change, until whoever reads goes away.
async fn follow(
    watcher: &mut Watcher,
    first: Waiting,
    interval: Duration,
    json: bool,
) -> Result<Report> {
    let mut known: Vec<Item> = Vec::new();
    let mut warned: Vec<String> = Vec::new();
    let mut failed: Option<String> = None;
    let mut look = Ok(first);
    loop {
        match look {
            Ok(waiting) => {
                let mut new = waiting.warnings.clone();
                new.retain(|warning| !warned.contains(warning));
                warned.clone_from(&waiting.warnings);
                if !tell(&known, &waiting, new, json) {
                    return Ok(Report::done(Value::Null, ""));
                }
                if failed.take().is_some() {
                    output::progress("the node answers again");
                }
                known = waiting.items;
            }
            // A failure is told when it begins, not at every look.
            Err(error) => {
                let failure = Failure::from_error(error);
                if failed.as_ref() != Some(&failure.message) {
                    output::trouble(&failure, json);
                }
                failed = Some(failure.message);
            }
        }
        tokio::time::sleep(interval).await;
        look = watcher.look().await;
    }
}

/// Prints what has changed and what is to be warned of now; says whether anybody still reads.
fn tell(known: &[Item], waiting: &Waiting, mut new: Vec<String>, json: bool) -> bool {
    if !json {
        new.drain(..).for_each(|warning| output::warn(&warning));
    }
    for (change, item) in watching::changes(known, &waiting.items) {
        let event = event(change, item, waiting);
        let with = std::mem::take(&mut new);
        if !output::event(&event, &line(change, item), &with, json) {
            return false;
        }
    }
    // Where nothing has changed they have a line of their own.
    new.is_empty() || output::event(&Value::Null, "", &new, json)
}

fn event(change: Change, item: &Item, waiting: &Waiting) -> Value {
    json!({
        "change": change,
        "block": waiting.at.number,
        "time": waiting.at.time,
        "item": item,
    })
}

fn line(change: Change, item: &Item) -> String {
    let until = item.until.map(|until| format!(" until {}", text::time(until))).unwrap_or_default();
    let mark = if item.mine { "you: " } else { "" };
    let next = match (&item.next, change) {
        (Some(next), Change::New | Change::Changed) => format!(" (`{next}`)"),
        _ => String::new(),
    };
    format!("{:<8} {mark}{}{until}{next}", change.word(), item.says)
}
