//! What was tried and what held, as a table.

use std::time::{Duration, Instant};

use comfy_table::{Cell, CellAlignment, Table};

use crate::play::Played;
use crate::story::STAGES;

/// One kind of disturbance on one kind of database.
#[derive(Clone, Debug, Default)]
pub struct Row {
    what: String,
    database: &'static str,
    begun: Option<Instant>,
    took: Duration,
    /// Times that the story was played to its end, with the same final state.
    pub playings: u32,
    /// Lives of the binary.
    pub lives: u32,
    /// Lives that SIGKILL ended.
    pub killed: u32,
    /// Lives that ended by themselves, with an error.
    pub ended: u32,
    /// Disturbances that came to pass.
    pub strikes: u32,
    /// Kills by the stage that the node showed then.
    pub stages: [u32; STAGES],
    /// Deliveries that came more than once.
    pub again: u64,
}

impl Row {
    /// A row, from now on.
    pub fn begin(what: impl Into<String>, database: &'static str) -> Self {
        Self { what: what.into(), database, begun: Some(Instant::now()), ..Self::default() }
    }

    /// Counts a playing.
    pub fn add(&mut self, played: &Played) {
        self.playings += 1;
        self.lives += played.lives;
        self.killed += played.killed;
        self.ended += played.ended;
        self.again += played.again;
        self.count(played.stages);
    }

    /// Counts kills.
    pub fn count(&mut self, stages: [u32; STAGES]) {
        for (all, one) in self.stages.iter_mut().zip(stages) {
            *all += one;
        }
    }

    /// Counts what another counted.
    pub fn join(&mut self, other: &Self) {
        self.playings += other.playings;
        self.lives += other.lives;
        self.killed += other.killed;
        self.ended += other.ended;
        self.strikes += other.strikes;
        self.again += other.again;
        self.count(other.stages);
    }

    /// The row is whole.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.took = self.begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        self
    }
}

/// The table.
pub fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header([
        "what",
        "database",
        "playings",
        "lives",
        "killed",
        "ended",
        "strikes",
        "by stage",
        "told again",
        "seconds",
        "same state",
    ]);
    for row in rows {
        let number = |number: u64| Cell::new(number).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&row.what),
            Cell::new(row.database),
            number(row.playings.into()),
            number(row.lives.into()),
            number(row.killed.into()),
            number(row.ended.into()),
            number(row.strikes.into()),
            Cell::new(row.stages.map(|count| count.to_string()).join("+")),
            number(row.again),
            number(row.took.as_secs()),
            // A playing that comes to another state ends the sweep.
            Cell::new("always"),
        ]);
    }
    table.to_string()
}
