//! The `interdict` binary, run as a person would run it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::keys::Person;
use crate::{assert_says, envelope};

/// The binary with the chain and the address book that it shall use.
#[derive(Clone, Debug)]
pub struct Cli {
    /// JSON-RPC endpoint.
    pub rpc_url: String,
    /// Folder of deployment files.
    pub deployments: PathBuf,
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Run {
    /// Exit code; −1 if a signal ended it.
    pub code: i32,
    /// The result.
    pub stdout: String,
    /// Progress, warnings and errors.
    pub stderr: String,
}

impl Run {
    /// The JSON envelope of a `--json` run.
    ///
    /// # Errors
    /// stdout is not one JSON document of the envelope's schema.
    pub fn json(&self) -> Result<Value> {
        let document = serde_json::from_str(&self.stdout)
            .with_context(|| format!("not JSON: {}\n{}", self.stdout, self.stderr))?;
        envelope::check(&document)?;
        Ok(document)
    }

    /// The envelope's data, if the run ended with the code.
    ///
    /// # Errors
    /// It ended otherwise, or printed no JSON.
    pub fn data(&self, code: i32) -> Result<Value> {
        ensure!(
            self.code == code,
            "exit code {} instead of {code}\n{}\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        Ok(self.json()?["data"].clone())
    }

    /// Asserts that the run failed with the code, and that its error has each of these words.
    ///
    /// # Panics
    /// It ended otherwise.
    #[track_caller]
    pub fn assert_refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_says(&self.stderr, &["error: "]);
        assert_says(&self.stderr, words);
    }
}

impl Cli {
    /// A command line whose node does not exist.
    pub fn without_network(deployments: impl Into<PathBuf>) -> Self {
        Self { rpc_url: "http://127.0.0.1:1".to_owned(), deployments: deployments.into() }
    }

    /// The same at another node.
    #[must_use]
    pub fn at(&self, rpc_url: impl Into<String>) -> Self {
        Self { rpc_url: rpc_url.into(), ..self.clone() }
    }

    /// The transactions that were written down before they were sent, and have not landed yet.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn pending(&self) -> Result<Vec<PathBuf>> {
        let folder = match std::fs::read_dir(self.deployments.join("pending")) {
            Ok(folder) => folder,
            // Nothing was ever sent from here.
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(why.into()),
        };
        let mut paths = folder.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        // Beside each lies a lock, which is no transaction.
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        Ok(paths)
    }

    /// Runs a command without a terminal.
    ///
    /// # Errors
    /// The binary is not built or does not start.
    pub async fn run<S: AsRef<str>>(&self, args: &[S]) -> Result<Run> {
        let output = self.command(args)?.output().await.context("interdict does not start")?;
        Ok(Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Starts a command that goes on until it is dropped; its output is the caller's to read.
    ///
    /// # Errors
    /// The binary is not built or does not start.
    pub fn start<S: AsRef<str>>(&self, args: &[S]) -> Result<Child> {
        let (stdout, stderr) = (Stdio::piped(), Stdio::piped());
        let mut command = self.command(args)?;
        command.stdout(stdout).stderr(stderr).spawn().context("interdict does not start")
    }

    /// As [`Self::run`], with a person's wallet.
    ///
    /// # Errors
    /// As there.
    pub async fn run_as<S: AsRef<str>>(&self, person: &Person, args: &[S]) -> Result<Run> {
        self.run(&person.command(args)).await
    }

    /// As [`Self::start`], with a person's wallet.
    ///
    /// # Errors
    /// As there.
    pub fn start_as<S: AsRef<str>>(&self, person: &Person, args: &[S]) -> Result<Child> {
        self.start(&person.command(args))
    }

    /// The verbs, as the help names them.
    ///
    /// # Errors
    /// The help has another form.
    pub async fn verbs(&self) -> Result<Vec<String>> {
        verbs(&self.run(&["--help"]).await?.stdout)
    }

    /// Every command by its words, those below a verb too, as the helps name them.
    ///
    /// # Errors
    /// A help has another form.
    pub async fn commands(&self) -> Result<Vec<Vec<String>>> {
        let (mut found, mut open) = (Vec::new(), vec![Vec::new()]);
        while let Some(words) = open.pop() {
            let help = self.run(&[words.as_slice(), &["--help".to_owned()]].concat()).await?;
            for verb in below(&help.stdout)? {
                let inner = [words.as_slice(), &[verb]].concat();
                open.push(inner.clone());
                found.push(inner);
            }
        }
        Ok(found)
    }

    fn command<S: AsRef<str>>(&self, args: &[S]) -> Result<Command> {
        let mut command = Command::new(crate::program("interdict")?);
        command
            .args(args.iter().map(AsRef::as_ref))
            .env("ETH_RPC_URL", &self.rpc_url)
            .env("INTERDICT_DEPLOYMENTS", &self.deployments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Runs a command with `--json` and gives its data, if it ended with the code.
    ///
    /// # Errors
    /// It ended otherwise.
    pub async fn json<S: AsRef<str>>(&self, args: &[S], code: i32) -> Result<Value> {
        let mut all: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
        all.push("--json");
        let shown = all.join(" ");
        self.run(&all).await?.data(code).with_context(|| format!("interdict {shown}"))
    }

    /// As [`Self::json`], with a person's wallet.
    ///
    /// # Errors
    /// It ended with another code.
    pub async fn json_as<S: AsRef<str>>(
        &self,
        person: &Person,
        args: &[S],
        code: i32,
    ) -> Result<Value> {
        self.json(&person.command(args), code).await
    }
}

/// The verbs that a command's help names, if it has any.
///
/// # Errors
/// The help has another form.
pub fn below(help: &str) -> Result<Vec<String>> {
    if help.contains("Commands:\n") { verbs(help) } else { Ok(Vec::new()) }
}

/// The verbs that a help names.
///
/// # Errors
/// The help has another form.
pub fn verbs(help: &str) -> Result<Vec<String>> {
    let (_, after) = help.split_once("Commands:\n").context("the help has no commands")?;
    let (commands, _) = after.split_once("\n\n").context("the commands do not end")?;
    // What a verb does may go on in a line that is indented further.
    let verb = |line: &str| {
        let rest = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    Ok(commands.lines().filter_map(verb).filter(|verb| verb != "help").collect())
}
