//! The indexer of another chain, which tells of the list that is kept there.

use interdict_indexer::abroad::{AbroadError, Told};
use rand::Rng;

use crate::world::World;

impl World {
    pub(crate) fn tell_of_list(&mut self, after: u32) -> Option<Result<Told, AbroadError>> {
        if self.ends_here() {
            return None;
        }
        self.elapsed_ms += self.rng.gen_range(1..80);
        let indexer = "http://neighbour".to_owned();
        let silent = |reason: &str| AbroadError::Silent { indexer, reason: reason.to_owned() };
        if self.elapsed_ms < self.down_until_ms {
            return Some(Err(silent("connection refused")));
        }
        if self.chance(self.plan.transport) {
            return Some(Err(silent("HTTP status 503")));
        }
        let tip = self.chain.tree.of(self.chain.tip).time;
        let elsewhere = self.chain.elsewhere.as_mut().unwrap();
        let told = if self.is_calm {
            elsewhere.tell_all(after, tip)
        } else {
            let (told, lags) = elsewhere.tell(after, tip, &mut self.rng);
            self.counts.fired_if(59, lags);
            told
        };
        let words = format!("{:?} and {} acts", told.through, told.acts.len());
        self.trace.line(self.elapsed_ms, format_args!("list after {after} -> {words}"));
        Some(Ok(told))
    }
}
