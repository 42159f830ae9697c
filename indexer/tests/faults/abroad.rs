//! F59: the list is kept on another chain, which may be behind this one. Each transfer is judged
//! with the list as of its own moment, however late that is known; what is not known is waited for,
//! and who tells nothing or something else is told of.

use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, B256};
use interdict_core::alert::{Alert, FoundBy, ListingPhase};
use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
use interdict_core::transfer::Position;
use interdict_indexer::abroad::{AbroadError, Indexer, Teller, Telling, Told};
use interdict_indexer::clock::Clock;
use interdict_indexer::store::{Filter, Home};

use crate::chain::{BLOCKLIST, Chain, LISTED, SPACING};
use crate::desk::{Desk, Node};
use crate::loud::Site;

const TIP: u64 = 12;
/// Payments to the address in each block from block 2 on.
const PAYMENTS: usize = 3;

/// A list of chain 10, as its indexer would tell it.
#[derive(Debug)]
struct Elsewhere(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    home: Option<Home>,
    through: u64,
    acts: Vec<Act>,
    trouble: Option<String>,
    is_silent: bool,
}

fn list() -> Home {
    Home { chain_id: 1, genesis_hash: B256::repeat_byte(0x10), blocklist: BLOCKLIST }
}

impl Elsewhere {
    fn through(time: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Known { through: time, ..Known::default() })))
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.0.lock().unwrap());
    }

    /// Something is done to the address.
    fn acts(&self, kind: Kind, time: u64) {
        self.change(|known| {
            let number = u32::try_from(known.acts.len()).unwrap() + 1;
            let before = known.acts.last().map_or(B256::ZERO, |act| act.head);
            let mut act = Act {
                number,
                kind,
                sources: 1,
                until: UNTIL_MAX,
                data_as_of: 5,
                manifest: B256::repeat_byte(9),
                head: B256::ZERO,
                at: Position { block: 1_000_000 + time, tx: 3, log: Some(7) },
                time,
                tx_hash: B256::repeat_byte(3),
                entries: vec![ActEntry { account: LISTED, uid: 26_014, designated_on: 0 }],
            };
            act.head = act.fold(before);
            known.acts.push(act);
        });
    }
}

impl Teller for Elsewhere {
    fn tell(&self, after: u32) -> Telling<'_> {
        let known = self.0.lock().unwrap();
        let home = known.home.unwrap_or_else(list);
        let head = match after {
            0 => Some(B256::ZERO),
            _ => known.acts.get(after as usize - 1).map(|act| act.head),
        };
        let told = Told {
            chain_id: home.chain_id,
            genesis_hash: home.genesis_hash,
            blocklist: home.blocklist,
            through: Some(known.through),
            head,
            acts: known.acts.iter().skip(after as usize).cloned().collect(),
            more: false,
            trouble: known.trouble.clone(),
        };
        let (indexer, reason) = ("http://elsewhere".to_owned(), "connection refused".to_owned());
        let silent = known.is_silent.then_some(AbroadError::Silent { indexer, reason });
        Box::pin(async move { silent.map_or(Ok(told), Err) })
    }
}

const fn time_of(block: u64) -> u64 {
    block * SPACING
}

async fn alerts(desk: &Desk) -> Vec<Alert> {
    desk.works.store.alerts(&Filter::default(), None, 500).await.unwrap().0
}

/// How many findings there are in a block, and all of which phase, if of one.
async fn phases(desk: &Desk, blocks: std::ops::RangeInclusive<u64>) -> Vec<Option<ListingPhase>> {
    let alerts = alerts(desk).await;
    let of = |block: u64| {
        let mine: Vec<_> =
            alerts.iter().filter(|a| a.transfer.position.block == block).map(|a| a.phase).collect();
        assert!(mine.is_empty() || mine.len() == PAYMENTS, "{mine:?} in block {block}");
        mine.first().copied()
    };
    blocks.map(of).collect()
}

#[tokio::test]
async fn f59_a_list_whose_chain_is_behind_is_waited_for() {
    use ListingPhase::{Before, While};
    let elsewhere = Elsewhere::through(time_of(5));
    let node = Node::with(Chain::of(TIP + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere.clone()).await;
    desk.until("what is known", |status| status.cursor == 5).await;
    let asked = node.asked.load(std::sync::atomic::Ordering::Relaxed);
    desk.turns(400).await;
    let status = desk.status();
    assert_eq!((status.cursor, status.list_through), (5, Some(time_of(5))));
    assert_eq!(status.trouble(desk.clock.elapsed()), None, "to wait is no trouble");
    let asked = node.asked.load(std::sync::atomic::Ordering::Relaxed) - asked;
    assert!(asked <= 2 * 400, "it asks for a block that has to wait again and again: {asked}");
    assert!(alerts(&desk).await.is_empty());
    // It turns out that the address was listed between two blocks that are long there.
    elsewhere.acts(Kind::List, time_of(7) + 1);
    elsewhere.acts(Kind::Delist, time_of(10) + 1);
    elsewhere.change(|known| known.through = time_of(TIP + 1));
    desk.until("the head", |status| status.cursor == TIP).await;
    desk.turns(4).await;
    let (before, during) = (vec![Some(Before); 6], vec![Some(While); 3]);
    assert_eq!(phases(&desk, 2..=TIP).await, [before, during, vec![None; 2]].concat());
    let back = alerts(&desk).await.into_iter().filter(|a| a.found_by == FoundBy::Lookback).count();
    assert_eq!(back, 6 * PAYMENTS);
}

#[tokio::test]
async fn an_act_goes_before_what_happened_in_the_same_second() {
    let elsewhere = Elsewhere::through(time_of(TIP));
    elsewhere.acts(Kind::List, time_of(8));
    elsewhere.acts(Kind::Delist, time_of(11));
    let node = Node::with(Chain::of(TIP + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere).await;
    desk.until("the head", |status| status.cursor == TIP).await;
    desk.turns(4).await;
    let while_listed = [Some(ListingPhase::While); 3];
    assert_eq!(phases(&desk, 8..=10).await, while_listed);
    assert_eq!(phases(&desk, 11..=TIP).await, [None; 2]);
}

/// The same far behind the head, where blocks are proved in batches and most are not looked into.
#[tokio::test]
async fn the_list_of_another_chain_is_known_where_much_is_caught_up_with() {
    const FAR: u64 = 150;
    let elsewhere = Elsewhere::through(time_of(60));
    elsewhere.acts(Kind::List, time_of(40) + 5);
    let node = Node::with(Chain::of(FAR + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere.clone()).await;
    desk.until("what is known", |status| status.cursor == 60).await;
    elsewhere.acts(Kind::Delist, time_of(90) + 5);
    elsewhere.acts(Kind::List, time_of(100));
    elsewhere.change(|known| known.through = time_of(FAR));
    desk.until("the head", |status| status.cursor == FAR).await;
    desk.turns(20).await;
    let listed = |block: &u64| matches!(*block, 41..=90 | 100..=FAR);
    for block in 2..=FAR {
        let found = phases(&desk, block..=block).await[0];
        let expected = match block {
            91..100 => Some(ListingPhase::Before),
            _ if listed(&block) => Some(ListingPhase::While),
            _ => Some(ListingPhase::Before),
        };
        assert_eq!(found, expected, "block {block}");
    }
}

#[tokio::test]
async fn an_act_comes_again_after_the_block_that_it_went_before_was_taken_back() {
    let elsewhere = Elsewhere::through(time_of(TIP + 9));
    elsewhere.acts(Kind::List, time_of(10) + 1);
    let node = Node::with(Chain::of(TIP + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere).await;
    desk.until("the head", |status| status.cursor == TIP).await;
    desk.turns(4).await;
    node.holds(Chain::of(TIP + 1).up_to(9).longer(6, 7));
    desk.until("the other branch", |status| status.cursor == 15).await;
    desk.turns(4).await;
    assert_eq!(desk.status().acts, 1);
    let alerts = alerts(&desk).await;
    let stands =
        |alert: &&Alert| alert.confirmation != interdict_core::alert::Confirmation::Retracted;
    let phases: Vec<_> = alerts
        .iter()
        .filter(stands)
        .filter(|alert| alert.transfer.position.block >= 10)
        .map(|alert| (alert.transfer.position.block, alert.phase))
        .collect();
    let before = phases.iter().filter(|(_, phase)| *phase == ListingPhase::Before);
    assert_eq!(before.map(|(block, _)| *block).collect::<Vec<_>>(), [10; PAYMENTS]);
    assert_eq!(phases.len(), 6 * PAYMENTS);
}

/// Runs into something and sees that it is told within a minute and that nothing moves; then all is
/// well again.
async fn is_told(reason: &str, wrong: impl FnOnce(&mut Known), well: impl FnOnce(&mut Known)) {
    let elsewhere = Elsewhere::through(time_of(6));
    elsewhere.acts(Kind::List, time_of(3));
    let node = Node::with(Chain::of(TIP + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere.clone()).await;
    desk.until("what is known", |status| status.cursor == 6).await;
    elsewhere.change(wrong);
    let took = desk.until("the stall", |status| status.stalled.is_some()).await;
    assert!(took.as_secs() <= 60, "{took:?}");
    desk.turns(50).await;
    let status = desk.status();
    assert!(status.stalled.as_ref().is_some_and(|said| said.contains(reason)), "{status:?}");
    assert_eq!(status.cursor, 6);
    elsewhere.change(|known| {
        well(known);
        known.through = time_of(TIP);
    });
    desk.until("the head", |status| status.cursor == TIP && status.stalled.is_none()).await;
}

#[tokio::test]
async fn who_tells_nothing_is_told_of() {
    Box::pin(is_told("connection refused", |k| k.is_silent = true, |k| k.is_silent = false)).await;
}

#[tokio::test]
async fn who_cannot_follow_its_own_chain_is_told_of() {
    let trouble = Some("all providers are down".to_owned());
    Box::pin(is_told("all providers are down", |k| k.trouble = trouble, |k| k.trouble = None))
        .await;
}

#[tokio::test]
async fn who_tells_of_another_list_is_told_of() {
    let other = Home { blocklist: Address::repeat_byte(7), ..list() };
    Box::pin(is_told("follows the list 0x0707", |k| k.home = Some(other), |k| k.home = None)).await;
}

#[tokio::test]
async fn who_was_put_back_to_an_older_backup_is_waited_for() {
    let act = Mutex::new(None);
    let forgets = |known: &mut Known| *act.lock().unwrap() = known.acts.pop();
    let remembers = |known: &mut Known| known.acts.extend(act.lock().unwrap().take());
    Box::pin(is_told("does not have act 1", forgets, remembers)).await;
}

/// What was told once and is told no longer may be told in another way later.
#[tokio::test]
async fn no_block_is_taken_in_on_the_word_of_what_was_forgotten() {
    let elsewhere = Elsewhere::through(time_of(TIP));
    elsewhere.acts(Kind::List, time_of(9));
    let node = Node::with(Chain::of(7));
    let mut desk = Desk::abroad(&node, &list(), elsewhere.clone()).await;
    desk.until("the head", |status| status.cursor == 6).await;
    let act = elsewhere.0.lock().unwrap().acts.pop();
    elsewhere.change(|known| known.through = time_of(8));
    node.holds(Chain::of(TIP + 1));
    desk.until("what is known", |status| status.cursor == 8).await;
    desk.turns(50).await;
    assert_eq!(desk.status().cursor, 8);
    elsewhere.change(|known| {
        known.acts.extend(act);
        known.through = time_of(TIP);
    });
    desk.until("the head", |status| status.cursor == TIP).await;
    assert_eq!(phases(&desk, 9..=TIP).await, [Some(ListingPhase::While); 4]);
}

#[tokio::test]
async fn an_act_from_before_the_first_block_is_refused() {
    let elsewhere = Elsewhere::through(time_of(TIP));
    elsewhere.acts(Kind::List, 0);
    let node = Node::with(Chain::of(TIP + 1));
    let mut desk = Desk::abroad(&node, &list(), elsewhere).await;
    desk.until("the stall", |status| status.stalled.is_some()).await;
    let said = desk.status().stalled.unwrap();
    assert!(said.contains("list.from_block"), "{said}");
    assert_eq!(desk.status().cursor, 0);
}

/// The indexer of the list's chain itself, asked over HTTP.
#[tokio::test]
async fn one_indexer_tells_another() {
    let at_home = Node::with(Chain::of(TIP + 1));
    let mut teller = Desk::with(std::slice::from_ref(&at_home)).await;
    let site = Site::of(&teller).await;
    teller.until("the head", |status| status.cursor == TIP).await;
    teller.turns(2).await;
    let finalized = teller.status().finalized;

    let node = Node::with(Chain(vec![]).longer(20, 5));
    let indexer = Arc::new(Indexer::at(site.url.parse().unwrap(), None).unwrap());
    let mut desk = Desk::abroad(&node, &teller.home, indexer).await;
    desk.until("what is known", |status| status.cursor == finalized).await;
    desk.turns(20).await;
    assert_eq!(desk.status().cursor, finalized, "what is not final there is waited for");
    assert_eq!(desk.status().acts, 1);
    let found = phases(&desk, 2..=finalized).await;
    assert!(found.iter().all(|phase| *phase == Some(ListingPhase::While)), "{found:?}");
}
