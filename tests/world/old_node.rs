//! A node as many still are: anvil behind a door that knows no `eth_simulateV1`.

use anyhow::Result;
use serde_json::json;

use crate::liar;

/// Opens the door on a free port and gives its address; it closes with the runtime.
///
/// # Errors
/// No port can be had.
pub async fn open(url: &str) -> Result<String> {
    let unknown = json!({ "code": -32601, "message": "the method does not exist" });
    liar::open(url, move |asked, answer| {
        if asked["method"] == "eth_simulateV1" {
            *answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "error": unknown });
        }
    })
    .await
}
