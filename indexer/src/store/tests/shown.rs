//! What those who look are shown: the list, addresses, subjects, and the news as it comes.

use alloy_primitives::{Address, B256};
use interdict_core::audit::Who;
use interdict_core::ledger::{Act, Kind};
use interdict_core::subject::{Subject, SubjectKind};

use super::ground::{Ground, LISTED, NOW, PAYER, intake, paying};
use crate::store::shown::{Found, ListState};
use crate::store::{Intake, News, Store};
use crate::world::{Script, account, block, genesis, place};

/// Three acts, in blocks 101 and 102.
fn acts() -> Vec<Act> {
    let listed = [account(LISTED)];
    let script = Script::default()
        .act(Kind::ListProvisional, place(101, 0, 1), &listed)
        .act(Kind::List, place(102, 0, 1), &listed)
        .act(Kind::Delist, place(102, 1, 3), &listed);
    script.0
}

/// A store with a payment and an act, and two more acts in the block above.
async fn filled(ground: &Ground) -> (Store, Vec<Act>) {
    let (store, acts) = (ground.begun().await, acts());
    let one = paying(genesis(), 2);
    store.apply(Intake { acts: acts[..1].to_vec(), ..intake(&one) }).await.unwrap();
    let two = block(one.header, &[]);
    store.apply(Intake { acts: acts[1..].to_vec(), ..intake(&two) }).await.unwrap();
    (store, acts)
}

pub(super) async fn the_list_is_read_on_from_what_is_known(ground: &Ground) {
    let store = ground.open().await;
    let nothing = ListState { cursor: 0, time: 0, head: Some(B256::ZERO), acts: vec![] };
    assert_eq!(store.list_after(0).await.unwrap(), nothing, "before it has begun");
    store.close().await;
    drop(store);
    let (store, acts) = filled(ground).await;
    let last = store.trail().await.unwrap().1.pop().unwrap();
    let state = |head: Option<B256>, from: usize| ListState {
        cursor: last.number,
        time: last.time,
        head,
        acts: acts.get(from..).unwrap_or_default().to_vec(),
    };
    assert_eq!(store.list_after(0).await.unwrap(), state(Some(B256::ZERO), 0));
    assert_eq!(store.list_after(1).await.unwrap(), state(Some(acts[0].head), 1));
    assert_eq!(store.list_after(3).await.unwrap(), state(Some(acts[2].head), 3));
    assert_eq!(store.list_after(4).await.unwrap(), state(None, 3), "there is no such act");
    // What a reorganisation takes back is not there to go on from.
    store.revert_to(101, NOW).await.unwrap();
    let now = store.list_after(3).await.unwrap();
    assert_eq!((now.cursor, now.head, now.acts.len()), (101, None, 0));
}

pub(super) async fn acts_are_paged_from_the_newest(ground: &Ground) {
    let (store, _) = filled(ground).await;
    let page = async |below, limit| -> Vec<u32> {
        let acts = store.acts_below(below, limit).await.unwrap();
        acts.into_iter().map(|act| act.number).collect()
    };
    assert_eq!(page(None, 2).await, [3, 2]);
    assert_eq!(page(Some(2), 2).await, [1]);
    assert_eq!(page(Some(1), 2).await, [0_u32; 0]);
    assert_eq!(page(None, 99).await, [3, 2, 1]);
}

pub(super) async fn an_address_is_found_on_either_side_while_the_chain_has_it(ground: &Ground) {
    let (store, _) = filled(ground).await;
    let found = async |n| store.found(account(n)).await.unwrap();
    assert_eq!(found(LISTED).await, Found { as_listed: 2, as_counterparty: 0 });
    assert_eq!(found(PAYER).await, Found { as_listed: 0, as_counterparty: 2 });
    assert_eq!(found(77).await, Found::default());
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert_eq!(found(LISTED).await, Found::default(), "what was taken back does not count");
}

pub(super) async fn subjects_are_paged_by_their_addresses(ground: &Ground) {
    let store = ground.open().await;
    let subject = |n: u8| Subject {
        address: account(n),
        kind: if n.is_multiple_of(2) { SubjectKind::Pool } else { SubjectKind::Customer },
        reference: format!("K-{n}"),
    };
    let all: Vec<_> = (1..=5).map(subject).collect();
    store.import_subjects(&all, &Who::console(), NOW).await.unwrap();
    assert_eq!(store.subjects_above(None, 2).await.unwrap(), all[..2]);
    assert_eq!(store.subjects_above(Some(account(2)), 2).await.unwrap(), all[2..4]);
    assert_eq!(store.subjects_above(Some(account(5)), 2).await.unwrap(), []);
    assert_eq!(store.subject(account(3)).await.unwrap(), Some(all[2].clone()));
    assert_eq!(store.subject(Address::ZERO).await.unwrap(), None);
    assert!(store.remove_subject(account(3), &Who::console(), NOW).await.unwrap());
    assert_eq!(store.subject(account(3)).await.unwrap(), None);
    let left: Vec<_> = [0, 1, 3, 4].map(|at: usize| all[at].clone()).into();
    assert_eq!(store.subjects_above(None, 9).await.unwrap(), left);
}

pub(super) async fn news_is_told_from_a_place_on_in_order(ground: &Ground) {
    let store = ground.begun().await;
    assert_eq!(store.news_end(0).await.unwrap(), (0, 0));
    let one = paying(genesis(), 3);
    let made = store.apply(intake(&one)).await.unwrap().created;
    store.revert_to(genesis().number, NOW).await.unwrap();
    let told = store.news_after(0, 9).await.unwrap();
    let seqs: Vec<_> = told.iter().map(|news| news.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6]);
    let kinds: Vec<_> = told.iter().map(|news| news.kind.as_str()).collect();
    let (created, retracted) = (News::Created.word(), News::Retracted.word());
    assert_eq!(kinds, [created, created, created, retracted, retracted, retracted]);
    for (news, alert) in told.iter().zip(&made) {
        assert_eq!((news.alert, news.severity), (alert.id, alert.severity));
    }
    assert_eq!(store.news_after(2, 2).await.unwrap(), told[2..4]);
    assert_eq!(store.news_after(6, 9).await.unwrap(), []);
    assert_eq!(store.news_end(1).await.unwrap(), (6, 2), "what came back is nothing new");
    assert_eq!(store.news_end(i64::MAX).await.unwrap(), (6, 0));
}
