//! The state that a run comes to: every row of every table, as the indexer's own backup gives it,
//! but for what differs by nature. Compared with that of a run that nobody disturbed, and with what
//! was written into the chain.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;

use alloy_primitives::{Address, B256};
use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::oracle::Oracle;

/// Columns that differ from run to run: times of our clock, and the number of a piece of news,
/// which depends on what was found first. That the numbers have no gaps is looked at apart.
const OWN_TO_A_RUN: [(&str, &str); 15] = [
    ("tokens", "asked_at"),
    ("outbox", "seq"),
    ("outbox", "made_at"),
    ("deliveries", "seq"),
    ("deliveries", "news"),
    // It goes with news of the same finding that is urgent, if that is there already.
    ("deliveries", "urgent"),
    ("deliveries", "delivered_at"),
    ("endpoints", "shown"),
    ("endpoints", "receiver"),
    ("endpoints", "made_at"),
    ("endpoints", "version"),
    ("endpoints", "delivered_at"),
    ("endpoints", "last_error"),
    ("gone_receivers", "since"),
    ("policies", "used_from"),
];

type Row = BTreeMap<String, Value>;

/// What is in a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    tables: BTreeMap<String, Vec<Row>>,
}

/// What one state has and another has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference(Vec<String>);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_MAX_LINES: usize = 40;
        for line in self.0.iter().take(SHOWN_MAX_LINES) {
            writeln!(f, "{line}")?;
        }
        match self.0.len().checked_sub(SHOWN_MAX_LINES) {
            Some(more @ 1..) => writeln!(f, "and {more} more"),
            _ => Ok(()),
        }
    }
}

impl State {
    /// Reads a backup.
    ///
    /// # Errors
    /// It is none.
    pub fn read(backup: &Path) -> Result<Self> {
        let file = std::fs::File::open(backup)?;
        let mut state = Self::default();
        let mut table: Option<(String, Vec<String>)> = None;
        for line in BufReader::new(GzDecoder::new(file)).lines() {
            let line: Value = serde_json::from_str(&line?)?;
            if let Some(name) = line["table"].as_str() {
                let columns: Vec<String> = serde_json::from_value(line["columns"].clone())?;
                state.tables.entry(name.to_owned()).or_default();
                table = Some((name.to_owned(), columns));
            } else if let Value::Array(cells) = line {
                let (name, columns) = table.as_ref().context("a row belongs to a table")?;
                let row = columns.iter().cloned().zip(cells).collect();
                state.tables.entry(name.clone()).or_default().push(row);
            }
        }
        state.number_news()?;
        // Where the last stretch of a walk began: a stretch is as long as its time allows.
        for job in state.rows_mut("lookback_jobs").iter_mut().filter(|job| job["state"] == "done") {
            job.retain(|column, _| !column.starts_with("next_"));
        }
        for (table, column) in OWN_TO_A_RUN {
            state.rows_mut(table).iter_mut().for_each(|row| _ = row.remove(column));
        }
        Ok(state)
    }

    fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    fn rows_mut(&mut self, table: &str) -> &mut [Row] {
        self.tables.get_mut(table).map(Vec::as_mut_slice).unwrap_or_default()
    }

    /// Sees that the news is numbered without gaps and delivered in a line without gaps, and
    /// numbers it within each alert instead: that order is the same in every run.
    fn number_news(&mut self) -> Result<()> {
        let news = self.rows_mut("outbox");
        news.sort_by_key(|row| row["seq"].as_i64());
        let mut of_alert: BTreeMap<String, u64> = BTreeMap::new();
        for (row, seq) in news.iter_mut().zip(1..) {
            ensure!(row["seq"] == seq, "the news has a gap before {row:?}");
            let place = of_alert.entry(row["alert_id"].to_string()).or_default();
            *place += 1;
            row.insert("place_within_alert".to_owned(), (*place).into());
        }
        let told: BTreeSet<_> = news.iter().map(|row| row["seq"].as_i64()).collect();
        let line = self.rows_mut("deliveries");
        line.sort_by_key(|row| row["seq"].as_i64());
        let lined: BTreeSet<_> = line.iter().map(|row| row["news"].as_i64()).collect();
        ensure!(lined == told, "not all of the news is in the line");
        for (row, seq) in line.iter().zip(1..) {
            ensure!(row["seq"] == seq, "the line has a gap before {row:?}");
            ensure!(row["state"] == "delivered", "not delivered: {row:?}");
        }
        Ok(())
    }

    /// What is otherwise than in the state that was expected.
    ///
    /// # Errors
    /// The difference.
    pub fn same_as(&self, expected: &Self) -> Result<(), Difference> {
        let lines = |state: &Self| {
            let mut lines: BTreeMap<String, i64> = BTreeMap::new();
            for (table, rows) in &state.tables {
                for row in rows {
                    let line = format!("{table} {}", serde_json::json!(row));
                    *lines.entry(line).or_default() += 1;
                }
            }
            lines
        };
        let (found, mut balance) = (lines(self), lines(expected));
        for (line, count) in found {
            *balance.entry(line).or_default() -= count;
        }
        let mut difference = Vec::new();
        for (line, count) in balance.into_iter().filter(|(_, count)| *count != 0) {
            let side = if count > 0 { "lacks" } else { "has too many" };
            difference.push(format!("{side} ({}): {line}", count.abs()));
        }
        if difference.is_empty() { Ok(()) } else { Err(Difference(difference)) }
    }

    /// Sees that the alerts are what was written into the chain.
    ///
    /// # Errors
    /// Says what is otherwise.
    pub fn tells(&self, oracle: &Oracle) -> Result<()> {
        let alerts = self.rows("alerts");
        ensure!(alerts.len() == oracle.cases.len(), "{} alerts", alerts.len());
        for row in alerts {
            let hash: B256 = bytes(row, "block_hash")?.parse()?;
            let tx: B256 = bytes(row, "tx_hash")?.parse()?;
            let listed: Address = bytes(row, "listed")?.parse()?;
            let Some(case) = oracle.cases.get(&(hash, tx, listed)) else {
                bail!("nothing like this happened: {row:?}");
            };
            let stands =
                row["confirmation"] == case.confirmation && row["standing"] == case.standing;
            ensure!(stands, "{case:?} is written down as {row:?}");
        }
        Ok(())
    }

    /// How many rows there are, table by table.
    pub fn counts(&self) -> String {
        let counts = self.tables.iter().map(|(table, rows)| format!("{} {table}", rows.len()));
        counts.collect::<Vec<_>>().join(", ")
    }
}

fn bytes<'r>(row: &'r Row, column: &str) -> Result<&'r str> {
    row[column]["hex"].as_str().with_context(|| format!("{column} is no bytes: {row:?}"))
}
