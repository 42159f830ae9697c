//! The chain as it is served: headers, and the logs of every transfer already written, one after
//! another, so that any range of them is a slice.

use std::thread;

use alloy_consensus::Header;
use alloy_primitives::{B256, map::B256Map};
use anyhow::{Result, anyhow};
use axum::body::Bytes;
use interdict_core::ledger::Act;

use crate::made::{Body, Made, Plan};
use crate::written::{self, Within};

/// Threads that make bodies.
const THREADS: u64 = 2;

#[derive(Debug)]
pub struct Chain {
    pub plan: Plan,
    pub acts: Vec<Act>,
    headers: Vec<(B256, Header)>,
    hashes: Vec<Vec<B256>>,
    numbers: B256Map<u64>,
    logs: Bytes,
    /// Where the logs of each block begin, past the comma; one more than there are blocks.
    starts: Vec<usize>,
}

impl Chain {
    /// Makes the whole chain.
    ///
    /// # Errors
    /// A thread failed.
    pub fn make(plan: Plan) -> Result<Self> {
        let acts = plan.acts();
        let bodies = bodies(plan, &acts)?;
        let mut chain = Self {
            plan,
            acts,
            headers: Vec::new(),
            hashes: Vec::new(),
            numbers: B256Map::default(),
            logs: Bytes::new(),
            starts: Vec::new(),
        };
        let mut parent = B256::ZERO;
        for (body, number) in bodies.into_iter().zip(0..) {
            let header = Plan::header(number, parent, &body);
            parent = header.hash_slow();
            chain.headers.push((parent, header));
            chain.numbers.insert(parent, number);
            chain.hashes.push(body.hashes);
        }
        chain.write_logs();
        Ok(chain)
    }

    fn write_logs(&mut self) {
        let mut text = String::new();
        for number in 0..=self.plan.last() {
            self.starts.push(text.len());
            if number <= self.plan.act_blocks() {
                continue;
            }
            let Some((within, hashes)) = self.at(number) else { continue };
            let made = self.made(number);
            if written::logs(&mut text, within, &made, hashes, &|_| true) > 0 {
                text.push(',');
            }
        }
        self.starts.push(text.len());
        self.logs = Bytes::from(text);
    }

    pub fn at(&self, number: u64) -> Option<(Within<'_>, &[B256])> {
        let place = usize::try_from(number).ok()?;
        let (hash, header) = self.headers.get(place)?;
        Some((Within { hash: *hash, header }, &self.hashes[place]))
    }

    pub fn made(&self, number: u64) -> Vec<Made> {
        self.plan.made(number, &self.acts)
    }

    pub fn number_of(&self, hash: B256) -> Option<u64> {
        self.numbers.get(&hash).copied()
    }

    /// The transfers' logs of a range, as a slice of what is written.
    pub fn transfers(&self, from: u64, to: u64) -> Bytes {
        let start = |number: u64| {
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            self.starts.get(place).copied().unwrap_or(self.logs.len())
        };
        let (start, end) = (start(from), start(to.saturating_add(1)));
        // Without the last comma.
        if end > start { self.logs.slice(start..end - 1) } else { Bytes::new() }
    }
}

fn bodies(plan: Plan, acts: &[Act]) -> Result<Vec<Body>> {
    let share = plan.last() / THREADS + 1;
    thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS)
            .map(|part| {
                let (from, end) = (part * share, ((part + 1) * share).min(plan.last() + 1));
                scope.spawn(move || -> Vec<Body> {
                    (from..end).map(|number| plan.body(number, acts)).collect()
                })
            })
            .collect();
        let mut bodies = Vec::new();
        for part in parts {
            bodies.extend(part.join().map_err(|_| anyhow!("a thread that makes blocks failed"))?);
        }
        Ok(bodies)
    })
}
