//! The retraction file: which holds are to end and why, made once and signed as a plan is.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256};
use anyhow::Result;
use interdict_core::ledger::Ledger;
use interdict_core::manifest::Removal;
use interdict_core::retraction::RetractionManifest;
use interdict_core::source::Source;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::frame::{Frame, Framed};
use crate::file;
use crate::plan::AtBlock;

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.retraction/1";

/// What to do about a retraction whose parts do not belong together.
pub(crate) const ANEW: &str = "make it again with `interdict retract`, or get it again";

/// A reason is a sentence or two.
const REASON_CHARS_MAX: usize = 1000;

/// Which holds are to end on one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retraction {
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
    pub(crate) manifest: RetractionManifest,
    pub(crate) manifest_hash: B256,
}

impl Retraction {
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
        let (chain, list) = (manifest.chain_id, manifest.blocklist);
        if (chain, list) != (self.chain_id, self.blocklist) {
            wrong.push(format!("its manifest is for another list, {list} on chain {chain}"));
        }
        if manifest.retract.is_empty() || manifest.sources.is_empty() {
            wrong.push("it retracts nothing".to_owned());
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    /// What frames it.
    pub(crate) const fn frame(&self) -> Frame {
        Frame {
            framed: Framed::Retraction,
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

    /// Writes the retraction, and beside it the manifest's exact bytes, where only their owner
    /// reads them.
    pub(crate) fn write(&self, path: &Path) -> Result<PathBuf> {
        let manifest_path = path.with_extension("manifest.json");
        file::write_private(&manifest_path, &self.manifest.to_bytes()?)?;
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        file::write_private(path, text.as_bytes())?;
        Ok(manifest_path)
    }
}

/// Why an address cannot be retracted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotHeld {
    #[error("{0} is not listed now")]
    NotListed(Address),
    #[error("{0} is listed by vote: only a vote delists it")]
    ByVote(Address),
    #[error("{0} is not held under {1}")]
    OtherSource(Address, String),
}

/// The holds of these addresses as they stand, and the sources that let go of them: all of those
/// that hold them, or the ones that are named.
pub(crate) fn holds(
    ledger: &Ledger,
    time: u64,
    addresses: &[Address],
    named: &[Source],
) -> Result<(Vec<Source>, Vec<Removal>), NotHeld> {
    let named_mask = named.iter().fold(0, |mask, source| mask | source.mask());
    let (mut mask, mut removals) = (0, Vec::new());
    for &address in addresses {
        let episode = ledger.get(address).and_then(|listed| listed.current(time));
        let episode = episode.ok_or(NotHeld::NotListed(address))?;
        if !episode.is_provisional() {
            return Err(NotHeld::ByVote(address));
        }
        let wanted = if named.is_empty() { episode.sources } else { named_mask };
        let letting_go = episode.sources & wanted;
        if letting_go == 0 {
            return Err(NotHeld::OtherSource(address, Source::codes(named_mask).join(" ")));
        }
        mask |= letting_go;
        let under = episode.uids.iter().filter(|uid| uid.sources & letting_go != 0);
        removals.extend(under.map(|uid| Removal { address, uid: uid.uid }));
    }
    removals.sort_by_key(|removal| (removal.address, removal.uid));
    removals.dedup();
    let sources = Source::ALL.into_iter().filter(|source| mask & source.mask() != 0).collect();
    Ok((sources, removals))
}

/// A reason that people can read, and that says something.
pub(crate) fn check_reason(reason: &str) -> Result<(), String> {
    if reason.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(format!("is longer than {REASON_CHARS_MAX} characters"));
    }
    if reason.chars().any(char::is_control) {
        return Err("has line breaks or control characters".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
    use interdict_core::transfer::Position;

    use super::*;

    const NOW: u64 = 1_000;
    const OFAC: u16 = Source::OfacSdn.mask();

    /// An act's kind, sources, end, and pairs of account and uid.
    type Written<'a> = (Kind, u16, u64, &'a [(u8, u64)]);

    fn ledger(acts: &[Written<'_>]) -> Ledger {
        let mut ledger = Ledger::default();
        for (kind, sources, until, entries) in acts {
            let number = ledger.acts() + 1;
            let entry = |(n, uid): &(u8, u64)| ActEntry {
                account: Address::repeat_byte(*n),
                uid: *uid,
                designated_on: 0,
            };
            let mut act = Act {
                number,
                kind: *kind,
                sources: *sources,
                until: *until,
                data_as_of: 7,
                manifest: B256::repeat_byte(1),
                head: B256::ZERO,
                at: Position { block: number.into(), tx: 0, log: Some(0) },
                time: u64::from(number),
                tx_hash: B256::ZERO,
                entries: entries.iter().map(entry).collect(),
            };
            act.head = act.fold(ledger.head());
            ledger.push(&act).unwrap();
        }
        ledger
    }

    #[test]
    fn a_hold_is_retracted_under_every_person_that_it_names() {
        let ledger = ledger(&[(Kind::ListProvisional, OFAC, NOW + 1, &[(2, 5), (1, 9), (1, 3)])]);
        let both = [Address::repeat_byte(2), Address::repeat_byte(1)];
        let (sources, removals) = holds(&ledger, NOW, &both, &[]).unwrap();
        let found: Vec<_> = removals.iter().map(|r| (r.address[0], r.uid)).collect();
        assert_eq!((sources, found), (vec![Source::OfacSdn], vec![(1, 3), (1, 9), (2, 5)]));
    }

    #[test]
    fn only_what_is_held_now_is_retracted() {
        let ledger = ledger(&[
            (Kind::List, OFAC, UNTIL_MAX, &[(1, 1)]),
            (Kind::ListProvisional, OFAC, NOW, &[(2, 2)]),
            (Kind::ListProvisional, OFAC, NOW + 1, &[(3, 3)]),
        ]);
        let of = |n: u8, named: &[Source]| {
            holds(&ledger, NOW, &[Address::repeat_byte(n)], named).unwrap_err()
        };
        assert_eq!(of(1, &[]), NotHeld::ByVote(Address::repeat_byte(1)));
        assert_eq!(of(2, &[]), NotHeld::NotListed(Address::repeat_byte(2)), "it has lapsed");
        assert_eq!(of(9, &[]), NotHeld::NotListed(Address::repeat_byte(9)));
        let other = NotHeld::OtherSource(Address::repeat_byte(3), "EU".to_owned());
        assert_eq!(of(3, &[Source::Eu]), other);
    }

    #[test]
    fn a_reason_is_readable_and_not_empty() {
        let check = |reason: &str, right: bool| assert_eq!(check_reason(reason).is_ok(), right);
        check("held by mistake, notice of 2026-08-20", true);
        check("  ", false);
        check("two\nlines", false);
        check("hidden \u{1b}[2K", false);
        check(&"a".repeat(REASON_CHARS_MAX), true);
        check(&"a".repeat(REASON_CHARS_MAX + 1), false);
    }
}
