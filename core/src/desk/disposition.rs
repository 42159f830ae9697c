//! Which disposition follows on which, and for which two people are needed.

use serde::{Deserialize, Serialize};

use crate::alert::Disposition;
use crate::policy::Severity;

/// From which weight on a disposition takes two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TwoPeople {
    /// One person is enough.
    Never,
    /// From medium on.
    FromMedium,
    /// From high on.
    FromHigh,
    /// Whatever it weighs.
    Always,
}

impl TwoPeople {
    /// Whether a finding of this weight takes two.
    pub fn takes(self, severity: Severity) -> bool {
        match self {
            Self::Never => false,
            Self::FromMedium => severity >= Severity::Medium,
            Self::FromHigh => severity >= Severity::High,
            Self::Always => true,
        }
    }
}

/// For which dispositions two people are needed: where a true match would be taken for none, and
/// where property is let go.
pub const fn two_people(disposition: Disposition) -> TwoPeople {
    match disposition {
        Disposition::FalsePositive => TwoPeople::FromMedium,
        Disposition::NoAction => TwoPeople::FromHigh,
        Disposition::Released | Disposition::BlockedInError => TwoPeople::Always,
        Disposition::New
        | Disposition::Assigned
        | Disposition::Escalated
        | Disposition::Blocked
        | Disposition::Rejected
        | Disposition::Licensed => TwoPeople::Never,
    }
}

/// Whether nothing more is to be decided.
pub const fn is_closed(disposition: Disposition) -> bool {
    !matches!(disposition, Disposition::New | Disposition::Assigned | Disposition::Escalated)
}

/// From where one comes to a disposition.
pub const fn from(disposition: Disposition) -> &'static [Disposition] {
    use Disposition::{
        Assigned, Blocked, BlockedInError, Escalated, FalsePositive, Licensed, New, NoAction,
        Rejected, Released,
    };
    match disposition {
        New => &[Assigned],
        Escalated => &[
            New,
            Assigned,
            Blocked,
            Rejected,
            Licensed,
            FalsePositive,
            NoAction,
            BlockedInError,
            Released,
        ],
        Assigned | Blocked | Rejected | Licensed | FalsePositive | NoAction => {
            &[New, Assigned, Escalated]
        }
        Released | BlockedInError => &[Blocked],
    }
}
