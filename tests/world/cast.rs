//! Foundry's `cast`, as the other wallet that members may use.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;

/// Where cast is: `$CAST`, what `npm ci` installed, or the `PATH`.
///
/// # Errors
/// It is nowhere.
pub fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CAST") {
        return Ok(named.into());
    }
    let installed = crate::repository().join("node_modules/@foundry-rs/cast-linux-amd64/bin/cast");
    if installed.is_file() {
        return Ok(installed);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    match std::env::split_paths(&path).map(|dir| dir.join("cast")).find(|file| file.is_file()) {
        Some(cast) => Ok(cast),
        None => bail!("cast is missing: run `npm ci` here, or install it with foundryup"),
    }
}

/// Runs cast and gives what it printed.
///
/// # Errors
/// It ended with another code than 0.
pub async fn run(args: &[&str]) -> Result<String> {
    let output = Command::new(find()?)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("cast does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cast {} ended badly: {said}", args.join(" "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
