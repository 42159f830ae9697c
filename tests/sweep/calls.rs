//! Struck at the n-th call that writes: killed before it or in the middle of it, or told that the
//! disk is full or broken. Counted over all threads by a library that is loaded before the C
//! library; or in each thread by strace, which sees what the kernel sees.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::database::Ground;
use crate::life::{Harness, is_installed};
use crate::play::{Fate, Played, Stand};
use crate::report::Row;

/// The calls by which the indexer writes: into files, to the disk, and onto the network.
pub const CALLS: [&str; 6] = ["write", "pwrite64", "writev", "fsync", "fdatasync", "sendto"];
/// The calls by which SQLite writes into its files.
pub const FILE_CALLS: [&str; 2] = ["pwrite64", "ftruncate"];
/// The calls by which it sees that they are on the disk.
pub const SYNC_CALLS: [&str; 2] = ["fsync", "fdatasync"];

/// What happens to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The process is killed before it.
    Before,
    /// The process is killed when half of it is written.
    Torn,
    /// It fails, and the next one too: there is no room.
    Full,
    /// It fails: the disk does not do as told.
    Broken,
}

impl Blow {
    const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Torn => "torn",
            Self::Full => "ENOSPC",
            Self::Broken => "EIO",
        }
    }

    /// How many calls fail. The second tries are struck, too, when there is no room.
    const fn lasts(self) -> u32 {
        if matches!(self, Self::Full) { 2 } else { 1 }
    }
}

/// Who strikes.
#[derive(Clone, Debug)]
pub enum Tool {
    /// A library of ours; counts over all threads.
    Library(Arc<Library>),
    /// `strace -f`; counts in each thread.
    Strace,
}

/// The library, built.
#[derive(Debug)]
pub struct Library {
    file: PathBuf,
    _folder: TempDir,
}

impl Tool {
    /// Builds the library.
    ///
    /// # Errors
    /// There is no C compiler.
    pub fn library() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("interdict-nth-").tempdir()?;
        let file = folder.path().join("nth.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("nth.c");
        let mut cc = std::process::Command::new("cc");
        cc.args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]).arg(&file).arg(source);
        let built = cc.status().context("cc, which links Rust programs, is missing")?;
        ensure!(built.success(), "cc does not build nth.c");
        Ok(Self::Library(Arc::new(Library { file, _folder: folder })))
    }

    /// strace, if it is there.
    ///
    /// # Errors
    /// It is not; says how to get it.
    pub fn strace() -> Result<Self> {
        if !is_installed("strace") {
            bail!("strace is missing: on Debian or Ubuntu `apt-get install strace`");
        }
        Ok(Self::Strace)
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Library(_) => "",
            Self::Strace => "strace: ",
        }
    }

    /// Whether the mark says that the call was struck.
    fn has_struck(&self, mark: &Path) -> bool {
        let said = std::fs::read(mark).unwrap_or_default();
        match self {
            Self::Library(_) => !said.is_empty(),
            Self::Strace => String::from_utf8_lossy(&said).contains("(INJECTED"),
        }
    }

    /// What makes the n-th call be struck, and leaves a mark in a file when it is.
    fn harness(&self, calls: &[&str], blow: Blow, at: u32, mark: &Path) -> Harness {
        let calls = calls.join(",");
        match self {
            Self::Library(library) => {
                let environment = vec![
                    ("LD_PRELOAD", library.file.clone().into_os_string()),
                    ("SWEEP_CALLS", calls.into()),
                    ("SWEEP_AT", at.to_string().into()),
                    ("SWEEP_FOR", blow.lasts().to_string().into()),
                    ("SWEEP_DOES", blow.word().into()),
                    ("SWEEP_MARK", mark.into()),
                ];
                Harness { before: vec![], environment }
            }
            Self::Strace => {
                let last = at + blow.lasts() - 1;
                let inject = match blow {
                    Blow::Before | Blow::Torn => format!("inject={calls}:signal=KILL:when={at}"),
                    Blow::Full | Blow::Broken => {
                        format!("inject={calls}:error={}:when={at}..{last}", blow.word())
                    }
                };
                let trace = format!("trace={calls}");
                let words = ["strace", "-f", "-qq", "-e", &trace, "-e", &inject];
                let mut before: Vec<OsString> = words.into_iter().map(OsString::from).collect();
                before.extend(["-o".into(), mark.into(), "--".into()]);
                Harness { before, environment: vec![] }
            }
        }
    }
}

/// A sweep over all calls of some names.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Who strikes.
    pub tool: Tool,
    /// The calls that count.
    pub calls: Vec<&'static str>,
    /// What happens to the n-th.
    pub blow: Blow,
    /// The first one that is struck.
    pub first: u32,
    /// Every so many-th is struck.
    pub step: u32,
}

impl Calls {
    fn title(&self) -> String {
        let what = match self.blow {
            Blow::Before => "killed before each",
            Blow::Torn => "killed within each",
            Blow::Full => "no room (ENOSPC) at each",
            Blow::Broken => "a broken disk (EIO) at each",
        };
        let step = if self.step == 1 { String::new() } else { format!(" {}th", self.step) };
        format!("{}{what}{step} {}", self.tool.name(), self.calls.join(", "))
    }

    /// Plays the story once for each call that is struck, on several databases at once, until
    /// there are no more such calls in it.
    ///
    /// # Errors
    /// The first playing that does not come to the same end, with the call.
    pub async fn sweep(&self, stand: &Stand, grounds: Vec<Ground>) -> Result<Row> {
        let mut row = Row::begin(self.title(), grounds[0].name());
        let next = Arc::new(AtomicU32::new(self.first));
        let over = Arc::new(AtomicBool::new(false));
        let mut lanes = tokio::task::JoinSet::new();
        for ground in grounds {
            let (this, stand) = (self.clone(), stand.on(ground));
            let (next, over) = (Arc::clone(&next), Arc::clone(&over));
            lanes.spawn(async move {
                let mut lane = Row::default();
                while !over.load(Ordering::SeqCst) {
                    let at = next.fetch_add(this.step, Ordering::SeqCst);
                    let played = this.play(&stand, at).await;
                    let (played, struck) =
                        played.with_context(|| format!("{}, call {at}", this.title()))?;
                    lane.add(&played);
                    lane.strikes += u32::from(struck);
                    if !struck {
                        over.store(true, Ordering::SeqCst);
                    }
                }
                Ok::<_, anyhow::Error>(lane)
            });
        }
        while let Some(lane) = lanes.join_next().await {
            row.join(&lane??);
        }
        Ok(row.end())
    }

    /// Plays the story once; whether the call came.
    async fn play(&self, stand: &Stand, at: u32) -> Result<(Played, bool)> {
        let folder = tempfile::Builder::new().prefix("interdict-mark-").tempdir()?;
        let mark = folder.path().join("mark");
        let mut harness = Some(self.tool.harness(&self.calls, self.blow, at, &mark));
        let played = stand.play(|_| harness.take().map_or(Fate::Peace, Fate::Harnessed)).await?;
        let struck = played.killed > 0 || self.tool.has_struck(&mark);
        let went_on = struck && self.blow == Blow::Broken && played.ended == 0;
        ensure!(
            !went_on || !self.calls.iter().all(|call| SYNC_CALLS.contains(call)),
            "the indexer went on over a failed sync"
        );
        Ok((played, struck))
    }
}
