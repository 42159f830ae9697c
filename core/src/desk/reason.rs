//! Why a step was taken: a closed list for each disposition, so that they can be counted.

use serde::Serialize;

use crate::alert::Disposition;

/// One reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reason {
    /// As it is written down.
    pub code: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// The only reason for which a finding that the chain took back is closed.
pub const NOT_ON_CHAIN: &str = "not_on_chain";

const fn reason(code: &'static str, says: &'static str) -> Reason {
    Reason { code, says }
}

const ESCALATED: &[Reason] = &[
    reason("second_line", "The second line decides about findings of this kind."),
    reason("true_match", "It is a true match, and what follows is not for the first line to say."),
    reason("legal_question", "A question of law has to be answered first."),
    reason("holds_property", "Property may have to be held."),
    reason("pattern", "It belongs to a pattern that has to be seen as a whole."),
    reason("new_information", "Reopened: something is known now that was not known then."),
    reason("list_changed", "Reopened: the list, or how the address stands on it, has changed."),
    reason("decided_wrongly", "Reopened: what was decided was wrong."),
];
const BLOCKED: &[Reason] = &[
    reason("listed_party", "A listed person has an interest in the property."),
    reason("owned_by_listed", "A listed person owns half of it or more (OFAC FAQ 398)."),
    reason("received_from_listed", "The property came from a listed address."),
    reason("ordered", "An authority or a court has ordered it."),
];
const REJECTED: &[Reason] = &[
    reason("would_pay_listed", "The transaction would have gone to a listed address."),
    reason("prohibited", "The transaction was prohibited, and there was no property to hold."),
    reason("ordered", "An authority or a court has ordered it."),
];
const LICENSED: &[Reason] = &[
    reason("general_licence", "A general licence covers it."),
    reason("specific_licence", "A specific licence covers it."),
    reason("exempt", "The law exempts it."),
];
const FALSE_POSITIVE: &[Reason] = &[
    reason("other_address", "It is another address than the listed one."),
    reason("listed_in_error", "The address was listed by mistake."),
    reason("spoofed", "The listed address did not act: the log was made by somebody else."),
    reason("wrong_facts", "What was found did not happen so."),
];
const NO_ACTION: &[Reason] = &[
    reason("unsolicited_dust", "Dust that nobody asked for (OFAC FAQ 1078)."),
    reason("before_listing", "It happened before the address was listed, and is recorded."),
    reason("no_property", "There is nothing to hold and nothing to refuse."),
    reason("not_our_customer", "Nobody whom we look after took part."),
    reason("already_handled", "It was dealt with under another finding."),
    reason("delisted_since", "The address is not listed any more, and nothing was held."),
    reason(NOT_ON_CHAIN, "The chain took it back: it did not happen."),
];
const RELEASED: &[Reason] = &[
    reason("licence_to_release", "A licence authorises the release."),
    reason("delisted", "The person or the address is not listed any more."),
    reason("ordered", "An authority or a court has ordered it."),
];
const BLOCKED_IN_ERROR: &[Reason] = &[
    reason("mistaken_identity", "It was taken for somebody else's (31 CFR 501.806)."),
    reason("typing_error", "Something was mistyped (31 CFR 501.806)."),
    reason("listed_in_error", "The address was listed by mistake."),
    reason("never_happened", "The chain took back what it was held for."),
];

/// The reasons for which one comes to a disposition; none is asked for in the first two.
pub const fn reasons(disposition: Disposition) -> &'static [Reason] {
    match disposition {
        Disposition::New | Disposition::Assigned => &[],
        Disposition::Escalated => ESCALATED,
        Disposition::Blocked => BLOCKED,
        Disposition::Rejected => REJECTED,
        Disposition::Licensed => LICENSED,
        Disposition::FalsePositive => FALSE_POSITIVE,
        Disposition::NoAction => NO_ACTION,
        Disposition::Released => RELEASED,
        Disposition::BlockedInError => BLOCKED_IN_ERROR,
    }
}

/// The reason of that code for a disposition, if it has it.
pub fn known(disposition: Disposition, code: &str) -> Option<&'static Reason> {
    reasons(disposition).iter().find(|reason| reason.code == code)
}
