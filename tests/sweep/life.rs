//! One life of the binary after another, each started as an operator would start it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use alloy_primitives::keccak256;
use anyhow::{Context, Result, ensure};
use interdict_core::deployment::{Contract, Delays, Deployment, Parameters, SCHEMA};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::chain::{BLOCKLIST, CHAIN_ID, CODE, TOKEN};
use crate::database::Ground;
use crate::scene::Scene;
use crate::serve::{SECRET, Servers};
use crate::state::State;

/// Between two looks at a state that another process reaches by itself.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What is put before the binary, and around it.
#[derive(Clone, Debug, Default)]
pub struct Harness {
    /// A program that runs it, with its arguments.
    pub before: Vec<OsString>,
    /// More environment.
    pub environment: Vec<(&'static str, OsString)>,
}

/// Where the indexer lives: its configuration, secret, database and log.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    ground: Ground,
}

/// A running indexer; it is killed when this is dropped.
#[derive(Debug)]
pub struct Life {
    child: Child,
    wrapped: bool,
    url: watch::Receiver<Option<String>>,
}

/// Where a life will listen.
#[derive(Clone, Debug)]
pub struct Url(watch::Receiver<Option<String>>);

/// A program of this workspace, where cargo put it beside the running one.
fn program() -> Result<PathBuf> {
    const NAME: &str = "interdict-indexer";
    let running = std::env::current_exe().context("the running program has no path")?;
    let mut built = running.ancestors().skip(1).take(2).map(|folder| folder.join(NAME));
    built
        .find(|path| path.is_file())
        .with_context(|| format!("{NAME} is not built: run `cargo build --workspace --bins` first"))
}

impl Home {
    /// Writes the configuration.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn make(scene: &Scene, servers: &Servers, ground: &Ground) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("interdict-sweep-").tempdir()?;
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text);
        write("deployment.json", serde_json::to_string(&deployment(scene))?)?;
        write("webhook.secret", SECRET.to_owned())?;
        let Servers { node, receiver, .. } = servers;
        write(
            "indexer.toml",
            format!(
                r#"chain_id = {CHAIN_ID}
rpc_url = "{node}"
deployment = "deployment.json"
database = "interdict.sqlite"
database_lease_seconds = 1
bind = "127.0.0.1:0"
poll_ms = 50

[native]
symbol = "ETH"
decimals = 18
dust_below = "0.004"

[[token]]
address = "{TOKEN}"
symbol = "USDT"
decimals = 6
dust_below = "10"

[webhook]
url = "{receiver}"
secret_file = "webhook.secret"
"#
            ),
        )?;
        Ok(Self { folder, ground: ground.clone() })
    }

    /// Where a file of this run is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("indexer.log")
    }

    /// Leaves everything where it is, for a person; where that is.
    pub fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    /// The end of its log, for a report.
    pub fn told(&self) -> String {
        const LINES: usize = 12;
        let text = std::fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    fn command(&self, harness: &Harness) -> Result<Command> {
        let mut words = harness.before.clone();
        words.push(program()?.into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg("--config").arg(self.path("indexer.toml"));
        command.env("INTERDICT_LOG", "warn").env_remove("DATABASE_URL");
        command.envs(self.ground.variable().map(|url| ("DATABASE_URL", url)));
        command.envs(harness.environment.iter().cloned());
        command.stdin(Stdio::null()).kill_on_drop(true);
        Ok(command)
    }

    /// Starts it.
    ///
    /// # Errors
    /// It does not start at all.
    pub fn start(&self, harness: &Harness) -> Result<Life> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = self.command(harness)?;
        let child = command.stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = child.context("the indexer, or what is put before it, does not start")?;
        let stdout = child.stdout.take().context("the indexer has no output")?;
        let (said, url) = watch::channel(None);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(url) = line.strip_prefix("listening on ") {
                    said.send_replace(Some(url.to_owned()));
                }
            }
        });
        Ok(Life { child, wrapped: !harness.before.is_empty(), url })
    }

    /// Everything in the database.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn state(&self) -> Result<State> {
        let file = self.path("backup");
        let mut command = self.command(&Harness::default())?;
        let output = command.arg("backup").arg(&file).output().await?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the database cannot be read: {error}");
        State::read(&file)
    }
}

impl Life {
    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// Ends it with SIGKILL, wherever it is.
    ///
    /// # Errors
    /// It cannot be killed.
    pub async fn kill(&mut self) -> Result<()> {
        if self.wrapped
            && let Some(pid) = self.child.id()
        {
            // The one who wraps it ends when it does.
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            for inner in children.unwrap_or_default().split_whitespace() {
                if let Some(inner) = inner.parse().ok().and_then(rustix::process::Pid::from_raw) {
                    rustix::process::kill_process(inner, rustix::process::Signal::KILL)?;
                }
            }
            self.child.wait().await?;
            return Ok(());
        }
        Ok(self.child.kill().await?)
    }

    /// Where it will listen.
    pub fn url(&self) -> Url {
        Url(self.url.clone())
    }
}

impl Url {
    /// Waits until a document of its API fits.
    pub async fn until(self, client: &reqwest::Client, path: &str, fits: impl Fn(&Value) -> bool) {
        let mut url = self.0;
        let said = url.wait_for(Option::is_some).await.ok().and_then(|said| said.clone());
        let Some(said) = said else {
            // It ended before it listened; whoever waits for its end is told.
            return std::future::pending().await;
        };
        let url = format!("{said}{path}");
        while !document(client, &url).await.is_some_and(|document| fits(&document)) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn document(client: &reqwest::Client, url: &str) -> Option<Value> {
    let answer = client.get(url).send().await.ok()?;
    serde_json::from_slice(&answer.bytes().await.ok()?).ok()
}

fn deployment(scene: &Scene) -> Deployment {
    let contract = Contract { address: BLOCKLIST, code_hash: keccak256(CODE) };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id: CHAIN_ID,
        genesis_hash: scene.story.genesis(),
        block: 1,
        access_manager: contract,
        seats: contract,
        council: contract,
        signed_act: contract,
        blocklist: contract,
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 604_800,
            holds_per_day: 1000,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}

/// Whether a program can be found.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
