//! The whole system on a local chain: an official publication becomes a governed listing, and a
//! payment to it becomes an alert.
//!
//! `PUBLICATION` names an OFAC Enhanced file, else the small sample of the repository is taken.
//! `DEMO_PORT` is the inbox's port. `DEMO_EXIT=1` ends after the last check; otherwise the inbox
//! stays open until Ctrl-C. The exit code is 0 only if every check came out.

mod say;
mod story;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

/// Exit code after Ctrl-C before the last check.
const INTERRUPTED: u8 = 130;

/// The inbox's port unless `DEMO_PORT` names another.
const PORT: u16 = 8710;

#[tokio::main]
async fn main() -> ExitCode {
    let told = tokio::select! {
        told = run() => told,
        _ = tokio::signal::ctrl_c() => return ExitCode::from(INTERRUPTED),
    };
    match told {
        Ok(open) => {
            if stays_open() {
                match open.token() {
                    Ok(token) => say::open(&open.url(), &token),
                    Err(error) => say::failure(&error),
                }
                // Without signals there is no Ctrl-C to wait for: then this is the end.
                let _ = tokio::signal::ctrl_c().await;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            say::failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<story::Open> {
    let port = port()?;
    let publication = match std::env::var_os("PUBLICATION").filter(|name| !name.is_empty()) {
        Some(named) => PathBuf::from(named),
        None => interdict_tests::publication("sample_enhanced.xml"),
    };
    ensure!(
        publication.is_file(),
        "there is no file {}: PUBLICATION must name an OFAC Enhanced XML file",
        publication.display()
    );
    story::tell(&publication, port).await
}

fn stays_open() -> bool {
    std::env::var_os("DEMO_EXIT").is_none_or(|exit| exit == "0" || exit.is_empty())
}

/// A port that is free now, so that what is missing is said before the work and not after it.
fn port() -> Result<u16> {
    let port = match std::env::var("DEMO_PORT") {
        Ok(named) => named.parse().with_context(|| format!("DEMO_PORT={named} is no port"))?,
        Err(_) => PORT,
    };
    std::net::TcpListener::bind(("127.0.0.1", port)).with_context(|| {
        format!("port {port} is taken: stop what listens there, or run DEMO_PORT=<port> make demo")
    })?;
    Ok(port)
}
