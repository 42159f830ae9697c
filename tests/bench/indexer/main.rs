//! How fast final history is caught up with and how soon a new block is found, by the indexer as
//! it is run, on a chain that anyone can make again; beside alloy's own way over the same answers
//! and, where it is installed, a peer.
//!
//! `interdict-bench-indexer catch-up` (and `--help`).

mod baseline;
mod inbox;
mod peer;
mod processes;
mod receiver;
mod trial;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::trial::Size;

/// Measures the indexer.
#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Catch up with 100,000 and 1,000,000 transfers, both ways, and compare.
    CatchUp {
        /// Runs of each; the median counts.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Only the 5,000 blocks with 100,000 transfers.
        #[arg(long)]
        small: bool,
        /// One transfer in so many touches a listed address.
        #[arg(long, default_value_t = 10_000)]
        hit_every: u64,
    },
    /// Follow the head while a block comes every so often.
    Head {
        /// Blocks that come.
        #[arg(long, default_value_t = 60)]
        blocks: u64,
        /// Milliseconds between two.
        #[arg(long, default_value_t = 500)]
        every_ms: u64,
    },
    /// Peak memory after 10,000 and 200,000 blocks, with 1,000 and with 100,000 addresses listed.
    Memory,
    /// Pages of the inbox over 1,000,000 alerts in SQLite, by every filter.
    Inbox {
        /// Alerts in the store.
        #[arg(long, default_value_t = 1_000_000)]
        alerts: u64,
        /// Runs of each; the median counts.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Show the engine's plans.
        #[arg(long)]
        plans: bool,
        /// Keep the store in this folder, and ask the one that is there.
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Alloy's own way over the same chain: all logs parsed, then filtered. One line of figures.
    #[command(hide = true)]
    Baseline {
        /// The node.
        url: String,
        /// The listed addresses, in hex, one a line.
        listed: std::path::PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let said = match Args::parse().what {
        What::CatchUp { runs, small, hit_every } => {
            let sizes = [Size::new(5_000, hit_every), Size::new(50_000, hit_every)];
            trial::catch_up(if small { &sizes[..1] } else { &sizes }, runs).await
        }
        What::Head { blocks, every_ms } => trial::head(blocks, every_ms).await,
        What::Memory => trial::memory().await,
        What::Inbox { alerts, runs, plans, folder } => {
            inbox::run(alerts, runs, plans, folder.as_deref()).await
        }
        What::Baseline { url, listed } => baseline::run(&url, &listed).await,
    };
    match said.and_then(|text| say(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}
