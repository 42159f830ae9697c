//! What people do is written down once, in its place, and stays.

use interdict_core::alert::AlertId;
use interdict_core::audit::{End, Event, Who};
use serde_json::json;

use super::ground::{Ground, NOW};
use crate::store::{AuditFilter, Store};

pub(super) fn event(person: &str, kind: &str, alert: Option<u8>) -> Event {
    Event {
        who: Who { person: person.to_owned(), role: "analyst".to_owned() },
        at: NOW,
        kind: kind.to_owned(),
        alert: alert.map(id),
        detail: json!({ "text": "\u{0}ü \"'", "number": 7 }),
    }
}

fn id(n: u8) -> AlertId {
    format!("{n:02x}").repeat(16).parse().unwrap()
}

/// Walks the whole log.
pub(super) async fn walked(store: &Store) -> End {
    let mut end = End::default();
    loop {
        let rows = store.audit_after(end.number).await.unwrap();
        if rows.is_empty() {
            return end;
        }
        for row in rows {
            end = end.with(&row.unwrap()).unwrap();
        }
    }
}

pub(super) async fn what_people_do_is_numbered_and_chained(ground: &Ground) {
    let store = ground.open().await;
    assert_eq!(store.audit_end().await.unwrap(), End::default());
    let first = store.audited(event("alice", "token.created", None)).await.unwrap();
    assert_eq!(first.number, 1);
    let writers = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                store.audited(event("bob", "step.note", Some(1))).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let end = walked(&store).await;
    assert_eq!((end.number, end), (41, store.audit_end().await.unwrap()));
}

pub(super) async fn the_log_is_only_added_to(ground: &Ground) {
    let store = ground.open().await;
    store.audited(event("alice", "token.created", None)).await.unwrap();
    for statement in ["UPDATE audit SET person = 'mallory'", "DELETE FROM audit"] {
        let error = ground.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("only added to"), "{error}");
    }
    assert_eq!(walked(&store).await.number, 1);
}

pub(super) async fn the_log_is_read_from_its_end_and_narrowed(ground: &Ground) {
    let store = ground.open().await;
    for (person, kind, alert) in [
        ("alice", "step.note", Some(1)),
        ("bob", "step.close", Some(1)),
        ("alice", "token.created", None),
        ("alice", "step.note", Some(2)),
        ("alice", "stepping", None),
    ] {
        store.audited(event(person, kind, alert)).await.unwrap();
    }
    let read = async |filter: AuditFilter, below| {
        let rows = store.audit(&filter, below, 2).await.unwrap();
        rows.into_iter().map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(read(AuditFilter::default(), None).await, [5, 4]);
    assert_eq!(read(AuditFilter::default(), Some(4)).await, [3, 2]);
    assert_eq!(read(AuditFilter::default(), Some(2)).await, [1]);
    let person = Some("bob".to_owned());
    assert_eq!(read(AuditFilter { person, ..AuditFilter::default() }, None).await, [2]);
    let of_kind =
        |kind: &str| AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
    assert_eq!(read(of_kind("step.note"), None).await, [4, 1]);
    assert_eq!(read(of_kind("step."), Some(4)).await, [2, 1]);
    let alert = Some(id(1));
    assert_eq!(read(AuditFilter { alert, ..AuditFilter::default() }, None).await, [2, 1]);
}
