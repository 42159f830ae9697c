//! Why a step was not taken.

use crate::alert::{Confirmation, Disposition};

use super::Kind;

/// Why a step was not taken; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// It does not lead from here.
    #[error("{step} is no step from {from}")]
    NoStep {
        /// The step.
        step: Kind,
        /// Where the alert stands.
        from: &'static str,
    },
    /// A closing step names no closed disposition, or one that has a step of its own.
    #[error("{0} is nothing that `close` leads to")]
    NotClosing(&'static str),
    /// The reason is none of the disposition.
    #[error("{code:?} is no reason for {disposition}: see /v1/dispositions")]
    Reason {
        /// What was named.
        code: String,
        /// For what.
        disposition: &'static str,
    },
    /// A text is missing, too long, or has what no text should have.
    #[error("{name} {what}")]
    Text {
        /// Which.
        name: &'static str,
        /// What is wrong, and what is right.
        what: String,
    },
    /// Property is held, and nothing says which.
    #[error("blocked needs `held`: amount, asset, wallet and on")]
    NotHeld,
    /// Nothing is held by that.
    #[error("`held` goes with blocked only")]
    NothingToHold,
    /// A licence, and nothing says which.
    #[error("licensed needs `licence`")]
    NoLicence,
    /// No licence is spoken of.
    #[error("`licence` goes with licensed only")]
    NotLicensed,
    /// A proposal waits.
    #[error("a proposal by {by} waits: approve, decline or withdraw it first")]
    Waits {
        /// Whose.
        by: String,
    },
    /// There is none.
    #[error("there is no proposal")]
    NothingWaits,
    /// Nobody approves what they proposed.
    #[error(
        "the proposal is your own: a second person approves or declines it, you can withdraw it"
    )]
    Own,
    /// Somebody else's.
    #[error("the proposal is {by}'s: you can approve or decline it")]
    NotOwn {
        /// Whose.
        by: String,
    },
    /// The chain took it back.
    #[error("the chain took it back: note it, or close it as no_action with reason not_on_chain")]
    Retracted,
    /// The chain did not take it back.
    #[error("the chain has it as {0}: not_on_chain is for what it took back")]
    OnChain(&'static str),
    /// A moment that is not ahead, or too far.
    #[error("until is to lie ahead, at most {days_max} days")]
    Until {
        /// How far.
        days_max: i64,
    },
    /// It is not out of sight.
    #[error("it is not snoozed")]
    Awake,
    /// Nobody is looking at it.
    #[error("it is with {0} already")]
    WithThem(String),
    /// No such report is due.
    #[error("no such report is due")]
    NothingDue,
    /// It was made already.
    #[error("it was reported on {0} already")]
    Reported(jiff::civil::Date),
    /// A day that does not fit.
    #[error("{name} is {day}: {what}")]
    Day {
        /// Which.
        name: &'static str,
        /// The day.
        day: jiff::civil::Date,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl StepError {
    /// Its name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoStep { .. } => "no_such_transition",
            Self::NotClosing(_) => "not_a_closing_disposition",
            Self::Reason { .. } => "unknown_reason",
            Self::Text { .. } => "bad_text",
            Self::NotHeld => "held_missing",
            Self::NothingToHold => "held_not_wanted",
            Self::NoLicence => "licence_missing",
            Self::NotLicensed => "licence_not_wanted",
            Self::Waits { .. } => "proposal_waits",
            Self::NothingWaits => "no_proposal",
            Self::Own => "own_proposal",
            Self::NotOwn { .. } => "not_own_proposal",
            Self::Retracted => "retracted",
            Self::OnChain(_) => "not_retracted",
            Self::Until { .. } => "bad_until",
            Self::Awake => "not_snoozed",
            Self::WithThem(_) => "already_assigned",
            Self::NothingDue => "no_report_due",
            Self::Reported(_) => "already_reported",
            Self::Day { .. } => "bad_day",
        }
    }
}

/// The word of a disposition.
pub(super) const fn word(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::New => "new",
        Disposition::Assigned => "assigned",
        Disposition::Escalated => "escalated",
        Disposition::Blocked => "blocked",
        Disposition::Rejected => "rejected",
        Disposition::Licensed => "licensed",
        Disposition::FalsePositive => "false_positive",
        Disposition::NoAction => "no_action",
        Disposition::BlockedInError => "blocked_in_error",
        Disposition::Released => "released",
    }
}

/// The word of what the chain says.
pub(super) const fn said(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Pending => "pending",
        Confirmation::Confirmed => "confirmed",
        Confirmation::Retracted => "retracted",
    }
}
