//! The sweep: what is tried, on which database, and the table of it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use interdict_sweep::calls::{Blow, CALLS, Calls, FILE_CALLS, SYNC_CALLS, Tool};
use interdict_sweep::database::{Ground, Server};
use interdict_sweep::play::Stand;
use interdict_sweep::report::{Row, table};
use interdict_sweep::story::QUIET_BLOCKS;
use interdict_sweep::{moments, outages};

/// Plays the recorded run again and again, each time disturbed otherwise, and sees that it comes to
/// the same final state.
#[derive(Debug, Parser)]
struct Args {
    /// Lives to be killed at random moments, on each database.
    #[arg(long, default_value_t = 1000)]
    kills: u32,
    /// Times that the database server is killed.
    #[arg(long, default_value_t = 100)]
    outages: u32,
    /// The seed of the first playing; the others follow it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Every so many-th call is struck.
    #[arg(long, default_value_t = 1)]
    step: u32,
    /// The first call that is struck.
    #[arg(long, default_value_t = 1)]
    first: u32,
    /// Blocks of the recorded run in which nothing concerns the list.
    #[arg(long, default_value_t = QUIET_BLOCKS)]
    quiet: u64,
    /// Playings at once on files; 0 leaves them out.
    #[arg(long, default_value_t = 3)]
    lanes: usize,
    /// Playings at once on a server, where they wait for leases most of the time; 0 leaves it out.
    #[arg(long, default_value_t = 8)]
    server_lanes: usize,
    /// What to try; everything if nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// What strace strikes, and on how many of the databases the indexer itself makes that call.
const STRACED: [(&str, usize); 5] =
    [("write", 2), ("pwrite64", 1), ("writev", 2), ("fsync", 1), ("sendto", 2)];

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Killed at random moments.
    Moments,
    /// The database server killed.
    Outages,
    /// Killed at each call that writes.
    Calls,
    /// The same by strace.
    Strace,
    /// A full or broken disk at each call that writes into a file.
    Disk,
    /// A broken disk at each call that asks for what was written to be on it.
    Syncs,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Runtime::new();
    let swept = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let mut rows = Vec::new();
        let swept = runtime.block_on(sweep(&args, &mut rows));
        let mut out = std::io::stdout();
        writeln!(out, "{}", table(&rows))?;
        swept
    });
    match swept {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn sweep(args: &Args, rows: &mut Vec<Row>) -> Result<()> {
    let stand = Stand::prepare(args.quiet).await?;
    if let Some(expected) = &stand.expected {
        say(&format!("undisturbed, the recorded run ends with {}", expected.counts()));
    }
    let files = vec![Ground::File; args.lanes];
    let server = Server::start().await?;
    let mut servers = Vec::new();
    for _ in 0..args.server_lanes {
        servers.push(Ground::on(&server).await);
    }
    let both = [files.clone(), servers];
    let mut add = |row: Row| {
        say(&table(std::slice::from_ref(&row)));
        rows.push(row);
    };
    if args.wants(Part::Moments) {
        for grounds in both.iter().filter(|grounds| !grounds.is_empty()) {
            add(moments::sweep(&stand, grounds.clone(), args.kills, args.seed).await?);
        }
    }
    if args.wants(Part::Outages) {
        add(outages::sweep(&stand, 3, args.outages, args.seed).await?);
    }
    for (calls, databases) in struck(args)? {
        for grounds in both[..databases].iter().filter(|grounds| !grounds.is_empty()) {
            add(calls.sweep(&stand, grounds.clone()).await?);
        }
    }
    Ok(())
}

/// Which calls are struck how, and on how many of the databases: a server's files are its own.
fn struck(args: &Args) -> Result<Vec<(Calls, usize)>> {
    let Args { first, step, .. } = *args;
    let calls = |tool: &Tool, calls: &[&'static str], blow| {
        let (tool, calls) = (tool.clone(), calls.to_vec());
        Calls { tool, calls, blow, first, step }
    };
    let mut struck = Vec::new();
    let library = Tool::library()?;
    if args.wants(Part::Calls) {
        struck.push((calls(&library, &CALLS, Blow::Before), 2));
        struck.push((calls(&library, &["pwrite64"], Blow::Torn), 1));
    }
    match args.wants(Part::Strace).then(Tool::strace) {
        None => {}
        Some(Err(error)) if args.parts.is_empty() => say(&format!("SKIPPED: {error:#}")),
        Some(tool) => {
            let tool = tool?;
            let straced = STRACED.map(|(call, on)| (calls(&tool, &[call], Blow::Before), on));
            struck.extend(straced);
        }
    }
    if args.wants(Part::Disk) {
        struck.push((calls(&library, &FILE_CALLS, Blow::Full), 1));
        struck.push((calls(&library, &FILE_CALLS, Blow::Broken), 1));
    }
    if args.wants(Part::Syncs) {
        struck.push((calls(&library, &SYNC_CALLS, Blow::Broken), 1));
    }
    Ok(struck)
}

fn say(text: &str) {
    // What is said on the way is for whoever waits.
    let _ = writeln!(std::io::stderr(), "{text}");
}
