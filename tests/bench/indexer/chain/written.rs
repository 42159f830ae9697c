//! The chain as JSON, the way nodes write it.

use std::fmt::Write as _;

use alloy_consensus::Transaction as _;
use alloy_consensus::{Header, TxEnvelope};
use alloy_primitives::{B256, Log, hex};

use crate::made::Made;

/// What the JSON of a block's parts repeats of the block.
#[derive(Clone, Copy, Debug)]
pub struct Within<'a> {
    pub hash: B256,
    pub header: &'a Header,
}

pub fn log(out: &mut String, within: Within<'_>, tx: (usize, B256), index: u64, log: &Log) {
    let number = within.header.number;
    let _ = write!(out, r#"{{"address":"{:#x}","topics":["#, log.address);
    for (place, topic) in log.data.topics().iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(out, r#"{comma}"{}""#, hex::encode_prefixed(topic));
    }
    let _ = write!(
        out,
        r#"],"data":"{}","blockNumber":"{number:#x}","transactionHash":"{}","transactionIndex":"{:#x}","blockHash":"{}","logIndex":"{index:#x}","removed":false}}"#,
        hex::encode_prefixed(&log.data.data),
        hex::encode_prefixed(tx.1),
        tx.0,
        hex::encode_prefixed(within.hash),
    );
}

/// Each log of a block, in order, with commas between them.
pub fn logs(
    out: &mut String,
    within: Within<'_>,
    made: &[Made],
    hashes: &[B256],
    wanted: &dyn Fn(&Log) -> bool,
) -> usize {
    let (mut index, mut count) = (0, 0);
    for (place, (made, hash)) in made.iter().zip(hashes).enumerate() {
        for one in made.receipt.logs() {
            if wanted(one) {
                if count > 0 {
                    out.push(',');
                }
                log(out, within, (place, *hash), index, one);
                count += 1;
            }
            index += 1;
        }
    }
    count
}

/// A block; with whole transactions if they are given, else with their hashes.
pub fn block(out: &mut String, within: Within<'_>, hashes: &[B256], made: Option<&[Made]>) {
    let Ok(mut header) = serde_json::to_string(within.header) else { return };
    header.pop();
    let hash = hex::encode_prefixed(within.hash);
    let _ = write!(
        out,
        r#"{header},"hash":"{hash}","size":"0x220","uncles":[],"withdrawals":[],"transactions":["#
    );
    for (place, hash) in hashes.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        match made.and_then(|made| made.get(place)) {
            Some(made) => transaction(out, within, (place, *hash), made),
            None => _ = write!(out, r#""{}""#, hex::encode_prefixed(hash)),
        }
    }
    out.push_str("]}");
}

fn transaction(out: &mut String, within: Within<'_>, (place, hash): (usize, B256), made: &Made) {
    let TxEnvelope::Eip1559(signed) = &made.tx else { return };
    let (tx, signature) = (signed.tx(), signed.signature());
    let parity = u8::from(signature.v());
    let _ = write!(
        out,
        r#"{{"blockHash":"{}","blockNumber":"{:#x}","from":"{:#x}","gas":"{:#x}","gasPrice":"{:#x}","maxFeePerGas":"{:#x}","maxPriorityFeePerGas":"{:#x}","hash":"{}","input":"{}","nonce":"{:#x}","to":"{:#x}","transactionIndex":"{place:#x}","value":"{:#x}","type":"0x2","accessList":[],"chainId":"{:#x}","v":"{parity:#x}","r":"{:#x}","s":"{:#x}","yParity":"{parity:#x}"}}"#,
        hex::encode_prefixed(within.hash),
        within.header.number,
        made.from,
        tx.gas_limit,
        1_000_000_007,
        tx.max_fee_per_gas,
        tx.max_priority_fee_per_gas,
        hex::encode_prefixed(hash),
        hex::encode_prefixed(&tx.input),
        tx.nonce,
        tx.to().unwrap_or_default(),
        tx.value,
        tx.chain_id,
        signature.r(),
        signature.s(),
    );
}

pub fn receipts(out: &mut String, within: Within<'_>, made: &[Made], hashes: &[B256]) {
    let mut index = 0;
    let mut before = 0;
    out.push('[');
    for (place, (made, hash)) in made.iter().zip(hashes).enumerate() {
        if place > 0 {
            out.push(',');
        }
        let gas = made.receipt.cumulative_gas_used();
        let _ = write!(
            out,
            r#"{{"blockHash":"{}","blockNumber":"{:#x}","contractAddress":null,"cumulativeGasUsed":"{gas:#x}","effectiveGasPrice":"0x3b9aca07","from":"{:#x}","gasUsed":"{:#x}","logs":["#,
            hex::encode_prefixed(within.hash),
            within.header.number,
            made.from,
            gas - before,
        );
        for (nth, one) in made.receipt.logs().iter().enumerate() {
            if nth > 0 {
                out.push(',');
            }
            log(out, within, (place, *hash), index, one);
            index += 1;
        }
        let _ = write!(
            out,
            r#"],"logsBloom":"{}","status":"0x1","to":"{:#x}","transactionHash":"{}","transactionIndex":"{place:#x}","type":"0x2"}}"#,
            hex::encode_prefixed(made.receipt.logs_bloom()),
            made.tx.to().unwrap_or_default(),
            hex::encode_prefixed(hash),
        );
        before = gas;
    }
    out.push(']');
}
