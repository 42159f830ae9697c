//! The way that alloy offers: `eth_getLogs` into `Vec<Log>`, then each party looked up in the same
//! kind of set. No block is verified, nothing is written and nobody is told.

use std::collections::BTreeSet;
use std::path::Path;

use alloy_primitives::map::AddressHashSet;
use alloy_primitives::{Address, B256, b256};
use alloy_rpc_types_eth::Log;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;

use crate::processes;

const TRANSFER: B256 = b256!("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// Blocks of one range: about what the indexer comes to on this chain.
const RANGE_BLOCKS: u64 = 1_024;

#[derive(Deserialize)]
struct Response<T> {
    result: T,
}

/// Reads the whole chain; logs, hits, CPU time in µs, peak memory in KiB.
///
/// # Errors
/// The node does not answer.
pub async fn run(url: &str, listed: &Path) -> Result<String> {
    let listed: AddressHashSet = std::fs::read_to_string(listed)?
        .lines()
        .map(str::parse::<Address>)
        .collect::<Result<_, _>>()?;
    let client = reqwest::Client::builder().no_proxy().gzip(true).build()?;
    let stats = processes::get(&format!("{url}/stats")).await?;
    let last = stats["finalized"].as_u64().context("the chain says how long it is")?;
    let (mut logs, mut hits) = (0_u64, BTreeSet::new());
    let mut from = 1;
    while from <= last {
        let to = last.min(from + RANGE_BLOCKS - 1);
        let filter = json!({
            "fromBlock": format!("{from:#x}"), "toBlock": format!("{to:#x}"), "topics": [TRANSFER],
        });
        let asked =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [filter] });
        let request = client.post(url).header("content-type", "application/json");
        let body = request.body(asked.to_string()).send().await?.bytes().await?;
        let answer: Response<Vec<Log>> = serde_json::from_slice(&body)?;
        for log in answer.result {
            logs += 1;
            let [_, sender, recipient] = log.topics() else { continue };
            let parties = [Address::from_word(*sender), Address::from_word(*recipient)];
            if parties.iter().any(|party| listed.contains(party)) {
                hits.insert((log.block_number, log.log_index));
            }
        }
        from = to + 1;
    }
    let took = processes::took("self")?;
    Ok(format!("{logs} {} {} {}", hits.len(), took.cpu.as_micros(), took.peak_kib))
}
