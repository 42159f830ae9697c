//! Every example that the READMEs and the help have of `interdict-indexer` is run as it stands
//! there, each on a fresh copy of a desk on which a finding was made, and succeeds.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_tests::anvil::Pace;
use interdict_tests::stage::{Stage, USDT};
use interdict_tests::{cli, publication, repository};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

const PROGRAM: &str = "interdict-indexer";

/// How long a step may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is run until it is interrupted; all else ends by itself.
const FOLLOWING: &str = "interdict-indexer --config indexer.toml";

/// What makes the file that is named last, which therefore must not lie there before.
const MAKES: [&str; 3] = [" backup ", " audit key ", " audit checkpoint "];

/// The command lines of a text: in a block of code or indented in a help, with what follows a
/// line's backslash, without remarks; and in the running text, those with flags.
fn typed(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let is_typed = |line: &str| {
        line.starts_with(&format!("{PROGRAM} ")) || line.contains(&format!("| {PROGRAM} "))
    };
    let mut found = Vec::new();
    for line in joined.lines() {
        let line = line.trim();
        if is_typed(line) {
            let line = line.split_once(" # ").map_or(line, |(command, _)| command);
            found.push(line.split_whitespace().collect::<Vec<_>>().join(" "));
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            let spans = spans.filter(|span| is_typed(span) && span.contains(" --"));
            found.extend(spans.map(str::to_owned));
        }
    }
    found
}

/// The desk: a configuration, a database with a finding, and what the examples name.
struct Desk {
    folder: PathBuf,
    alert: String,
    token: String,
    public_key: String,
}

impl Desk {
    async fn furnish(folder: &Path) -> Result<(Self, Stage)> {
        let stage = Stage::build(folder, Pace::OnDemand, 0).await?;
        let indexer = stage.settings.start().await?;
        let plan = stage.council.plan(&publication("sample_enhanced.xml"), "plan.json").await?;
        stage.council.hold(&plan).await?;
        let listed = plan.first()?;
        stage.pay(listed, 250 * USDT).await?;
        let found = |page: &serde_json::Value| !page["alerts"][0]["id"].is_null();
        let page = indexer.until("/v1/alerts", PATIENCE, found).await?;
        let alert = page["alerts"][0]["id"].as_str().context("no id")?.to_owned();
        indexer.kill().await?;

        let desk = stage.settings.folder.clone();
        let text = std::fs::read_to_string(desk.join("indexer.toml"))?;
        let new = text.replace("interdict.sqlite", "new.sqlite");
        std::fs::write(desk.join("new.toml"), new)?;
        let policy = repository().join("core/src/policy/default.toml");
        std::fs::copy(policy, desk.join("policy.toml"))?;
        let subjects = "address,kind,reference\n\
                        0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C,customer,C-1\n";
        std::fs::write(desk.join("customers.csv"), subjects)?;
        let mut this =
            Self { folder: desk, alert, token: String::new(), public_key: String::new() };
        this.prepare().await?;
        Ok((this, stage))
    }

    /// What later examples take from earlier ones: a token, a key, a checkpoint, a backup.
    async fn prepare(&mut self) -> Result<()> {
        let at = self.folder.clone();
        let indexer = format!("{PROGRAM} --config indexer.toml");
        runs(&at, &format!("{indexer} tokens create --person bob --role viewer")).await?;
        let tokens = runs(&at, &format!("{indexer} tokens list")).await?;
        let row = tokens.lines().find(|line| line.contains("bob")).context("no token of bob")?;
        row.split_whitespace().next().context("a token without an id")?.clone_into(&mut self.token);
        let key = runs(&at, &format!("{PROGRAM} audit key audit.key")).await?;
        let is_key = |word: &&str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
        let key = key.split_whitespace().find(is_key).context("no public key is printed")?;
        key.clone_into(&mut self.public_key);
        for month in ["2026-07", "2026-08", "2026-11"] {
            let checkpoint = format!("audit checkpoint --key audit.key {month}.json");
            runs(&at, &format!("{indexer} {checkpoint}")).await?;
        }
        runs(&at, &format!("{indexer} backup interdict-2026-08-20.backup")).await?;
        Ok(())
    }

    fn filled(&self, line: &str) -> String {
        line.replace("/etc/interdict/", "")
            .replace("4d62f9dd1a8c4538093bc0f0592d567f", &self.alert)
            .replace("8c1f…", &self.token)
            .replace("4f2a…", &self.public_key)
    }

    /// A copy, without what the example is to make.
    fn copied(&self, to: &Path, line: &str) -> Result<()> {
        std::fs::create_dir(to)?;
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        if MAKES.iter().any(|verb| line.contains(verb)) {
            let made = line.split(' ').next_back().unwrap_or_default();
            std::fs::remove_file(to.join(made)).with_context(|| made.to_owned())?;
        }
        Ok(())
    }
}

fn shell(folder: &Path, line: &str) -> Result<Command> {
    let program = interdict_tests::program(PROGRAM)?;
    let programs = program.parent().context("the program is in no folder")?;
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
        .env("HOME", folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

/// Runs a line to its end and gives what it printed.
async fn runs(folder: &Path, line: &str) -> Result<String> {
    let output = shell(folder, line)?.output();
    let output = tokio::time::timeout(PATIENCE, output).await.context("it does not end")??;
    let [said, error] = [&output.stdout, &output.stderr].map(|s| String::from_utf8_lossy(s));
    ensure!(output.status.success(), "{line}: {}\n{said}{error}", output.status);
    Ok(said.into_owned())
}

/// Runs a line until it says that it listens, then interrupts it: that is a success too.
async fn follows(folder: &Path, line: &str) -> Result<()> {
    let mut command = shell(folder, &format!("exec {line}"))?;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await??.unwrap_or_default();
    ensure!(first.starts_with("listening on "), "it says {first:?}");
    let pid = child.id().context("it ended by itself")?;
    Command::new("kill").args(["-INT", &pid.to_string()]).status().await?;
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await.context("it does not end")??;
    ensure!(ended.success(), "interrupted, it ended with {ended}");
    Ok(())
}

/// The main help and that of every verb, however deep, each after its name.
async fn helps(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut helps = Vec::new();
    let mut open = vec![String::new()];
    while let Some(verb) = open.pop() {
        let help = runs(folder, &format!("{PROGRAM}{verb} --help")).await?;
        if help.contains("Commands:\n") {
            let verbs = cli::verbs(&help)?.into_iter().filter(|name| name != "help");
            open.extend(verbs.map(|name| format!("{verb} {name}")));
        }
        helps.push((format!("{PROGRAM}{verb} --help"), help));
    }
    Ok(helps)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_does_what_its_text_promises() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (desk, _stage) = Desk::furnish(&folder.path().join("stage")).await?;
    let mut texts = helps(folder.path()).await?;
    for name in ["README.md", "indexer/README.md"] {
        texts.push((name.to_owned(), std::fs::read_to_string(repository().join(name))?));
    }
    let mut wrong = Vec::new();
    let mut n = 0;
    for (place, text) in texts {
        for example in typed(&text) {
            n += 1;
            let (copy, line) = (folder.path().join(n.to_string()), desk.filled(&example));
            desk.copied(&copy, &line)?;
            let ended = match line.as_str() {
                FOLLOWING => follows(&copy, &line).await,
                _ => runs(&copy, &line).await.map(|_| ()),
            };
            if let Err(why) = ended {
                wrong.push(format!("{place}: {example}\n  as {line}\n  {why:#}"));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n\n"));
    }
    ensure!(n > 20, "only {n} examples were found");
    Ok(())
}

#[test]
fn examples_are_found_where_they_stand() {
    let text = "Run `interdict-indexer tokens` or `interdict-indexer tokens --all`.\n```\n\
                interdict-indexer a   # one\ninterdict-indexer b \\\n  --c\n```\n\
                interdict-indexers are programs.\necho x | interdict-indexer d\n";
    let expected = [
        "interdict-indexer tokens --all",
        "interdict-indexer a",
        "interdict-indexer b --c",
        "echo x | interdict-indexer d",
    ];
    assert_eq!(typed(text), expected);
}
