//! A real local chain.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long anvil may take to say that it listens.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// When a chain makes blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One for each transaction; final two blocks later.
    OnDemand,
    /// One for each transaction and one every second; final sixteen blocks later.
    EverySecond,
    /// One every second, for which transactions wait; final two blocks later.
    ByTheClock,
}

impl Pace {
    const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::OnDemand => &["--slots-in-an-epoch", "1"],
            Self::ByTheClock => &["--slots-in-an-epoch", "1", "--block-time", "1"],
            Self::EverySecond => {
                &["--slots-in-an-epoch", "8", "--block-time", "1", "--mixed-mining"]
            }
        }
    }
}

/// A running anvil; it ends when this is dropped.
#[derive(Debug)]
pub struct Anvil {
    /// Its JSON-RPC endpoint.
    pub url: String,
    child: Child,
}

/// Where anvil is: `$ANVIL`, what `npm ci` installed, or the `PATH`.
///
/// # Errors
/// It is nowhere.
pub fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("ANVIL") {
        return Ok(named.into());
    }
    let installed =
        crate::repository().join("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    if installed.is_file() {
        return Ok(installed);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    match std::env::split_paths(&path).map(|dir| dir.join("anvil")).find(|file| file.is_file()) {
        Some(anvil) => Ok(anvil),
        None => bail!("anvil is missing: run `npm ci` here, or install it with foundryup"),
    }
}

impl Anvil {
    /// Starts a chain.
    ///
    /// # Errors
    /// Anvil is missing or does not start.
    pub async fn start(pace: Pace) -> Result<Self> {
        Self::start_with(pace, &[]).await
    }

    /// Starts a chain under another chain's id.
    ///
    /// # Errors
    /// Anvil is missing or does not start.
    pub async fn start_as(pace: Pace, chain_id: u64) -> Result<Self> {
        Self::start_with(pace, &["--chain-id", &chain_id.to_string()]).await
    }

    /// Starts a chain whose first block has this time, in unix seconds.
    ///
    /// # Errors
    /// Anvil is missing or does not start.
    pub async fn start_at(pace: Pace, genesis: u64) -> Result<Self> {
        Self::start_with(pace, &["--timestamp", &genesis.to_string()]).await
    }

    async fn start_with(pace: Pace, more: &[&str]) -> Result<Self> {
        let mut child = Command::new(find()?)
            .args(["--port", "0", "--accounts", "1"])
            .args(pace.flags())
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("anvil does not start")?;
        let stdout = child.stdout.take().context("anvil has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("Listening on ") {
                    return Ok(address.trim().to_owned());
                }
            }
            bail!("anvil ended before it listened")
        };
        let address = tokio::time::timeout(START_TIMEOUT, listening)
            .await
            .context("anvil took too long to start")??;
        // Its log must be read to the end, or anvil stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { url: format!("http://{address}"), child })
    }

    /// Stops the chain at once.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub async fn stop(mut self) -> Result<()> {
        self.child.kill().await.context("anvil does not stop")
    }
}
