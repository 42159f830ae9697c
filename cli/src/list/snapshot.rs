//! The list as a file that a site hosts, and that proves itself: every act in the order of the
//! fold, so that whoever folds them arrives at the list's `head`. Pure.
//!
//! The file ends with the last act, so that its bytes stay the same until there is another. What
//! the head does not cover, the chain, the list, and when each act happened, its seal does.

use std::fmt::Write as _;

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::sol_types::SolValue;
use interdict_core::ledger::Act;
use serde_json::json;

/// The name of the format.
const SCHEMA: &str = "interdict.snapshot/1";

/// Who publishes a snapshot, and their signature under its seal
/// ([`crate::paper::typed::snapshot`]).
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) signer: Address,
    pub(crate) signature: Bytes,
}

/// What a snapshot is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    pub(crate) chain_id: u64,
    pub(crate) blocklist: Address,
    /// All acts from the first, proved.
    pub(crate) acts: &'a [Act],
}

impl Snapshot<'_> {
    /// Where and when it ends: block and unix seconds of the last act, with the head after it.
    pub(crate) fn end(&self) -> (u64, u64, B256) {
        self.acts.last().map_or((0, 0, B256::ZERO), |act| (act.at.block, act.time, act.head))
    }

    /// Keccak-256 over words: head, chain, list, block, time, and time and block of each act.
    pub(crate) fn seal(&self) -> B256 {
        let (block, time, head) = self.end();
        let list = U256::from_be_slice(self.blocklist.as_slice());
        let mut words = vec![U256::from_be_bytes(head.0), U256::from(self.chain_id), list];
        words.extend([U256::from(block), U256::from(time)]);
        for act in self.acts {
            words.extend([U256::from(act.time), U256::from(act.at.block)]);
        }
        keccak256(words.abi_encode_packed())
    }

    /// The file's text: JSON, an act a line.
    pub(crate) fn text(&self, signed: Option<&Signed>) -> String {
        let (block, time, head) = self.end();
        let mut text = format!(
            "{{\"schema\":\"{SCHEMA}\",\"chain_id\":{},\"blocklist\":\"{:#x}\",\"block\":{block},\"time\":{time},\"head\":\"{head}\",\"seal\":\"{}\",",
            self.chain_id,
            self.blocklist,
            self.seal(),
        );
        if let Some(Signed { signer, signature }) = signed {
            let _ = write!(text, "\"signer\":\"{signer:#x}\",\"signature\":\"{signature}\",");
        }
        text.push_str("\"acts\":[");
        for (index, act) in self.acts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\n{}", line(act));
        }
        text.push_str("\n]}\n");
        text
    }
}

/// An act: kind, sources, until, data as of, time, block, manifest, entries.
fn line(act: &Act) -> serde_json::Value {
    let entry = |entry: &interdict_core::ledger::ActEntry| {
        let account = alloy::hex::encode(entry.account);
        format!("{account} {} {}", entry.uid, entry.designated_on)
    };
    let entries: Vec<String> = act.entries.iter().map(entry).collect();
    json!([
        act.kind as u8,
        act.sources,
        act.until,
        act.data_as_of,
        act.time,
        act.at.block,
        alloy::hex::encode(act.manifest),
        entries,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_core::ledger::{ActEntry, Kind, UNTIL_MAX};
    use interdict_core::transfer::Position;

    fn act(number: u32, before: B256, until: u64) -> Act {
        let account = Address::repeat_byte(0xaa);
        let mut act = Act {
            number,
            kind: Kind::List,
            sources: 1,
            until,
            data_as_of: 5,
            manifest: B256::repeat_byte(0x11),
            head: B256::ZERO,
            at: Position { block: 7, tx: 0, log: Some(1) },
            time: 60,
            tx_hash: B256::ZERO,
            entries: vec![ActEntry { account, uid: u64::MAX, designated_on: 86_400 }],
        };
        act.head = act.fold(before);
        act
    }

    #[test]
    fn a_snapshot_is_its_acts_an_act_a_line() {
        let acts = [act(1, B256::ZERO, UNTIL_MAX)];
        let blocklist = Address::repeat_byte(0xb1);
        let text = Snapshot { chain_id: 1, blocklist, acts: &acts }.text(None);
        let lines: Vec<&str> = text.lines().collect();
        let [start, act, end] = lines[..] else { panic!("{text}") };
        assert!(start.starts_with(
            "{\"schema\":\"interdict.snapshot/1\",\"chain_id\":1,\"blocklist\":\"0xb1b1"
        ));
        let manifest = "11".repeat(32);
        let account = "aa".repeat(20);
        let expected = format!(
            "[1,1,1099511627775,5,60,7,\"{manifest}\",[\"{account} 18446744073709551615 86400\"]]"
        );
        assert_eq!(act, expected);
        assert_eq!(end, "]}");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn a_signature_stands_beside_the_seal() {
        let snapshot = Snapshot { chain_id: 1, blocklist: Address::ZERO, acts: &[] };
        let publisher = Address::repeat_byte(0xcc);
        let signed = Signed { signer: publisher, signature: Bytes::from_static(&[1, 2]) };
        let text = snapshot.text(Some(&signed));
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(found["signer"], json!(publisher));
        assert_eq!(found["signature"], "0x0102");
        let mut plain: serde_json::Value = serde_json::from_str(&snapshot.text(None)).unwrap();
        plain["signer"] = found["signer"].clone();
        plain["signature"] = found["signature"].clone();
        assert_eq!(plain, found);
    }

    #[test]
    fn the_seal_covers_what_the_head_does_not() {
        let acts = [act(1, B256::ZERO, UNTIL_MAX)];
        let blocklist = Address::repeat_byte(0xb1);
        let sealed = Snapshot { chain_id: 1, blocklist, acts: &acts };
        let other = Snapshot { chain_id: 2, ..sealed };
        assert_ne!(sealed.seal(), other.seal());
        assert_ne!(sealed.seal(), Snapshot { blocklist: Address::ZERO, ..sealed }.seal());
        let mut later = acts.clone();
        later[0].time += 1;
        assert_eq!(sealed.end().2, Snapshot { acts: &later, ..sealed }.end().2);
        assert_ne!(sealed.seal(), Snapshot { acts: &later, ..sealed }.seal());
    }
}
