//! A file for the Transaction Builder of Safe{Wallet}, where a Safe has the seat or the role: its
//! owners load it, see the calls, and send them as they send anything.

use alloy::primitives::{Address, B256, keccak256};
use anyhow::Result;
use serde_json::{Value, json};

use crate::args::SafeArgs;
use crate::chain::Chain;
use crate::exit::Report;
use crate::plan::digest::{CALLDATA_DIGEST, calldata_digest};
use crate::{file, text};

const VERSION: &str = "1.0";

/// A version of the Transaction Builder that reads this format.
const BUILDER_VERSION: &str = "1.16.5";

/// One call that the Safe makes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) to: Address,
    pub(crate) data: Vec<u8>,
}

/// Tries the calls as the Safe, and writes them instead of sending them.
pub(crate) async fn write(
    chain: &Chain,
    args: &SafeArgs,
    what: &str,
    calls: Vec<Call>,
) -> Result<Option<Report>> {
    let (Some(path), Some(safe)) = (&args.safe_transaction, args.safe) else { return Ok(None) };
    for call in &calls {
        chain.simulate(safe, call.to, call.data.clone()).await?;
    }
    let at = chain.latest().await?.time;
    let batch = batch(chain.id, safe, at, what, &calls);
    file::write(path, format!("{batch:#}\n").as_bytes())?;
    let path = path.display().to_string();
    let digests: Vec<B256> = calls.iter().map(|call| calldata_digest(&call.data)).collect();
    let data = json!({
        "file": path,
        "safe": safe,
        "does": what,
        "transactions": calls.len(),
        "calldata_digests": digests,
    });
    let mut facts = vec![
        ("written", path.clone()),
        ("does", what.to_owned()),
        ("safe", safe.to_string()),
        ("calls", calls.len().to_string()),
    ];
    // By these the owners can tell that their wallets show the same calls.
    facts.extend(digests.iter().map(|digest| (CALLDATA_DIGEST, digest.to_string())));
    let facts = text::facts(&facts);
    let next = format!("load {path} in the Transaction Builder of that Safe");
    Ok(Some(Report::done(data, facts).next(next)))
}

fn batch(chain_id: u64, safe: Address, at: u64, what: &str, calls: &[Call]) -> Value {
    let transaction = |call: &Call| {
        json!({
            "to": call.to,
            "value": "0",
            "data": alloy::hex::encode_prefixed(&call.data),
            "contractMethod": null,
            "contractInputsValues": null,
        })
    };
    let mut batch = json!({
        "version": VERSION,
        "chainId": chain_id.to_string(),
        "createdAt": at * 1000,
        "meta": {
            "name": "Interdict",
            "description": what,
            "txBuilderVersion": BUILDER_VERSION,
            "createdFromSafeAddress": safe,
            "createdFromOwnerAddress": "",
        },
        "transactions": calls.iter().map(transaction).collect::<Vec<_>>(),
    });
    batch["meta"]["checksum"] = json!(checksum(&batch));
    batch
}

/// As the Transaction Builder computes it: over the whole batch, its name as null, without the
/// checksum itself.
fn checksum(batch: &Value) -> B256 {
    let mut batch = batch.clone();
    if let Some(meta) = batch["meta"].as_object_mut() {
        meta.remove("checksum");
        meta.insert("name".to_owned(), Value::Null);
    }
    keccak256(serialized(&batch))
}

/// The builder's own serialization: `{["a","b"]1,2,}`, keys in order.
fn serialized(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(serialized).collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_unstable();
            let values = keys.iter().map(|key| serialized(&members[*key]) + ",");
            format!("{{{}{}}}", json!(keys), values.collect::<String>())
        }
        simple => simple.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serialization_is_the_builders() {
        let value = json!({ "b": [1, "x", null], "a": { "c": true } });
        assert_eq!(serialized(&value), r#"{["a","b"]{["c"]true,},[1,"x",null],}"#);
    }

    #[test]
    fn the_checksum_binds_everything_but_the_name() {
        let calls = [Call { to: Address::repeat_byte(1), data: vec![1, 2, 3, 4] }];
        let batch = batch(1, Address::repeat_byte(2), 1_787_234_531, "vote for", &calls);
        let stated = batch["meta"]["checksum"].as_str().unwrap().parse::<B256>().unwrap();
        assert_eq!(checksum(&batch), stated);
        let mut renamed = batch.clone();
        renamed["meta"]["name"] = json!("another");
        assert_eq!(checksum(&renamed), stated);
        for place in ["/chainId", "/createdAt", "/meta/description", "/transactions/0/data"] {
            let mut changed = batch.clone();
            *changed.pointer_mut(place).unwrap() = json!("other");
            assert_ne!(checksum(&changed), stated, "{place}");
        }
    }
}
