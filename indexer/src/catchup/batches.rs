//! Whole blocks with their receipts, many in one request.

use std::ops::{ControlFlow, Range};

use memchr::memmem;
use serde::Deserialize;
use serde_json::{Value, json};

use super::pace::{Event, Took};
use super::ranges::Elapsed;
use crate::chain::rpc::{self, Rpc, RpcError};

/// Batches that are fetched at the same time.
pub(crate) const BATCHES_AT_ONCE: usize = 3;
/// Longest answer of a batch, in bytes. Blocks that make a longer one are fetched one by one.
pub(crate) const BATCH_MAX_BYTES: usize = 12 << 20;
/// Room for each block of an answer before it comes: growing it again and again costs more.
const BLOCK_FIRST_BYTES: usize = 64 << 10;
const METHOD: &str = "eth_getBlockReceipts";

/// The answer to a batch.
#[derive(Debug)]
pub(crate) struct Batch {
    body: Vec<u8>,
    /// Where in the body each block and its receipts stand, in order.
    places: Vec<(Range<usize>, Range<usize>)>,
    /// What it took.
    pub(crate) took: Took,
}

impl Batch {
    /// Each block with its receipts, in order.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.places
            .iter()
            .map(|(block, receipts)| (&self.body[block.clone()], &self.body[receipts.clone()]))
    }
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Batched {
    /// It came.
    Whole(Batch),
    /// These blocks are to be fetched one by one: so many at once do not come from this provider,
    /// for this reason.
    Refused(u64, u64, RpcError),
}

impl Batched {
    /// What it says of the pace.
    pub(crate) fn event(&self) -> Event {
        match self {
            Self::Whole(batch) => Event::Answer(batch.took),
            Self::Refused(from, to, _) => Event::TooMany(to - from + 1),
        }
    }
}

/// Fetches blocks `from` to `to` with their receipts.
///
/// # Errors
/// The provider gives no answer now; it may later.
pub(crate) async fn fetch(
    rpc: &Rpc,
    elapsed: Elapsed<'_>,
    (from, to): (u64, u64),
) -> Result<Batched, RpcError> {
    let began = elapsed();
    let requests: Vec<_> = (from..=to)
        .flat_map(|number| {
            let (id, place) = (2 * (number - from), format!("{number:#x}"));
            let block = rpc::request(id, "eth_getBlockByNumber", &json!([place, true]));
            [block, rpc::request(id + 1, METHOD, &json!([place]))]
        })
        .collect();
    let mut body = Vec::with_capacity(requests.len() / 2 * BLOCK_FIRST_BYTES);
    let mut take = |chunk: &[u8]| {
        if body.len() + chunk.len() > BATCH_MAX_BYTES {
            return ControlFlow::Break(());
        }
        body.extend_from_slice(chunk);
        ControlFlow::Continue(())
    };
    if let Err(error) = rpc.stream(METHOD, &requests, &mut take).await {
        return refused((from, to), error);
    }
    let places = match usual(&body, requests.len()) {
        Some(places) => places,
        None => match any(rpc, &body, requests.len()) {
            Ok((rewritten, places)) => {
                body = rewritten;
                places
            }
            Err(error) => return refused((from, to), error),
        },
    };
    let places = places.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let time = elapsed().saturating_sub(began);
    let took = Took { blocks: to - from + 1, bytes, time };
    Ok(Batched::Whole(Batch { body, places, took }))
}

/// Whatever a provider has against a batch, single requests may do, or say it better; unless it
/// wants to be left alone.
fn refused((from, to): (u64, u64), error: RpcError) -> Result<Batched, RpcError> {
    let alone = matches!(
        error,
        RpcError::Busy { .. }
            | RpcError::Pruned { .. }
            | RpcError::Status { status: 502 | 503, .. }
    );
    if alone { Err(error) } else { Ok(Batched::Refused(from, to, error)) }
}

/// Where the results stand in a body that is written as nodes write it, in the order of the ids.
/// They are told apart by how a response begins; one that is cut wrongly so does not prove, and is
/// asked for alone.
fn usual(body: &[u8], count: usize) -> Option<Vec<Range<usize>>> {
    const BEGINNING: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":";
    let body = body.trim_ascii_end();
    let starts: Vec<_> = memmem::find_iter(body, BEGINNING).collect();
    if starts.first() != Some(&1) || starts.len() != count || body.last() != Some(&b']') {
        return None;
    }
    let mut places = vec![0..0; count];
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    for (start, end) in starts.iter().zip(ends) {
        // Without the comma or bracket after it, and its own closing brace.
        let response = body[..end - 1].strip_suffix(b"}")?;
        let rest = response.get(start + BEGINNING.len()..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let id: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let result = rest[digits..].strip_prefix(b",\"result\":")?;
        let place = places.get_mut(id)?;
        if *place != (0..0) || result == b"null" {
            return None;
        }
        *place = response.len() - result.len()..response.len();
    }
    Some(places)
}

#[derive(Deserialize)]
struct Response {
    id: usize,
    #[serde(default)]
    result: Value,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
}

/// As [`usual`], for a body that is written in any other way: it is written anew.
fn any(rpc: &Rpc, body: &[u8], count: usize) -> Result<(Vec<u8>, Vec<Range<usize>>), RpcError> {
    let malformed = |reason: String| rpc.malformed(METHOD, reason);
    if body.first() != Some(&b'[') {
        // One answer to all of them says why there are not more.
        rpc.emptied(METHOD, body)?;
    }
    let mut responses: Vec<Response> =
        serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    responses.sort_by_key(|response| response.id);
    if !responses.iter().map(|response| response.id).eq(0..count) {
        return Err(malformed("not one answer to each request of a batch".to_owned()));
    }
    let (mut body, mut places) = (Vec::new(), Vec::new());
    for Response { result, error, .. } in responses {
        if let Some(Refusal { code, message }) = error {
            return Err(rpc.complained(METHOD, code, message));
        }
        if result.is_null() {
            return Err(malformed("a batch without one of its results".to_owned()));
        }
        let start = body.len();
        body.extend_from_slice(result.to_string().as_bytes());
        places.push(start..body.len());
    }
    Ok((body, places))
}
