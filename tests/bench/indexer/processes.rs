//! The two processes that are measured beside each other, and what they took.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_mins(30);
/// Below this no block is looked back at: only acts of the list are there, and each would be read
/// again for every act above it.
const LOOKBACK_FROM_BLOCK: u64 = 400;
/// Between two looks at how far the indexer is: each costs it something.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A process that says where it listens, ended with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    pub cpu: Duration,
    pub peak_kib: u64,
    pub wall: Duration,
}

impl Server {
    /// Starts a program of this build and waits until it says where it listens.
    ///
    /// # Errors
    /// It does not start.
    pub fn start(name: &str, args: &[String]) -> Result<Self> {
        let program = sibling(name)?;
        let mut command = Command::new(&program);
        command.args(args).stdout(Stdio::piped()).env("INTERDICT_LOG", "warn");
        let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
        let mut line = String::new();
        let out = child.stdout.take().context("it has a stdout")?;
        BufReader::new(out).read_line(&mut line)?;
        let Some(url) = line.trim().strip_prefix("listening on ").map(str::to_owned) else {
            bail!("{name} ended before it listened")
        };
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        Ok(Self { child, url })
    }

    /// CPU time and peak memory so far.
    ///
    /// # Errors
    /// The process is gone.
    pub fn took(&self) -> Result<Took> {
        took(&self.child.id().to_string())
    }
}

/// CPU time and peak memory of a process, or of this one ("self").
///
/// # Errors
/// The process is gone.
pub fn took(pid: &str) -> Result<Took> {
    // The scheduler's own count, to the nanosecond, of the threads that live; the process's count,
    // to the hundredth of a second, has those that ended too.
    let mut ns = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        ns += text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit(')').next().context("stat has a name")?.split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib = peak.and_then(|line| line.split_whitespace().next()).context("no VmHWM")?;
    Ok(Took {
        cpu: Duration::from_nanos(ns).max(Duration::from_millis(ticks * 10)),
        peak_kib: peak_kib.parse()?,
        wall: Duration::ZERO,
    })
}

fn sibling(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.parent().context("a program lies in a folder")?.join(name);
    ensure!(path.is_file(), "{} is missing: build it with --release first", path.display());
    Ok(path)
}

/// What the indexer is told.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    pub folder: &'a Path,
    pub chain: &'a str,
    pub receiver: &'a str,
    pub secret: &'a str,
    pub mode: &'a str,
}

/// Starts the indexer on a new database; the folder has the deployment file.
///
/// # Errors
/// It does not start.
pub fn start_indexer(setup: Setup<'_>) -> Result<Server> {
    let Setup { folder, chain, receiver, secret, mode } = setup;
    for ending in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(folder.join(format!("interdict.sqlite{ending}")));
    }
    std::fs::write(folder.join("secret"), secret)?;
    let config = format!(
        "chain_id = 31337\nrpc_url = \"{chain}\"\ndeployment = \"deployment.json\"\n\
         database = \"interdict.sqlite\"\nbind = \"127.0.0.1:0\"\npoll_ms = 50\n\
         catch_up = \"{mode}\"\nlookback_from_block = {LOOKBACK_FROM_BLOCK}\n\
         [native]\nsymbol = \"ETH\"\ndecimals = 18\ndust_below = \"0.004\"\n\
         [[token]]\naddress = \"0xdAC17F958D2ee523a2206206994597C13D831ec7\"\n\
         symbol = \"USDT\"\ndecimals = 6\ndust_below = \"10\"\n\
         [webhook]\nurl = \"{receiver}\"\nsecret_file = \"secret\"\n"
    );
    let path = folder.join("indexer.toml");
    std::fs::write(&path, config)?;
    Server::start("interdict-indexer", &["--config".to_owned(), path.display().to_string()])
}

/// Waits until the indexer's own word is as wanted.
///
/// # Errors
/// It does not come to that.
pub async fn until(url: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
    let began = Instant::now();
    loop {
        let answer = get(&format!("{url}/readyz")).await?;
        if fits(&answer) {
            return Ok(answer);
        }
        ensure!(began.elapsed() < PATIENCE, "{what} did not come: {answer}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A JSON document.
///
/// # Errors
/// It cannot be had.
pub async fn get(url: &str) -> Result<Value> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.get(url).send().await?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}
