//! The `interdict-indexer` binary, run as an operator would run it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use alloy::primitives::Address;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the indexer may take to say that it listens.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Between two looks at a state that another process reaches by itself.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What the indexer shall be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for its configuration, secret, database and log.
    pub folder: PathBuf,
    /// JSON-RPC endpoint.
    pub rpc_url: String,
    /// How the node is asked for traces, once each as if it were several; empty if it is not.
    pub traces: Vec<&'static str>,
    /// The deployment file.
    pub deployment: PathBuf,
    /// The one known token.
    pub token: Address,
    /// Where alerts are sent.
    pub webhook: String,
    /// Port of the inbox; 0 for a free one.
    pub port: u16,
}

/// A running indexer; it is killed when this is dropped.
#[derive(Debug)]
pub struct Indexer {
    /// Root of its API and inbox.
    pub url: String,
    child: Child,
}

impl Settings {
    fn providers(&self) -> String {
        let provider = |traces: &&str| {
            format!("[[provider]]\nurl = \"{}\"\ntraces = \"{traces}\"\n", self.rpc_url)
        };
        self.traces.iter().map(provider).collect()
    }

    fn toml(&self) -> String {
        let single = if self.traces.is_empty() { "" } else { "# " };
        format!(
            r#"chain_id = 31337
{single}rpc_url = "{}"
deployment = "{}"
database = "interdict.sqlite"
bind = "127.0.0.1:{}"
poll_ms = 50

{}
[native]
symbol = "ETH"
decimals = 18
dust_below = "0.004"

[[token]]
address = "{}"
symbol = "USDT"
decimals = 6
dust_below = "10"

[webhook]
url = "{}"
secret_file = "webhook.secret"
"#,
            self.rpc_url,
            self.deployment.display(),
            self.port,
            self.providers(),
            self.token,
            self.webhook
        )
    }

    /// Where its configuration is.
    pub fn config(&self) -> PathBuf {
        self.folder.join("indexer.toml")
    }

    /// Where its database is.
    pub fn database(&self) -> PathBuf {
        self.folder.join("interdict.sqlite")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("indexer.log")
    }

    fn spawn(&self) -> Result<Child> {
        std::fs::create_dir_all(&self.folder)?;
        std::fs::write(self.config(), self.toml())?;
        std::fs::write(self.folder.join("webhook.secret"), crate::receiver::SECRET)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        Command::new(crate::program("interdict-indexer")?)
            .arg("--config")
            .arg(self.config())
            // It would go before the database of this folder.
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("the indexer does not start")
    }

    /// Writes the configuration and starts the binary; a second start goes on where the first was.
    ///
    /// # Errors
    /// It does not start; the message carries the end of its log.
    pub async fn start(&self) -> Result<Indexer> {
        let mut child = self.spawn()?;
        let stdout = child.stdout.take().context("the indexer has no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(START_TIMEOUT, lines.next_line())
            .await
            .context("the indexer took too long to start")??;
        match first.as_deref().and_then(|line| line.strip_prefix("listening on ")) {
            Some(url) => Ok(Indexer { url: url.trim().to_owned(), child }),
            None => bail!("the indexer ended at once:\n{}", tail(&self.log())),
        }
    }

    /// Starts the binary and ends it with SIGKILL after a while, wherever it is by then.
    ///
    /// # Errors
    /// It does not start, or ended by itself before.
    pub async fn live_for(&self, lifetime: Duration) -> Result<()> {
        let mut child = self.spawn()?;
        match tokio::time::timeout(lifetime, child.wait()).await {
            Ok(ended) => {
                bail!("the indexer ended by itself ({:?}):\n{}", ended?, tail(&self.log()))
            }
            Err(_) => child.kill().await.context("the indexer cannot be killed"),
        }
    }
}

fn tail(log: &Path) -> String {
    const LINES: usize = 12;
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

impl Indexer {
    /// Ends the process with SIGKILL, wherever it is.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("the indexer cannot be killed")
    }

    /// A document of its API.
    ///
    /// # Errors
    /// No answer, or no JSON.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let text = self.text(path).await?;
        serde_json::from_str(&text).with_context(|| format!("{path} answers no JSON: {text}"))
    }

    /// A page of its API as it is.
    ///
    /// # Errors
    /// No answer.
    pub async fn text(&self, path: &str) -> Result<String> {
        let answer = reqwest::get(format!("{}{path}", self.url)).await?;
        Ok(answer.text().await?)
    }

    /// All alerts, newest first.
    ///
    /// # Errors
    /// The API does not answer as documented.
    pub async fn alerts(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut path = "/v1/alerts?limit=500".to_owned();
        loop {
            let page = self.get(&path).await?;
            all.extend(page["alerts"].as_array().cloned().context("no alerts in the page")?);
            match page["next"].as_str() {
                Some(next) => path = format!("/v1/alerts?limit=500&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// Looks until a document of the API fits.
    ///
    /// # Errors
    /// It did not in time; carries the last one.
    pub async fn until(
        &self,
        path: &str,
        timeout: Duration,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let deadline = Instant::now() + timeout;
        loop {
            let document = self.get(path).await?;
            if fits(&document) {
                return Ok(document);
            }
            if Instant::now() > deadline {
                bail!("{path} did not become what was awaited in {timeout:?}: {document:#}");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
