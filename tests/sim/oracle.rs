//! What must be known of a chain: said once more, from the tree alone, sharing no code with the
//! indexer. Slow and simple on purpose.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};

use crate::list::{Act, Deed};
use crate::story::FIRST_BLOCK;
use crate::tree::{Block, Dealing, Id, Tree};

/// What makes a finding that finding: block, transaction, log (−1 for the transaction and its own
/// value), the listed address, and what it was to it.
pub(crate) type Key = (B256, B256, i64, Address, &'static str);

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
            let place = (block.number, acted.tx, place_of(acted.log));
            let time = acted.time.unwrap_or(block.time);
            let begun = take_in(&mut list, &acted.act, place, time);
            if !begun.is_empty() {
                newly.push((block.number, acted.act.number, begun));
            }
        }
        let judge = |place, who| standing(list.get(&who)?, place, block.time);
        for (key, (phase, act)) in dealings(block, judge) {
            let (found_by, found_at) = ("live", block.number);
            found.insert(key, Finding { phase, found_by, act, found_at });
        }
    }
    if back == Back::Unwalked {
        return found;
    }
    for (found_at, act, who) in newly {
        let below = chain.iter().map(|id| tree.of(*id));
        for block in below.filter(|b| b.number < found_at && b.number >= lookback_from) {
            let judge = |_, address| who.contains(&address).then_some(("before", act));
            for (key, (phase, act)) in dealings(block, judge) {
                let found_by = "lookback";
                found.entry(key).or_insert(Finding { phase, found_by, act, found_at });
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
            let place = (block.number, acted.tx, place_of(acted.log));
            take_in(&mut list, &acted.act, place, acted.time.unwrap_or(block.time));
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

/// The dealings of a block that are findings, as somebody judges them. Who signed a transaction or
/// was called by it is named for that only if nothing of worth that moved in it names them.
fn dealings(
    block: &Block,
    judge: impl Fn(Place, Address) -> Option<(&'static str, u32)>,
) -> Vec<(Key, (&'static str, u32))> {
    let (mut found, mut dealt) = (Vec::new(), BTreeSet::new());
    for moved in &block.moved {
        let place = (block.number, moved.tx, place_of(moved.log));
        let sides = match moved.dealing {
            Dealing::Worth | Dealing::Worthless => ["sender", "recipient"],
            Dealing::Call => ["signer", "callee"],
        };
        for (who, side) in [moved.from, moved.to].into_iter().zip(sides) {
            let Some(judged) = judge(place, who) else { continue };
            if moved.dealing == Dealing::Worth {
                dealt.insert((moved.tx, who));
            }
            if moved.dealing != Dealing::Call || !dealt.contains(&(moved.tx, who)) {
                found.push(((block.hash, moved.tx_hash, place.2, who, side), judged));
            }
        }
    }
    found
}

/// A transaction and its own value come before its logs.
pub(crate) fn place_of(log: Option<u64>) -> i64 {
    log.map_or(-1, |log| i64::try_from(log).unwrap())
}
