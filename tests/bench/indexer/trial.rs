//! The trials: what is started, what is waited for, what must hold, and the table of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::peer;
use crate::processes::{self, Server, Setup, Took};
use crate::receiver::{Came, Receiver, SECRET};

/// What sampled catching up must reach, in logs per CPU-second.
const SAMPLED_MIN: u64 = 2_000_000;
/// What it must reach with every root verified.
const FULL_MIN: u64 = 150_000;
/// Blocks of the chain that the goals are for.
const LARGE_BLOCKS: u64 = 50_000;
/// Blocks of the chain that a peer is given.
const PEER_BLOCKS: u64 = 500;
/// What it may take of memory, in KiB.
const PEAK_KIB_MAX: u64 = 64 * 1024;
/// From a block's publication to its alert, in the median, in milliseconds.
const HEAD_MAX_MS: u64 = 250;
/// By how much memory may grow from 10,000 to 200,000 blocks, in KiB.
const GROWTH_KIB_MAX: u64 = 8 * 1024;

/// How large a chain is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    blocks: u64,
    per_block: u64,
    listed: u64,
    hit_every: u64,
    fresh: u64,
    fresh_every_ms: u64,
}

impl Size {
    /// Blocks of 20 transfers, and 1,000 listed addresses.
    pub const fn new(blocks: u64, hit_every: u64) -> Self {
        Self { blocks, per_block: 20, listed: 1_000, hit_every, fresh: 0, fresh_every_ms: 500 }
    }

    fn chain(self, folder: &Path) -> Result<Server> {
        let args = [
            ("--blocks", self.blocks),
            ("--per-block", self.per_block),
            ("--listed", self.listed),
            ("--hit-every", self.hit_every),
            ("--fresh", self.fresh),
            ("--fresh-every-ms", self.fresh_every_ms),
        ];
        let mut args: Vec<_> =
            args.iter().flat_map(|(name, value)| [(*name).to_owned(), value.to_string()]).collect();
        for (name, file) in [("--deployment", "deployment.json"), ("--listed-file", "listed")] {
            args.extend([name.to_owned(), folder.join(file).display().to_string()]);
        }
        Server::start("interdict-bench-chain", &args)
    }
}

/// One run of the indexer over a chain.
struct Run {
    took: Took,
    requests: u64,
    posts: u64,
    chain_cpu_ms: u64,
    alerts: BTreeMap<String, Came>,
    transfers: u64,
    hits: u64,
}

/// Catches up from an empty database until the last alert is delivered.
async fn caught_up(chain: &Server, folder: &Path, mode: &str) -> Result<Run> {
    let before = stats(chain).await?;
    let (receiver, hook) = Receiver::start().await?;
    let (chain_url, secret) = (chain.url.as_str(), SECRET);
    let began = Instant::now();
    let setup = Setup { folder, chain: chain_url, receiver: &hook, secret, mode };
    let indexer = processes::start_indexer(setup)?;
    let last = before["finalized"].as_u64().context("finalized")?;
    let done = |health: &Value| {
        health["cursor"] == last
            && health["lookbacks_open"] == 0
            && health["deliveries_pending"] == 0
            && health["finalized"] == last
    };
    processes::until(&indexer.url, "the end of the chain", done).await?;
    let took = Took { wall: began.elapsed(), ..indexer.took()? };
    let after = stats(chain).await?;
    let number = |value: &Value, name: &str| value[name].as_u64().unwrap_or_default();
    let total = |value: &Value| -> u64 {
        let by_method = value["requests"].as_object();
        by_method.map_or(0, |all| all.values().filter_map(Value::as_u64).sum())
    };
    let run = Run {
        took,
        requests: total(&after) - total(&before),
        posts: number(&after, "posts") - number(&before, "posts"),
        chain_cpu_ms: number(&after, "cpu_ms") - number(&before, "cpu_ms"),
        alerts: receiver.drain(),
        transfers: number(&after, "transfers"),
        hits: number(&after, "hits"),
    };
    let told = u64::try_from(run.alerts.len())?;
    ensure!(told == run.hits, "{told} alerts were delivered of {} transfers", run.hits);
    ensure!(run.alerts.values().all(|came| came.times == 1), "an alert was delivered twice");
    Ok(run)
}

async fn stats(chain: &Server) -> Result<Value> {
    processes::get(&format!("{}/stats", chain.url)).await
}

/// Both ways and alloy's, over chains of these sizes.
///
/// # Errors
/// Something was lost or told twice, or a goal was missed.
pub async fn catch_up(sizes: &[Size], runs: usize) -> Result<String> {
    let mut text = format!("medians of {runs} runs each, of the whole process from its start\n");
    let mut smaller = BTreeMap::new();
    let _ = writeln!(
        text,
        "{:<34} {:>9} {:>6} {:>9} {:>11} {:>11} {:>9} {:>9} {:>12}",
        "",
        "transfers",
        "alerts",
        "CPU ms",
        "rows/CPU-s",
        "rows/s",
        "peak MiB",
        "requests",
        "node CPU ms"
    );
    let mut missed = Vec::new();
    for size in sizes {
        let folder = tempfile::tempdir()?;
        let chain = size.chain(folder.path())?;
        for (mode, name, least) in [
            ("sampled", "interdict, sampled", SAMPLED_MIN),
            ("full", "interdict, every root verified", FULL_MIN),
        ] {
            let mut all = Vec::new();
            for _ in 0..runs {
                all.push(caught_up(&chain, folder.path(), mode).await?);
            }
            let speed = row(&mut text, name, &mut all);
            let middle = &all[all.len() / 2];
            let point = (middle.transfers, middle.took.cpu);
            if let Some((transfers, cpu)) = smaller.insert(name, point) {
                let (rows, time) = (point.0 - transfers, point.1.saturating_sub(cpu));
                let _ = writeln!(
                    text,
                    "{:<34} {rows:>9} {:>16} {:>11}",
                    "  each further row",
                    "",
                    per_second(rows, time)
                );
            }
            let peak = all.iter().map(|run| run.took.peak_kib).max().unwrap_or_default();
            // What it takes to start weighs on a small chain; the goal is for the large one.
            if size.blocks == LARGE_BLOCKS && speed < least {
                missed.push(format!("{name}: {speed} rows per CPU-second, wanted {least}"));
            }
            if peak > PEAK_KIB_MAX {
                missed.push(format!("{name}: {} MiB, wanted {}", peak >> 10, PEAK_KIB_MAX >> 10));
            }
        }
        baseline(&chain, folder.path(), runs, &mut text).await?;
    }
    beside(&mut text).await?;
    ensure!(missed.is_empty(), "{text}\nmissed:\n{}", missed.join("\n"));
    Ok(text)
}

/// Writes a row of the table; rows per CPU-second in the median.
fn row(text: &mut String, name: &str, runs: &mut [Run]) -> u64 {
    runs.sort_by_key(|run| run.took.cpu);
    let run = &runs[runs.len() / 2];
    let speed = per_second(run.transfers, run.took.cpu);
    let peak = runs.iter().map(|run| run.took.peak_kib).max().unwrap_or_default();
    let _ = writeln!(
        text,
        "{name:<34} {:>9} {:>6} {:>9} {speed:>11} {:>11} {:>9} {:>9} {:>12}",
        run.transfers,
        run.alerts.len(),
        run.took.cpu.as_millis(),
        per_second(run.transfers, run.took.wall),
        peak >> 10,
        format!("{}/{}", run.requests, run.posts),
        run.chain_cpu_ms,
    );
    speed
}

fn per_second(rows: u64, time: Duration) -> u64 {
    let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1);
    rows.saturating_mul(1_000_000) / us
}

async fn baseline(chain: &Server, folder: &Path, runs: usize, text: &mut String) -> Result<()> {
    let stats = stats(chain).await?;
    let mut all = Vec::new();
    for _ in 0..runs {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("baseline").arg(&chain.url).arg(folder.join("listed"));
        let began = Instant::now();
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let wall = began.elapsed();
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let line = String::from_utf8(output.stdout)?;
        let words: Vec<u64> = line.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        let [logs, hits, cpu_us, peak_kib] = words[..] else {
            anyhow::bail!("the baseline said {line:?}")
        };
        ensure!(stats["hits"] == hits && stats["transfers"] == logs, "other hits: {line}");
        all.push((Duration::from_micros(cpu_us), wall, peak_kib, logs, hits));
    }
    all.sort();
    let (cpu, wall, peak_kib, logs, hits) = all[all.len() / 2];
    let _ = writeln!(
        text,
        "{:<34} {logs:>9} {hits:>6} {:>9} {:>11} {:>11} {:>9}   (nothing verified, kept or told)",
        "alloy: eth_getLogs, Vec<Log>, set",
        cpu.as_millis(),
        per_second(logs, cpu),
        per_second(logs, wall),
        peak_kib >> 10,
    );
    Ok(())
}

/// A peer, once and over a shorter chain: it takes a thousand times as long.
async fn beside(text: &mut String) -> Result<()> {
    if !peer::is_installed() {
        let folder = peer::folder();
        let _ = writeln!(text, "Ponder: skipped, not installed (npm ci in {})", folder.display());
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let chain = Size::new(PEER_BLOCKS, 10_000).chain(folder.path())?;
    let transfers = stats(&chain).await?["transfers"].as_u64().unwrap_or_default();
    // What becomes of a peer is no reason to lose what was measured of us.
    let took = match peer::stores_all(&chain.url, transfers).await {
        Ok(took) => took,
        Err(error) => {
            let _ = writeln!(text, "Ponder: {error:#}");
            return Ok(());
        }
    };
    let _ = writeln!(
        text,
        "{:<34} {transfers:>9} {:>6} {:>9} {:>11} {:>11} {:>9}   (one run; stores every row)",
        "Ponder 0.16.10",
        "",
        took.cpu.as_millis(),
        per_second(transfers, took.cpu),
        per_second(transfers, took.wall),
        took.peak_kib >> 10,
    );
    Ok(())
}

/// From a block's publication to its alert.
///
/// # Errors
/// Something was lost, or the median is above the goal.
pub async fn head(blocks: u64, every_ms: u64) -> Result<String> {
    let folder = tempfile::tempdir()?;
    // Every block has a hit.
    let size = Size { fresh: blocks, fresh_every_ms: every_ms, ..Size::new(1_000 + blocks, 20) };
    let chain = size.chain(folder.path())?;
    let (receiver, hook) = Receiver::start().await?;
    let (chain_url, secret) = (chain.url.as_str(), SECRET);
    let setup =
        Setup { folder: folder.path(), chain: chain_url, receiver: &hook, secret, mode: "full" };
    let indexer = processes::start_indexer(setup)?;
    let before = stats(&chain).await?;
    let last = before["finalized"].as_u64().context("finalized")?;
    let quiet = |health: &Value| {
        health["cursor"] == last && health["deliveries_pending"] == 0 && health["ready"] == true
    };
    processes::until(&indexer.url, "the last final block", quiet).await?;
    receiver.drain();
    let client = reqwest::Client::builder().no_proxy().build()?;
    client.post(format!("{}/begin", chain.url)).send().await?;
    let quiet =
        |health: &Value| health["cursor"] == last + blocks && health["deliveries_pending"] == 0;
    processes::until(&indexer.url, "the last new block", quiet).await?;
    let came = receiver.drain();
    ensure!(u64::try_from(came.len())? == blocks, "{} alerts of {blocks} blocks", came.len());
    let stats = stats(&chain).await?;
    let since = |name: &str| {
        let mut all: Vec<_> = came
            .values()
            .filter_map(|came| {
                let at = stats[name][came.block.to_string()].as_u64()?;
                Some(came.at_us.saturating_sub(at.into()) / 1_000)
            })
            .collect();
        all.sort_unstable();
        (all.get(all.len() / 2).copied(), all.get(all.len() * 95 / 100).copied())
    };
    let ((published, published_95), (served, served_95)) =
        (since("published_us"), since("served_us"));
    let (Some(published), Some(served)) = (published, served) else {
        anyhow::bail!("the node did not note when it served the blocks: {stats}")
    };
    let text = format!(
        "{blocks} blocks, one every {every_ms} ms, each verified in full, one alert each\n\
         block published to alert delivered: median {published} ms, 95 % {} ms\n\
         receipts served to alert delivered: median {served} ms, 95 % {} ms",
        published_95.unwrap_or_default(),
        served_95.unwrap_or_default()
    );
    ensure!(published <= u128::from(HEAD_MAX_MS), "{text}\nwanted: at most {HEAD_MAX_MS} ms");
    Ok(text)
}

/// Peak memory over short and long chains, and over a short and a long list.
///
/// # Errors
/// It grows with the chain.
pub async fn memory() -> Result<String> {
    let mut text = format!("{:<10} {:>8} {:>9} {:>11}\n", "", "listed", "blocks", "peak MiB");
    let mut missed = Vec::new();
    for mode in ["sampled", "full"] {
        for listed in [1_000, 100_000] {
            let mut peaks = Vec::new();
            for blocks in [10_000, 200_000] {
                let folder = tempfile::tempdir()?;
                let size = Size { per_block: 4, listed, ..Size::new(blocks, 10_000) };
                let chain = size.chain(folder.path())?;
                let peak = caught_up(&chain, folder.path(), mode).await?.took.peak_kib;
                let _ = writeln!(text, "{mode:<10} {listed:>8} {blocks:>9} {:>11}", peak >> 10);
                // It takes minutes: how far it is, is said.
                let _ = writeln!(std::io::stderr(), "{mode}, {listed} listed, {blocks} blocks");
                peaks.push(peak);
            }
            if peaks[1] > peaks[0] + GROWTH_KIB_MAX {
                missed.push(format!("{mode}, {listed} listed: {peaks:?} KiB"));
            }
        }
    }
    ensure!(missed.is_empty(), "{text}\ngrows with the chain:\n{}", missed.join("\n"));
    Ok(text)
}
