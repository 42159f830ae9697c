//! A peer on the same chain, in the same run: Ponder, if it is installed here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::processes::{self, Took};

/// Longest that it may take.
const PATIENCE: Duration = Duration::from_mins(20);
/// Between two looks at how far it is: each costs it something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where its project is.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/ponder")
}

/// Whether it is installed there.
pub fn is_installed() -> bool {
    program().is_file()
}

fn program() -> PathBuf {
    folder().join("node_modules/.bin/ponder")
}

/// A process that is ended with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has it store every transfer of a chain in a new database of its own, and says what it took from
/// its start until it has as many rows.
///
/// # Errors
/// It does not come to that.
pub async fn stores_all(chain: &str, transfers: u64) -> Result<Took> {
    let _ = std::fs::remove_dir_all(folder().join(".ponder"));
    let port = free_port()?;
    let mut command = Command::new(program());
    command
        .args(["start", "--schema", "bench", "--log-level", "error"])
        .args(["--port", &port.to_string()])
        .current_dir(folder())
        .env("BENCH_CHAIN_URL", chain)
        .env("PONDER_TELEMETRY_DISABLED", "true")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null());
    let began = Instant::now();
    let mut peer = Running(command.spawn().context("Ponder does not start")?);
    let (pid, rows) = (peer.0.id(), format!("http://127.0.0.1:{port}/rows"));
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(status) = peer.0.try_wait()? {
            anyhow::bail!("Ponder ended: {status}");
        }
        // Until its server listens there is nobody to ask.
        let stored = processes::get(&rows).await.ok().and_then(|said| said["rows"].as_u64());
        if stored == Some(transfers) {
            break;
        }
        ensure!(began.elapsed() < PATIENCE, "Ponder has {stored:?} of {transfers} rows");
    }
    let wall = began.elapsed();
    let mut all = Took { wall, ..Took::default() };
    for one in tree(pid)? {
        let took = processes::took(&one.to_string())?;
        all.cpu += took.cpu;
        all.peak_kib += took.peak_kib;
    }
    Ok(all)
}

/// A process and whatever it started.
fn tree(root: u32) -> Result<BTreeSet<u32>> {
    let (mut known, mut left) = (BTreeSet::new(), vec![root]);
    while let Some(pid) = left.pop() {
        known.insert(pid);
        for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let children = std::fs::read_to_string(task?.path().join("children"))?;
            left.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
    }
    Ok(known)
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
