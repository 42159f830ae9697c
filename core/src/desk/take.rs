//! One step: a state, a step, a person and a day in; the next state out, or why there is none.

use jiff::civil::Date;

use super::disposition::{from, is_closed, two_people};
use super::error::{said, word};
use super::reason::{NOT_ON_CHAIN, known};
use super::{
    Calendar, Decision, Desk, Filing, Held, Proposal, REPORT_DUE_BUSINESS_DAYS, ReportKind, Step,
    StepError, new_york_day,
};
use crate::alert::{Confirmation, Disposition};
use crate::policy::Severity;

/// Longest time out of sight, in days.
const SNOOZE_MAX_DAYS: i64 = 90;
const DAY_SECONDS: i64 = 24 * 3600;

/// What a step depends on of the finding itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matter {
    /// How heavy it is.
    pub severity: Severity,
    /// What the chain says of it.
    pub confirmation: Confirmation,
}

/// Who takes a step, and when.
#[derive(Clone, Copy, Debug)]
pub struct Taker<'a> {
    /// The person's name.
    pub person: &'a str,
    /// Our clock, unix seconds.
    pub at: i64,
    /// Which days are business days.
    pub calendar: &'a Calendar,
}

/// What a step decides, once enough people agree.
struct Verdict<'a> {
    disposition: Disposition,
    reason: &'a str,
    narrative: &'a str,
    licence: Option<&'a String>,
    held: Option<&'a Held>,
}

/// Takes a step. The version is left as it was: the audit log gives the next one.
///
/// # Errors
/// See [`StepError`].
pub fn take(desk: &Desk, matter: Matter, step: &Step, by: Taker<'_>) -> Result<Desk, StepError> {
    step.check()?;
    allowed(desk, matter, step)?;
    let mut next = desk.clone();
    match step {
        Step::Note { .. } | Step::Attach { .. } | Step::Link { .. } => {}
        Step::Assign { assignee } => assign(&mut next, assignee)?,
        Step::Unassign => {
            reach(desk, step, Disposition::New)?;
            next.disposition = Disposition::New;
            next.assignee = None;
        }
        Step::Escalate { reason, .. } => {
            if is_closed(desk.disposition) {
                return Err(no_step(desk, step));
            }
            reach(desk, step, Disposition::Escalated)?;
            reasoned(Disposition::Escalated, reason)?;
            next.disposition = Disposition::Escalated;
        }
        Step::Reopen { reason, .. } => {
            if !is_closed(desk.disposition) {
                return Err(no_step(desk, step));
            }
            reasoned(Disposition::Escalated, reason)?;
            next.disposition = Disposition::Escalated;
            next.papers.decision = None;
        }
        Step::Close { disposition, reason, narrative, held, licence } => {
            closing(*disposition, held.as_ref(), licence.as_ref())?;
            let (disposition, held, licence) = (*disposition, held.as_ref(), licence.as_ref());
            let verdict = Verdict { disposition, reason, narrative, licence, held };
            decide(&mut next, matter, step, &verdict, by)?;
        }
        Step::Release { reason, narrative } => {
            let disposition = Disposition::Released;
            let verdict = Verdict { disposition, reason, narrative, licence: None, held: None };
            decide(&mut next, matter, step, &verdict, by)?;
        }
        Step::BlockedInError { reason, narrative } => {
            let disposition = Disposition::BlockedInError;
            let verdict = Verdict { disposition, reason, narrative, licence: None, held: None };
            decide(&mut next, matter, step, &verdict, by)?;
        }
        Step::Approve { .. } => approve(&mut next, matter, by)?,
        Step::Decline { .. } => {
            let proposal = next.papers.proposal.take().ok_or(StepError::NothingWaits)?;
            other_than(&proposal, by)?;
        }
        Step::Withdraw => {
            let proposal = next.papers.proposal.take().ok_or(StepError::NothingWaits)?;
            if other_than(&proposal, by).is_ok() {
                return Err(StepError::NotOwn { by: proposal.by });
            }
        }
        Step::Snooze { until, .. } => snooze(&mut next, step, until.as_second(), by.at)?,
        Step::Wake => {
            next.snoozed_until.take().ok_or(StepError::Awake)?;
        }
        Step::Report { report, reference, reported_on } => {
            let day = new_york_day(by.at);
            reported(&mut next, *report, reference, *reported_on, day)?;
        }
    }
    Ok(next)
}

/// What cannot be done at all as things stand: to what the chain took back, and beside a proposal.
fn allowed(desk: &Desk, matter: Matter, step: &Step) -> Result<(), StepError> {
    let retracted = matter.confirmation == Confirmation::Retracted;
    let fits = match step {
        Step::Note { .. }
        | Step::Attach { .. }
        | Step::Link { .. }
        | Step::Approve { .. }
        | Step::Decline { .. }
        | Step::Withdraw
        | Step::Wake
        | Step::Report { .. }
        // What is held for nothing must be let go.
        | Step::Release { .. }
        | Step::BlockedInError { .. } => true,
        Step::Close { disposition, reason, .. } => {
            *disposition == Disposition::NoAction && reason == NOT_ON_CHAIN
        }
        Step::Assign { .. }
        | Step::Unassign
        | Step::Escalate { .. }
        | Step::Reopen { .. }
        | Step::Snooze { .. } => false,
    };
    if retracted && !fits {
        return Err(StepError::Retracted);
    }
    let Some(proposal) = &desk.papers.proposal else { return Ok(()) };
    match step {
        Step::Note { .. }
        | Step::Attach { .. }
        | Step::Link { .. }
        | Step::Approve { .. }
        | Step::Decline { .. }
        | Step::Withdraw
        | Step::Wake
        | Step::Report { .. } => Ok(()),
        _ => Err(StepError::Waits { by: proposal.by.clone() }),
    }
}

fn no_step(desk: &Desk, step: &Step) -> StepError {
    StepError::NoStep { step: step.kind(), from: word(desk.disposition) }
}

fn reach(desk: &Desk, step: &Step, to: Disposition) -> Result<(), StepError> {
    if from(to).contains(&desk.disposition) { Ok(()) } else { Err(no_step(desk, step)) }
}

fn reasoned(disposition: Disposition, code: &str) -> Result<(), StepError> {
    let unknown = || StepError::Reason { code: code.to_owned(), disposition: word(disposition) };
    known(disposition, code).map(|_| ()).ok_or_else(unknown)
}

fn assign(next: &mut Desk, assignee: &str) -> Result<(), StepError> {
    let step = Step::Assign { assignee: assignee.to_owned() };
    reach(next, &step, Disposition::Assigned)?;
    let theirs = next.assignee.as_deref() == Some(assignee);
    if theirs && next.disposition == Disposition::Assigned {
        return Err(StepError::WithThem(assignee.to_owned()));
    }
    next.disposition = Disposition::Assigned;
    next.assignee = Some(assignee.to_owned());
    Ok(())
}

/// Sees that what is said of a closing belongs to what it leads to.
fn closing(
    disposition: Disposition,
    held: Option<&Held>,
    licence: Option<&String>,
) -> Result<(), StepError> {
    let own_step = matches!(disposition, Disposition::Released | Disposition::BlockedInError);
    if !is_closed(disposition) || own_step {
        return Err(StepError::NotClosing(word(disposition)));
    }
    match (disposition == Disposition::Blocked, held) {
        (true, None) => return Err(StepError::NotHeld),
        (false, Some(_)) => return Err(StepError::NothingToHold),
        (true, Some(_)) | (false, None) => {}
    }
    match (disposition == Disposition::Licensed, licence) {
        (true, None) => Err(StepError::NoLicence),
        (false, Some(_)) => Err(StepError::NotLicensed),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// Whether a verdict takes two people: by its disposition and weight, and wherever property that is
/// held would be held no longer. A reopened case is no way round.
pub(super) fn takes_two(desk: &Desk, disposition: Disposition, severity: Severity) -> bool {
    let lets_go = desk.papers.held.is_some() && disposition != Disposition::Blocked;
    lets_go || two_people(disposition).takes(severity)
}

/// Decides, or proposes it to a second person.
fn decide(
    next: &mut Desk,
    matter: Matter,
    step: &Step,
    verdict: &Verdict<'_>,
    by: Taker<'_>,
) -> Result<(), StepError> {
    let Verdict { disposition, reason, narrative, licence, held } = *verdict;
    reach(next, step, disposition)?;
    reasoned(disposition, reason)?;
    on_chain(reason, matter.confirmation)?;
    if let Some(held) = held {
        let today = new_york_day(by.at);
        if held.on > today {
            return Err(StepError::Day { name: "held.on", day: held.on, what: "it lies ahead" });
        }
    }
    let licence = licence.cloned();
    if takes_two(next, disposition, matter.severity) {
        next.papers.proposal = Some(Proposal {
            step: step.kind(),
            disposition,
            reason: reason.to_owned(),
            narrative: narrative.to_owned(),
            licence,
            by: by.person.to_owned(),
            at: by.at,
        });
        return Ok(());
    }
    let (reason, person) = (reason.to_owned(), by.person.to_owned());
    let severity = matter.severity;
    let decision = Decision { reason, by: person, with: None, licence, severity, at: by.at };
    settle(next, disposition, decision, held.cloned(), by);
    Ok(())
}

fn on_chain(reason: &str, confirmation: Confirmation) -> Result<(), StepError> {
    if reason == NOT_ON_CHAIN && confirmation != Confirmation::Retracted {
        return Err(StepError::OnChain(said(confirmation)));
    }
    Ok(())
}

/// One name is one person, however it is written.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn other_than(proposal: &Proposal, by: Taker<'_>) -> Result<(), StepError> {
    if is_same(&proposal.by, by.person) { Err(StepError::Own) } else { Ok(()) }
}

fn approve(next: &mut Desk, matter: Matter, by: Taker<'_>) -> Result<(), StepError> {
    let proposal = next.papers.proposal.take().ok_or(StepError::NothingWaits)?;
    other_than(&proposal, by)?;
    // The chain may have changed its mind since.
    on_chain(&proposal.reason, matter.confirmation)?;
    let lets_go =
        matches!(proposal.disposition, Disposition::Released | Disposition::BlockedInError);
    let retracted = matter.confirmation == Confirmation::Retracted;
    if retracted && !lets_go && proposal.reason != NOT_ON_CHAIN {
        return Err(StepError::Retracted);
    }
    let decision = Decision {
        reason: proposal.reason,
        by: proposal.by,
        with: Some(by.person.to_owned()),
        licence: proposal.licence,
        severity: matter.severity,
        at: by.at,
    };
    settle(next, proposal.disposition, decision, None, by);
    Ok(())
}

/// What follows from a verdict.
fn settle(
    next: &mut Desk,
    disposition: Disposition,
    decision: Decision,
    held: Option<Held>,
    by: Taker<'_>,
) {
    let due = match disposition {
        Disposition::Blocked => held.as_ref().map(|held| (ReportKind::Blocking, held.on)),
        Disposition::Rejected => Some((ReportKind::Rejection, new_york_day(by.at))),
        _ => None,
    };
    let was = next.papers.report.take();
    next.papers.report = match (due, was) {
        // The day on which it was first held counts, also if it was decided again.
        (Some((kind, since)), Some(was)) if was.kind == kind && was.since <= since => Some(was),
        (Some((kind, since)), _) => Some(filing(kind, since, by.calendar)),
        // What was held is to be reported also when it is let go.
        (None, was) => was.filter(|was| {
            matches!(disposition, Disposition::Released | Disposition::BlockedInError)
                || was.kind == ReportKind::Blocking
        }),
    };
    next.papers.held = held;
    next.papers.decision = Some(decision);
    next.disposition = disposition;
    next.snoozed_until = None;
}

fn filing(kind: ReportKind, since: Date, calendar: &Calendar) -> Filing {
    let due_on = calendar.after(since, REPORT_DUE_BUSINESS_DAYS);
    Filing { kind, since, due_on, reported_on: None, reference: None }
}

fn snooze(next: &mut Desk, step: &Step, until: i64, now: i64) -> Result<(), StepError> {
    if is_closed(next.disposition) {
        return Err(no_step(next, step));
    }
    let furthest = now.saturating_add(SNOOZE_MAX_DAYS * DAY_SECONDS);
    if until <= now || until > furthest {
        return Err(StepError::Until { days_max: SNOOZE_MAX_DAYS });
    }
    next.snoozed_until = Some(until);
    Ok(())
}

fn reported(
    next: &mut Desk,
    kind: ReportKind,
    reference: &str,
    on: Date,
    today: Date,
) -> Result<(), StepError> {
    let due = next.papers.report.as_mut().filter(|due| due.kind == kind);
    let due = due.ok_or(StepError::NothingDue)?;
    if let Some(before) = due.reported_on {
        return Err(StepError::Reported(before));
    }
    let wrong = |what| StepError::Day { name: "reported_on", day: on, what };
    if on > today {
        return Err(wrong("it lies ahead"));
    }
    if on < due.since {
        return Err(wrong("it was before there was something to report"));
    }
    due.reported_on = Some(on);
    due.reference = Some(reference.to_owned());
    Ok(())
}
