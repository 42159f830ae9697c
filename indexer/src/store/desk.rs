//! What people do to alerts, as the databases are told and asked.

use std::collections::BTreeMap;

use interdict_core::alert::Alert;
use interdict_core::audit::{Event, Row, Who};
use interdict_core::desk::{Calendar, Desk, Matter, Papers, Step, StepError, Taker, take};
use interdict_core::policy::Severity;
use serde::Serialize;
use serde_json::json;

use super::StoreError;

/// Most alerts that one step is taken on at once.
pub const BULK_MAX_ALERTS: usize = 500;
/// Most news of one alert that its timeline shows.
pub(super) const NEWS_MAX_ROWS: u32 = 500;
/// How long somebody who logged in as an analyst counts as one, in seconds.
pub(super) const LOGIN_SEEN_SECONDS: i64 = 90 * DAY_SECONDS;
/// Days that the summary goes back.
pub(super) const SUMMARY_DAYS: i64 = 90;
/// Business days before the last one on which a report counts as due soon.
pub const DUE_SOON_BUSINESS_DAYS: u32 = 3;
pub(super) const DAY_SECONDS: i64 = 24 * 3600;

/// An alert, and where it stands with people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The finding.
    pub alert: Alert,
    /// What people did to it.
    pub desk: Desk,
}

/// A step that somebody takes.
#[derive(Clone, Copy, Debug)]
pub struct Stepping<'a> {
    /// The step.
    pub step: &'a Step,
    /// Whose it is.
    pub who: &'a Who,
    /// Our clock, unix seconds.
    pub at: i64,
    /// Which days are business days.
    pub calendar: &'a Calendar,
}

/// Why a step was not taken on an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such alert.
    NoAlert,
    /// Somebody was faster: this is how it stands now.
    Stale(Box<Case>),
    /// The step leads nowhere from here.
    Step(StepError),
}

/// What a step leads to, and how it is written down.
pub(super) struct Taken {
    pub(super) desk: Desk,
    pub(super) event: Event,
}

impl Stepping<'_> {
    /// Takes the step on a case of which the taker saw that version.
    pub(super) fn on(&self, case: &Case, version: u64) -> Result<Taken, Refusal> {
        if case.desk.version != version {
            return Err(Refusal::Stale(Box::new(case.clone())));
        }
        let Alert { id, severity, confirmation, .. } = case.alert;
        let matter = Matter { severity, confirmation };
        let by = Taker { person: &self.who.person, at: self.at, calendar: self.calendar };
        let desk = take(&case.desk, matter, self.step, by).map_err(Refusal::Step)?;
        let kind = format!("step.{}", self.step.kind());
        let (from, to) = (case.desk.disposition, desk.disposition);
        let detail = json!({ "step": self.step, "from": from, "to": to });
        let (who, at, alert) = (self.who.clone(), self.at, Some(id));
        Ok(Taken { desk, event: Event { who, at, kind, alert, detail } })
    }
}

/// The papers as they are written, and what of them is searched for.
pub(super) struct Columns {
    pub(super) waiting: i64,
    pub(super) due_on: Option<String>,
    pub(super) desk: Option<String>,
}

impl Columns {
    pub(super) fn of(desk: &Desk) -> Result<Self, StoreError> {
        let papers = &desk.papers;
        let due = papers.report.as_ref().filter(|report| report.reported_on.is_none());
        let text = serde_json::to_string(papers);
        let text = text.map_err(|_| StoreError::Unreadable("papers of an alert"))?;
        Ok(Self {
            waiting: i64::from(papers.proposal.is_some()),
            due_on: due.map(|report| report.due_on.to_string()),
            desk: (*papers != Papers::default()).then_some(text),
        })
    }
}

/// What happened to an alert, of which the chain or a person told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The chain.
    Chain {
        /// The kind of news, as in [`super::News::word`].
        kind: String,
        /// When, by our clock, unix seconds.
        at: i64,
        /// The alert as it was then.
        alert: Box<Alert>,
    },
    /// A person.
    Person(Row),
}

impl Happened {
    pub(super) const fn at(&self) -> i64 {
        match self {
            Self::Chain { at, .. } => *at,
            Self::Person(row) => row.at,
        }
    }
}

/// How much there is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Open ones by weight; what stands behind the first of a flood is not counted.
    pub open: BTreeMap<Severity, u64>,
    /// Open ones that nobody looks at.
    pub unassigned: u64,
    /// Open ones that the one who asks looks at.
    pub mine: u64,
    /// With a step that waits for a second person.
    pub waiting: u64,
    /// With a report that is due within three business days.
    pub due_soon: u64,
    /// With a report that should have been made.
    pub overdue: u64,
    /// Out of sight.
    pub snoozed: u64,
    /// What came on each of the last ninety days, by the chain's clock (UTC), the oldest first.
    pub days: Vec<Day>,
}

/// Alerts of one day, by weight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day, as YYYY-MM-DD.
    pub day: String,
    /// How many of each weight.
    #[serde(flatten)]
    pub counts: BTreeMap<Severity, u64>,
}

/// Days with their counts, from rows of day, weight and number.
pub(super) fn days(rows: Vec<(i64, Severity, u64)>) -> Vec<Day> {
    let mut days: BTreeMap<i64, BTreeMap<Severity, u64>> = BTreeMap::new();
    for (day, severity, count) in rows {
        *days.entry(day).or_default().entry(severity).or_default() += count;
    }
    days.into_iter()
        .map(|(day, counts)| Day { day: date(day.saturating_mul(DAY_SECONDS)), counts })
        .collect()
}

fn date(seconds: i64) -> String {
    crate::report::rfc3339(seconds).chars().take("YYYY-MM-DD".len()).collect()
}
