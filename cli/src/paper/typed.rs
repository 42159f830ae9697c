//! What members sign: EIP-712 messages of the council's two contracts, their hashes, and the JSON
//! by which any other wallet signs the same.

use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::sol_types::{Eip712Domain, SolStruct, eip712_domain};
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use serde_json::{Map, Value, json};

use crate::wallet::Wallet;

const SIGNED_ACT: &str = "Interdict SignedAct";
const COUNCIL: &str = "Interdict Council";
const SNAPSHOT: &str = "Interdict Snapshot";
const VERSION: &str = "1";
const DOMAIN: &str = "string name,string version,uint256 chainId,address verifyingContract";

/// The names and types are the contracts'; a test compares them with the artifacts.
pub(crate) mod message {
    alloy::sol! {
        #[derive(Debug)]
        struct Entry {
            address account;
            uint64 uid;
            uint40 designatedOn;
        }

        #[derive(Debug)]
        struct ListProvisional {
            bytes32 manifest;
            uint16 sources;
            uint40 dataAsOf;
            Entry[] entries;
            uint256 nonce;
            uint256 deadline;
        }

        #[derive(Debug)]
        struct Retract {
            bytes32 manifest;
            uint16 sources;
            uint40 dataAsOf;
            Entry[] entries;
            uint256 nonce;
            uint256 deadline;
        }

        /// No contract reads it: who uses the list without a node does.
        #[derive(Debug)]
        struct Snapshot {
            bytes32 seal;
        }

        #[derive(Debug)]
        struct Ballot {
            uint256 proposalId;
            uint8 support;
            address voter;
            uint256 nonce;
        }
    }
}

/// The three hashes of EIP-712, so that a second tool can compute them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    pub(crate) domain: B256,
    pub(crate) message: B256,
    pub(crate) digest: B256,
}

/// A message with the contract and chain that it binds.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    domain: Eip712Domain,
    message: Message,
}

#[derive(Clone, Debug)]
enum Message {
    ListProvisional(message::ListProvisional),
    Retract(message::Retract),
    Ballot(message::Ballot),
    Snapshot(message::Snapshot),
}

/// What a signed act binds beside its batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) chain_id: u64,
    pub(crate) signed_act: Address,
    pub(crate) nonce: u64,
    pub(crate) deadline: u64,
}

/// What a member signs to hold a batch.
pub(crate) fn holding(batch: &IBlocklist::Batch, binding: Binding) -> Typed {
    let message = message::ListProvisional {
        manifest: batch.manifest,
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        entries: entries(batch),
        nonce: U256::from(binding.nonce),
        deadline: U256::from(binding.deadline),
    };
    Typed { domain: signed_act_domain(binding), message: Message::ListProvisional(message) }
}

/// What a member signs to retract a batch.
pub(crate) fn retracting(batch: &IBlocklist::Batch, binding: Binding) -> Typed {
    let message = message::Retract {
        manifest: batch.manifest,
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        entries: entries(batch),
        nonce: U256::from(binding.nonce),
        deadline: U256::from(binding.deadline),
    };
    Typed { domain: signed_act_domain(binding), message: Message::Retract(message) }
}

/// What a member signs to vote.
pub(crate) fn ballot(ballot: message::Ballot, chain_id: u64, council: Address) -> Typed {
    let domain = eip712_domain! {
        name: COUNCIL,
        version: VERSION,
        chain_id: chain_id,
        verifying_contract: council,
    };
    Typed { domain, message: Message::Ballot(ballot) }
}

/// What a publisher signs under the list as a file.
pub(crate) fn snapshot(seal: B256, chain_id: u64, blocklist: Address) -> Typed {
    let domain = eip712_domain! {
        name: SNAPSHOT,
        version: VERSION,
        chain_id: chain_id,
        verifying_contract: blocklist,
    };
    Typed { domain, message: Message::Snapshot(message::Snapshot { seal }) }
}

fn signed_act_domain(binding: Binding) -> Eip712Domain {
    eip712_domain! {
        name: SIGNED_ACT,
        version: VERSION,
        chain_id: binding.chain_id,
        verifying_contract: binding.signed_act,
    }
}

fn entries(batch: &IBlocklist::Batch) -> Vec<message::Entry> {
    let entry = |e: &IBlocklist::Entry| message::Entry {
        account: e.account,
        uid: e.uid,
        designatedOn: e.designatedOn,
    };
    batch.entries.iter().map(entry).collect()
}

impl Typed {
    pub(crate) fn hashes(&self) -> Hashes {
        let message = match &self.message {
            Message::ListProvisional(message) => message.eip712_hash_struct(),
            Message::Retract(message) => message.eip712_hash_struct(),
            Message::Ballot(message) => message.eip712_hash_struct(),
            Message::Snapshot(message) => message.eip712_hash_struct(),
        };
        let digest = match &self.message {
            Message::ListProvisional(message) => message.eip712_signing_hash(&self.domain),
            Message::Retract(message) => message.eip712_signing_hash(&self.domain),
            Message::Ballot(message) => message.eip712_signing_hash(&self.domain),
            Message::Snapshot(message) => message.eip712_signing_hash(&self.domain),
        };
        Hashes { domain: self.domain.separator(), message, digest }
    }

    /// The signature, 65 bytes: r, s, v.
    pub(crate) async fn sign(&self, wallet: &Wallet) -> Result<Bytes> {
        match &self.message {
            Message::ListProvisional(message) => wallet.sign(message, &self.domain).await,
            Message::Retract(message) => wallet.sign(message, &self.domain).await,
            Message::Ballot(message) => wallet.sign(message, &self.domain).await,
            Message::Snapshot(message) => wallet.sign(message, &self.domain).await,
        }
    }

    /// As `eth_signTypedData_v4` and `cast wallet sign --data` take it. Numbers are strings, for a
    /// wallet written in JavaScript would round what is above 2^53.
    pub(crate) fn to_json(&self) -> Value {
        let (primary, definition, message) = match &self.message {
            Message::ListProvisional(m) => {
                ("ListProvisional", message::ListProvisional::eip712_encode_type(), m.into())
            }
            Message::Retract(m) => {
                ("Retract", message::Retract::eip712_encode_type(), Value::from(m))
            }
            Message::Ballot(m) => ("Ballot", message::Ballot::eip712_encode_type(), m.into()),
            Message::Snapshot(m) => {
                ("Snapshot", message::Snapshot::eip712_encode_type(), json!({ "seal": m.seal }))
            }
        };
        let mut types = types(&definition);
        types.insert("EIP712Domain".to_owned(), fields(DOMAIN));
        json!({
            "types": types,
            "primaryType": primary,
            "domain": {
                "name": self.domain.name,
                "version": self.domain.version,
                "chainId": self.domain.chain_id.map(|id| id.saturating_to::<u64>()),
                "verifyingContract": self.domain.verifying_contract,
            },
            "message": message,
        })
    }
}

/// The types of an encoded definition, `A(address b,C[] d)C(uint64 e)`, by name.
pub(crate) fn types(definition: &str) -> Map<String, Value> {
    let parts = definition.split_terminator(')').filter_map(|part| part.split_once('('));
    parts.map(|(name, members)| (name.to_owned(), fields(members))).collect()
}

fn fields(members: &str) -> Value {
    let field = |member: &str| {
        let (kind, name) = member.split_once(' ')?;
        Some(json!({ "name": name, "type": kind }))
    };
    members.split(',').filter_map(field).collect()
}

fn entries_json(entries: &[message::Entry]) -> Value {
    let entry = |e: &message::Entry| {
        json!({
            "account": e.account,
            "uid": e.uid.to_string(),
            "designatedOn": e.designatedOn.to_string(),
        })
    };
    entries.iter().map(entry).collect()
}

impl From<&message::ListProvisional> for Value {
    fn from(m: &message::ListProvisional) -> Self {
        json!({
            "manifest": m.manifest,
            "sources": m.sources.to_string(),
            "dataAsOf": m.dataAsOf.to_string(),
            "entries": entries_json(&m.entries),
            "nonce": m.nonce.to_string(),
            "deadline": m.deadline.to_string(),
        })
    }
}

impl From<&message::Retract> for Value {
    fn from(m: &message::Retract) -> Self {
        json!({
            "manifest": m.manifest,
            "sources": m.sources.to_string(),
            "dataAsOf": m.dataAsOf.to_string(),
            "entries": entries_json(&m.entries),
            "nonce": m.nonce.to_string(),
            "deadline": m.deadline.to_string(),
        })
    }
}

impl From<&message::Ballot> for Value {
    fn from(m: &message::Ballot) -> Self {
        json!({
            "proposalId": m.proposalId.to_string(),
            "support": m.support.to_string(),
            "voter": m.voter,
            "nonce": m.nonce.to_string(),
        })
    }
}
