//! What was typed and what came of it, one file for each verb, compared whole with what is
//! committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use interdict_tests::cli::Run;
use snapbox::{Assert, Data, data::DataFormat};

use super::redact;

/// Set to `overwrite`, by `make bless` alone, it has the files written anew; unset, what differs or
/// is missing fails.
const ACTION: &str = "SNAPSHOTS";

/// What only a terminal can show: the key, or the password of another keystore, is typed.
const ON_A_TERMINAL: [(&str, Ending); 1] = [("wallet import", Ending::Success)];

/// Whether a command did what was asked of it. Exit code 3 is an answer and not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Success,
    Failure,
}

/// All that was typed so far.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// By verb, in the order in which it was typed.
    pages: BTreeMap<String, String>,
    seen: BTreeSet<(String, Ending)>,
    known: Vec<(String, &'static str)>,
    wrong: Vec<String>,
}

impl Transcript {
    /// From here on a value that varies is called by a name.
    pub(crate) fn call(&mut self, value: &impl ToString, name: &'static str) {
        self.known.push((value.to_string(), name));
    }

    /// Notes what ended otherwise than it must. No `make bless` takes that away.
    pub(crate) fn blame(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Notes a run of a form of a verb, such as `show act`.
    pub(crate) fn note(&mut self, form: &str, ending: Ending, line: &str, run: &Run) {
        let mut text = format!("$ {line}\n");
        for (name, stream) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if !stream.is_empty() {
                let _ = writeln!(text, "[{name}]\n{}", stream.trim_end_matches('\n'));
            }
        }
        let _ = write!(text, "[exit {}]\n\n", run.code);
        let verb = form.split(' ').next().unwrap_or_default().to_owned();
        self.pages.entry(verb).or_default().push_str(&redact::redacted(&text, &self.known));
        self.seen.insert((form.to_owned(), ending));
    }

    /// Every form has been seen to succeed and to fail.
    pub(crate) fn assert_covers(&self, forms: &[String]) {
        for form in forms {
            for ending in [Ending::Success, Ending::Failure] {
                let seen = self.seen.contains(&(form.clone(), ending));
                let elsewhere = ON_A_TERMINAL.contains(&(form.as_str(), ending));
                let what = format!("a {ending:?} of `interdict {form}`");
                assert!(seen || elsewhere, "no snapshot of {what}");
                assert!(!seen || !elsewhere, "{what} is here, and not on a terminal alone");
            }
        }
    }

    /// The files of the folder say what was noted, and there are no others.
    pub(crate) fn assert_same(&self, folder: &Path) -> Result<()> {
        let compared =
            compare(folder, self.pages.iter().map(|(verb, text)| (verb.clone(), text.clone())));
        ensure!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        compared
    }
}

/// Compares texts with the files of a folder, all of them before it fails.
pub(crate) fn compare(
    folder: &Path,
    texts: impl IntoIterator<Item = (String, String)>,
) -> Result<()> {
    let assert = Assert::new().action_env(ACTION);
    let mut different = Vec::new();
    let mut expected = BTreeSet::new();
    for (name, text) in texts {
        let path = folder.join(format!("{name}.txt"));
        // Raw: a program may print what would be a wildcard here.
        let committed = Data::read_from(&path, Some(DataFormat::Text)).raw();
        if let Err(error) = assert.try_eq(Some(&name), Data::text(text).raw(), committed) {
            different.push(error.to_string());
        }
        expected.insert(path);
    }
    let found: BTreeSet<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let left: Vec<_> = found.difference(&expected).collect();
    ensure!(left.is_empty(), "nothing prints what these say, so remove them: {left:?}");
    ensure!(
        different.is_empty(),
        "{}\nif this is how it shall read, run `make bless` and look at the diff",
        different.join("\n")
    );
    Ok(())
}
