//! Down block by block, each asked for by the hash that the one above names.

use super::{Search, Walked};
use crate::chain::accept::Wanted;
use crate::chain::follow::FollowError;
use crate::chain::pool::{Lane, Pool};
use crate::traces;

/// Most blocks that one stretch covers.
pub const STRETCH_MAX_BLOCKS: u32 = 32;

/// Walks as far as one stretch goes.
///
/// # Errors
/// A block could not be fetched or does not verify; the walk stands above it.
pub(super) async fn walk(
    pool: &mut Pool,
    search: &Search<'_>,
    walked: &mut Walked,
) -> Result<(), FollowError> {
    for step in 0..STRETCH_MAX_BLOCKS {
        if step > 0 && (search.is_late() || !pool.is_ready()) {
            break;
        }
        let Some((number, hash)) = walked.next else { break };
        let block = pool.block(Wanted::Exactly { hash, number }, hash).await?;
        let known = traces::of(pool, Lane::Back, &block).await?;
        walked.traces_differing += known.differing;
        walked.found.append(search.screen(&block, known, walked.verified));
        walked.pass(block.header);
    }
    Ok(())
}
