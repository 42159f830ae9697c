//! `debug_traceBlockByHash` with the tracer `callTracer` (geth, reth, Erigon, anvil): one tree of
//! calls a transaction.
//!
//! A contract may call itself a thousand levels deep, and a parser that follows the nesting on the
//! stack would end there. Each call's inner calls are kept as raw text and read in their turn.

use alloy_primitives::{Address, B256, U256};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{CALL_DEPTH_MAX, CALLS_MAX, Root, TraceError, belongs, call_of};
use crate::chain::Block;
use crate::decode::internal::{InternalCall, Traced, Traces};

#[derive(Deserialize)]
struct OfTransaction<'a> {
    #[serde(rename = "txHash")]
    tx_hash: Option<B256>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type")]
    kind: String,
    from: Option<Address>,
    to: Option<Address>,
    value: Option<U256>,
    error: Option<IgnoredAny>,
    #[serde(borrow, default)]
    calls: Vec<&'a RawValue>,
}

/// Reads the `result` of `debug_traceBlockByHash` for a block.
///
/// # Errors
/// See [`TraceError`].
pub fn read(block: &Block, result: &str) -> Result<Traces, TraceError> {
    let traced: Vec<OfTransaction<'_>> = serde_json::from_str(result).map_err(shape)?;
    if traced.len() != block.transactions.len() {
        let (traced, transactions) = (traced.len(), block.transactions.len());
        return Err(TraceError::Count { traced, transactions });
    }
    let mut budget = CALLS_MAX;
    let mut transactions = Vec::with_capacity(traced.len());
    for (index, (tx, traced)) in block.transactions.iter().zip(traced).enumerate() {
        if traced.tx_hash.is_some_and(|hash| hash != tx.hash) {
            return Err(TraceError::OtherTransaction(index));
        }
        let missing = || TraceError::Shape(format!("transaction {index} has no result"));
        let root = frame(traced.result.ok_or_else(missing)?)?;
        let value = root.value.unwrap_or_default();
        belongs(tx, index, &Root { to: root.to, value, failed: root.error.is_some() })?;
        let calls = if tx.succeeded { inner(root.calls, &mut budget)? } else { Vec::new() };
        transactions.push(Traced::unverified(calls));
    }
    Ok(Traces::new(transactions))
}

/// The calls below the outermost one, in order of execution. What failed is undone with all below.
fn inner(calls: Vec<&RawValue>, budget: &mut usize) -> Result<Vec<InternalCall>, TraceError> {
    let mut found = Vec::new();
    let mut levels = vec![calls.into_iter()];
    while let Some(level) = levels.last_mut() {
        let Some(next) = level.next() else {
            levels.pop();
            continue;
        };
        *budget = budget.checked_sub(1).ok_or(TraceError::TooMany)?;
        let frame = frame(next)?;
        if frame.error.is_some() {
            continue;
        }
        found.extend(call_of(&frame.kind, frame.from, frame.to, frame.value)?);
        if !frame.calls.is_empty() {
            if levels.len() >= CALL_DEPTH_MAX {
                return Err(TraceError::TooMany);
            }
            levels.push(frame.calls.into_iter());
        }
    }
    Ok(found)
}

fn frame(text: &RawValue) -> Result<Frame<'_>, TraceError> {
    serde_json::from_str(text.get()).map_err(shape)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn shape(error: serde_json::Error) -> TraceError {
    TraceError::Shape(error.to_string())
}
