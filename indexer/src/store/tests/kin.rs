//! Findings that belong together: floods, and pairs.

use alloy_primitives::Address;
use interdict_core::alert::{Alert, Confirmation};
use interdict_core::policy::{Policy, Severity, Worth};

use super::ground::{Ground, LISTED, NOW, PAYER, intake, lined, paying};
use crate::chain::{Block, Header};
use crate::screen::Tally;
use crate::store::{CONFIG_ENDPOINT, Filter, Kin, Shown, Store};
use crate::world::{Draft, STRANGE_TOKEN, TOKEN, account, block, genesis, tx};

fn dust(n: u64, to: u8) -> Draft {
    tx(n, None, 0).transfer(TOKEN, account(LISTED), account(to), 1_000_000)
}

fn fake(n: u64, token: Address) -> Draft {
    tx(n, None, 0).transfer(token, account(LISTED), account(PAYER), 900_000_000)
}

async fn shown(store: &Store, shown: Shown) -> Vec<Alert> {
    let filter = Filter { shown, ..Filter::default() };
    store.alerts(&filter, None, 500).await.unwrap().0
}

async fn take(store: &Store, block: &Block) {
    store.apply(intake(block)).await.unwrap();
}

pub(super) async fn a_flood_stands_behind_its_first_and_nothing_is_dropped(ground: &Ground) {
    let store = ground.begun().await;
    let strange = |n: u8| Address::repeat_byte(n);
    let drafts: Vec<_> = [dust(1, 1), dust(2, 2), dust(3, 3)]
        .into_iter()
        // Fake tokens are one flood, however many there are.
        .chain([fake(4, STRANGE_TOKEN), fake(5, strange(0x51)), fake(6, strange(0x52))])
        // What is real stands by itself.
        .chain([tx(7, None, 0).transfer(TOKEN, account(PAYER), account(LISTED), 5)])
        .collect();
    let first = block(genesis(), &drafts);
    take(&store, &first).await;
    take(&store, &block(first.header, &[dust(8, 1), dust(9, 4)])).await;

    assert_eq!(shown(&store, Shown::Each).await.len(), 9);
    let rows = shown(&store, Shown::Floods).await;
    let said: Vec<_> = rows.iter().rev().map(|row| (row.rule.as_str(), row.severity)).collect();
    assert_eq!(
        said,
        [
            ("unsolicited_dust", Severity::Informational),
            ("spoof", Severity::Informational),
            ("direct.outbound.while_listed", Severity::Critical),
        ]
    );
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let sizes = store.flood_sizes(&ids).await.unwrap();
    assert_eq!(sizes, [(rows[2].id, 4), (rows[1].id, 2)].into());
    let behind = shown(&store, Shown::Behind(rows[2].id)).await;
    assert!(behind.iter().all(|one| one.rule == "unsolicited_dust") && behind.len() == 4);
    assert!(store.flood_sizes(&[]).await.unwrap().is_empty());
}

pub(super) async fn what_a_reorganisation_takes_back_of_a_flood_is_not_counted(ground: &Ground) {
    let store = ground.begun().await;
    let first = block(genesis(), &[dust(1, 1), dust(2, 2)]);
    let second = block(first.header, &[dust(3, 3), dust(4, 4)]);
    take(&store, &first).await;
    take(&store, &second).await;
    let before = shown(&store, Shown::Floods).await;
    let head = before[0].id;
    assert_eq!(store.flood_sizes(&[head]).await.unwrap(), [(head, 3)].into());

    store.revert_to(first.header.number, NOW).await.unwrap();
    assert_eq!(store.flood_sizes(&[head]).await.unwrap(), [(head, 1)].into());
    store.revert_to(genesis().number, NOW).await.unwrap();
    let gone = shown(&store, Shown::Floods).await;
    assert_eq!((gone.len(), gone[0].confirmation), (1, Confirmation::Retracted));
    assert_eq!(store.flood_sizes(&[head]).await.unwrap(), [(head, 3)].into(), "all of it is gone");

    // Another branch has a flood of its own; the first branch comes back as it was.
    let other = block(genesis(), &[dust(5, 5), dust(6, 6)]);
    take(&store, &other).await;
    assert_eq!(shown(&store, Shown::Floods).await.len(), 2);
    store.revert_to(genesis().number, NOW).await.unwrap();
    take(&store, &first).await;
    take(&store, &second).await;
    assert_eq!(store.flood_sizes(&[head]).await.unwrap(), [(head, 3)].into());
    let standing: Vec<_> = shown(&store, Shown::Floods)
        .await
        .into_iter()
        .filter(|row| row.confirmation != Confirmation::Retracted)
        .collect();
    assert_eq!(standing.iter().map(|row| row.id).collect::<Vec<_>>(), [head]);
}

/// What is asked of dust to one payee.
fn of(payee: u8) -> Kin {
    let policy = Policy::standard();
    let rule = policy.rules.iter().find(|rule| rule.outcome.class == "unsolicited_dust").unwrap();
    Kin {
        listed: account(LISTED),
        counterparty: account(payee),
        classes: rule.outcomes().map(|outcome| outcome.class.clone()).collect(),
        repeated: rule.repeated.as_ref().map(|raise| raise.outcome.class.clone()),
        summed: rule.summed.as_ref().map(|raise| raise.outcome.class.clone()),
        from_hour: 0,
    }
}

/// A block with dust to one payee, whose findings have become of these classes.
async fn classed(store: &Store, below: Header, classes: &[&str]) -> Block {
    let drafts: Vec<_> = (1..).zip(classes).map(|(n, _)| dust(n, 1)).collect();
    let taken = block(below, &drafts);
    let mut intake = intake(&taken);
    for (alert, class) in intake.alerts.iter_mut().zip(classes) {
        (*class).clone_into(&mut alert.rule);
    }
    store.apply(intake).await.unwrap();
    taken
}

pub(super) async fn what_came_before_of_a_pair_is_what_stands_on_the_chain(ground: &Ground) {
    let store = ground.begun().await;
    let nothing = Tally::default();
    assert_eq!(store.kin(&of(1)).await.unwrap(), nothing);
    let (plain, repeated) = ("unsolicited_dust", "unsolicited_dust.repeated");
    let summed = "unsolicited_dust.summed";
    let first = classed(&store, genesis(), &[plain, plain]).await;
    let hour = first.header.time / 3_600;
    let two =
        Tally { hours: [hour].into(), raised_in: None, worth: [(hour, Worth::units(2))].into() };
    assert_eq!(store.kin(&of(1)).await.unwrap(), two);
    assert_eq!(store.kin(&of(2)).await.unwrap(), nothing, "another payee");
    assert_eq!(store.kin(&Kin { from_hour: hour + 1, ..of(1) }).await.unwrap(), nothing);
    let other = Kin { classes: vec!["boundary".into()], ..of(1) };
    assert_eq!(store.kin(&other).await.unwrap(), nothing, "another rule");

    // What was raised begins the count anew, each in its own way.
    let second = classed(&store, first.header, &[plain, summed, plain]).await;
    let since = Tally { worth: [(hour, Worth::units(1))].into(), ..two.clone() };
    assert_eq!(store.kin(&of(1)).await.unwrap(), since);
    classed(&store, second.header, &[repeated]).await;
    let after =
        Tally { hours: [].into(), raised_in: Some(hour), worth: [(hour, Worth::units(2))].into() };
    assert_eq!(store.kin(&of(1)).await.unwrap(), after);

    // And a reorganisation takes all of that back.
    store.revert_to(first.header.number, NOW).await.unwrap();
    assert_eq!(store.kin(&of(1)).await.unwrap(), two);
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert_eq!(store.kin(&of(1)).await.unwrap(), nothing);
}

pub(super) async fn what_may_accuse_somebody_is_told_first(ground: &Ground) {
    let store = ground.begun().await;
    let first = block(genesis(), &[dust(1, 1), dust(2, 2)]);
    take(&store, &first).await;
    take(&store, &paying(first.header, 1)).await;

    // A finding that comes back heavier is told in its order all the same.
    store.revert_to(genesis().number, NOW).await.unwrap();
    let mut heavier = intake(&first);
    heavier.alerts[0].severity = Severity::High;
    let (raised, quiet) = (heavier.alerts[0].id, heavier.alerts[1].id);
    store.apply(heavier).await.unwrap();
    lined(&store).await;
    let due = store.due_deliveries(CONFIG_ENDPOINT, NOW, 99).await.unwrap();
    assert_eq!(due.iter().map(|news| news.seq).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    let ids: Vec<_> = due.iter().map(|news| news.alert_id.clone()).collect();
    let (raised, quiet) = (raised.to_string(), quiet.to_string());
    assert!(ids[..2].iter().all(|id| *id != raised && *id != quiet), "the payment goes first");
    assert_eq!(ids[2..], [&raised, &raised, &raised, &quiet, &quiet, &quiet].map(Clone::clone));
    let kinds: Vec<_> = due[2..5].iter().map(|news| news.kind.as_str()).collect();
    assert_eq!(kinds, ["alert.created", "alert.retracted", "alert.updated"]);
}
