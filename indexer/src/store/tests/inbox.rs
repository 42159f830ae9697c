//! Every filter, alone and with every other, in both orders and on small pages, gives what one
//! would pick by hand.

use interdict_core::alert::{Confirmation, Disposition, FoundBy, ListingPhase, Side};
use interdict_core::desk::Step;
use interdict_core::policy::Severity;
use jiff::Timestamp;

use super::desk::{AT, assign, close, step};
use super::ground::{Ground, LISTED, PAYER, intake};
use crate::store::{Case, Filter, Intake, Order, PageCursor, Shown, Snoozed, Store};
use crate::world::{Draft, TOKEN, account, block, genesis, tx};

/// Payments to the listed address, payments from it, and dust from it.
fn drafts(seed: u8) -> Vec<Draft> {
    let listed = account(LISTED);
    (0..8_u8)
        .map(|n| {
            let other = account(PAYER.wrapping_add(n % 3));
            let draft = tx(n.into(), None, 0);
            match (n + seed) % 4 {
                0 => draft.transfer(TOKEN, other, listed, 90_000_000),
                1 => draft.transfer(TOKEN, listed, other, 90_000_000),
                _ => draft.transfer(TOKEN, listed, other, 5),
            }
        })
        .collect()
}

/// Findings of every kind of standing.
async fn filled(ground: &Ground) -> Store {
    let store = ground.begun().await;
    let mut below = genesis();
    let mut found = Vec::new();
    for seed in 0..4 {
        let block = block(below, &drafts(seed));
        let mut taken = intake(&block);
        if seed == 1 {
            // As if they had been found by looking back.
            for alert in &mut taken.alerts {
                (alert.found_by, alert.phase) = (FoundBy::Lookback, ListingPhase::Before);
            }
        }
        found.extend(store.apply(Intake { ..taken }).await.unwrap().created);
        if seed == 1 {
            store.confirm_to(block.header, AT).await.unwrap();
        }
        below = block.header;
    }
    store.revert_to(103, AT).await.unwrap();
    let until = Timestamp::from_second(AT + 3600).unwrap();
    let snooze = Step::Snooze { until, reason: "Later.".to_owned() };
    let escalate = Step::Escalate { reason: "pattern".to_owned(), narrative: "Hm.".to_owned() };
    for (n, alert) in found.iter().enumerate() {
        let taken = match n % 9 {
            0 => assign("bob"),
            1 => assign("alice"),
            2 => snooze.clone(),
            3 => escalate.clone(),
            4 => close(Disposition::Blocked, "ordered"),
            5 => close(Disposition::NoAction, "no_property"),
            _ => continue,
        };
        // Of what the chain took back some are refused: they stay as they are.
        let _ = step(&store, "alice", alert.id, &taken).await;
    }
    store
}

fn among<T: PartialEq>(list: &[T], value: &T) -> bool {
    list.is_empty() || list.contains(value)
}

/// What one would pick by hand.
fn fits(filter: &Filter, case: &Case, behind: Option<&str>) -> bool {
    let (alert, desk) = (&case.alert, &case.desk);
    let time = i64::try_from(alert.transfer.block_time).unwrap();
    let due = desk.papers.report.as_ref().is_some_and(|report| report.reported_on.is_none());
    among(&filter.severity, &alert.severity)
        && among(&filter.confirmation, &alert.confirmation)
        && among(&filter.phase, &alert.phase)
        && among(&filter.disposition, &desk.disposition)
        && among(&filter.rule, &alert.rule)
        && among(&filter.side, &alert.side)
        && filter.listed.is_none_or(|listed| listed == alert.listed)
        && filter.counterparty.is_none_or(|other| other == alert.counterparty())
        && filter.assignee.as_ref().is_none_or(|person| desk.assignee.as_ref() == Some(person))
        && match filter.snoozed {
            Snoozed::All => true,
            Snoozed::Hide(now) => desk.snoozed_until.is_none_or(|until| until <= now),
            Snoozed::Only(now) => desk.snoozed_until.is_some_and(|until| until > now),
        }
        && (!filter.waiting || desk.papers.proposal.is_some())
        && (!filter.due || due)
        && filter.since.is_none_or(|since| time >= since)
        && filter.until.is_none_or(|until| time < until)
        && match filter.shown {
            Shown::Each => true,
            Shown::Floods => behind.is_none(),
            Shown::Behind(head) => behind == Some(head.to_string().as_str()),
        }
}

type Addition = Box<dyn Fn(&mut Filter)>;

/// One filter of each kind, as what it adds to another.
fn additions(since: i64, until: i64, head: &str) -> Vec<Addition> {
    let head = head.parse().unwrap();
    vec![
        Box::new(|_| {}),
        Box::new(|f| f.severity = vec![Severity::Critical]),
        Box::new(|f| f.severity = vec![Severity::Informational, Severity::High]),
        Box::new(|f| f.confirmation = vec![Confirmation::Confirmed]),
        Box::new(|f| f.confirmation = vec![Confirmation::Retracted, Confirmation::Pending]),
        Box::new(|f| f.phase = vec![ListingPhase::Before]),
        Box::new(|f| f.disposition = vec![Disposition::New, Disposition::Escalated]),
        Box::new(|f| f.disposition = vec![Disposition::Blocked]),
        Box::new(|f| f.rule = vec!["unsolicited_dust".to_owned()]),
        Box::new(|f| f.side = vec![Side::Recipient]),
        Box::new(|f| f.listed = Some(account(LISTED))),
        Box::new(|f| f.counterparty = Some(account(PAYER))),
        Box::new(|f| f.assignee = Some("bob".to_owned())),
        Box::new(|f| f.snoozed = Snoozed::Hide(AT)),
        Box::new(|f| f.snoozed = Snoozed::Only(AT)),
        Box::new(|f| f.waiting = true),
        Box::new(|f| f.due = true),
        Box::new(move |f| f.since = Some(since)),
        Box::new(move |f| f.until = Some(until)),
        Box::new(|f| f.shown = Shown::Floods),
        Box::new(move |f| f.shown = Shown::Behind(head)),
    ]
}

async fn paged(store: &Store, filter: &Filter, limit: u32) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut after: Option<PageCursor> = None;
    loop {
        let (page, next) = store.inbox(filter, after, limit).await.unwrap();
        cases.extend(page);
        if next.is_none() {
            return cases;
        }
        after = next;
    }
}

/// The finding behind which another stands, by its id.
async fn floods(ground: &Ground) -> std::collections::BTreeMap<String, String> {
    use crate::store::backup::Cell;
    let contents = ground.contents().await;
    let (table, rows) = contents.0.iter().find(|(table, _)| table.table == "alerts").unwrap();
    let place = |name: &str| table.columns.iter().position(|column| column == name).unwrap();
    let (id, flood) = (place("id"), place("flood"));
    let hex = |cell: &Cell| match cell {
        Cell::Bytes { hex } => Some(alloy_primitives::hex::encode(hex)),
        _ => None,
    };
    rows.iter().filter_map(|row| Some((hex(&row[id])?, hex(&row[flood])?))).collect()
}

pub(super) async fn every_filter_gives_what_one_would_pick(ground: &Ground) {
    let store = filled(ground).await;
    let floods = floods(ground).await;
    let whole = paged(&store, &Filter::default(), 500).await;
    assert_eq!(whole.len(), 32);
    let times: Vec<_> =
        whole.iter().map(|case| i64::try_from(case.alert.transfer.block_time).unwrap()).collect();
    let (since, until) = (times[20], times[10]);
    let head = floods.values().next().expect("dust makes floods");
    let additions = additions(since, until, head);
    let mut seen = 0;
    for one in &additions {
        for other in &additions {
            for order in [Order::Newest, Order::Heaviest] {
                let mut filter = Filter { order, ..Filter::default() };
                one(&mut filter);
                other(&mut filter);
                let behind =
                    |case: &Case| floods.get(&case.alert.id.to_string()).map(String::as_str);
                let mut expected: Vec<_> = whole
                    .iter()
                    .filter(|case| fits(&filter, case, behind(case)))
                    .cloned()
                    .collect();
                if order == Order::Heaviest {
                    expected.sort_by_key(|case| std::cmp::Reverse(case.alert.severity));
                }
                let found = paged(&store, &filter, 2).await;
                let ids =
                    |cases: &[Case]| cases.iter().map(|case| case.alert.id).collect::<Vec<_>>();
                assert_eq!(ids(&found), ids(&expected), "{filter:?}");
                seen += found.len();
            }
        }
    }
    assert!(seen > 1_000, "the filters find something: {seen}");
}
