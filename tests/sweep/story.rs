//! The recorded run: what the node shows, stage after stage, and what must be told of it. A stage
//! begins when everything of the one before has reached the receiver, and with it the database;
//! so that each run comes to the same end, however often it is interrupted.

use alloy_primitives::{Address, B256};
use anyhow::Result;
use interdict_core::ledger::{Kind, UNTIL_MAX};

use crate::chain::{Chain, Deed, Draft, SPACING_SECONDS};
use crate::oracle::{Oracle, Told};

/// Listed by a vote; delisted at the end.
const FIRST: Address = Address::repeat_byte(0x11);
/// Held until a deadline, which passes.
const SECOND: Address = Address::repeat_byte(0x22);
/// Listed in a block that is taken back, and listed again.
const THIRD: Address = Address::repeat_byte(0x33);
const PAYER: Address = Address::repeat_byte(0x44);

/// How many stages there are.
pub const STAGES: usize = 4;
/// Blocks in which nothing happens that concerns the list, before the branches part: so many that
/// SQLite's log is checkpointed, and that a walk back takes several stretches.
pub const QUIET_BLOCKS: u64 = 180;
/// The last block of what happens before those.
const BEGINNING: u64 = 20;
/// Blocks of the branch that is taken back.
const LOST_BLOCKS: u64 = 4;
/// From this block of the other branch on the hold of the second address is over.
const LAPSE: u64 = 13;

/// What the node shows, and what must have been told before it shows more.
#[derive(Debug)]
pub struct Stage {
    /// Its name, for reports.
    pub name: &'static str,
    /// The best chain.
    pub chain: Chain,
    /// The block up to which the node calls it final.
    pub finalized: u64,
    /// Everything that must have been told by its end, and how often.
    pub told: Told,
}

/// A recorded run.
#[derive(Debug)]
pub struct Story {
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// What the alerts must be like at the end.
    pub end: Oracle,
}

impl Story {
    /// Hash of block 0.
    pub fn genesis(&self) -> B256 {
        self.stages[0].chain.blocks()[0].hash
    }

    /// Records it, with so many quiet blocks in its middle.
    ///
    /// # Errors
    /// The script makes no chain.
    pub fn record(quiet: u64) -> Result<Self> {
        let fork = BEGINNING + quiet;
        let mut script = Script { count: 0, fork };
        let mut trunk = Chain::default();
        for number in 0..=fork {
            trunk.grow(0, &script.trunk(number))?;
        }
        let (shared, mut lost, mut kept) = (script.pays(PAYER, SECOND), trunk.clone(), trunk);
        for above in 1..=LOST_BLOCKS {
            lost.grow(1, &script.lost(above, shared))?;
        }
        for above in 1..=LAPSE + 1 {
            kept.grow(2, &script.kept(above, shared))?;
        }
        let shown: [_; STAGES] = [
            ("listed, and the past looked at", lost, 0),
            ("another branch", kept.up_to(fork + 6), 0),
            ("final", kept.up_to(fork + 9), fork + 6),
            ("delisted and lapsed", kept, fork + 8),
        ];
        let mut oracle = Oracle::default();
        let stages = shown.into_iter().map(|(name, chain, finalized)| {
            let told = oracle.sees(&chain, finalized);
            Stage { name, chain, finalized, told }
        });
        Ok(Self { stages: stages.collect(), end: oracle })
    }
}

struct Script {
    count: u64,
    /// The last block that both branches have.
    fork: u64,
}

impl Script {
    fn draft(&mut self, deed: Deed) -> Draft {
        self.count += 1;
        Draft { number: self.count, deed }
    }

    fn pays(&mut self, from: Address, to: Address) -> Draft {
        self.draft(Deed::Pays { from, to })
    }

    fn acts(&mut self, kind: Kind, account: Address, until: u64) -> Draft {
        self.draft(Deed::Acts { kind, account, until })
    }

    /// Dealings before and after two listings.
    fn trunk(&mut self, number: u64) -> Vec<Draft> {
        match number {
            4 => vec![self.pays(PAYER, FIRST), self.pays(SECOND, PAYER)],
            6 => vec![self.draft(Deed::Garbles { to: FIRST }), self.pays(PAYER, FIRST)],
            7 => vec![self.draft(Deed::Sends { to: FIRST })],
            8 => vec![self.pays(THIRD, PAYER), self.pays(PAYER, SECOND)],
            9 => vec![self.pays(FIRST, SECOND)],
            12 => vec![self.acts(Kind::List, FIRST, UNTIL_MAX), self.pays(PAYER, FIRST)],
            14 => {
                let until = (self.fork + LAPSE) * SPACING_SECONDS;
                vec![self.acts(Kind::ListProvisional, SECOND, until), self.pays(PAYER, PAYER)]
            }
            15 | 18 => vec![self.pays(FIRST, PAYER), self.pays(PAYER, SECOND)],
            16 => vec![self.draft(Deed::Sends { to: SECOND })],
            19 => vec![self.pays(SECOND, FIRST)],
            _ => vec![self.pays(PAYER, PAYER)],
        }
    }

    /// The branch that is taken back: a third listing, with its past, among it.
    fn lost(&mut self, above: u64, shared: Draft) -> Vec<Draft> {
        match above {
            1 => vec![self.pays(PAYER, FIRST)],
            2 => vec![shared],
            3 => vec![self.acts(Kind::List, THIRD, UNTIL_MAX)],
            _ => vec![self.pays(THIRD, PAYER), self.draft(Deed::Garbles { to: THIRD })],
        }
    }

    /// The branch that stays.
    fn kept(&mut self, above: u64, shared: Draft) -> Vec<Draft> {
        match above {
            1 => vec![self.pays(FIRST, PAYER)],
            2 => vec![self.pays(PAYER, PAYER), shared],
            4 => vec![self.acts(Kind::List, THIRD, UNTIL_MAX)],
            5 => vec![self.pays(PAYER, THIRD)],
            6 | 9 => vec![self.pays(PAYER, FIRST), self.pays(SECOND, PAYER)],
            10 => {
                let now = (self.fork + above) * SPACING_SECONDS;
                vec![self.acts(Kind::Delist, FIRST, now)]
            }
            // No findings: the one is delisted, the other's hold is over.
            11 | 14 => vec![self.pays(PAYER, FIRST), self.pays(PAYER, THIRD)],
            LAPSE => vec![self.pays(PAYER, SECOND)],
            _ => vec![self.pays(PAYER, PAYER)],
        }
    }
}
