//! `policy replay`: what another policy would say of everything that was found.

use std::collections::BTreeMap;
use std::fmt;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use interdict_core::alert::{Alert, AlertId};
use interdict_core::ledger::Ledger;
use interdict_core::policy::{Policy, Severity, Verdict};
use interdict_core::subject::Subjects;
use serde::Serialize;

use super::AskError;
use crate::config::Config;
use crate::manifests::Manifests;
use crate::screen::{Again, Assets, Criteria, Tallies};
use crate::store::Store;
use crate::upkeep;

/// Examples of each change.
const EXAMPLES: usize = 3;

/// What was said, and what would be.
type Change = ((String, Severity), (String, Verdict));

/// What would be, of all findings that stand.
#[derive(Debug, Default, Serialize)]
pub(super) struct Replayed {
    policy: String,
    findings: u64,
    changed: u64,
    /// Those whose listing is not known any more.
    not_judged: u64,
    rows: Vec<Row>,
    severities: BTreeMap<String, Count>,
}

/// Findings of which the same is said, and would be.
#[derive(Debug, Serialize)]
struct Row {
    rule: String,
    severity: String,
    would_be: String,
    with_severity: String,
    changes: bool,
    findings: u64,
    examples: Vec<AlertId>,
}

/// Findings of one severity.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Count {
    now: u64,
    would_be: u64,
}

/// Reads the findings and judges each anew, by the configuration's policy and the subjects as they
/// are; nothing is written.
pub(super) async fn run(config: &Config) -> Result<Replayed, AskError> {
    let manifests = Manifests::of(config.manifests.as_deref())?;
    let store = Store::open_beside(&config.database, upkeep::home(config)).await?;
    let replayed = replay(&store, &config.policy, &config.assets, &manifests).await;
    store.close().await;
    replayed
}

pub(super) async fn replay(
    store: &Store,
    policy: &Policy,
    assets: &Assets,
    manifests: &Manifests,
) -> Result<Replayed, AskError> {
    let ledger = Ledger::replay(&store.acts().await?)?;
    let subjects: Subjects = store.subjects().await?.into_iter().collect();
    let criteria = Criteria { policy, assets, subjects: &subjects, manifests };
    let mut again = Again { criteria, ledger: &ledger, tallies: Tallies::new() };
    let mut found: BTreeMap<Change, (u64, Vec<AlertId>)> = BTreeMap::new();
    let mut replayed = Replayed { policy: policy.label.clone(), ..Replayed::default() };
    let mut last: Option<Alert> = None;
    loop {
        let page = store.history(last.as_ref()).await?;
        for alert in &page {
            replayed.findings += 1;
            let Some(judged) = again.judge(alert) else {
                replayed.not_judged += 1;
                continue;
            };
            let change = ((alert.rule.clone(), alert.severity), (judged.class, judged.verdict));
            let (count, examples) = found.entry(change).or_default();
            *count += 1;
            if examples.len() < EXAMPLES {
                examples.push(alert.id);
            }
        }
        match page.into_iter().next_back() {
            Some(alert) => last = Some(alert),
            None => break,
        }
    }
    for (change, (count, examples)) in found {
        replayed.add(change, count, examples);
    }
    Ok(replayed)
}

impl Replayed {
    fn add(&mut self, change: Change, count: u64, examples: Vec<AlertId>) {
        let ((rule, severity), (would_be, verdict)) = change;
        let (now, then) = (severity.to_string(), verdict.to_string());
        let changes = (rule.as_str(), now.as_str()) != (would_be.as_str(), then.as_str());
        self.changed += if changes { count } else { 0 };
        self.severities.entry(now.clone()).or_default().now += count;
        self.severities.entry(then.clone()).or_default().would_be += count;
        let (severity, with_severity, findings) = (now, then, count);
        self.rows.push(Row {
            rule,
            severity,
            would_be,
            with_severity,
            changes,
            findings,
            examples,
        });
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, findings, changed, not_judged, .. } = self;
        writeln!(f, "{changed} of {findings} findings would be judged otherwise by {policy}")?;
        if *not_judged > 0 {
            writeln!(f, "{not_judged} cannot be judged: their listing is not known any more")?;
        }
        let mut table = Table::new();
        let header = ["rule", "severity", "would be", "severity", "findings", "for example"];
        table.load_style(NOTHING).set_header(header);
        for row in &self.rows {
            let count = row.findings.to_string();
            let (would_be, then) = if row.changes {
                (row.would_be.as_str(), row.with_severity.as_str())
            } else {
                ("the same", "")
            };
            let example = row.examples.first().filter(|_| row.changes);
            let example = example.map(ToString::to_string).unwrap_or_default();
            table.add_row([&row.rule, &row.severity, would_be, then, &count, &example]);
        }
        if let Some(column) = table.column_mut(4) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        for (severity, Count { now, would_be }) in &self.severities {
            write!(f, "\n{severity}: {now} now, {would_be} then")?;
        }
        Ok(())
    }
}
