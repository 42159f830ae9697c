//! The list as its events tell it, read from the chain and proved against the contract's head.

pub(crate) mod answer;
pub(crate) mod as_of;
pub(crate) mod freshness;
pub(crate) mod rows;
pub(crate) mod snapshot;

use std::collections::HashMap;

use alloy::primitives::B256;
use alloy::providers::Provider;
use alloy::rpc::types::{BlockNumberOrTag, Filter, Log};
use alloy::transports::RpcError;
use anyhow::{Context as _, Result, anyhow};
use interdict_core::ledger::{Act, ActReader, Ledger};
use interdict_core::transfer::Position;

use crate::bindings::IBlocklist;
use crate::chain::{Chain, Pinned};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::output;

/// Ranges begin with this width, halve when the node finds them too heavy, and double again.
const RANGE_START_BLOCKS: u64 = 10_000;
const RANGE_MAX_BLOCKS: u64 = 100_000;

/// The list at a block, complete.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) ledger: Ledger,
    pub(crate) acts: Vec<Act>,
    pub(crate) at: Pinned,
}

/// Reads every act up to the newest block, and proves that none is missing.
pub(crate) async fn read(deployed: &Deployed) -> Result<List> {
    let chain = &deployed.chain;
    let at = chain.latest().await?;
    let filter = Filter::new().address(deployed.blocklist());
    let logs = logs(chain, &filter, deployed.book.block, at.number).await?;
    let acts = acts(chain, &logs).await?;
    let ledger = Ledger::replay(&acts).context("the list's events cannot be proved")?;
    let head = chain.ask(deployed.blocklist(), &IBlocklist::headCall {}, at.id()).await?;
    if head != ledger.head() {
        let message = format!(
            "the list's events fold to head {} after act {}, the contract states {head}: the node left events out, or the chain changed while it was read",
            ledger.head(),
            ledger.acts()
        );
        return Err(Failure::new(Exit::Failed, "unproved", message)
            .next("run again; if it stays so, ask another node")
            .into());
    }
    Ok(List { ledger, acts, at })
}

/// All logs of a filter in a range of blocks, both included, in chain order.
pub(crate) async fn logs(chain: &Chain, filter: &Filter, from: u64, to: u64) -> Result<Vec<Log>> {
    let mut all = Vec::new();
    let bar = output::counting_bar("reading blocks", (to + 1).saturating_sub(from));
    let mut from = from;
    let mut width = RANGE_START_BLOCKS;
    while from <= to {
        let end = to.min(from + width - 1);
        let part = filter.clone().from_block(from).to_block(end);
        match chain.provider.get_logs(&part).await {
            Ok(logs) => {
                all.extend(logs);
                bar.inc(end + 1 - from);
                from = end + 1;
                width = RANGE_MAX_BLOCKS.min(width * 2);
            }
            // Nodes word "too many results" differently, so any refusal of a wide range counts.
            Err(RpcError::ErrorResp(_)) if width > 1 => width /= 2,
            Err(error) => {
                return Err(chain
                    .failed(&error)
                    .context(format!("logs of blocks {from} to {end}")));
            }
        }
    }
    bar.finish_and_clear();
    Ok(all)
}

/// The acts in the logs of the list's contract.
pub(crate) async fn acts(chain: &Chain, logs: &[Log]) -> Result<Vec<Act>> {
    let mut reader = ActReader::default();
    let mut times: HashMap<B256, u64> = HashMap::new();
    let mut acts = Vec::new();
    let bar = output::counting_bar("reading the acts' events", logs.len() as u64);
    for log in logs {
        bar.inc(1);
        let at = position(log)?;
        let tx_hash = log.transaction_hash.ok_or_else(|| incomplete(log))?;
        let block_hash = log.block_hash.ok_or_else(|| incomplete(log))?;
        let time = match times.get(&block_hash).copied().or(log.block_timestamp) {
            Some(time) => time,
            None => chain.block(BlockNumberOrTag::Number(at.block)).await?.time,
        };
        times.insert(block_hash, time);
        acts.extend(reader.read(&log.inner.data, at, time, tx_hash)?);
    }
    bar.finish_and_clear();
    reader.finish()?;
    Ok(acts)
}

fn position(log: &Log) -> Result<Position> {
    match (log.block_number, log.transaction_index) {
        (Some(block), Some(tx)) => Ok(Position { block, tx, log: log.log_index }),
        _ => Err(incomplete(log)),
    }
}

fn incomplete(log: &Log) -> anyhow::Error {
    anyhow!("the node gave a log of {} without its place in the chain", log.address())
}
