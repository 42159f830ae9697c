//! What happens on the chain: blocks with dealings and acts of the list, branches that take over,
//! come back or end, and what becomes final.

use std::sync::Arc;

use alloy_primitives::{Address, Bytes};
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::elsewhere::{Deed, Elsewhere};
use crate::fault::Counts;
use crate::list::{self, BLOCKLIST, Register, log};
use crate::tree::{Acted, Block, Draft, Id, Plan, Tree, holder, transfer_topic};

/// The first block that the indexer takes in.
pub(crate) const FIRST_BLOCK: u64 = 6;
/// Addresses with keys.
const HOLDERS: u8 = 8;
/// Addresses without.
const OTHERS: u8 = 6;
/// A token whose amounts mean something.
pub(crate) const TOKEN: Address = Address::repeat_byte(0x70);
/// A token that nobody knows.
const STRANGE_TOKEN: Address = Address::repeat_byte(0x7f);
/// Seconds between blocks.
const SPACING: u64 = 12;
/// How far back a branch may begin, if finality lets it, in blocks.
const REORG_MAX_BLOCKS: u64 = 48;
/// Blocks of a chain that is final before anybody follows it.
const PAST_BLOCKS: u32 = 50;
/// Logs of a block that is much larger than others.
const LARGE_BLOCK_LOGS: u64 = 1_500;

/// How a chain behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Temper {
    /// Of a hundred events, how many are branches taking over.
    reorgs: u32,
    /// How many blocks stay unfinal at the least.
    finality_lag: u64,
    /// Of a hundred blocks, how many carry an act of the list.
    acts: u32,
    /// There may be one block with very many logs.
    large_block: bool,
}

/// The chain as it truly is.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) tree: Tree,
    pub(crate) tip: Id,
    pub(crate) finalized: Id,
    temper: Temper,
    nonce: u64,
    /// The list, if it is kept on another chain.
    pub(crate) elsewhere: Option<Elsewhere>,
    pub(crate) reorgs: u64,
}

/// Everyone who may be listed.
pub(crate) fn accounts() -> Vec<Address> {
    (1..=HOLDERS).map(holder).chain((1..=OTHERS).map(|n| Address::repeat_byte(0xa0 + n))).collect()
}

impl Chain {
    pub(crate) fn begin(rng: &mut StdRng) -> Self {
        let temper = Temper {
            reorgs: *[4, 12, 25].choose(rng).unwrap(),
            finality_lag: *[2, 4, 8, 30].choose(rng).unwrap(),
            acts: *[5, 10, 20].choose(rng).unwrap(),
            large_block: rng.gen_bool(0.025),
        };
        let tree = Tree::default();
        let mut chain =
            Self { tree, tip: 0, finalized: 0, temper, nonce: 0, elsewhere: None, reorgs: 0 };
        let plan = Plan {
            parent: None,
            seconds: 0,
            salt: rng.r#gen(),
            drafts: Vec::new(),
            register: Arc::default(),
            is_bloomless: false,
        };
        chain.tree.grow(plan);
        while chain.tree.of(chain.tip).number + 1 < FIRST_BLOCK {
            let below = Arc::clone(&chain.tree.of(chain.tip).register);
            let drafts = chain.dealings(rng);
            chain.tip = chain.grow(rng, chain.tip, drafts, below);
        }
        let below = chain.tree.of(chain.tip).time;
        chain.elsewhere = rng.gen_bool(0.15).then(|| Elsewhere::begin(below));
        // Some begin far behind.
        for _ in 0..*[0, 0, 0, PAST_BLOCKS].choose(rng).unwrap() {
            chain.tip = chain.mine(rng, chain.tip, &mut Counts::default());
        }
        chain.set_tip(chain.tip);
        chain.finalized = chain.tip;
        chain
    }

    /// One event.
    pub(crate) fn happen(&mut self, rng: &mut StdRng, counts: &mut Counts) {
        let roll = rng.gen_range(0..100);
        let reorgs = self.temper.reorgs;
        match roll {
            roll if roll < reorgs => self.reorg(rng, counts),
            roll if roll < reorgs + 3 => self.flip(rng, counts),
            roll if roll < reorgs + 5 => self.shorten(rng, counts),
            _ => {
                let tip = self.mine(rng, self.tip, counts);
                self.set_tip(tip);
            }
        }
        if rng.gen_bool(0.4) {
            self.finalize(rng);
        }
    }

    /// Adds a block to a branch.
    pub(crate) fn mine(&mut self, rng: &mut StdRng, parent: Id, counts: &mut Counts) -> Id {
        let mut register = Arc::clone(&self.tree.of(parent).register);
        let mut drafts = self.dealings(rng);
        if rng.gen_range(0..100) < self.temper.acts {
            if self.elsewhere.is_some() {
                self.act_elsewhere(rng, counts);
                return self.grow(rng, parent, drafts, register);
            }
            let mut after = Register::clone(&register);
            let time = self.tree.of(parent).time + SPACING;
            for _ in 0..rng.gen_range(1..=2) {
                drafts.extend(self.act(rng, &mut after, time, counts));
            }
            register = Arc::new(after);
        }
        if self.temper.large_block && rng.gen_bool(0.05) {
            self.temper.large_block = false;
            drafts.push(self.crowd(rng));
            counts.fired(42);
        }
        self.grow(rng, parent, drafts, register)
    }

    /// Another branch takes over, above what is final.
    pub(crate) fn reorg(&mut self, rng: &mut StdRng, counts: &mut Counts) {
        let (tip, last) = (self.tree.of(self.tip).number, self.tree.of(self.finalized).number);
        let depth_max = (tip - last).min(REORG_MAX_BLOCKS);
        if depth_max == 0 {
            return;
        }
        let deep = rng.gen_bool(0.3);
        let depth = rng.gen_range(1..=if deep { depth_max } else { depth_max.min(4) });
        let fork = self.tree.ancestor(self.tip, tip - depth).unwrap();
        self.replace_above(fork, depth + rng.gen_range(0..3), rng, counts);
        counts.fired(33);
    }

    /// Builds a branch above a block and makes it the best.
    pub(crate) fn replace_above(
        &mut self,
        fork: Id,
        length: u64,
        rng: &mut StdRng,
        counts: &mut Counts,
    ) {
        let undone: Vec<_> =
            self.tree.chain(self.tip).into_iter().skip_while(|id| *id != fork).skip(1).collect();
        if undone.iter().any(|id| self.takes_back_a_listing(*id)) {
            counts.fired(58);
        }
        let mut waiting: Vec<Draft> =
            undone.iter().flat_map(|id| self.tree.of(*id).drafts.clone()).collect();
        waiting.retain(|draft| draft.act.is_none() && draft.logs.len() < 10);
        let mut tip = fork;
        for _ in 0..length.max(1) {
            tip = self.mine(rng, tip, counts);
            // What the other branch had carried out is carried out again, here or there.
            if let Some(draft) = waiting.pop().filter(|_| rng.gen_bool(0.5)) {
                let register = Arc::clone(&self.tree.of(tip).register);
                tip = self.grow(rng, tip, vec![draft], register);
            }
        }
        self.set_tip(tip);
        self.reorgs += 1;
    }

    /// A branch that was the best once becomes it again.
    fn flip(&mut self, rng: &mut StdRng, counts: &mut Counts) {
        let old: Vec<_> = self
            .tree
            .blocks
            .iter()
            .filter(|block| block.was_best && !block.is_forgotten)
            .filter(|block| !self.tree.descends(self.tip, block.id))
            .filter(|block| self.tree.descends(block.id, self.finalized))
            .map(|block| block.id)
            .collect();
        let Some(old) = old.choose(rng).copied() else { return };
        let mut tip = old;
        while self.tree.of(tip).number <= self.tree.of(self.tip).number {
            tip = self.mine(rng, tip, counts);
        }
        self.set_tip(tip);
        self.reorgs += 1;
        counts.fired(35);
    }

    /// The chain ends below where it ended, and nobody remembers what was above.
    fn shorten(&mut self, rng: &mut StdRng, counts: &mut Counts) {
        let (tip, last) = (self.tree.of(self.tip).number, self.tree.of(self.finalized).number);
        if tip == last {
            return;
        }
        let depth = rng.gen_range(1..=(tip - last).min(3));
        let end = self.tree.ancestor(self.tip, tip - depth).unwrap();
        for id in 0..self.tree.blocks.len() {
            if id != end && self.tree.descends(id, end) {
                self.tree.blocks[id].is_forgotten = true;
            }
        }
        self.tip = end;
        self.reorgs += 1;
        counts.fired(36);
    }

    pub(crate) fn set_tip(&mut self, tip: Id) {
        self.tip = tip;
        let mut id = Some(tip);
        while let Some(block) = id.map(|id| &mut self.tree.blocks[id]) {
            if block.was_best && block.id != tip {
                break;
            }
            block.was_best = true;
            id = block.parent;
        }
    }

    /// Blocks that are neither final nor upon what is final.
    pub(crate) fn dead(&self) -> Vec<Id> {
        let is_dead = |id: &Id| {
            !self.tree.descends(*id, self.finalized) && !self.tree.descends(self.finalized, *id)
        };
        (0..self.tree.blocks.len()).filter(is_dead).collect()
    }

    pub(crate) fn finalize(&mut self, rng: &mut StdRng) {
        let (tip, last) = (self.tree.of(self.tip).number, self.tree.of(self.finalized).number);
        let newest = tip.saturating_sub(self.temper.finality_lag);
        if newest > last {
            let number = rng.gen_range(last + 1..=newest);
            self.finalized = self.tree.ancestor(self.tip, number).unwrap();
        }
    }

    fn takes_back_a_listing(&self, id: Id) -> bool {
        let lists = |deed| matches!(deed, list::Deed::List | list::Deed::ListProvisional);
        self.tree.of(id).acted.iter().any(|acted| lists(acted.act.deed))
    }

    fn grow(
        &mut self,
        rng: &mut StdRng,
        parent: Id,
        mut drafts: Vec<Draft>,
        register: Arc<Register>,
    ) -> Id {
        drafts.sort_by_key(|draft| *draft.tx.tx_hash());
        drafts.dedup_by_key(|draft| *draft.tx.tx_hash());
        drafts.shuffle(rng);
        // Acts keep their order among each other: each folds over the one before.
        let (places, mut acts): (Vec<_>, Vec<_>) = (0..)
            .zip(&drafts)
            .filter(|(_, draft)| draft.act.is_some())
            .map(|(place, draft): (usize, _)| (place, draft.clone()))
            .unzip();
        acts.sort_by_key(|draft| draft.act.as_ref().map(|act| act.number));
        for (place, act) in places.into_iter().zip(acts) {
            drafts[place] = act;
        }
        let id = self.tree.grow(Plan {
            parent: Some(parent),
            seconds: SPACING,
            salt: rng.r#gen(),
            drafts,
            register,
            is_bloomless: rng.gen_bool(0.1),
        });
        if let Some(elsewhere) = &self.elsewhere {
            let (below, time) = (self.tree.of(parent).time, self.tree.of(id).time);
            let acted = elsewhere.between(below, time).map(acted_elsewhere).collect();
            self.tree.blocks[id].acted = acted;
        }
        id
    }

    /// Something is done to the list on another chain: before what happened here from then on, on
    /// whatever branch.
    fn act_elsewhere(&mut self, rng: &mut StdRng, counts: &mut Counts) {
        let tip = self.tree.of(self.tip).time;
        let Some(deed) = self.elsewhere.as_mut().and_then(|list| list.act(rng, tip)) else {
            return;
        };
        counts.fired_if(61, deed.act.is_again);
        for id in 0..self.tree.blocks.len() {
            let Some(below) = self.tree.of(id).parent.map(|parent| self.tree.of(parent).time)
            else {
                continue;
            };
            let block = &mut self.tree.blocks[id];
            if (below + 1..=block.time).contains(&deed.time) {
                block.acted.push(acted_elsewhere(&deed));
            }
        }
    }

    /// Dealings of one block, between any of them and in any direction.
    fn dealings(&mut self, rng: &mut StdRng) -> Vec<Draft> {
        let accounts = accounts();
        let mut drafts = Vec::new();
        for _ in 0..rng.gen_range(0..4) {
            self.nonce += 1;
            let (from, to) = (*accounts.choose(rng).unwrap(), *accounts.choose(rng).unwrap());
            let value = *[0, 5, 20_000_000].choose(rng).unwrap();
            let call = Draft::call(TOKEN, self.nonce);
            drafts.push(match rng.gen_range(0..20) {
                0..8 => call.moving(TOKEN, from, to, value),
                8..10 => call.moving(STRANGE_TOKEN, from, to, value),
                10..13 => call.moving(TOKEN, from, to, value).moving(TOKEN, to, from, value + 1),
                13..16 => call.with(noise(rng)).moving(TOKEN, from, to, value).with(noise(rng)),
                16 if value == 0 => self.payment(rng, to, 0),
                16 => Draft { has_failed: true, ..self.payment(rng, to, 7_000) },
                _ => self.payment(rng, to, if value == 5 { 5 } else { 10_000 }),
            });
        }
        drafts
    }

    fn payment(&self, rng: &mut StdRng, to: Address, value: u64) -> Draft {
        Draft::payment(rng.gen_range(1..=HOLDERS), to, value, self.nonce % 4)
    }

    /// An act of the list, between dealings with whom it names: in the same block, and in the same
    /// transaction.
    fn act(
        &mut self,
        rng: &mut StdRng,
        register: &mut Register,
        time: u64,
        counts: &mut Counts,
    ) -> Vec<Draft> {
        let Some((act, logs)) = register.act(rng, time, &accounts()) else { return Vec::new() };
        let named = act.accounts.first().copied().unwrap_or(BLOCKLIST);
        counts.fired_if(61, act.is_again);
        counts.fired_if(62, act.accounts.len() > 1 && act.accounts[1..].contains(&named));
        self.nonce += 1;
        let mut draft = Draft::call(BLOCKLIST, self.nonce);
        let mut around = Vec::new();
        if rng.gen_bool(0.5) && named != BLOCKLIST {
            counts.fired(57);
            let other = *accounts().choose(rng).unwrap();
            draft = draft.moving(TOKEN, other, named, 20_000_000);
            for _ in 0..2 {
                self.nonce += 1;
                around.push(Draft::call(TOKEN, self.nonce).moving(TOKEN, named, other, 20_000_000));
                around.push(self.payment(rng, named, 10_000));
            }
        }
        draft.logs.extend(logs);
        draft.act = Some(act);
        around.push(draft);
        around
    }

    fn crowd(&mut self, rng: &mut StdRng) -> Draft {
        let accounts = accounts();
        self.nonce += 1;
        let mut draft = Draft::call(TOKEN, self.nonce);
        for n in 0..LARGE_BLOCK_LOGS {
            let to = *accounts.choose(rng).unwrap();
            let from = if n % 50 == 0 { accounts[0] } else { Address::repeat_byte(0xcc) };
            let to = if n % 50 == 0 { to } else { Address::repeat_byte(0xcd) };
            draft = draft.moving(TOKEN, from, to, n);
        }
        draft
    }
}

/// An act of a list elsewhere: before everything in its block.
fn acted_elsewhere(deed: &Deed) -> Acted {
    Acted { tx: 0, log: None, time: Some(deed.time), act: deed.act.clone() }
}

/// A log that moves nothing that is screened.
fn noise(rng: &mut StdRng) -> alloy_primitives::Log {
    let strangers =
        [Address::repeat_byte(0xee).into_word(), Address::repeat_byte(0xef).into_word()];
    let [from, to] = strangers;
    match rng.gen_range(0..3) {
        0 => log(TOKEN, vec![transfer_topic(), from], Bytes::new()),
        1 => log(STRANGE_TOKEN, vec![transfer_topic(), from, to, from], Bytes::new()),
        _ => log(TOKEN, vec![from, to], vec![7; 64].into()),
    }
}

impl Block {
    /// Whether there is anything in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }
}
