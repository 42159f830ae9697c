//! The plan file: what a publication would change on one list, made once and checked by everyone
//! who acts on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::manifest::{AccountKind, Manifest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::chain::Pinned;
use crate::deployed::Deployed;
use crate::diff::Change;
use crate::exit::{Exit, Failure};
use crate::file;
use crate::guard::Override;
use crate::source::Quarantined;
use crate::text::{self, printable};

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.plan/1";

/// More than any plan of real lists; what is longer is the wrong file.
const PLAN_BYTES_MAX: u64 = 64 * 1024 * 1024;
const ROWS_SHOWN_MAX: usize = 10;

/// A block, in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtBlock {
    pub(crate) number: u64,
    pub(crate) hash: B256,
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
    /// The guards that were overridden.
    pub(crate) overrides: Vec<Override>,
    pub(crate) manifest: Manifest,
    pub(crate) manifest_hash: B256,
    /// What is to be done for each entry of the manifest's list, in its order.
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: usize,
    pub(crate) quarantine: Vec<Quarantined>,
    /// Addresses of other chains, by ticker.
    pub(crate) not_evm: BTreeMap<String, u64>,
    pub(crate) notes: Vec<String>,
}

impl Plan {
    /// Reads a plan and checks that it is whole: its manifest has the hash that it states.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let context = || format!("cannot read the plan {}", path.display());
        let usage = |message: String| Failure::new(Exit::Usage, "bad_plan", message);
        if std::fs::metadata(path).with_context(context)?.len() > PLAN_BYTES_MAX {
            return Err(usage(format!("{} is too long to be a plan", path.display())).into());
        }
        let text = std::fs::read_to_string(path).with_context(context)?;
        let plan: Self = serde_json::from_str(&text)
            .map_err(|e| usage(format!("{} is no plan of this version: {e}", path.display())))?;
        plan.check_whole().map_err(|why| {
            Failure::new(Exit::Stale, "manipulated_plan", format!("{}: {why}", path.display()))
                .next("make the plan again, or get it again from whoever made it")
        })?;
        Ok(plan)
    }

    fn check_whole(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("has schema {:?}, this version reads {SCHEMA:?}", self.schema));
        }
        let hash = self.manifest.hash().map_err(|e| e.to_string())?;
        if hash != self.manifest_hash {
            return Err(format!("its manifest hashes to {hash}, it states {}", self.manifest_hash));
        }
        if self.changes.len() != self.manifest.list.len() {
            return Err("its changes and its manifest have different lengths".to_owned());
        }
        let (manifest, own) = (&self.manifest, (self.chain_id, self.blocklist));
        if (manifest.chain_id, manifest.blocklist) != own {
            return Err("its manifest is for another list".to_owned());
        }
        Ok(())
    }

    /// Writes the plan, and beside it the manifest's exact bytes.
    pub(crate) fn write(&self, path: &Path) -> Result<PathBuf> {
        let manifest_path = path.with_extension("manifest.json");
        file::write(&manifest_path, &self.manifest.to_bytes()?)?;
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        file::write(path, text.as_bytes())?;
        Ok(manifest_path)
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

    /// Refuses a plan whose time is over, by the chain's clock.
    pub(crate) fn check_time(&self, now: u64) -> Result<()> {
        if i128::from(self.expires_at.as_second()) > i128::from(now) {
            return Ok(());
        }
        let message = format!(
            "the plan expired at {}, on the chain it is {}",
            self.expires_at,
            text::time(now)
        );
        Err(stale("expired", message).into())
    }

    /// Refuses a plan for another chain, contract or code.
    pub(crate) fn check_place(&self, deployed: &Deployed) -> Result<()> {
        let book = &deployed.book;
        let place = (self.chain_id, self.genesis_hash, self.blocklist, self.signed_act);
        let here =
            (book.chain_id, book.genesis_hash, book.blocklist.address, book.signed_act.address);
        if place == here && self.code_hash == book.blocklist.code_hash {
            return Ok(());
        }
        let message = format!(
            "the plan is for the list {} on chain {} (code {}), we are connected to {} on chain {} (code {})",
            self.blocklist,
            self.chain_id,
            self.code_hash,
            book.blocklist.address,
            book.chain_id,
            book.blocklist.code_hash
        );
        Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("check --rpc-url and --deployments")
            .into())
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
        Err(stale("stale", message).into())
    }

    /// The plan for people, without the end of a long table.
    pub(crate) fn summary(&self) -> String {
        self.described(ROWS_SHOWN_MAX)
    }

    /// The plan for people, every row of it.
    pub(crate) fn in_full(&self) -> String {
        self.described(usize::MAX)
    }

    fn described(&self, rows_max: usize) -> String {
        let publication = &self.manifest.publication;
        let to_hold = match self.count(Change::Hold) {
            0 => "0".to_owned(),
            n => format!("{} ({})", self.addresses(), entries(n)),
        };
        let list = text::facts(&[
            ("source", format!("{} as of {}", publication.source, publication.data_as_of)),
            ("publication", format!("{} sha256 {}", publication.format, publication.sha256)),
            ("list", format!("{} on chain {}", self.blocklist, self.chain_id)),
            ("head", format!("{} after act {}", self.head, self.act_count)),
            ("manifest", self.manifest_hash.to_string()),
            ("expires", self.expires_at.to_string()),
            ("to hold", to_hold),
            ("to ratify", self.count(Change::Ratify).to_string()),
            ("to join", self.count(Change::Join).to_string()),
            ("by vote", self.count(Change::Vote).to_string()),
            ("to delist", self.manifest.delist.len().to_string()),
            ("unchanged", self.unchanged.to_string()),
            ("quarantine", self.quarantine.len().to_string()),
            ("not EVM", self.other_chains()),
        ]);
        let mut text = list;
        self.show_changes(&mut text, rows_max);
        if !self.quarantine.is_empty() {
            let rows = self.quarantine.iter().map(|q| {
                let feature = q.feature.clone().unwrap_or_default();
                [printable(&q.published), printable(&q.uid), printable(&feature), q.reason.clone()]
            });
            let table = text::table(["QUARANTINED", "UID", "FEATURE", "REASON"], rows.collect());
            let _ = write!(text, "\n\n{table}");
        }
        for note in &self.notes {
            let _ = write!(text, "\nnote: {note}");
        }
        for overridden in &self.overrides {
            let _ = write!(text, "\noverridden guard: {overridden:?}");
        }
        text
    }

    /// The changes as a table, at most so many rows of it.
    pub(crate) fn show_changes(&self, text: &mut String, rows_max: usize) {
        let listings = self.manifest.list.iter().zip(&self.changes).map(|(entry, change)| {
            let date = entry.designated_on.map_or_else(|| "-".to_owned(), |d| d.to_string());
            let address = entry.address.to_string();
            let uid = text::person(&entry.authority_id, entry.uid);
            let words = [entry.programs.join(" "), entry.tickers.join(" ")].map(|w| printable(&w));
            let [programs, tickers] = words;
            [change.word().to_owned(), address, uid, date, kind(entry.kind), programs, tickers]
        });
        let removals = self.manifest.delist.iter().map(|removal| {
            let blank = String::new;
            let (address, uid) = (removal.address.to_string(), removal.uid.to_string());
            ["delist".to_owned(), address, uid, blank(), blank(), blank(), blank()]
        });
        let rows: Vec<_> = listings.chain(removals).collect();
        if rows.is_empty() {
            return;
        }
        let more = rows.len().saturating_sub(rows_max);
        let header = ["CHANGE", "ADDRESS", "UID", "DESIGNATED", "KIND", "PROGRAMS", "TICKERS"];
        let table = text::table(header, rows.into_iter().take(rows_max).collect());
        let _ = write!(text, "\n\n{table}");
        if more > 0 {
            let _ = write!(text, "\n… and {more} more; the plan file has all of them");
        }
    }

    /// The addresses that the signed act holds.
    pub(crate) fn held(&self) -> BTreeSet<Address> {
        let list = self.manifest.list.iter().zip(&self.changes);
        list.filter(|(_, c)| **c == Change::Hold).map(|(entry, _)| entry.address).collect()
    }

    fn addresses(&self) -> String {
        text::count(self.held().len(), "address", "addresses")
    }

    fn other_chains(&self) -> String {
        let total: u64 = self.not_evm.values().sum();
        let tickers: Vec<_> =
            self.not_evm.iter().map(|(ticker, n)| format!("{} {n}", printable(ticker))).collect();
        if tickers.is_empty() {
            return "0".to_owned();
        }
        format!("{total} ({})", tickers.join(", "))
    }
}

fn stale(code: &'static str, message: String) -> Failure {
    Failure::new(Exit::Stale, code, message).next("make a new plan with `interdict plan`")
}

fn entries(n: usize) -> String {
    text::count(n, "entry", "entries")
}

fn kind(kind: AccountKind) -> String {
    match kind {
        AccountKind::Eoa => "eoa",
        AccountKind::Contract => "contract",
        AccountKind::Delegated => "delegated",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use interdict_core::manifest::{ManifestEntry, Publication};
    use interdict_core::source::Source;

    use super::*;

    const EXPIRES: i64 = 1_800_000_000;

    fn plan() -> Plan {
        let entry = |n: u8| ManifestEntry {
            address: Address::repeat_byte(n),
            uid: n.into(),
            authority_id: n.to_string(),
            designated_on: None,
            valid_until: None,
            programs: vec![],
            published: vec![],
            tickers: vec![],
            features: vec![],
            kind: AccountKind::Eoa,
        };
        let manifest = Manifest {
            schema: interdict_core::manifest::SCHEMA.to_owned(),
            chain_id: 1,
            blocklist: Address::repeat_byte(9),
            publication: Publication {
                source: Source::OfacSdn,
                format: "csv".to_owned(),
                sha256: B256::ZERO,
                comments_sha256: None,
                data_as_of: Timestamp::UNIX_EPOCH,
            },
            list: vec![entry(1), entry(2), entry(3)],
            delist: vec![],
        };
        Plan {
            schema: SCHEMA.to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(EXPIRES).unwrap(),
            chain_id: 1,
            genesis_hash: B256::ZERO,
            blocklist: manifest.blocklist,
            code_hash: B256::ZERO,
            signed_act: Address::ZERO,
            at_block: AtBlock { number: 0, hash: B256::ZERO },
            head: B256::repeat_byte(5),
            act_count: 1,
            nonce: 0,
            deadline: 0,
            overrides: vec![],
            manifest_hash: manifest.hash().unwrap(),
            manifest,
            changes: vec![Change::Hold, Change::Ratify, Change::Hold],
            unchanged: 0,
            quarantine: vec![],
            not_evm: BTreeMap::new(),
            notes: vec![],
        }
    }

    fn exit(result: Result<()>) -> Option<Exit> {
        result.err().map(|error| Failure::from_error(error).exit)
    }

    #[test]
    fn a_plan_is_acted_on_only_in_its_time_and_on_its_head() {
        let expires = u64::try_from(EXPIRES).unwrap();
        assert_eq!(exit(plan().check_time(expires - 1)), None);
        assert_eq!(exit(plan().check_time(expires)), Some(Exit::Stale));
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
        };
        check(|_| (), true);
        check(|plan| plan.manifest.list[0].uid = 8, false);
        check(|plan| plan.manifest_hash = B256::ZERO, false);
        check(|plan| _ = plan.changes.pop(), false);
        check(|plan| plan.chain_id = 2, false);
        check(|plan| plan.schema.push('0'), false);
    }
}
