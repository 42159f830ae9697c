//! The chain of hashes, by hand and by chance.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use alloy_primitives::{Address, b256};
use ed25519_dalek::SigningKey;
use serde_json::json;

use super::checkpoint::{Checkpoint, CheckpointError, Kept};
use super::*;

fn event(n: u32) -> Event {
    Event {
        who: Who { person: "alice".to_owned(), role: "analyst".to_owned() },
        at: 1_700_000_000 + i64::from(n),
        kind: "step.note".to_owned(),
        alert: Some(format!("{n:032x}").parse().unwrap()),
        detail: json!({ "text": format!("note {n}"), "b": null, "a": [1, "ü"] }),
    }
}

fn log(rows: u32) -> Vec<Row> {
    let mut end = End::default();
    (0..rows)
        .map(|n| {
            let row = event(n).behind(end).unwrap();
            end = row.end();
            row
        })
        .collect()
}

fn walk(rows: &[Row]) -> Result<End, Fault> {
    rows.iter().try_fold(End::default(), End::with)
}

#[test]
fn a_hash_is_what_anybody_computes() {
    // printf '%064d' 0 | xxd -r -p | cat - row.json | sha256sum, with
    // {"alert":null,"at":5,"detail":{},"kind":"token.created","number":1,"person":"console",
    //  "role":"console"} on one line without blanks.
    let event = Event {
        who: Who::console(),
        at: 5,
        kind: "token.created".to_owned(),
        alert: None,
        detail: json!({}),
    };
    let expected = b256!("b92790f46553e3bf074482bd364b6c1c28e0b2745c935ad4f86289a0d9d9d041");
    assert_eq!(event.behind(End::default()).unwrap().hash, expected);
}

#[test]
fn a_log_as_it_was_written_adds_up() {
    let rows = log(9);
    assert_eq!(walk(&rows).unwrap(), rows[8].end());
    assert_eq!(walk(&[]).unwrap(), End::default());
}

#[test]
fn what_json_does_not_mind_is_found_too() {
    let mut rows = log(3);
    rows[1].detail = rows[1].detail.replace(',', ", ");
    assert_eq!(walk(&rows).unwrap_err().number, 2);
}

#[test]
fn the_end_shows_only_against_what_was_kept() {
    let rows = log(9);
    let list = Address::repeat_byte(7);
    let key = SigningKey::from_bytes(&[3; 32]);
    let signed = Checkpoint::of(rows[6].end(), 1, list, 0).sign(&key).unwrap();
    let trusted = signed.public_key;
    let point = signed.clone().open(trusted, 1, list).unwrap();

    let compare = |rows: &[Row]| {
        let mut kept = Kept::new(std::slice::from_ref(&point));
        let mut end = End::default();
        for row in rows {
            end = end.with(row)?;
            kept.compare(end)?;
        }
        kept.finish(end)
    };
    assert_eq!(compare(&rows), Ok(()));
    assert_eq!(compare(&rows[..8]), Ok(()), "what came after the checkpoint is not known to it");
    assert_eq!(compare(&rows[..5]).unwrap_err().number, 6);
    let mut anew = rows[..3].to_vec();
    for n in 3..9 {
        let end = anew.last().unwrap().end();
        anew.push(event(n + 100).behind(end).unwrap());
    }
    assert!(walk(&anew).is_ok(), "the chain itself adds up");
    assert!(compare(&anew).unwrap_err().reason.contains("rows 1 to 7"));

    // What proves nothing is refused.
    let error = signed.clone().open(B256::ZERO, 1, list).unwrap_err();
    assert!(matches!(error, CheckpointError::OtherKey { .. }));
    let error = signed.clone().open(trusted, 5, list).unwrap_err();
    assert!(matches!(error, CheckpointError::OtherLog { chain_id: 1, .. }));
    let mut forged = signed;
    forged.checkpoint.number = 5;
    assert!(matches!(forged.open(trusted, 1, list), Err(CheckpointError::Signature)));
}
