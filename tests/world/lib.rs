//! The whole system on a real local chain, started and stopped by a test or by the demo: anvil, the
//! two binaries as separate processes, and a webhook receiver.

pub mod anvil;
pub mod cast;
pub mod chain;
pub mod cli;
pub mod council;
pub mod desk;
pub mod envelope;
pub mod exit;
pub mod forger;
pub mod indexer;
pub mod keys;
pub mod liar;
pub mod old_node;
pub mod publisher;
pub mod receiver;
pub mod reviewer;
pub mod room;
pub mod stage;
pub mod terminal;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A publication that is kept here, written by hand in the official format.
pub fn publication(name: &str) -> PathBuf {
    repository().join("tests/publications").join(name)
}

/// A program of this workspace, where cargo put it beside the running one.
///
/// # Errors
/// It has not been built.
pub fn program(name: &str) -> Result<PathBuf> {
    let running = std::env::current_exe().context("the running program has no path")?;
    let built = running.ancestors().skip(1).take(2).map(|folder| folder.join(name));
    match built.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("{name} is not built: run `cargo build --workspace --bins` first"),
    }
}

/// The JSON document in a file.
///
/// # Errors
/// It is not there, or is none.
pub fn read_json(path: impl AsRef<Path>) -> Result<Value> {
    let path = path.as_ref();
    let named = || path.display().to_string();
    serde_json::from_slice(&std::fs::read(path).with_context(named)?).with_context(named)
}

/// Asserts that a text has each of these words.
///
/// # Panics
/// It lacks one.
#[track_caller]
pub fn assert_says<S: AsRef<str>>(text: &str, words: &[S]) {
    for word in words.iter().map(AsRef::as_ref) {
        assert!(text.contains(word), "no {word:?} in: {text}");
    }
}

/// Says, where it cannot be overlooked, that a test did not look at something, and why.
pub fn say_skipped(what: &str, why: &str) {
    use std::io::Write;
    // Past the test harness, which shows nothing of a test that passes.
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED {what}: {why}");
}
