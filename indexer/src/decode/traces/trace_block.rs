//! `trace_block` (Erigon, Nethermind, Besu, reth): one flat list of a block's calls, each with its
//! path in the tree.

use alloy_primitives::{Address, B256, U256};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{CALL_DEPTH_MAX, CALLS_MAX, Root, TraceError, belongs, call_of};
use crate::chain::Block;
use crate::decode::internal::{InternalCall, Traced, Traces};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    #[serde(rename = "type")]
    kind: String,
    action: Action,
    result: Option<Outcome>,
    error: Option<IgnoredAny>,
    #[serde(default, rename = "traceAddress")]
    path: Vec<u32>,
    block_hash: B256,
    /// None of a reward to who made the block.
    transaction_hash: Option<B256>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    call_type: Option<String>,
    from: Option<Address>,
    to: Option<Address>,
    value: Option<U256>,
    // Of a contract that destroys itself.
    address: Option<Address>,
    refund_address: Option<Address>,
    balance: Option<U256>,
}

#[derive(Deserialize)]
struct Outcome {
    address: Option<Address>,
}

/// Reads the `result` of `trace_block` for a block.
///
/// # Errors
/// See [`TraceError`].
pub fn read(block: &Block, result: &str) -> Result<Traces, TraceError> {
    let traces: Vec<Trace> =
        serde_json::from_str(result).map_err(|error| TraceError::Shape(error.to_string()))?;
    if traces.len() > CALLS_MAX {
        return Err(TraceError::TooMany);
    }
    let mut rest = traces.into_iter().filter(|trace| trace.transaction_hash.is_some()).peekable();
    let mut transactions = Vec::with_capacity(block.transactions.len());
    for (index, tx) in block.transactions.iter().enumerate() {
        let count = TraceError::Count { traced: index, transactions: block.transactions.len() };
        let root = rest.next().ok_or(count)?;
        let of_this = |trace: &Trace| {
            trace.transaction_hash == Some(tx.hash) && trace.block_hash == block.header.hash
        };
        if !of_this(&root) || !root.path.is_empty() {
            return Err(TraceError::OtherTransaction(index));
        }
        let value = root.action.value.unwrap_or_default();
        belongs(tx, index, &Root { to: root.action.to, value, failed: root.error.is_some() })?;
        let mut calls = Vec::new();
        let mut undone: Option<Vec<u32>> = None;
        while let Some(trace) = rest.next_if(|next| of_this(next) && !next.path.is_empty()) {
            calls.extend(if tx.succeeded { inner(trace, &mut undone)? } else { None });
        }
        transactions.push(Traced::unverified(calls));
    }
    match rest.next() {
        None => Ok(Traces::new(transactions)),
        Some(_) => Err(TraceError::OtherTransaction(block.transactions.len())),
    }
}

/// What one call did. What failed is undone with all below it, and these need not say so.
fn inner(trace: Trace, undone: &mut Option<Vec<u32>>) -> Result<Option<InternalCall>, TraceError> {
    if trace.path.len() > CALL_DEPTH_MAX {
        return Err(TraceError::TooMany);
    }
    if undone.as_ref().is_some_and(|path| trace.path.starts_with(path)) {
        return Ok(None);
    }
    if trace.error.is_some() {
        *undone = Some(trace.path);
        return Ok(None);
    }
    let Trace { kind, action, result, .. } = trace;
    match kind.as_str() {
        "call" => {
            let call_type = action.call_type.as_deref().unwrap_or("call");
            call_of(call_type, action.from, action.to, action.value)
        }
        "create" => {
            let created = result.and_then(|result| result.address);
            call_of("create", action.from, created, action.value)
        }
        "suicide" => call_of("suicide", action.address, action.refund_address, action.balance),
        _ => Ok(None),
    }
}
