//! What somebody with the database in hand does to the audit log is found, and where.

use std::fmt::Write as _;

use interdict_core::audit::checkpoint::{Checkpoint, Kept, SigningKey};
use interdict_core::audit::{End, Row};
use serde_json::json;

use super::audit::event;
use super::ground::{Ground, home};
use crate::audit::{AuditError, walk};
use crate::store::{Place, Store};

/// Rows of the log.
const ROWS: u64 = 60;
/// A checkpoint is made after so many.
const CHECKPOINT_EVERY_ROWS: u64 = 20;
const TAMPERINGS: u64 = 1_000;

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn row(&mut self) -> u64 {
        1 + self.below(ROWS)
    }
}

/// How a database writes bytes, and takes a byte of them.
fn bytes(place: &Place, bytes: &[u8]) -> String {
    let hex = alloy_primitives::hex::encode(bytes);
    match place {
        Place::File(_) => format!("x'{hex}'"),
        Place::Server { .. } => format!("'\\x{hex}'"),
    }
}

/// The first row at which it must be seen, at the earliest and at the latest.
struct Seen(u64, u64);

/// One column of one row.
fn edit(place: &Place, dice: &mut Dice, rows: &[Row]) -> (String, Seen) {
    let number = dice.row();
    let row = &rows[usize::try_from(number - 1).unwrap()];
    let mut hash = row.hash.0;
    hash[usize::try_from(dice.below(32)).unwrap()] ^= 1 << dice.below(8);
    let detail = row.detail.replace('\'', "''");
    let set = match dice.below(8) {
        0 => format!("at = at + {}", 1 + dice.below(9)),
        1 => "person = person || 'x'".to_owned(),
        2 => "role = 'admin'".to_owned(),
        3 => "kind = 'step.close'".to_owned(),
        4 => format!("alert_id = {}", bytes(place, &[0xee; 16])),
        5 => format!("hash = {}", bytes(place, &hash)),
        6 => format!("detail = '{}'", detail.replacen(':', ": ", 1)),
        _ => format!("detail = '{}'", detail.replacen('7', "8", 1)),
    };
    (format!("UPDATE audit SET {set} WHERE number = {number};"), Seen(number, number))
}

fn delete(dice: &mut Dice) -> (String, Seen) {
    let number = dice.row();
    let mut script = format!("DELETE FROM audit WHERE number = {number};");
    if dice.below(2) == 0 {
        // And nobody sees a gap.
        write!(
            script,
            "UPDATE audit SET number = 1000 + number WHERE number > {number};
             UPDATE audit SET number = number - 1001 WHERE number > 1000;"
        )
        .unwrap();
    }
    (script, Seen(number, number))
}

fn insert(dice: &mut Dice) -> (String, Seen) {
    let (number, like) = (dice.row(), dice.row());
    let from = if like >= number { like + 1 } else { like };
    let script = format!(
        "UPDATE audit SET number = 1000 + number WHERE number >= {number};
         UPDATE audit SET number = number - 999 WHERE number >= 1000;
         INSERT INTO audit (number, at, person, role, kind, alert_id, detail, hash)
             SELECT {number}, at, 'mallory', role, kind, alert_id, detail, hash
             FROM audit WHERE number = {from};"
    );
    (script, Seen(number, number))
}

fn swap(dice: &mut Dice) -> (String, Seen) {
    let one = dice.row();
    let other = 1 + (one + dice.below(ROWS - 1)) % ROWS;
    let script = format!(
        "UPDATE audit SET number = 1000 WHERE number = {one};
         UPDATE audit SET number = {one} WHERE number = {other};
         UPDATE audit SET number = {other} WHERE number = 1000;"
    );
    (script, Seen(one.min(other), one.min(other)))
}

fn truncate(dice: &mut Dice) -> (String, Seen) {
    let kept = dice.below(ROWS);
    (format!("DELETE FROM audit WHERE number > {kept};"), Seen(kept + 1, kept + 1))
}

/// Everything from a row on is written anew, and its hashes are computed as they must be.
fn rewrite(place: &Place, dice: &mut Dice, rows: &[Row]) -> (String, Seen) {
    let from = dice.row();
    let before = usize::try_from(from - 1).unwrap();
    let mut end = before.checked_sub(1).map_or_else(End::default, |last| rows[last].end());
    let mut script = String::new();
    for row in &rows[before..] {
        let mut event = event(&row.person, &row.kind, None);
        (event.alert, event.at) = (row.alert, row.at);
        event.detail = serde_json::from_str(&row.detail).unwrap();
        if row.number == from {
            event.detail = json!({ "text": "nothing happened" });
        }
        let anew = event.behind(end).unwrap();
        end = anew.end();
        write!(
            script,
            "UPDATE audit SET detail = '{}', hash = {} WHERE number = {};",
            anew.detail.replace('\'', "''"),
            bytes(place, anew.hash.as_slice()),
            anew.number
        )
        .unwrap();
    }
    let first = (from - 1) / CHECKPOINT_EVERY_ROWS * CHECKPOINT_EVERY_ROWS + 1;
    (script, Seen(first, from))
}

async fn filled(store: &Store) -> (Vec<Row>, Vec<Checkpoint>) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (mut rows, mut points) = (Vec::new(), Vec::new());
    for n in 0..ROWS {
        let person = ["alice", "bob", "eve"][usize::try_from(n % 3).unwrap()];
        let alert = (n % 2 == 0).then(|| u8::try_from(n).unwrap());
        let mut event = event(person, "step.note", alert);
        event.detail["row"] = json!(n);
        let row = store.audited(event).await.unwrap();
        if row.number % CHECKPOINT_EVERY_ROWS == 0 {
            let point = Checkpoint::of(row.end(), home().chain_id, home().blocklist, 0);
            let signed = point.sign(&key).unwrap();
            let trusted = signed.public_key;
            points.push(signed.open(trusted, home().chain_id, home().blocklist).unwrap());
        }
        rows.push(row);
    }
    (rows, points)
}

pub(super) async fn of_a_thousand_tamperings_every_one_is_found(ground: &Ground) {
    let store = ground.open().await;
    let (rows, points) = filled(&store).await;
    assert_eq!(walk(&store, Kept::new(&points)).await.unwrap(), rows.last().unwrap().end());
    let place = ground.place();
    let on_table = if matches!(place, Place::File(_)) { "" } else { " ON audit" };
    ground
        .execute(&format!(
            "DROP TRIGGER audit_rows_stay{on_table}; DROP TRIGGER {};
             CREATE TABLE untouched AS SELECT * FROM audit;",
            if on_table.is_empty() {
                "audit_rows_stay_as_they_are"
            } else {
                "IF EXISTS nothing_else ON audit"
            }
        ))
        .await
        .unwrap();
    let mut kinds = [0_u64; 6];
    for seed in 0..TAMPERINGS {
        let mut dice = Dice(seed);
        let kind = dice.below(6);
        let (script, Seen(first, last)) = match kind {
            0 => edit(place, &mut dice, &rows),
            1 => delete(&mut dice),
            2 => insert(&mut dice),
            3 => swap(&mut dice),
            4 => truncate(&mut dice),
            _ => rewrite(place, &mut dice, &rows),
        };
        kinds[usize::try_from(kind).unwrap()] += 1;
        ground.execute(&script).await.unwrap();
        match walk(&store, Kept::new(&points)).await {
            Err(AuditError::Tampered(fault)) => {
                assert!((first..=last).contains(&fault.number), "seed {seed}: {fault}\n{script}");
            }
            other => panic!("seed {seed} is not found: {other:?}\n{script}"),
        }
        ground
            .execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM untouched;")
            .await
            .unwrap();
    }
    assert!(kinds.iter().all(|count| *count > 100), "{kinds:?}");
    assert_eq!(walk(&store, Kept::new(&points)).await.unwrap(), rows.last().unwrap().end());
}
