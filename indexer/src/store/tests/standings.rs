//! What is found keeps saying how its address stands now.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use interdict_core::ledger::Standing;

use super::ground::{Ground, LISTED, NOW, intake, paying};
use super::laws::{all, news};
use crate::store::{Changes, Intake, REEVALUATION_MAX_ROWS, Store};
use crate::world::{account, block, genesis};

fn moved(standing: Standing) -> BTreeMap<Address, Standing> {
    [(account(LISTED), standing)].into()
}

async fn standings(store: &Store) -> Vec<Standing> {
    all(store).await.into_iter().map(|alert| alert.standing).collect()
}

/// Re-evaluates until there is nothing more, and says of how many findings.
async fn settled(store: &Store) -> u64 {
    let mut sum = 0;
    while let Some(changes) = store.reevaluate(NOW).await.unwrap() {
        sum += changes.reevaluated;
    }
    sum
}

pub(super) async fn a_delisting_is_told_of_each_finding_once_and_changes_nothing_else(
    ground: &Ground,
) {
    let store = ground.begun().await;
    let payments = u64::from(REEVALUATION_MAX_ROWS) + 3;
    let one = paying(genesis(), payments);
    let listing = Intake { moved: moved(Standing::Listed), ..intake(&one) };
    let found = store.apply(listing).await.unwrap().created;
    assert_eq!(settled(&store).await, 0, "they were found while it was listed");

    let two = block(one.header, &[]);
    let delisting = Intake { moved: moved(Standing::Delisted), ..intake(&two) };
    store.apply(delisting).await.unwrap();
    let first = store.reevaluate(NOW).await.unwrap().unwrap();
    let expected = Changes { reevaluated: u64::from(REEVALUATION_MAX_ROWS), ..Changes::default() };
    assert_eq!(first, expected, "in bounded steps");
    assert_eq!(settled(&store).await, 3);
    assert_eq!(store.reevaluate(NOW).await.unwrap(), None);

    let mut expected = found;
    expected.reverse();
    for alert in &mut expected {
        alert.standing = Standing::Delisted;
    }
    assert_eq!(all(&store).await, expected);
    let kinds = news(&store).await.into_iter().filter(|(_, kind)| kind == "alert.reevaluated");
    assert_eq!(kinds.count() as u64, payments.min(500 - payments));
}

pub(super) async fn a_delisting_that_is_reorganised_away_is_taken_back(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    store.apply(Intake { moved: moved(Standing::Provisional), ..intake(&one) }).await.unwrap();
    let two = block(one.header, &[]);
    let lapse = Intake { moved: moved(Standing::Lapsed), ..intake(&two) };
    store.apply(lapse.clone()).await.unwrap();
    assert_eq!(settled(&store).await, 1);
    assert_eq!(standings(&store).await, [Standing::Lapsed]);

    store.revert_to(101, NOW).await.unwrap();
    assert_eq!(settled(&store).await, 1);
    assert_eq!(standings(&store).await, [Standing::Provisional]);

    // Before anybody was told of the second lapse it is gone again: nothing to tell.
    store.apply(lapse).await.unwrap();
    store.revert_to(101, NOW).await.unwrap();
    assert_eq!(settled(&store).await, 0);

    // With the listing itself the finding goes, and comes back with what is then known.
    store.revert_to(100, NOW).await.unwrap();
    assert_eq!(settled(&store).await, 0);
    store.apply(Intake { moved: moved(Standing::Listed), ..intake(&one) }).await.unwrap();
    assert_eq!(standings(&store).await, [Standing::Listed]);
}

pub(super) async fn what_was_found_before_standings_were_kept_is_brought_up_to_date(
    ground: &Ground,
) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    store.apply(intake(&one)).await.unwrap();
    store.begin_standings(&moved(Standing::Delisted)).await.unwrap();
    assert_eq!(settled(&store).await, 1);
    assert_eq!(standings(&store).await, [Standing::Delisted]);
    store.begin_standings(&moved(Standing::Listed)).await.unwrap();
    assert_eq!(settled(&store).await, 0, "it begins once");
}

pub(super) async fn of_a_long_list_only_those_with_a_finding_are_brought_up_to_date(
    ground: &Ground,
) {
    /// More than one statement speaks of.
    const LISTED_ADDRESSES: u64 = 10_100;
    let store = ground.begun().await;
    let one = paying(genesis(), 2);
    store.apply(intake(&one)).await.unwrap();
    let other = |n| Address::left_padding_from(&u64::to_be_bytes(n));
    let mut list: BTreeMap<_, _> =
        (1..=LISTED_ADDRESSES).map(|n| (other(n), Standing::Listed)).collect();
    list.insert(account(LISTED), Standing::Lapsed);
    let two = block(one.header, &[]);
    store.apply(Intake { moved: list, ..intake(&two) }).await.unwrap();
    let first = store.reevaluate(NOW).await.unwrap();
    assert_eq!(first, Some(Changes { reevaluated: 2, ..Changes::default() }));
    assert_eq!(store.reevaluate(NOW).await.unwrap(), None, "nothing was found of the others");

    // What is found later says how its address stands, though nothing is open.
    let three = paying(two.header, 1);
    let created = store.apply(intake(&three)).await.unwrap().created;
    assert_eq!(created[0].standing, Standing::Lapsed);
}
