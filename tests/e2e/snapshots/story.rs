//! One story on one chain: what is typed, by whom, and how it must end.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use interdict_core::deployment::Deployment;
use interdict_tests::anvil::{Anvil, Pace};
use interdict_tests::chain::Chain;
use interdict_tests::cli::Run;
use interdict_tests::desk::Desk;
use interdict_tests::publication;
use serde_json::Value;
use tempfile::TempDir;

use super::transcript::{Ending, Tongue, Transcript};

/// 2026-01-05T09:00:00Z: three days after the samples' own date.
const GENESIS: u64 = 1_767_603_600;

/// From a block to the next, as on the main network.
const BLOCK_SECONDS: u64 = 12;

/// Who has a key. Three of them sit on the council, and two decide.
const PEOPLE: [&str; 7] = ["deployer", "alice", "bob", "carol", "guardian", "keeper", "relayer"];

/// What is not told in JSON, and why.
const NOT_IN_JSON: [(&str, &str); 3] = [
    ("wallet new", "makes another key each time"),
    ("completions", "is the same script, in a string"),
    ("man", "is the same page, in a string"),
];

/// Forms of a verb that its help does not tell apart by itself.
const OTHERWISE: [&str; 13] = [
    "act retraction",
    "check file",
    "execute ballot",
    "execute safe",
    "export then",
    "propose change",
    "propose safe",
    "sign typed-data",
    "sign elsewhere",
    "verify act",
    "verify proposal",
    "verify retraction",
    "vote sign-only",
];

/// Where nobody listens.
pub(crate) const NOWHERE: &str = "--rpc-url http://127.0.0.1:1";

/// The chain, the desk, and all that was typed at it.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) chain: Chain,
    pub(crate) desk: Desk,
    pub(crate) transcript: Transcript,
    /// Where the desk is copied to for what leaves no trace.
    elsewhere: TempDir,
    _anvil: Anvil,
}

impl Story {
    pub(crate) async fn begin(folder: &Path) -> Result<Self> {
        let anvil = Anvil::start_at(Pace::OnDemand, GENESIS).await?;
        let chain = Chain::new(&anvil.url)?;
        chain.tick(BLOCK_SECONDS).await?;
        let desk = Desk::furnish(folder, &anvil, &PEOPLE).await?;
        for (name, sample) in [
            ("SDN_ENHANCED.XML", "sample_enhanced.xml"),
            ("SDN_ADVANCED.XML", "sample_advanced.xml"),
            ("SDN.CSV", "sample_sdn.csv"),
            ("own.csv", "sample.csv"),
        ] {
            std::fs::copy(publication(sample), desk.file(name))?;
        }
        let asked = "# ours\n0xE070df2cB1f0cC56089F07b36b5d1cde234F73D6\n";
        std::fs::write(desk.file("customers.txt"), asked)?;
        std::fs::write(desk.file("cut.txt"), format!("{asked}0x12\n"))?;
        std::fs::write(desk.file("key"), format!("0x{}\n", "11".repeat(32)))?;
        std::fs::set_permissions(desk.file("key"), Permissions::from_mode(0o600))?;
        let mut transcript = Transcript::default();
        let elsewhere = tempfile::tempdir()?;
        transcript.call(&folder.display(), "HOME");
        transcript.call(&elsewhere.path().join("desk").display(), "HOME");
        Ok(Self { chain, desk, transcript, elsewhere, _anvil: anvil })
    }

    /// Types a command that must succeed, with this exit code, and notes what it says.
    pub(crate) async fn succeeds(&mut self, form: &str, code: i32, line: &str) -> Result<Run> {
        self.typed(form, Ending::Success, code, line).await
    }

    /// Types a command that must fail, with this exit code, and notes what it says.
    pub(crate) async fn fails(&mut self, form: &str, code: i32, line: &str) -> Result<Run> {
        self.typed(form, Ending::Failure, code, line).await
    }

    async fn typed(&mut self, form: &str, ending: Ending, code: i32, line: &str) -> Result<Run> {
        let line = format!("interdict {line}");
        ensure!(line.starts_with(&format!("interdict {}", verb(form))), "{line} is no {form}");
        if NOT_IN_JSON.iter().all(|(what, _)| *what != form) {
            self.typed_for_a_program(form, ending, code, &line).await?;
        }
        let run = self.desk.types(&line).await?;
        self.transcript.note(Tongue::Text, form, ending, &line, &run);
        if run.code != code {
            let what = format!("{line}: exit code {} instead of {code}", run.code);
            // After a failure that is another the story goes on all the same.
            ensure!(ending == Ending::Failure, "{what}: {run:#?}");
            self.transcript.blame(what);
        }
        Ok(run)
    }

    /// The same beforehand with `--json`, on a copy of the desk and without a trace on the chain:
    /// it ends in the same way, in an envelope.
    async fn typed_for_a_program(
        &mut self,
        form: &str,
        ending: Ending,
        code: i32,
        line: &str,
    ) -> Result<()> {
        let folder = self.elsewhere.path().join("desk");
        let desk = self.desk.copied(&folder)?;
        let line = format!("{line} --json");
        let run = self.chain.without_trace(desk.types(&line)).await?;
        std::fs::remove_dir_all(folder)?;
        self.transcript.note(Tongue::Json, form, ending, &line, &run);
        let document = run.json().with_context(|| line.clone())?;
        let is_right = document["success"] == (ending == Ending::Success);
        if run.code != code || !is_right {
            self.transcript.blame(format!("{line}: exit code {}, {document:#}", run.code));
        }
        Ok(())
    }

    /// Notes what was typed before.
    pub(crate) fn noted(&mut self, form: &str, line: &str, run: &Run) {
        let line = format!("interdict {line}");
        self.transcript.note(Tongue::Text, form, Ending::Success, &line, run);
    }

    /// Types a command that only takes the story on.
    pub(crate) async fn goes_on(&self, code: i32, line: &str) -> Result<Run> {
        let run = self.desk.types(&format!("interdict {line}")).await?;
        ensure!(run.code == code, "{line}: exit code {} instead of {code}: {run:#?}", run.code);
        Ok(run)
    }

    /// The data of a command that only takes the story on.
    pub(crate) async fn asks(&self, code: i32, line: &str) -> Result<Value> {
        self.goes_on(code, &format!("{line} --json")).await?.data(code)
    }

    /// Puts a changed copy of a file on the desk.
    pub(crate) fn forge(&self, from: &str, to: &str, words: &[(&str, &str)]) -> Result<()> {
        let mut text = std::fs::read_to_string(self.desk.file(from)).context(from.to_owned())?;
        for (old, new) in words {
            ensure!(text.contains(old), "{from} has no {old}");
            text = text.replace(old, new);
        }
        Ok(std::fs::write(self.desk.file(to), text)?)
    }

    /// The address book, whose contracts are called by their names from here on.
    pub(crate) fn name_contracts(&mut self) -> Result<Deployment> {
        let text = std::fs::read_to_string(self.desk.file("deployments/31337.json"))?;
        let book = Deployment::parse(&text)?;
        for (contract, name) in [
            (&book.access_manager, "ACCESS MANAGER"),
            (&book.seats, "SEATS"),
            (&book.council, "COUNCIL"),
            (&book.signed_act, "SIGNED ACT"),
            (&book.blocklist, "BLOCKLIST"),
        ] {
            self.transcript.call(&contract.address, name);
            self.transcript.call(&format!("{:#x}", contract.address), name);
        }
        Ok(book)
    }

    /// Every verb, and every form of one that reads or writes otherwise than the rest: as the help
    /// names them, so that what is new is missed here.
    pub(crate) async fn forms(&self) -> Result<Vec<String>> {
        let mut forms = self.verbs("").await?;
        let wallet = self.verbs("wallet").await?;
        forms.extend(wallet.iter().map(|verb| format!("wallet {verb}")));
        let shown = "Possible values:\n";
        let help = self.help("export").await?;
        let (_, values) = help.split_once(shown).context("export has no formats")?;
        let value =
            |line: &str| Some(line.trim().strip_prefix("- ")?.split_once(':')?.0.to_owned());
        let formats = values.lines().map_while(value);
        forms.extend(formats.map(|format| format!("export {format}")));
        forms.push("export snapshot".to_owned());
        let whats = ["address", "act", "proposal", "manifest", "plan"];
        forms.extend(whats.map(|what| format!("show {what}")));
        forms.extend(OTHERWISE.map(str::to_owned));
        forms.retain(|form| !["wallet", "export", "show"].contains(&form.as_str()));
        Ok(forms)
    }

    /// The help of a verb, or the main one.
    pub(crate) async fn help(&self, verb: &str) -> Result<String> {
        Ok(self.goes_on(0, &format!("{verb} --help")).await?.stdout)
    }

    /// The verbs that the help, or that of a verb, has.
    pub(crate) async fn verbs(&self, verb: &str) -> Result<Vec<String>> {
        interdict_tests::cli::verbs(&self.help(verb).await?)
    }
}

fn verb(form: &str) -> &str {
    form.split(' ').next().unwrap_or_default()
}
