//! What many seeds came to, as a table.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};

use crate::fault::{Counts, ELSEWHERE, Elsewhere, LAST, NAMES};
use crate::trace::Trace;
use crate::{Outcome, Wrong};

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// Seeds that ended well.
    pub seeds: u64,
    /// How often each fault happened.
    pub counts: Counts,
    /// The fewest faults of a seed.
    pub fewest: Option<u64>,
    /// Alerts, retracted ones too.
    pub alerts: u64,
    /// Branches that took over.
    pub reorgs: u64,
    /// What was wrong.
    pub wrong: Vec<Wrong>,
    /// What each seed that ended well came to.
    pub digests: BTreeMap<u64, String>,
    /// How long it took.
    pub seconds: f64,
}

impl Sum {
    /// Adds a seed.
    pub(crate) fn add(&mut self, seed: u64, outcome: Result<Outcome, Wrong>) {
        match outcome {
            Err(wrong) => self.wrong.push(wrong),
            Ok(outcome) => {
                self.seeds += 1;
                self.digests.insert(seed, outcome.digest);
                self.counts.add(&outcome.counts);
                self.alerts += outcome.alerts;
                self.reorgs += outcome.reorgs;
                let total = outcome.counts.total();
                self.fewest = Some(self.fewest.map_or(total, |fewest| fewest.min(total)));
            }
        }
    }

    /// Everything that happened in all of them, as a short word.
    pub fn digest(&self) -> String {
        Trace::digest(format!("{:?}", self.digests).as_bytes())
    }

    /// Faults that this simulation has a place for and that happened less often than wanted.
    pub fn rare(&self, wanted: u64) -> Vec<u8> {
        let here = |fault: &u8| ELSEWHERE.iter().all(|elsewhere| elsewhere.number != *fault);
        (1..=LAST).filter(here).filter(|fault| self.counts.of(*fault) < wanted).collect()
    }
}

/// The table of faults and the line of figures below it.
pub fn table(sum: &Sum) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["fault", "what", "times"]);
    for fault in 1..=LAST {
        let elsewhere = ELSEWHERE.iter().find(|elsewhere| elsewhere.number == fault);
        let times = match elsewhere {
            Some(Elsewhere { reason, test: Some(test), .. }) => format!("{reason}; see {test}"),
            Some(Elsewhere { reason, .. }) => (*reason).to_owned(),
            None => sum.counts.of(fault).to_string(),
        };
        table.add_row([format!("F{fault}"), NAMES[usize::from(fault)].to_owned(), times]);
    }
    let Sum { seeds, alerts, reorgs, seconds, .. } = sum;
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = *seeds as f64 / seconds.max(0.001);
    format!(
        "{table}\n\n{seeds} seeds in {seconds:.1} s ({speed:.1} a second), {} faults, at least {} a \
         seed, {reorgs} reorganisations, {} crashes, {alerts} alerts; {} wrong; all of it is {}\n",
        sum.counts.total(),
        sum.fewest.unwrap_or_default(),
        sum.counts.of(43) + sum.counts.of(45),
        sum.wrong.len(),
        sum.digest(),
    )
}
