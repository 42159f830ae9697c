//! `make demo` as CI sees it: it ends by itself, with exit code 0, and tells every part.
#![allow(clippy::print_stderr, reason = "a skipped test must be seen to be skipped")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_tests::{assert_says, publication, repository};

/// Runs the demo to its end and gives what it printed.
fn demo(publication: &Path) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let output = Command::new(interdict_tests::program("interdict-demo")?)
        .env("DEMO_PORT", port)
        .env("DEMO_EXIT", "1")
        .env("PUBLICATION", publication)
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}\n{error}");
    Ok(told)
}

/// What the README shows of the demo, line by line, without the times, and without the hash at a
/// line's end, which are others each time.
fn shown() -> Result<Vec<String>> {
    let readme = std::fs::read_to_string(repository().join("README.md"))?;
    let (_, after) = readme.split_once("$ make demo\n").context("the README shows no demo")?;
    let (block, _) = after.split_once("The inbox is open").context("it does not end")?;
    let lines = block.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "…");
    let without_time = lines.map(|line| match line.split_once(" s  ") {
        Some((time, rest)) if time.parse::<f64>().is_ok() => rest,
        _ => line,
    });
    let without_hash = without_time.map(|line| match line.split_once(": 0x") {
        Some((said, _)) => said.to_owned(),
        None => line.to_owned(),
    });
    let shown: Vec<String> = without_hash.collect();
    ensure!(shown.len() > 8, "{shown:?}");
    Ok(shown)
}

#[test]
fn the_sample_publication() -> Result<()> {
    let told = demo(&publication("sample_enhanced.xml"))?;
    assert_says(&told, &shown()?);
    assert_says(
        &told,
        &[
            "8 addresses are listed and ratified",
            "critical      250 USDT to",
            "medium        500 USDT to",
            "before it was listed",
            "informational 1 USDT from",
            "taken back: 99 USDT",
            "5 alerts, each once",
        ],
    );
    Ok(())
}

#[test]
fn a_real_publication() -> Result<()> {
    let Some(data) = std::env::var_os("INTERDICT_REAL_DATA") else {
        eprintln!("SKIPPED: INTERDICT_REAL_DATA names no folder with real publications");
        return Ok(());
    };
    let file = "ofac/sdn_enhanced_RECONSTRUCTED_2026-08-20.xml";
    let told = demo(&Path::new(&data).join(file))?;
    assert_says(
        &told,
        &[
            "104 addresses are listed and ratified",
            "0x175d44451403Edf28469dF03A9280c1197ADb92c, tagged only USDT, among them",
            "0x38735f03b30FbC022DdD06ABED01F0Ca823C6a94, tagged only USDT, among them",
            "0xFAC583C0cF07Ea434052c49115a4682172aB6b4F, tagged only USDT, among them",
            "0xfEC8A60023265364D066a1212fDE3930F6Ae8da7, tagged only USDT, among them",
            "5 alerts, each once",
        ],
    );
    Ok(())
}
