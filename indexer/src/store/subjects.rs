//! What the audit log says of changes of the subjects. Both databases write the same.

use alloy_primitives::Address;
use interdict_core::audit::{Event, Who};
use interdict_core::subject::Subject;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Imported;

/// Most subjects that one row names. Of more it has the hash: who imported them has the file.
const NAMED_MAX: usize = 100;

/// Subjects came in, or changed.
pub(super) fn subjects_imported(
    subjects: &[Subject],
    Imported { added, changed, unchanged }: Imported,
    who: &Who,
    at: i64,
) -> Event {
    let digest =
        subjects.iter().fold(Sha256::new(), |digest, Subject { address, kind, reference }| {
            digest.chain_update(format!("{address},{kind},{reference}\n"))
        });
    let named = (subjects.len() <= NAMED_MAX).then_some(subjects);
    let detail = json!({
        "added": added, "changed": changed, "unchanged": unchanged,
        "sha256": hex::encode(digest.finalize()), "subjects": named,
    });
    event("subjects.imported", who, at, detail)
}

/// Somebody is no subject any more.
pub(super) fn subject_removed(address: Address, who: &Who, at: i64) -> Event {
    event("subject.removed", who, at, json!({ "address": address.to_string() }))
}

fn event(kind: &str, who: &Who, at: i64, detail: serde_json::Value) -> Event {
    Event { who: who.clone(), at, kind: kind.to_owned(), alert: None, detail }
}
