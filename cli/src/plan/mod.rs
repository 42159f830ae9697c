//! The plan file: what a publication would change on one list, made once and checked by everyone
//! who acts on it.

pub(crate) mod diff;
pub(crate) mod digest;
mod doubt;
pub(crate) mod planning;
pub(crate) mod publications;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, Kind};
use interdict_core::manifest::Manifest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::diff::Change;
use self::digest::{Call, Message};
use crate::chain::Pinned;
use crate::exit::{Exit, Failure};
use crate::file;
use crate::foresight::simulation::Method;
use crate::paper::frame::{Frame, Framed};
use crate::source::Quarantined;

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.plan/1";

/// More than any plan of real lists; what is longer is the wrong file.
pub(crate) const PLAN_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What to do about a plan whose parts do not belong together.
pub(crate) const ANEW: &str = "make the plan again, or get it again from whoever made it";

/// A block, in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtBlock {
    pub(crate) number: u64,
    pub(crate) hash: B256,
}

/// A second publication of the same authority that was compared with the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrossCheck {
    /// SHA-256 of the file's exact bytes.
    pub(crate) sha256: B256,
    /// Of the file of comments, where it is in two files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comments_sha256: Option<B256>,
    pub(crate) data_as_of: Timestamp,
}

/// How a plan was tried on the chain before anybody was asked to sign it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulation {
    pub(crate) method: Method,
    pub(crate) acts: Vec<Foreseen>,
}

/// An act that is to come, if it lands at its earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Foreseen {
    pub(crate) act: u32,
    pub(crate) kind: Kind,
    pub(crate) entries: usize,
    /// When it lands, unix seconds. The end of a hold and the time of a delisting are part of the
    /// head, so that the head below is that of this second.
    pub(crate) lands: u64,
    /// The list's head after it.
    pub(crate) head: B256,
    /// Of the list's own call, where the node says it.
    pub(crate) gas: Option<u64>,
}

impl Foreseen {
    pub(crate) fn of(act: &Act) -> Self {
        let (entries, lands) = (act.entries.len(), act.time);
        Self { act: act.number, kind: act.kind, entries, lands, head: act.head, gas: None }
    }
}

/// What one publication changes on one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    /// The chain's time when it was made.
    pub(crate) created_at: Timestamp,
    /// The chain's time from which nobody acts on it.
    pub(crate) expires_at: Timestamp,
    pub(crate) chain_id: u64,
    pub(crate) genesis_hash: B256,
    pub(crate) blocklist: Address,
    pub(crate) code_hash: B256,
    pub(crate) signed_act: Address,
    pub(crate) at_block: AtBlock,
    /// The list's head and acts when it was made.
    pub(crate) head: B256,
    pub(crate) act_count: u32,
    /// What the signatures bind beside the batch.
    pub(crate) nonce: u64,
    pub(crate) deadline: u64,
    /// With the guards that were overridden.
    pub(crate) manifest: Manifest,
    pub(crate) manifest_hash: B256,
    pub(crate) cross_check: Option<CrossCheck>,
    /// What is to be done for each entry of the manifest's list, in its order.
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: usize,
    pub(crate) quarantine: Vec<Quarantined>,
    /// Addresses of other chains, by ticker.
    pub(crate) not_evm: BTreeMap<String, u64>,
    pub(crate) notes: Vec<String>,
    /// What the proposals call.
    pub(crate) calls: Vec<Call>,
    /// What the members sign, if there is something to hold.
    pub(crate) message: Option<Message>,
    pub(crate) simulation: Simulation,
}

impl Plan {
    /// Reads a plan and checks that it is whole: its manifest has the hash that it states.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = file::bounded(path, PLAN_BYTES_MAX, "a plan");
        let bytes = bytes.map_err(|why| why.wrong_file(Exit::Usage, "bad_plan"))?;
        let plan = Self::parse(path, &bytes)?;
        plan.check_whole().map_err(|why| manipulated(path, &why, ANEW))?;
        Ok(plan)
    }

    /// The plan in these bytes of a file, whether or not its parts belong together.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(bytes).map_err(|why| {
            let message = format!("{} is no plan of this version: {why}", path.display());
            Failure::new(Exit::Usage, "bad_plan", message)
        })
    }

    /// Whether the parts of the file belong together; if not, all that is wrong with them.
    pub(crate) fn check_whole(&self) -> Result<(), String> {
        let mut wrong = Vec::new();
        if self.schema != SCHEMA {
            wrong.push(format!("has schema {:?}, this version reads {SCHEMA:?}", self.schema));
        }
        let (manifest, stated) = (&self.manifest, self.manifest_hash);
        match manifest.hash() {
            Ok(hash) if hash == stated => {}
            Ok(hash) => wrong.push(format!("its manifest hashes to {hash}, it states {stated}")),
            Err(why) => wrong.push(why.to_string()),
        }
        if self.changes.len() != manifest.list.len() {
            wrong.push("its changes and its manifest have different lengths".to_owned());
        }
        let (chain, list) = (manifest.chain_id, manifest.blocklist);
        if (chain, list) != (self.chain_id, self.blocklist) {
            wrong.push(format!("its manifest is for another list, {list} on chain {chain}"));
        }
        let delisting = self.calls.iter().any(|call| call.function == "delistMany");
        let delisting = if delisting { Kind::DelistMany } else { Kind::Delist };
        match digest::calls(self, delisting).and_then(|c| Ok((c, digest::message(self)?))) {
            Ok((calls, message)) if (&calls, &message) == (&self.calls, &self.message) => {}
            Ok(_) => wrong.push("its calldata or digests are not those of its manifest".to_owned()),
            Err(why) => wrong.push(why.to_string()),
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    /// Writes the plan, and beside it the manifest's exact bytes, where only their owner reads
    /// them: before the act lands, what they name is not public.
    pub(crate) fn write(&self, path: &Path) -> Result<PathBuf> {
        let manifest_path = path.with_extension("manifest.json");
        file::write_private(&manifest_path, &self.manifest.to_bytes()?)?;
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        file::write_private(path, text.as_bytes())?;
        Ok(manifest_path)
    }

    /// What frames it.
    pub(crate) const fn frame(&self) -> Frame {
        Frame {
            framed: Framed::Plan,
            created_at: self.created_at,
            expires_at: self.expires_at,
            chain_id: self.chain_id,
            genesis_hash: self.genesis_hash,
            blocklist: self.blocklist,
            code_hash: self.code_hash,
            signed_act: self.signed_act,
            at_block: self.at_block,
            head: self.head,
            act_count: self.act_count,
            nonce: self.nonce,
            deadline: self.deadline,
        }
    }

    /// Whether anything is to be done.
    pub(crate) fn has_changes(&self) -> bool {
        !self.manifest.list.is_empty() || !self.manifest.delist.is_empty()
    }

    /// How many entries have a change.
    pub(crate) fn count(&self, change: Change) -> usize {
        self.changes.iter().filter(|c| **c == change).count()
    }

    /// The batch that the signed act holds: what is not listed now.
    pub(crate) fn holding_batch(&self) -> Result<IBlocklist::Batch> {
        let mut batch = self.manifest.listing_batch()?;
        let changes = self.changes.iter();
        let held = batch.entries.into_iter().zip(changes).filter(|(_, c)| **c == Change::Hold);
        batch.entries = held.map(|(entry, _)| entry).collect();
        Ok(batch)
    }

    /// Refuses a plan whose list has changed since.
    pub(crate) fn check_head(&self, head: B256, at: Pinned) -> Result<()> {
        if head == self.head {
            return Ok(());
        }
        let message = format!(
            "the list has changed since the plan: its head was {} after act {}, at block {} it is {head}",
            self.head, self.act_count, at.number
        );
        Err(self.frame().stale("stale", message).into())
    }

    /// The addresses that the signed act holds.
    pub(crate) fn held(&self) -> BTreeSet<Address> {
        let list = self.manifest.list.iter().zip(&self.changes);
        list.filter(|(_, c)| **c == Change::Hold).map(|(entry, _)| entry.address).collect()
    }
}

/// The refusal of a file whose parts do not belong together.
pub(crate) fn manipulated(path: &Path, why: &str, next: &str) -> Failure {
    let message = format!("{}: {why}", path.display());
    Failure::new(Exit::Stale, "manipulated_plan", message).next(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::plan;

    fn exit(result: Result<()>) -> Option<Exit> {
        result.err().map(|error| Failure::from_error(error).exit)
    }

    #[test]
    fn a_plan_is_proposed_only_on_its_head() {
        let at = Pinned { number: 1, hash: B256::ZERO, time: 0 };
        assert_eq!(exit(plan().check_head(B256::repeat_byte(5), at)), None);
        assert_eq!(exit(plan().check_head(B256::repeat_byte(6), at)), Some(Exit::Stale));
    }

    #[test]
    fn the_signed_act_holds_only_what_is_not_listed() {
        let batch = plan().holding_batch().unwrap();
        let uids: Vec<u64> = batch.entries.iter().map(|entry| entry.uid).collect();
        assert_eq!((uids, batch.manifest), (vec![1, 3], plan().manifest_hash));
    }

    #[test]
    fn a_plan_that_was_edited_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let check = |change: fn(&mut Plan), whole: bool| {
            let mut changed = plan();
            change(&mut changed);
            changed.write(&path).unwrap();
            assert_eq!(Plan::read(&path).is_ok(), whole);
            for file in [&path, &path.with_extension("manifest.json")] {
                assert!(!file::is_readable_by_others(file), "{}", file.display());
            }
        };
        check(|_| (), true);
        check(|plan| plan.manifest.list[0].uid = 8, false);
        check(|plan| plan.manifest_hash = B256::ZERO, false);
        check(|plan| _ = plan.changes.pop(), false);
        check(|plan| plan.chain_id = 2, false);
        check(|plan| plan.schema.push('0'), false);
        check(|plan| plan.calls[0].calldata_digest = B256::ZERO, false);
        check(|plan| plan.message = None, false);
        check(|plan| plan.nonce = 1, false);
    }
}
