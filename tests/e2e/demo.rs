//! `make demo` as CI sees it: it ends by itself, with exit code 0, and tells every part.
#![allow(clippy::print_stderr, reason = "a skipped test must be seen to be skipped")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use interdict_tests::publication;

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

fn assert_tells(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "no {part:?} in:\n{told}");
    }
}

#[test]
fn the_sample_publication() -> Result<()> {
    let told = demo(&publication("sample_enhanced.xml"))?;
    assert_tells(
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
    assert_tells(
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
