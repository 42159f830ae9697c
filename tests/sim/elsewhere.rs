//! The list on another chain: what is done to it there, and what the indexer of that chain tells.

use alloy_primitives::B256;
use interdict_core::ledger::{self, ActReader};
use interdict_core::transfer::Position;
use interdict_indexer::abroad::Told;
use rand::Rng;
use rand::rngs::StdRng;

use crate::list::{Act, BLOCKLIST, Register};
use crate::story::accounts;

/// The chain of that list.
pub(crate) const CHAIN_ID: u64 = 10;
/// Its block 0.
pub(crate) const GENESIS: B256 = B256::repeat_byte(0x10);
/// How far from one another acts are at the most, in seconds.
const PAUSE_MAX_SECONDS: u64 = 60;
/// How far behind this chain that one is final, in seconds.
const LAGS_SECONDS: [u64; 4] = [0, 12, 60, 300];

/// A list that is kept elsewhere.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    register: Register,
    acts: Vec<Deed>,
    /// What was told: nothing happens any more up to then.
    through: u64,
}

/// An act, and when it was.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) time: u64,
    pub(crate) act: Act,
    told: ledger::Act,
}

impl Elsewhere {
    /// A list without acts, of which nothing is told up to a time.
    pub(crate) fn begin(through: u64) -> Self {
        Self { register: Register::default(), acts: Vec::new(), through }
    }

    /// Acts after one time, up to another.
    pub(crate) fn between(&self, after: u64, through: u64) -> impl Iterator<Item = &Deed> {
        self.acts.iter().filter(move |deed| (after + 1..=through).contains(&deed.time))
    }

    /// Something is done to the list, of which nobody has been told yet; what.
    pub(crate) fn act(&mut self, rng: &mut StdRng, tip: u64) -> Option<Deed> {
        let last = self.acts.last().map_or(0, |deed| deed.time).max(self.through + 1);
        let time = rng.gen_range(last..=last.max(tip) + PAUSE_MAX_SECONDS);
        let (act, logs) = self.register.act(rng, time, &accounts())?;
        let mut reader = ActReader::default();
        let at = Position { block: time, tx: 0, log: Some(0) };
        let read = logs.iter().filter_map(|log| {
            debug_assert_eq!(log.address, BLOCKLIST);
            reader.read(&log.data, at, time, B256::repeat_byte(7)).unwrap()
        });
        let told = read.last().unwrap();
        self.acts.push(Deed { time, act, told });
        self.acts.last().cloned()
    }

    /// What its indexer tells: up to a time behind the other chain's end; whether it is behind.
    pub(crate) fn tell(&mut self, after: u32, tip: u64, rng: &mut StdRng) -> (Told, bool) {
        let lag = LAGS_SECONDS[rng.gen_range(0..LAGS_SECONDS.len())];
        self.through = self.through.max(tip.saturating_sub(lag));
        (self.told(after), self.through < tip)
    }

    /// The same with all that there is to tell.
    pub(crate) fn tell_all(&mut self, after: u32, tip: u64) -> Told {
        let last = self.acts.last().map_or(0, |deed| deed.time);
        self.through = self.through.max(tip).max(last);
        self.told(after)
    }

    fn told(&self, after: u32) -> Told {
        let known = || self.acts.iter().filter(|deed| deed.time <= self.through);
        let before = known().find(|deed| deed.told.number == after).map(|deed| deed.told.head);
        Told {
            chain_id: CHAIN_ID,
            genesis_hash: GENESIS,
            blocklist: BLOCKLIST,
            through: Some(self.through),
            head: if after == 0 { Some(B256::ZERO) } else { before },
            acts: known().map(|deed| deed.told.clone()).filter(|a| a.number > after).collect(),
            more: false,
            trouble: None,
        }
    }
}
