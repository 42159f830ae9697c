//! Where an alert stands with people, and what they may do to it: a state and steps over it, both
//! values. Who may take a step at all is for others to say; that two people are needed, and which
//! step leads where, is said here.

mod calendar;
mod disposition;
mod error;
mod reason;
mod step;
mod take;
#[cfg(test)]
mod tests;

pub use calendar::{Calendar, REPORT_DUE_BUSINESS_DAYS, new_york_day};
pub use disposition::{TwoPeople, from, is_closed, two_people};
pub use error::StepError;
pub use reason::{NOT_ON_CHAIN, Reason, known as known_reason, reasons};
pub use step::{ADDRESS_MAX_BYTES, Kind, NARRATIVE_MAX_CHARS, Step, WORDS_MAX_CHARS};
pub use take::{Matter, Taker, take};

use alloy_primitives::Address;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::alert::Disposition;
use crate::policy::Severity;

/// Where an alert stands with people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Number of the last row of the audit log about it; 0 if there is none. A step names the
    /// version that its taker saw.
    pub version: u64,
    /// What was decided.
    pub disposition: Disposition,
    /// Who is looking at it.
    pub assignee: Option<String>,
    /// Out of sight until then, unix seconds.
    pub snoozed_until: Option<i64>,
    /// What is written beside it.
    pub papers: Papers,
}

impl Desk {
    /// As a finding comes to be.
    pub const fn new() -> Self {
        let papers = Papers { proposal: None, report: None, held: None, decision: None };
        let disposition = Disposition::New;
        Self { version: 0, disposition, assignee: None, snoozed_until: None, papers }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

/// What is written beside an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// A step that waits for a second person.
    pub proposal: Option<Proposal>,
    /// What is to be reported, or was.
    pub report: Option<Filing>,
    /// Property that is held.
    pub held: Option<Held>,
    /// By whom it was closed.
    pub decision: Option<Decision>,
}

/// A step that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// What is to be done: close, release or `blocked_in_error`.
    pub step: Kind,
    /// What it leads to.
    pub disposition: Disposition,
    /// Why.
    pub reason: String,
    /// Why, in the words of who proposes it.
    pub narrative: String,
    /// The licence, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Who proposes it.
    pub by: String,
    /// When, unix seconds.
    pub at: i64,
}

/// Property that is held: what OFAC's FAQ 646 asks a holder to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Held {
    /// How much, as a decimal number.
    pub amount: String,
    /// Of what.
    pub asset: String,
    /// In which wallet.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub wallet: Address,
    /// Since which day.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub on: Date,
}

/// Which report is due (31 CFR 501.603 and 501.604).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReportKind {
    /// Of blocked property.
    Blocking,
    /// Of a rejected transaction.
    Rejection,
}

/// A report that is due to the authority, or was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// Which.
    pub kind: ReportKind,
    /// The day from which days are counted.
    pub since: Date,
    /// The last day.
    pub due_on: Date,
    /// When it was made.
    pub reported_on: Option<Date>,
    /// Under what the authority, or oneself, finds it again.
    pub reference: Option<String>,
}

/// By whom an alert was closed, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The reason.
    pub reason: String,
    /// Who decided it.
    pub by: String,
    /// The second person, where two are needed.
    pub with: Option<String>,
    /// The licence, where that is the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// How heavy the finding was then.
    pub severity: Severity,
    /// When, unix seconds.
    pub at: i64,
}
