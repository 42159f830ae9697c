//! Somebody who changes a plan and knows how plans are checked: every hash, digest, call and
//! foreseen head in the file is made anew, so that nothing gives the change away but the
//! publication and the chain themselves.

use std::path::Path;

use alloy::primitives::{Address, B256, Keccak256, U256, hex};
use alloy::sol_types::{SolCall, SolStruct, eip712_domain};
use anyhow::{Context, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
use interdict_core::manifest::Manifest;
use interdict_core::transfer::Position;
use serde_json::{Value, json};

mod typed {
    alloy::sol! {
        struct Entry {
            address account;
            uint64 uid;
            uint40 designatedOn;
        }

        struct ListProvisional {
            bytes32 manifest;
            uint16 sources;
            uint40 dataAsOf;
            Entry[] entries;
            uint256 nonce;
            uint256 deadline;
        }
    }
}

/// As the deployment chose it.
const TERM_SECONDS: u64 = 7 * 24 * 3600;
const DELIST_DELAY_SECONDS: u64 = 24 * 3600;
const STEP_SECONDS: u64 = 12;

/// A plan in somebody's hands.
#[derive(Clone, Debug)]
pub struct Forgery {
    /// The plan's file as JSON.
    pub plan: Value,
}

impl Forgery {
    /// Takes up a plan.
    ///
    /// # Errors
    /// The file is no JSON.
    pub fn of(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        Ok(Self { plan: serde_json::from_str(&text)? })
    }

    /// An entry of the manifest's list.
    pub fn entry(&mut self, index: usize) -> &mut Value {
        &mut self.plan["manifest"]["list"][index]
    }

    /// Adds an entry to be held, as the one at an index but for its address.
    ///
    /// # Errors
    /// The plan has no such entry.
    pub fn slip_in(&mut self, like: usize, address: Address) -> Result<()> {
        let mut entry = self.entry(like).clone();
        entry["address"] = json!(address);
        entry["published"] = json!([address.to_string()]);
        self.plan["manifest"]["list"].as_array_mut().context("no list")?.push(entry);
        self.plan["changes"].as_array_mut().context("no changes")?.push(json!("hold"));
        Ok(())
    }

    /// Leaves out the entry at an index.
    ///
    /// # Errors
    /// The plan has no such entry.
    pub fn leave_out(&mut self, index: usize) -> Result<()> {
        self.plan["manifest"]["list"].as_array_mut().context("no list")?.remove(index);
        self.plan["changes"].as_array_mut().context("no changes")?.remove(index);
        Ok(())
    }

    /// Writes the file as it is now: an ordinary edit, by somebody who looks no further.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, path: &Path) -> Result<String> {
        std::fs::write(path, serde_json::to_string_pretty(&self.plan)?)?;
        Ok(path.display().to_string())
    }

    /// Makes everything in the file consistent again, and writes it.
    ///
    /// # Errors
    /// What was changed cannot be a plan any more.
    pub fn seal(mut self, path: &Path) -> Result<String> {
        let manifest: Manifest = serde_json::from_value(self.plan["manifest"].clone())?;
        self.plan["manifest_hash"] = json!(manifest.hash()?);
        let mut held = manifest.listing_batch()?;
        let changes = self.plan["changes"].as_array().context("no changes")?.clone();
        let entries = held.entries.into_iter().zip(changes);
        held.entries =
            entries.filter(|(_, change)| change == "hold").map(|(entry, _)| entry).collect();
        self.plan["message"] =
            if held.entries.is_empty() { Value::Null } else { self.message(&held)? };
        let (list, delist) = (manifest.listing_batch()?, manifest.delisting_batch()?);
        let mut calls = Vec::new();
        if !list.entries.is_empty() {
            let data = IBlocklist::listCall { batch: list.clone() }.abi_encode();
            calls.push(self.call("list", &data));
        }
        if !delist.entries.is_empty() {
            let data = IBlocklist::delistCall { batch: delist.clone() }.abi_encode();
            calls.push(self.call("delist", &data));
        }
        self.plan["calls"] = json!(calls);
        self.plan["simulation"]["acts"] = self.foreseen([&held, &list, &delist])?;
        self.save(path)
    }

    fn call(&self, function: &str, data: &[u8]) -> Value {
        let mut hash = Keccak256::new();
        hash.update(U256::from(data.len()).to_be_bytes::<32>());
        hash.update(data);
        json!({
            "function": function,
            "to": self.plan["blocklist"],
            "calldata": hex::encode_prefixed(data),
            "calldata_digest": hash.finalize(),
        })
    }

    fn message(&self, held: &IBlocklist::Batch) -> Result<Value> {
        let number = |name: &str| self.plan[name].as_u64().with_context(|| format!("no {name}"));
        let entry = |e: &IBlocklist::Entry| typed::Entry {
            account: e.account,
            uid: e.uid,
            designatedOn: e.designatedOn,
        };
        let message = typed::ListProvisional {
            manifest: held.manifest,
            sources: held.sources,
            dataAsOf: held.dataAsOf,
            entries: held.entries.iter().map(entry).collect(),
            nonce: U256::from(number("nonce")?),
            deadline: U256::from(number("deadline")?),
        };
        let contract: Address = serde_json::from_value(self.plan["signed_act"].clone())?;
        let domain = eip712_domain! {
            name: "Interdict SignedAct",
            version: "1",
            chain_id: number("chain_id")?,
            verifying_contract: contract,
        };
        Ok(json!({
            "domain_hash": domain.separator(),
            "message_hash": message.eip712_hash_struct(),
            "eip712_digest": message.eip712_signing_hash(&domain),
        }))
    }

    fn foreseen(&self, batches: [&IBlocklist::Batch; 3]) -> Result<Value> {
        let created = self.plan["created_at"].as_str().context("no created_at")?;
        let created: jiff::Timestamp = created.parse()?;
        let mut time = u64::try_from(created.as_second())?;
        let mut head: B256 = serde_json::from_value(self.plan["head"].clone())?;
        let mut number = u32::try_from(self.plan["act_count"].as_u64().context("no act_count")?)?;
        let mut acts = Vec::new();
        let kinds = [Kind::ListProvisional, Kind::List, Kind::Delist];
        for (kind, batch) in kinds.into_iter().zip(batches) {
            if batch.entries.is_empty() {
                continue;
            }
            time += STEP_SECONDS;
            let until = match kind {
                Kind::ListProvisional => time + TERM_SECONDS,
                Kind::List => UNTIL_MAX,
                _ => {
                    time += DELIST_DELAY_SECONDS;
                    time
                }
            };
            number += 1;
            head = act(number, kind, until, batch).fold(head);
            acts.push(json!({
                "act": number,
                "kind": kind,
                "entries": batch.entries.len(),
                "lands": time,
                "head": head,
                "gas": Value::Null,
            }));
        }
        Ok(json!(acts))
    }
}

fn act(number: u32, kind: Kind, until: u64, batch: &IBlocklist::Batch) -> Act {
    let entry = |e: &IBlocklist::Entry| ActEntry {
        account: e.account,
        uid: e.uid,
        designated_on: e.designatedOn.to(),
    };
    Act {
        number,
        kind,
        sources: batch.sources,
        until,
        data_as_of: batch.dataAsOf.to(),
        manifest: batch.manifest,
        head: B256::ZERO,
        at: Position { block: 0, tx: 0, log: None },
        time: 0,
        tx_hash: B256::ZERO,
        entries: batch.entries.iter().map(entry).collect(),
    }
}
