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

/// Whether a command did what was asked of it. Exit code 3 is an answer and not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Success,
    Failure,
}

/// In which a command speaks: to a person, or, with `--json`, to a program. Each has its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tongue {
    Text,
    Json,
}

impl Tongue {
    const ALL: [Self; 2] = [Self::Text, Self::Json];

    const fn folder(self) -> &'static str {
        match self {
            Self::Text => "said",
            Self::Json => "json",
        }
    }
}

/// All that was typed so far.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// By tongue and verb, in the order in which it was typed.
    pages: BTreeMap<(Tongue, String), String>,
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
    pub(crate) fn note(
        &mut self,
        tongue: Tongue,
        form: &str,
        ending: Ending,
        line: &str,
        run: &Run,
    ) {
        let mut text = format!("$ {line}\n");
        for (name, stream) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            if !stream.is_empty() {
                let _ = writeln!(text, "[{name}]\n{}", stream.trim_end_matches('\n'));
            }
        }
        let _ = write!(text, "[exit {}]\n\n", run.code);
        let verb = form.split(' ').next().unwrap_or_default().to_owned();
        let page = self.pages.entry((tongue, verb)).or_default();
        page.push_str(&redact::redacted(&text, &self.known));
        self.seen.insert((form.to_owned(), ending));
    }

    /// Every form has been seen to succeed and to fail.
    pub(crate) fn assert_covers(&self, forms: &[String]) {
        for form in forms {
            for ending in [Ending::Success, Ending::Failure] {
                let seen = self.seen.contains(&(form.clone(), ending));
                assert!(seen, "no snapshot of a {ending:?} of `interdict {form}`");
            }
        }
    }

    /// The files of the two folders say what was noted, and there are no others.
    pub(crate) fn assert_same(&self, folder: &Path) -> Result<()> {
        let of = |tongue: Tongue| {
            let pages = self.pages.iter().filter(move |((of, _), _)| *of == tongue);
            let pages = pages.map(|((_, verb), text)| (verb.clone(), text.clone()));
            compare(&folder.join(tongue.folder()), pages)
        };
        let compared = Tongue::ALL.map(of);
        ensure!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        compared.into_iter().collect()
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
