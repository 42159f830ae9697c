//! Final history is taken in by spans: whole, once and in its place.

use std::collections::BTreeMap;

use interdict_core::alert::Confirmation;
use interdict_core::ledger::Standing;
use interdict_core::transfer::Verification;

use super::ground::{Ground, LISTED, NOW, intake, paying};
use super::laws::{all, news};
use crate::chain::Header;
use crate::store::{Finality, Span, StoreError};
use crate::world::{account, block, genesis};

/// A span above a header with a payment in its first block and nothing in its last.
fn span(from: Header) -> Span {
    let paid = paying(from, 1);
    let last = block(paid.header, &[]);
    let mut intake = intake(&paid);
    for alert in &mut intake.alerts {
        alert.confirmation = Confirmation::Confirmed;
        alert.transfer.verification = Verification::Sampled;
    }
    let verified = Verification::Sampled;
    let moved = BTreeMap::new();
    Span { from, to: last.header, blocks: vec![intake], moved, verified, now: NOW }
}

pub(super) async fn a_span_is_taken_in_once_and_in_its_place(ground: &Ground) {
    let store = ground.begun().await;
    let begun = span(genesis());
    let found = store.apply_span(begun.clone()).await.unwrap().created;
    assert_eq!(found.len(), 1);
    let known = all(&store).await;
    assert_eq!(known, found);
    assert_eq!(known[0].transfer.verification, Verification::Sampled);
    let (finalized, trail) = store.trail().await.unwrap();
    assert_eq!((finalized, trail.last()), (begun.to.number, Some(&begun.to)));
    let first = begun.blocks[0].header.number;
    assert!(trail.iter().all(|header| header.number != first), "only its last header is kept");

    let again = store.apply_span(begun.clone()).await;
    assert!(matches!(again, Err(StoreError::CursorMoved { expected: 100 })), "{again:?}");
    let elsewhere = Header { hash: genesis().hash, ..begun.to };
    let refused = store.apply_span(span(elsewhere)).await;
    assert!(matches!(refused, Err(StoreError::CursorMoved { .. })), "{refused:?}");
    assert_eq!(all(&store).await, known);

    // The next block is taken in above it as above any other.
    store.apply(intake(&paying(begun.to, 1))).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
}

pub(super) async fn a_span_confirms_what_was_pending_below_it(ground: &Ground) {
    let store = ground.begun().await;
    let before = paying(genesis(), 2);
    store.apply(intake(&before)).await.unwrap();
    let changes = store.apply_span(span(before.header)).await.unwrap();
    assert_eq!((changes.created.len(), changes.updated), (1, 2));
    assert!(all(&store).await.iter().all(|alert| alert.confirmation == Confirmation::Confirmed));
    let told: Vec<_> = news(&store).await.into_iter().map(|(_, kind)| kind).collect();
    let expected =
        ["alert.created", "alert.created", "alert.created", "alert.updated", "alert.updated"];
    assert_eq!(told, expected);
    // The chain's own word on it changes nothing any more.
    let last = store.trail().await.unwrap().1.pop().unwrap();
    let confirmed = store.confirm_to(last, NOW).await.unwrap();
    assert!(matches!(confirmed, Finality::Confirmed(changes) if changes.updated == 0));
}

pub(super) async fn what_a_span_finds_says_how_its_address_stands_after_it(ground: &Ground) {
    let store = ground.begun().await;
    let moved = [(account(LISTED), Standing::Delisted)].into();
    store.apply_span(Span { moved, ..span(genesis()) }).await.unwrap();
    assert_eq!(all(&store).await[0].standing, Standing::Delisted);
    let settled = store.reevaluate(NOW).await.unwrap();
    assert!(settled.is_none_or(|changes| changes.reevaluated == 0), "there is nothing to tell");
}
