//! The scanner of range answers as the indexer has it, beside serde on the whole answer.

#[allow(dead_code, reason = "the scanner is used here, not all that is read with its cursor")]
#[path = "../../indexer/src/catchup/json.rs"]
mod json;
#[allow(dead_code, reason = "as above")]
#[path = "../../indexer/src/catchup/scan/mod.rs"]
mod scan;

use scan::{RawLog, Scan};
use serde::Deserialize;
use serde_json::Value;

/// What is compared of a log.
type Plain = (Vec<u8>, Vec<Vec<u8>>, Vec<u8>, u64, bool);

/// Scans an answer in pieces of a length. It may be refused; it must not panic, and if what is left
/// of it is a response with an empty list, serde must have found the same logs in the whole.
pub fn read(piece: usize, body: &[u8]) {
    let (mut scan, mut logs) = (Scan::new(), Vec::new());
    for chunk in body.chunks(piece.max(1)) {
        if scan.feed(chunk, &mut |log| logs.push(plain(log))).is_err() {
            return;
        }
    }
    let Ok(envelope) = scan.finish() else { return };
    let left: Result<Value, _> = serde_json::from_slice(&envelope);
    if left.is_ok_and(|left| left["result"].as_array().is_some_and(Vec::is_empty)) {
        let whole: Whole =
            serde_json::from_slice(body).expect("serde reads what the scanner took apart");
        let found: Option<Vec<_>> = whole.result.into_iter().map(by_serde).collect();
        assert_eq!(found, Some(logs));
    }
}

fn plain(log: &RawLog<'_>) -> Plain {
    let topics = log.topics().iter().map(|topic| topic.to_vec()).collect();
    (log.address.to_vec(), topics, log.data.to_vec(), log.block, log.removed)
}

/// A whole answer, as serde reads it without any scanner.
#[derive(Deserialize)]
struct Whole {
    result: Vec<WholeLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeLog {
    address: String,
    topics: Vec<String>,
    data: String,
    block_number: String,
    #[serde(default)]
    removed: bool,
}

fn by_serde(log: WholeLog) -> Option<Plain> {
    let block = json::quantity(log.block_number.as_bytes())?;
    let topics = log.topics.into_iter().map(String::into_bytes).collect();
    Some((log.address.into_bytes(), topics, log.data.into_bytes(), block, log.removed))
}
