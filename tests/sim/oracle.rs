//! What must be known of a chain: said once more, from the tree alone, sharing no code with the
//! indexer. Slow and simple on purpose.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};

use crate::list::{Act, Deed};
use crate::story::FIRST_BLOCK;
use crate::tree::{Id, Moved, Tree};

/// What makes a finding that finding: block, transaction, log (−1 for the transaction's own value),
/// the listed address, and whether it sent.
pub(crate) type Key = (B256, B256, i64, Address, bool);

/// What is to be said of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) phase: &'static str,
    pub(crate) found_by: &'static str,
    /// The act that listed the address.
    pub(crate) act: u32,
    /// The block whose fate it shares.
    pub(crate) found_at: u64,
}

/// A place in the chain, in its order: block, transaction, log.
type Place = (u64, u64, i64);

/// A stretch during which an address was listed.
#[derive(Clone, Debug)]
struct Stretch {
    act: u32,
    from: Place,
    until: u64,
    ended: Option<Place>,
    sources: u16,
    /// By a vote, at its beginning, on its way or at its end.
    voted: bool,
}

type List = BTreeMap<Address, Vec<Stretch>>;

/// Whether a finding that looks back is already known, or only to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Back {
    /// Every walk back is over.
    Walked,
    /// None has begun.
    Unwalked,
}

/// Everything that must be found on the chain that ends with `tip`.
pub(crate) fn findings(
    tree: &Tree,
    tip: Id,
    lookback_from: u64,
    back: Back,
) -> BTreeMap<Key, Finding> {
    let chain = tree.chain(tip);
    let mut list = List::new();
    let mut found = BTreeMap::new();
    let mut newly: Vec<(u64, u32, BTreeSet<Address>)> = Vec::new();
    for block in chain.iter().map(|id| tree.of(*id)).filter(|b| b.number >= FIRST_BLOCK) {
        for acted in &block.acted {
            let place = (block.number, acted.tx, place_of(Some(acted.log)));
            let begun = take_in(&mut list, &acted.act, place, block.time);
            if !begun.is_empty() {
                newly.push((block.number, acted.act.number, begun));
            }
        }
        for moved in &block.moved {
            let place = (block.number, moved.tx, place_of(moved.log));
            for (who, sent) in [(moved.from, true), (moved.to, false)] {
                let Some(stretches) = list.get(&who) else { continue };
                if let Some((phase, act)) = standing(stretches, place, block.time) {
                    let (found_by, found_at) = ("live", block.number);
                    let finding = Finding { phase, found_by, act, found_at };
                    found.insert(key(block.hash, moved, who, sent), finding);
                }
            }
        }
    }
    if back == Back::Unwalked {
        return found;
    }
    for (found_at, act, who) in newly {
        let below = chain.iter().map(|id| tree.of(*id));
        for block in below.filter(|b| b.number < found_at && b.number >= lookback_from) {
            for moved in &block.moved {
                let sides = [(moved.from, true), (moved.to, false)];
                for (who, sent) in sides.into_iter().filter(|(address, _)| who.contains(address)) {
                    let (phase, found_by) = ("before", "lookback");
                    let finding = Finding { phase, found_by, act, found_at };
                    found.entry(key(block.hash, moved, who, sent)).or_insert(finding);
                }
            }
        }
    }
    found
}

/// How everyone who was ever listed stands at the end of a chain.
pub(crate) fn standings(tree: &Tree, tip: Id) -> BTreeMap<Address, &'static str> {
    let mut list = List::new();
    for block in tree.chain(tip).iter().map(|id| tree.of(*id)) {
        for acted in &block.acted {
            let place = (block.number, acted.tx, place_of(Some(acted.log)));
            take_in(&mut list, &acted.act, place, block.time);
        }
    }
    let now = tree.of(tip).time;
    let stands = |stretch: &Stretch| match (stretch.ended, stretch.voted) {
        (Some(_), true) => "delisted",
        (Some(_), false) => "retracted",
        (None, true) => "listed",
        (None, false) if stretch.until <= now => "lapsed",
        (None, false) => "provisional",
    };
    list.iter().filter_map(|(who, all)| Some((*who, stands(all.last()?)))).collect()
}

/// What becomes of the list by an act; for whom it began a stretch.
fn take_in(list: &mut List, act: &Act, place: Place, time: u64) -> BTreeSet<Address> {
    let mut begun = BTreeSet::new();
    for who in &act.accounts {
        let stretches = list.entry(*who).or_default();
        let open = stretches.last_mut().filter(|stretch| stretch.ended.is_none());
        match (act.deed, open) {
            (Deed::List | Deed::ListProvisional, Some(open)) if open.until > time => {
                open.sources |= act.sources;
                open.until = open.until.max(act.until);
                open.voted |= act.deed == Deed::List;
            }
            (Deed::List | Deed::ListProvisional, _) => {
                let voted = act.deed == Deed::List;
                let (act, until, sources) = (act.number, act.until, act.sources);
                stretches.push(Stretch { act, from: place, until, ended: None, sources, voted });
                begun.insert(*who);
            }
            (Deed::Delist | Deed::DelistMany | Deed::Retract, Some(open)) => {
                open.sources &= !act.sources;
                if open.sources == 0 {
                    open.ended = Some(place);
                    open.voted |= act.deed != Deed::Retract;
                }
            }
            _ => {}
        }
    }
    list.retain(|_, stretches| !stretches.is_empty());
    begun
}

/// How an address stood, and by which act; `None` if a dealing with it is no finding.
fn standing(stretches: &[Stretch], at: Place, time: u64) -> Option<(&'static str, u32)> {
    let Some(last) = stretches.iter().rfind(|stretch| stretch.from <= at) else {
        return Some(("before", stretches.first()?.act));
    };
    let is_over = last.ended.map_or(last.until <= time, |end| end <= at);
    (!is_over).then_some(("while", last.act))
}

fn key(block: B256, moved: &Moved, who: Address, sent: bool) -> Key {
    (block, moved.tx_hash, place_of(moved.log), who, sent)
}

/// A transaction's own value comes before its logs.
pub(crate) fn place_of(log: Option<u64>) -> i64 {
    log.map_or(-1, |log| i64::try_from(log).unwrap())
}
