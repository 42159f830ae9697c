//! What a page of the inbox costs with a million findings in the store, whatever is asked for:
//! every filter, alone and with every other, in both orders, at the beginning and in the middle.

mod asked;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use alloy_primitives::{Address, B256, U256};
use anyhow::{Context, Result, ensure};
use interdict_core::alert::AlertId;
use interdict_core::policy::Severity;
use interdict_indexer::report::Report;
use interdict_indexer::screen::{Asset, Assets};
use interdict_indexer::store::{Filter, Home, Order, PageCursor, Shown, Store};

use self::asked::{Asked, asked};

/// Rows of a page: what the pages ask for.
const PAGE_ROWS: u32 = 100;
/// CPU of one page, in milliseconds, that no filter may take at the median.
const CPU_MAX_MS: f64 = 100.0;
/// What nothing fits by itself: the cost of saying so counts too.
const NOTHING_FITS: [&str; 2] = ["phase=after", "assignee=nobody"];
/// Rows that are shown of the slowest.
const SLOWEST_SHOWN: usize = 25;

/// One question, and what its answers took.
struct Answer {
    what: String,
    cpu_ms: f64,
    rows: usize,
}

/// Fills a store and asks it everything; the figures as text.
pub async fn run(alerts: u64, runs: usize, plans: bool, kept: Option<&Path>) -> Result<String> {
    let folder = tempfile::tempdir().context("no folder for the database")?;
    let path = kept.unwrap_or(folder.path()).join("inbox.sqlite");
    let home = Home { chain_id: 1, genesis_hash: B256::ZERO, blocklist: Address::ZERO };
    let begun = Instant::now();
    if !path.exists() {
        Store::open(&path, home).await?.close().await;
        fill(&path, alerts).await?;
    }
    let filled = begun.elapsed();
    let bytes = std::fs::metadata(&path)?.len();
    let store = Store::open(&path, home).await?;
    let mut text = format!(
        "{alerts} alerts, {} MiB, filled in {:.0} s; {PAGE_ROWS} rows a page, {runs} runs each\n",
        bytes >> 20,
        filled.as_secs_f64()
    );
    check(&store).await?;
    let answers = measure(&store, alerts, runs).await?;
    tell(&mut text, &answers)?;
    if plans {
        tell_plans(&mut text, &store).await?;
    }
    summary(&mut text, &store, runs).await?;
    store.close().await;
    let slow: Vec<_> = answers.iter().filter(|answer| answer.cpu_ms > CPU_MAX_MS).collect();
    ensure!(slow.is_empty(), "{text}\n{} questions take more than {CPU_MAX_MS} ms", slow.len());
    Ok(text)
}

async fn fill(path: &Path, alerts: u64) -> Result<()> {
    use sqlx::Connection;
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .pragma("cache_size", "-400000")
        .synchronous(sqlx::sqlite::SqliteSynchronous::Off);
    let mut db = sqlx::sqlite::SqliteConnection::connect_with(&options).await?;
    sqlx::query(include_str!("fill.sql")).bind(i64::try_from(alerts)?).execute(&mut db).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).await?;
    Ok(db.close().await?)
}

/// The first finding of `fill.sql`.
fn first() -> Result<AlertId> {
    Ok("0".repeat(32).parse()?)
}

/// Every question: two filters together, and one with itself.
fn questions(first: AlertId) -> Vec<(String, Filter)> {
    let asked = asked(first);
    let mut all = Vec::new();
    for (index, one) in asked.iter().enumerate() {
        for other in &asked[index..] {
            if one.name != other.name && one.kind == other.kind {
                continue;
            }
            for order in [Order::Newest, Order::Heaviest] {
                let mut filter = Filter { order, ..Filter::default() };
                (one.add)(&mut filter);
                (other.add)(&mut filter);
                let name = |asked: &Asked| asked.name.to_owned();
                let both = if one.name == other.name {
                    name(one)
                } else {
                    format!("{} & {}", name(one), name(other))
                };
                let order = if order == Order::Newest { "newest" } else { "heaviest" };
                all.push((format!("{both} · {order}"), filter));
            }
        }
    }
    all
}

/// Each filter finds something by itself, if it says so.
async fn check(store: &Store) -> Result<()> {
    for Asked { name, add, .. } in asked(first()?) {
        let mut filter = Filter::default();
        add(&mut filter);
        let fits = !store.inbox(&filter, None, 1).await?.0.is_empty();
        ensure!(fits != NOTHING_FITS.contains(&name), "{name}: the store is not filled as it says");
    }
    Ok(())
}

async fn measure(store: &Store, alerts: u64, runs: usize) -> Result<Vec<Answer>> {
    let first = first()?;
    let middle = PageCursor {
        severity: Some(Severity::Medium),
        block: 20_000_000 + alerts / 20,
        tx: 5,
        log: None,
        id: first,
    };
    let mut answers = Vec::new();
    for (what, filter) in questions(first) {
        for (place, after) in [("first", None), ("middle", Some(middle))] {
            let mut times = Vec::new();
            let mut rows = 0;
            for _ in 0..runs {
                let before = cpu_ns()?;
                rows = page(store, &filter, after).await?;
                times.push(cpu_ns()? - before);
            }
            times.sort_unstable();
            let median = times[times.len() / 2];
            #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
            let cpu_ms = median as f64 / 1e6;
            answers.push(Answer { what: format!("{what} · {place} page"), cpu_ms, rows });
        }
    }
    Ok(answers)
}

/// A page as it is sent.
async fn page(store: &Store, filter: &Filter, after: Option<PageCursor>) -> Result<usize> {
    let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::ZERO };
    let assets = Assets { native, tokens: [].into() };
    let (cases, _) = store.inbox(filter, after, PAGE_ROWS).await?;
    if filter.shown == Shown::Floods {
        let heads: Vec<_> = cases.iter().map(|case| case.alert.id).collect();
        store.flood_sizes(&heads).await?;
    }
    let reports: Vec<_> = cases.iter().map(|case| Report::of(&case.alert, &assets)).collect();
    serde_json::to_vec(&reports)?;
    Ok(cases.len())
}

fn tell(text: &mut String, answers: &[Answer]) -> Result<()> {
    let mut sorted: Vec<_> = answers.iter().collect();
    sorted.sort_by(|one, other| other.cpu_ms.total_cmp(&one.cpu_ms));
    let at = |part: f64| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a short list"
        )]
        let index = ((sorted.len() - 1) as f64 * (1.0 - part)) as usize;
        sorted[index].cpu_ms
    };
    let empty = answers.iter().filter(|answer| answer.rows == 0).count();
    writeln!(
        text,
        "{} questions, {empty} of them with an empty answer; CPU ms of the median run:\n\
         50 % {:.2}   90 % {:.2}   99 % {:.2}   slowest {:.2}\n",
        answers.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    )?;
    writeln!(text, "{:>8} {:>5}  the slowest", "CPU ms", "rows")?;
    for Answer { what, cpu_ms, rows } in sorted.into_iter().take(SLOWEST_SHOWN) {
        writeln!(text, "{cpu_ms:>8.2} {rows:>5}  {what}")?;
    }
    Ok(())
}

/// How the engine goes about each filter: its loops, and how often it has each.
async fn tell_plans(text: &mut String, store: &Store) -> Result<()> {
    let Store::Sqlite(database) = store else { return Ok(()) };
    for Asked { name, add, .. } in asked(first()?) {
        let mut filter = Filter::default();
        add(&mut filter);
        let mut loops: BTreeMap<String, usize> = BTreeMap::new();
        let plan = database.inbox_plan(&filter, None).await?;
        for line in plan.into_iter().filter(|line| line.contains("INDEX") || line.contains("TREE"))
        {
            *loops.entry(line).or_default() += 1;
        }
        writeln!(text, "\n{name}")?;
        for (line, count) in loops {
            writeln!(text, "  {count:>3} × {line}")?;
        }
    }
    Ok(())
}

async fn summary(text: &mut String, store: &Store, runs: usize) -> Result<()> {
    let today = jiff::civil::date(2026, 12, 8);
    let mut times = Vec::new();
    for _ in 0..runs {
        let before = cpu_ns()?;
        store.summary("person-1", 1_730_000_000, today, today).await?;
        times.push(cpu_ns()? - before);
    }
    times.sort_unstable();
    writeln!(text, "\nthe summary: {} µs of CPU", times[times.len() / 2] / 1_000)?;
    Ok(())
}

/// CPU of all threads of this process, in nanoseconds.
fn cpu_ns() -> Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let path = task?.path().join("schedstat");
        // A thread may have ended meanwhile.
        let Ok(said) = std::fs::read_to_string(path) else { continue };
        let run = said.split(' ').next().context("schedstat has no figures")?;
        sum += run.parse::<u64>()?;
    }
    Ok(sum)
}
