//! The whole system on a real local chain, started and stopped by a test or by the demo: anvil, the
//! two binaries as separate processes, and a webhook receiver.

pub mod anvil;
pub mod cast;
pub mod chain;
pub mod cli;
pub mod council;
pub mod indexer;
pub mod keys;
pub mod receiver;
pub mod stage;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

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
