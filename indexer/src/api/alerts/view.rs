//! An alert as the API shows it: what webhooks tell of it, what its rule says, and where it stands
//! with people.

use std::collections::BTreeSet;

use interdict_core::alert::{Alert, Disposition};
use interdict_core::desk::{Calendar, Filing, new_york_day};
use interdict_core::policy::Outcome;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{ApiError, Pages};
use crate::report::{Report, rfc3339};
use crate::store::Case;

/// An alert, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct AlertView {
    /// As webhooks tell it.
    #[serde(flatten)]
    pub(in crate::api) report: Report,
    /// What its rule asks of people; `None` if the policy that it was judged by is not known.
    pub(in crate::api) action: Option<String>,
    /// What time its rule sets.
    pub(in crate::api) clock: Option<String>,
    /// What its rule says of it.
    pub(in crate::api) says: Option<String>,
    /// What the amount is worth.
    pub(in crate::api) worth: Option<String>,
    /// In what that is counted.
    pub(in crate::api) reference: Option<String>,
    /// Where it stands with people.
    pub(in crate::api) desk: DeskView,
}

/// Where an alert stands with people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct DeskView {
    /// Number of the last audit row about it; a step names it.
    pub(in crate::api) version: u64,
    /// What was decided.
    pub(in crate::api) disposition: Disposition,
    /// Who looks at it.
    pub(in crate::api) assignee: Option<String>,
    /// Out of sight until then.
    pub(in crate::api) snoozed_until: Option<String>,
    /// A step that waits for a second person.
    pub(in crate::api) proposal: Option<ProposalView>,
    /// By whom it was closed, and why.
    pub(in crate::api) decision: Option<DecisionView>,
    /// The report that is to be made, or was.
    pub(in crate::api) report: Option<FilingView>,
    /// What is held.
    pub(in crate::api) held: Option<HeldView>,
}

/// A step that waits for a second person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct ProposalView {
    /// close, release or `blocked_in_error`.
    pub(in crate::api) step: &'static str,
    /// What it leads to.
    pub(in crate::api) disposition: Disposition,
    /// Why: a code.
    pub(in crate::api) reason: String,
    /// Why.
    pub(in crate::api) narrative: String,
    /// The licence, if that is the reason.
    pub(in crate::api) licence: Option<String>,
    /// Who proposes it.
    pub(in crate::api) by: String,
    /// When.
    pub(in crate::api) at: String,
}

/// By whom an alert was closed, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct DecisionView {
    /// Why: a code.
    pub(in crate::api) reason: String,
    /// Who decided it.
    pub(in crate::api) by: String,
    /// The second person, where two were needed.
    pub(in crate::api) with: Option<String>,
    /// The licence, if that is the reason.
    pub(in crate::api) licence: Option<String>,
    /// When.
    pub(in crate::api) at: String,
}

/// A report to the authority.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct FilingView {
    /// blocking or rejection.
    pub(in crate::api) kind: interdict_core::desk::ReportKind,
    /// The last day (New York).
    pub(in crate::api) due_on: String,
    /// Business days that are left; negative once it should have been made.
    pub(in crate::api) days_left: i64,
    /// Whether it was made in time, or can be.
    pub(in crate::api) state: FilingState,
    /// When it was made.
    pub(in crate::api) reported_on: Option<String>,
    /// Under what it is found again.
    pub(in crate::api) reference: Option<String>,
}

/// How a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum FilingState {
    /// It can be made in time.
    Running,
    /// It should have been made.
    Overdue,
    /// It was made.
    Met,
}

/// What is held.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct HeldView {
    /// How much.
    pub(in crate::api) amount: String,
    /// Of what.
    pub(in crate::api) asset: String,
    /// In which wallet, with checksum.
    pub(in crate::api) wallet: String,
    /// Since which day.
    pub(in crate::api) on: String,
}

/// Alerts as they are shown, with what their tokens and rules say of them.
pub(in crate::api) async fn views(
    pages: &Pages,
    cases: &[Case],
) -> Result<Vec<AlertView>, ApiError> {
    let tokens: BTreeSet<_> = cases.iter().filter_map(|case| case.alert.transfer.token).collect();
    let words = pages.store.words_of(&tokens).await?;
    let today = new_york_day(pages.clock.now());
    let mut views = Vec::with_capacity(cases.len());
    for case in cases {
        let alert = &case.alert;
        let words = alert.transfer.token.and_then(|token| words.get(&token));
        let report = Report::of(alert, &pages.assets).with_words(words);
        let policy = pages.desk.policy(&pages.store, &alert.policy).await?;
        let outcome = policy.as_ref().and_then(|policy| policy.outcome(&alert.rule));
        let reference = policy.as_ref().map(|policy| policy.reference.clone());
        views.push(view(case, report, outcome, reference, &pages.desk.calendar, today));
    }
    Ok(views)
}

fn view(
    case: &Case,
    report: Report,
    outcome: Option<&Outcome>,
    reference: Option<String>,
    calendar: &Calendar,
    today: Date,
) -> AlertView {
    let Alert { worth, .. } = case.alert;
    AlertView {
        report,
        action: outcome.map(|outcome| outcome.action.to_string()),
        clock: outcome.map(|outcome| outcome.clock.to_string()),
        says: outcome.map(|outcome| outcome.says.clone()),
        worth: worth.map(|worth| worth.to_string()),
        reference: reference.filter(|_| worth.is_some()),
        desk: desk(case, calendar, today),
    }
}

fn desk(case: &Case, calendar: &Calendar, today: Date) -> DeskView {
    let desk = &case.desk;
    let papers = desk.papers.clone();
    DeskView {
        version: desk.version,
        disposition: desk.disposition,
        assignee: desk.assignee.clone(),
        snoozed_until: desk.snoozed_until.map(rfc3339),
        proposal: papers.proposal.map(|it| ProposalView {
            step: it.step.word(),
            disposition: it.disposition,
            reason: it.reason,
            narrative: it.narrative,
            licence: it.licence,
            by: it.by,
            at: rfc3339(it.at),
        }),
        decision: papers.decision.map(|it| DecisionView {
            reason: it.reason,
            by: it.by,
            with: it.with,
            licence: it.licence,
            at: rfc3339(it.at),
        }),
        report: papers.report.map(|it| filing(it, calendar, today)),
        held: papers.held.map(|it| HeldView {
            amount: it.amount,
            asset: it.asset,
            wallet: it.wallet.to_string(),
            on: it.on.to_string(),
        }),
    }
}

fn filing(it: Filing, calendar: &Calendar, today: Date) -> FilingView {
    let state = match it.reported_on {
        Some(_) => FilingState::Met,
        None if today > it.due_on => FilingState::Overdue,
        None => FilingState::Running,
    };
    FilingView {
        kind: it.kind,
        due_on: it.due_on.to_string(),
        days_left: calendar.between(today, it.due_on),
        state,
        reported_on: it.reported_on.map(|day| day.to_string()),
        reference: it.reference,
    }
}
