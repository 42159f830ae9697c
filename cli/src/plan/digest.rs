//! The calls that a plan asks the council to decide upon, and the digests by which two people, or a
//! wallet and a person, make sure that they look at the same: the four of ERC-8213 (draft of
//! 2026-03-30), under the names that it gives them.

use alloy::primitives::{Address, B256, Bytes, Keccak256, U256};
use alloy::sol_types::SolCall;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::paper::Paper;

pub(crate) const CALLDATA_DIGEST: &str = "Calldata Digest";
pub(crate) const DOMAIN_HASH: &str = "Domain Hash";
pub(crate) const MESSAGE_HASH: &str = "Message Hash";
pub(crate) const EIP712_DIGEST: &str = "EIP-712 Digest";

/// One call of the list that a proposal carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The list's function: `list`, `delist` or `delistMany`.
    pub(crate) function: String,
    /// The list.
    pub(crate) to: Address,
    pub(crate) calldata: Bytes,
    /// keccak256 of the calldata's length, as a uint256, and the calldata.
    pub(crate) calldata_digest: B256,
}

/// The three digests of what the members sign, by their names in the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the standard's names")]
pub(crate) struct Message {
    pub(crate) domain_hash: B256,
    pub(crate) message_hash: B256,
    pub(crate) eip712_digest: B256,
}

impl Message {
    pub(crate) fn facts(&self) -> [(&'static str, String); 3] {
        [
            (DOMAIN_HASH, self.domain_hash.to_string()),
            (MESSAGE_HASH, self.message_hash.to_string()),
            (EIP712_DIGEST, self.eip712_digest.to_string()),
        ]
    }
}

/// ERC-8213's digest of calldata.
pub(crate) fn calldata_digest(calldata: &[u8]) -> B256 {
    let mut hash = Keccak256::new();
    hash.update(U256::from(calldata.len()).to_be_bytes::<32>());
    hash.update(calldata);
    hash.finalize()
}

/// The calls of a plan's proposals.
pub(crate) fn calls(plan: &Plan, delisting: Kind) -> Result<Vec<Call>> {
    let mut calls = Vec::new();
    let mut add = |function: &str, calldata: Vec<u8>| {
        let (function, to) = (function.to_owned(), plan.blocklist);
        let calldata_digest = calldata_digest(&calldata);
        calls.push(Call { function, to, calldata: calldata.into(), calldata_digest });
    };
    let batch = plan.manifest.listing_batch()?;
    if !batch.entries.is_empty() {
        add("list", IBlocklist::listCall { batch }.abi_encode());
    }
    let batch = plan.manifest.delisting_batch()?;
    if !batch.entries.is_empty() {
        match delisting {
            Kind::DelistMany => {
                add("delistMany", IBlocklist::delistManyCall { batch }.abi_encode());
            }
            _ => add("delist", IBlocklist::delistCall { batch }.abi_encode()),
        }
    }
    Ok(calls)
}

/// What the members sign, if the plan has something to hold.
pub(crate) fn message(plan: &Plan) -> Result<Option<Message>> {
    if plan.held().is_empty() {
        return Ok(None);
    }
    let hashes = Paper::Plan(Box::new(plan.clone())).typed()?.hashes();
    Ok(Some(Message {
        domain_hash: hashes.domain,
        message_hash: hashes.message,
        eip712_digest: hashes.digest,
    }))
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{b256, hex};

    use super::*;

    /// The test case of the ERC.
    #[test]
    fn the_digest_of_calldata_is_that_of_the_standard() {
        let calldata = hex!(
            "a9059cbb0000000000000000000000004675c7e5baafbffbca748158becba61ef3b0a263"
            "0000000000000000000000000000000000000000000000000de0b6b3a7640000"
        );
        let expected = b256!("0x812cee5d9cc7461c04bbcd7b70af9c28b243ac5d74d3453b008b93b7dac69985");
        assert_eq!(calldata_digest(&calldata), expected);
    }
}
