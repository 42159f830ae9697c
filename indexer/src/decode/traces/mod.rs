//! Traces as providers give them, one file per shape. A provider may leave calls out or invent
//! some, and nothing proves it; what can be seen to be wrong is refused: traces of other
//! transactions, and such as contradict the receipts.

mod call_tracer;
#[cfg(test)]
mod tests;
mod trace_block;

pub use call_tracer::read as call_tracer;
pub use trace_block::read as trace_block;

use alloy_primitives::{Address, U256};

use super::internal::InternalCall;
use crate::chain::Tx;

/// Deepest call that the EVM makes.
pub const CALL_DEPTH_MAX: usize = 1024;
/// Most calls of one block that are read. A call costs at least 100 gas.
pub const CALLS_MAX: usize = 4_000_000;

/// Why traces are not believed. No transfer is taken from them then, and this is counted and kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// It is no JSON of this shape.
    #[error("are of another shape: {0}")]
    Shape(String),
    /// Transactions are missing, or there are more than the block has.
    #[error("are of {traced} transactions, the block has {transactions}")]
    Count {
        /// How many are traced.
        traced: usize,
        /// How many there are.
        transactions: usize,
    },
    /// It is the trace of another transaction.
    #[error("of transaction {0} are of another one")]
    OtherTransaction(usize),
    /// It says that a transaction failed which was carried out, or the other way round.
    #[error("of transaction {0} contradict its receipt")]
    OtherOutcome(usize),
    /// Calls lie deeper than the EVM goes, or are more than fit into a block.
    #[error("have more calls than fit into a block, or deeper ones than the EVM makes")]
    TooMany,
    /// A call lacks what it must have.
    #[error("have a call of kind {0:?} without its parties")]
    Incomplete(String),
}

/// Longest name of a kind of call that is repeated in a message, in characters.
const KIND_MAX_CHARS: usize = 32;

fn incomplete(kind: &str) -> TraceError {
    TraceError::Incomplete(kind.chars().take(KIND_MAX_CHARS).collect())
}

/// The outermost call: the transaction itself, as the trace tells it.
struct Root {
    to: Option<Address>,
    value: U256,
    failed: bool,
}

/// Sees that a trace is of the transaction in its place.
fn belongs(tx: &Tx, index: usize, root: &Root) -> Result<(), TraceError> {
    let callee = tx.callee();
    if root.value != tx.value() || (callee.is_some() && root.to != callee) {
        return Err(TraceError::OtherTransaction(index));
    }
    if root.failed == tx.succeeded {
        return Err(TraceError::OtherOutcome(index));
    }
    Ok(())
}

/// What a call did, by the name that its kind has in both shapes. The value of the others is not
/// theirs (`delegatecall`), stays where it is (`callcode`), or there is none (`staticcall`).
fn call_of(
    kind: &str,
    from: Option<Address>,
    to: Option<Address>,
    value: Option<U256>,
) -> Result<Option<InternalCall>, TraceError> {
    let creates = kind.eq_ignore_ascii_case("create") || kind.eq_ignore_ascii_case("create2");
    let moves = ["call", "selfdestruct", "suicide"];
    if !creates && !moves.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Ok(None);
    }
    let (Some(from), Some(to)) = (from, to) else { return Err(incomplete(kind)) };
    Ok(InternalCall { from, to, value: value.unwrap_or_default(), creates }.of_note())
}
