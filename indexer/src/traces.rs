//! The calls within a block's transactions, as providers trace them: asked, read and compared. No
//! header commits to them, so that nothing here is ever proved.

use alloy_primitives::{Address, B256};
use interdict_core::transfer::Position;

use crate::chain::Block;
use crate::chain::follow::FollowError;
use crate::chain::pool::{Lane, Pool, Tracer};
use crate::decode::traces::{call_tracer, trace_block};
use crate::decode::{Compared, Traces, Undecoded, UndecodedKind};

/// Most of a reason that is kept, in characters.
const REASON_MAX_CHARS: usize = 400;

/// What is known of the calls within a block's transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What they did, if somebody who makes sense traced it.
    pub traces: Option<Traces>,
    /// To be kept where nobody did.
    pub undecoded: Option<Undecoded>,
    /// Transactions about which two providers differ.
    pub differing: u64,
}

/// Asks for the traces of a block; nothing is asked where no provider traces.
///
/// # Errors
/// No provider that traces could be heard; asking again may help.
pub async fn of(pool: &mut Pool, lane: Lane, block: &Block) -> Result<Known, FollowError> {
    if block.transactions.is_empty() || !pool.traces() {
        return Ok(Known::default());
    }
    let read = |tracer: Tracer, text: &str| {
        let traces = match tracer {
            Tracer::CallTracer => call_tracer(block, text),
            Tracer::TraceBlock => trace_block(block, text),
        };
        traces.map_err(|error| error.to_string())
    };
    let heard = pool.traced(lane, &block.header, read).await?;
    for reason in &heard.refused {
        tracing::warn!(block = block.header.number, reason, "traces are not believed");
    }
    let mut read = heard.read.into_iter();
    Ok(match (read.next(), read.next()) {
        (Some(one), Some(two)) => compared(block, &one, &two),
        (one @ Some(_), None) => Known { traces: one, ..Known::default() },
        (None, _) => {
            let undecoded = Some(unread(block, &heard.refused.join("; ")));
            Known { undecoded, ..Known::default() }
        }
    })
}

fn compared(block: &Block, one: &Traces, two: &Traces) -> Known {
    let Compared { traces, differing } = one.compared(two);
    if !differing.is_empty() {
        let (block, transactions) = (block.header.number, differing.len());
        tracing::warn!(block, transactions, "two providers differ on what happened within");
    }
    let differing = u64::try_from(differing.len()).unwrap_or(u64::MAX);
    Known { traces: Some(traces), undecoded: None, differing }
}

/// A block whose traces contradict what is proved: kept, so that a person sees it.
fn unread(block: &Block, reason: &str) -> Undecoded {
    // A provider chose some of these letters, and not every database takes all of them.
    let reason = reason.chars().take(REASON_MAX_CHARS);
    Undecoded {
        position: Position { block: block.header.number, tx: 0, log: None },
        block_hash: block.header.hash,
        tx_hash: B256::ZERO,
        address: Address::ZERO,
        kind: UndecodedKind::Traces,
        reason: reason.map(|letter| if letter.is_control() { ' ' } else { letter }).collect(),
        parties: Vec::new(),
    }
}
