//! A node with a chain that follows from one number: for measuring whoever reads it. The same
//! arguments give the same bytes, everywhere.
//!
//! `interdict-bench-chain --blocks 5000` says where it listens, on one line.

mod asked;
mod kept;
mod made;
mod serve;
mod written;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use alloy_primitives::{B256, keccak256};
use anyhow::{Context as _, Result};
use clap::Parser;
use interdict_core::deployment::{Contract, Delays, Deployment, Parameters, SCHEMA};

use crate::kept::Chain;
use crate::made::{BLOCKLIST, CHAIN_ID, CODE, Plan};

/// A node with a chain that follows from one number.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// Blocks with transfers.
    #[arg(long, default_value_t = 5_000)]
    blocks: u64,
    /// Transfers in each block.
    #[arg(long, default_value_t = 20)]
    per_block: u64,
    /// Addresses on the list.
    #[arg(long, default_value_t = 1_000)]
    listed: u64,
    /// One transfer in so many touches a listed address.
    #[arg(long, default_value_t = 10_000)]
    hit_every: u64,
    /// What everything follows from.
    #[arg(long, default_value_t = 20_260_102)]
    seed: u64,
    /// Most logs that one answer has; more are refused as providers refuse them.
    #[arg(long)]
    cap: Option<usize>,
    /// Blocks that are published one by one after the others, and are not final.
    #[arg(long, default_value_t = 0)]
    fresh: u64,
    /// Milliseconds between two of those.
    #[arg(long, default_value_t = 500)]
    fresh_every_ms: u64,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: std::net::SocketAddr,
    /// Where to write the deployment file that belongs to it.
    #[arg(long)]
    deployment: Option<PathBuf>,
    /// Where to write the listed addresses, one a line.
    #[arg(long)]
    listed_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<()> {
    let Args { seed, blocks, per_block, listed, hit_every, .. } = args;
    let chain = Chain::make(Plan { seed, blocks, per_block, listed, hit_every })?;
    if let Some(path) = &args.deployment {
        let genesis = chain.at(0).context("a chain has a block 0")?.0.hash;
        std::fs::write(path, serde_json::to_string(&deployment(genesis))?)?;
    }
    if let Some(path) = &args.listed_file {
        let entries = chain.acts.iter().flat_map(|act| &act.entries);
        let lines: Vec<_> = entries.map(|entry| entry.account.to_string()).collect();
        std::fs::write(path, lines.join("\n"))?;
    }
    let listener = tokio::net::TcpListener::bind(args.bind).await?;
    let mut out = io::stdout();
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    let rules = serve::Rules {
        cap: args.cap,
        fresh: args.fresh,
        fresh_every: std::time::Duration::from_millis(args.fresh_every_ms),
    };
    serve::serve(listener, chain, rules).await
}

fn deployment(genesis_hash: B256) -> Deployment {
    let contract = Contract { address: BLOCKLIST, code_hash: keccak256(CODE) };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id: CHAIN_ID,
        genesis_hash,
        block: 1,
        access_manager: contract,
        seats: contract,
        council: contract,
        signed_act: contract,
        blocklist: contract,
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 604_800,
            holds_per_day: 1_000,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}
