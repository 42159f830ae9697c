//! Every kind of finding is kept as it is, and what tokens say of themselves once.

use std::collections::BTreeSet;

use alloy_primitives::{B256, U256};

use super::ground::{Ground, LISTED, intake, ledger, paying};
use crate::decode;
use crate::store::Store;
use crate::tokens::Words;
use crate::world;
use crate::world::{
    CHAIN, STRANGE_TOKEN, TOKEN, account, block, calling, delegating, delegation, genesis, tx,
};

/// A database with a finding that names a token.
async fn with_a_token(ground: &Ground) -> Store {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    store
}

pub(super) async fn findings_of_every_kind_are_kept_as_they_are(ground: &Ground) {
    let store = ground.begun().await;
    let word = |n: u8| account(n).into_word();
    let topics = |topic, parties: &[u8]| {
        [topic].into_iter().chain(parties.iter().map(|n| word(*n))).collect::<Vec<_>>()
    };
    let data = |n: u64| U256::from(n).to_be_bytes_vec();
    let single = [data(7), data(1)].concat();
    let batch = [64, 160, 2, 7, 8, 2, 1, 1].map(data).concat();
    let drafts = [
        calling(1, Some(account(LISTED)), 0, vec![1]),
        tx(2, Some(account(LISTED)), 9),
        tx(3, None, 0).log(
            STRANGE_TOKEN,
            [topics(decode::TRANSFER, &[1, LISTED]), vec![B256::ZERO]].concat(),
            [].into(),
        ),
        tx(4, None, 0).log(TOKEN, topics(decode::TRANSFER_SINGLE, &[LISTED, 1, 2]), single.into()),
        tx(5, None, 0).log(TOKEN, topics(decode::TRANSFER_BATCH, &[1, 1, LISTED]), batch.into()),
        tx(6, None, 0).log(TOKEN, topics(decode::DEPOSIT, &[LISTED]), data(9).into()),
        tx(7, None, 0).log(TOKEN, topics(decode::WITHDRAWAL, &[LISTED]), data(9).into()),
        tx(8, None, 0).log(TOKEN, topics(decode::APPROVAL, &[1, LISTED]), data(9).into()),
        tx(9, None, 0).transfer(decode::COIN_LOGGER, account(1), account(LISTED), 9),
        tx(10, None, 0).log(TOKEN, topics(decode::APPROVAL, &[LISTED]), data(9).into()),
        delegating(11, account(1), vec![delegation(CHAIN, account(LISTED))]),
    ];
    let block = block(genesis(), &drafts);
    let found = world::live(&block, &ledger());
    assert_eq!((found.alerts.len(), found.undecoded.len()), (11, 1));
    store.apply(intake(&block)).await.unwrap();
    for alert in found.alerts {
        assert_eq!(store.alert(alert.id).await.unwrap().as_ref(), Some(&alert));
    }
    assert_eq!(store.unasked_tokens(9).await.unwrap(), [STRANGE_TOKEN, TOKEN]);
}

pub(super) async fn a_token_is_asked_once_and_its_word_is_kept(ground: &Ground) {
    let store = with_a_token(ground).await;
    for _ in 0..2 {
        store.token_not_heard(TOKEN, 3, 5).await.unwrap();
        assert_eq!(store.unasked_tokens(9).await.unwrap(), [TOKEN], "it is asked again");
    }
    let words = Words { symbol: Some("USDT".into()), name: None, decimals: Some(6) };
    store.token_said(TOKEN, &words, 6).await.unwrap();
    assert!(store.unasked_tokens(9).await.unwrap().is_empty());
    store.token_said(TOKEN, &Words::default(), 7).await.unwrap();
    store.token_not_heard(TOKEN, 3, 7).await.unwrap();
    let known = store.words_of(&[TOKEN, STRANGE_TOKEN].into()).await.unwrap();
    assert_eq!(known, [(TOKEN, words)].into(), "what it said first stays");
    assert!(store.words_of(&BTreeSet::new()).await.unwrap().is_empty());
}

pub(super) async fn a_token_that_cannot_be_asked_is_given_up(ground: &Ground) {
    let store = with_a_token(ground).await;
    for _ in 0..3 {
        store.token_not_heard(TOKEN, 3, 5).await.unwrap();
    }
    assert!(store.unasked_tokens(9).await.unwrap().is_empty());
    assert!(store.words_of(&[TOKEN].into()).await.unwrap().is_empty());
}

/// What a token answers that means harm: letters that one database or another would refuse, and
/// more of them than fit.
pub(super) async fn a_hostile_tokens_word_fits_either_database(ground: &Ground) {
    let store = with_a_token(ground).await;
    let text = "\0\u{feff}'; DROP TABLE tokens; --\u{10ffff}\u{202e}".repeat(99);
    let word = |n: usize| U256::from(n).to_be_bytes_vec();
    let answer = [word(32), word(text.len()), text.into_bytes()].concat().into();
    let words = Words::of(Some(&answer), Some(&answer), None);
    store.token_said(TOKEN, &words, 6).await.unwrap();
    let known = store.words_of(&[TOKEN].into()).await.unwrap();
    assert_eq!(known, [(TOKEN, words.clone())].into());
    assert!(!words.symbol.unwrap().contains(['\0', '\'', ';']));
}
