//! What a machine lacks is said in one sentence, before any work is done.

use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result};

/// What `scripts/need` itself is made of.
const TOOLS: [&str; 6] = ["bash", "env", "uname", "awk", "df", "du"];

/// A disk with a GiB left.
const FULL_DISK: (&str, &str) = ("df", "echo header; echo /dev/disk 100 50 1048576 50% /");

/// Stands in for a program that is there and answers this.
fn program(folder: &Path, name: &str, script: &str) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n"))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn link(folder: &Path, tool: &str) -> Result<()> {
    let path = std::env::var_os("PATH").context("there is no PATH")?;
    let found = std::env::split_paths(&path).map(|dir| dir.join(tool)).find(|p| p.is_file());
    Ok(symlink(found.with_context(|| format!("{tool} is not on the PATH"))?, folder.join(tool))?)
}

/// A machine with these programs, and only these.
fn machine(programs: &[(&str, &str)]) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for tool in TOOLS {
        if programs.iter().all(|(name, _)| *name != tool) {
            link(folder.path(), tool)?;
        }
    }
    for (name, script) in programs {
        program(folder.path(), name, script)?;
    }
    Ok(folder)
}

fn need(machine: &Path) -> Result<Output> {
    let mut need = Command::new("bash");
    need.arg(interdict_tests::repository().join("scripts/need"));
    Ok(need.current_dir(interdict_tests::repository()).env("PATH", machine).output()?)
}

fn assert_says(programs: &[(&str, &str)], sentence: &str) -> Result<()> {
    let machine = machine(programs)?;
    let output = need(machine.path())?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    assert!(said.contains(sentence), "no {sentence:?} in: {said}");
    Ok(())
}

#[test]
fn each_missing_thing_has_its_sentence() -> Result<()> {
    let cargo = ("cargo", "");
    let npm = ("npm", "");
    let node = ("node", "echo 20");
    let nothing_built = ("du", "echo 0 total");
    assert_says(&[], "Rust is missing")?;
    assert_says(&[cargo], "Node is missing")?;
    assert_says(&[cargo, node], "npm is missing")?;
    assert_says(&[cargo, npm, ("node", "echo 18")], "too old")?;
    assert_says(&[cargo, npm, node, FULL_DISK, nothing_built], "only 1 GiB of disk")?;
    let half_built = ("du", "echo 4194304 total");
    assert_says(&[cargo, npm, node, FULL_DISK, half_built], "a build needs 3:")?;
    Ok(())
}

#[test]
fn nothing_is_said_when_nothing_is_missing() -> Result<()> {
    let roomy = ("df", "echo header; echo /dev/disk 100 50 104857600 50% /");
    let machine = machine(&[("cargo", ""), ("npm", ""), ("node", "echo 22"), roomy])?;
    let output = need(machine.path())?;
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    Ok(())
}

#[test]
fn what_is_built_already_needs_no_room_again() -> Result<()> {
    let built = ("du", "echo 7340032 total");
    let machine = machine(&[("cargo", ""), ("npm", ""), ("node", "echo 22"), FULL_DISK, built])?;
    let output = need(machine.path())?;
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    Ok(())
}

#[test]
fn a_taken_port_is_said_before_the_work() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    let output = Command::new(interdict_tests::program("interdict-demo")?)
        .env("DEMO_PORT", &port)
        .env("DEMO_EXIT", "1")
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("port {port} is taken")), "{said}");
    assert!(said.contains("DEMO_PORT="), "what next: {said}");
    assert!(output.stdout.is_empty(), "work was done before");
    Ok(())
}

#[test]
fn a_publication_that_is_not_there() -> Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let output = Command::new(interdict_tests::program("interdict-demo")?)
        .env("DEMO_PORT", &free)
        .env("PUBLICATION", "absent.xml")
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("absent.xml") && said.contains("OFAC Enhanced"), "{said}");
    Ok(())
}
