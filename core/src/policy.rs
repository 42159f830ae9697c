//! How heavy a finding is. The rules are ordered and the first that fits decides; amounts move the
//! severity, never whether a dealing is recorded.

use serde::{Deserialize, Serialize};

use crate::alert::{ListingPhase, Side};
use crate::transfer::TransferKind;

/// The version of [`RULES`], named by every alert. Change both together.
pub const VERSION: &str = "default-2";

/// The rule family of direct dealings; part of the alert's id.
pub const DIRECT: &str = "direct";

/// The rule family of what stands beside a dealing; part of the alert's id.
pub const OTHER: &str = "other";

/// How heavy a finding is, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Kept and reportable; accuses nobody.
    Informational,
    /// For a periodic review.
    Low,
    /// For a person to read.
    Medium,
    /// For a case.
    High,
    /// For a hold or a refusal.
    Critical,
}

/// What a transfer's amount is worth, as far as the asset table can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing moved, and what is allowed is nothing.
    Zero,
    /// Below the asset's dust threshold.
    Dust,
    /// At or above it.
    Material,
    /// A token outside the asset table: anyone can emit such a log, so it proves little.
    UnknownToken,
    /// It is no movement: a call, a creation, a delegation. The chain itself says so, whatever a
    /// contract logs.
    Bare,
    /// The transaction failed: nothing moved, somebody tried.
    Failed,
}

/// How near the listed address was to the movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// It sent or received.
    Party,
    /// It stood beside: as signer, spender, owner who allows, callee, created contract, by
    /// delegation; or its own property changed its form and no counterparty had any.
    Beside,
}

impl Exposure {
    /// The exposure of an address on one side of what happened.
    pub const fn of(kind: TransferKind, side: Side) -> Self {
        if matches!(kind, TransferKind::Wrap | TransferKind::Unwrap) {
            return Self::Beside;
        }
        match side {
            Side::Sender | Side::Recipient => Self::Party,
            Side::Signer
            | Side::Spender
            | Side::Owner
            | Side::Callee
            | Side::Created
            | Side::Authority
            | Side::Delegate => Self::Beside,
        }
    }

    /// The rule family, as an alert's id has it.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Party => DIRECT,
            Self::Beside => OTHER,
        }
    }
}

/// What the policy judges: one listed address on one side of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// How the transfer stands to the listing.
    pub phase: ListingPhase,
    /// The side of the listed address.
    pub side: Side,
    /// How near it was.
    pub exposure: Exposure,
    /// What the amount is worth.
    pub value: Value,
    /// The counterparty signed the transaction: it asked for the transfer.
    pub solicited: bool,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No finding.
    Nothing,
    /// A finding of this weight.
    Finding(Severity),
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, in alerts and reports.
    pub name: &'static str,
    /// Whether it fits.
    pub fits: fn(&Dealing) -> bool,
    /// What it decides.
    pub verdict: Verdict,
}

/// The default policy, in order; the last rule fits everything.
pub const RULES: [Rule; 9] = [
    Rule {
        name: "after_delisting",
        fits: |dealing| matches!(dealing.phase, ListingPhase::After),
        verdict: Verdict::Nothing,
    },
    // Zero-value transferFrom and fake tokens can name a listed address without it acting.
    Rule {
        name: "spoof",
        fits: |dealing| matches!(dealing.value, Value::Zero | Value::UnknownToken),
        verdict: Verdict::Finding(Severity::Informational),
    },
    Rule {
        name: "lookback.pre_listing",
        fits: |dealing| matches!(dealing.phase, ListingPhase::Before),
        verdict: Verdict::Finding(Severity::Informational),
    },
    // Nothing moved and no counterparty gained or gave: kept, because somebody tried.
    Rule {
        name: "failed_attempt",
        fits: |dealing| matches!(dealing.value, Value::Failed),
        verdict: Verdict::Finding(Severity::Informational),
    },
    Rule {
        name: "direct.other",
        fits: |dealing| matches!(dealing.exposure, Exposure::Beside),
        verdict: Verdict::Finding(Severity::Medium),
    },
    Rule {
        name: "direct.outbound.while_listed",
        fits: |dealing| matches!(dealing.side, Side::Recipient),
        verdict: Verdict::Finding(Severity::Critical),
    },
    Rule {
        name: "direct.inbound.solicited",
        fits: |dealing| dealing.solicited,
        verdict: Verdict::Finding(Severity::High),
    },
    // OFAC FAQ 1078: recorded and reportable, but receipt alone is no guilt.
    Rule {
        name: "unsolicited_dust",
        fits: |dealing| matches!(dealing.value, Value::Dust),
        verdict: Verdict::Finding(Severity::Informational),
    },
    Rule {
        name: "direct.inbound.while_listed",
        fits: |_| true,
        verdict: Verdict::Finding(Severity::High),
    },
];

/// The rule that decides about a dealing.
pub fn judge(dealing: &Dealing) -> &'static Rule {
    const LAST: &Rule = &RULES[RULES.len() - 1];
    RULES.iter().find(|rule| (rule.fits)(dealing)).unwrap_or(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dealing(phase: ListingPhase, side: Side, value: Value, solicited: bool) -> Dealing {
        let exposure = Exposure::of(TransferKind::Erc20, side);
        Dealing { phase, side, exposure, value, solicited }
    }

    fn check(dealing: Dealing, name: &str, severity: Option<Severity>) {
        let rule = judge(&dealing);
        let expected = severity.map_or(Verdict::Nothing, Verdict::Finding);
        assert_eq!((rule.name, rule.verdict), (name, expected), "{dealing:?}");
    }

    #[test]
    fn the_default_policy_reads_as_written() {
        use ListingPhase::{After, Before, While};
        use Side::{Recipient, Sender};
        use Value::{Dust, Material, UnknownToken, Zero};
        let informational = Some(Severity::Informational);
        check(dealing(After, Recipient, Material, true), "after_delisting", None);
        check(dealing(While, Recipient, Zero, true), "spoof", informational);
        check(dealing(While, Recipient, UnknownToken, true), "spoof", informational);
        check(dealing(Before, Recipient, Material, true), "lookback.pre_listing", informational);
        check(
            dealing(While, Recipient, Dust, false),
            "direct.outbound.while_listed",
            Some(Severity::Critical),
        );
        check(dealing(While, Sender, Dust, true), "direct.inbound.solicited", Some(Severity::High));
        check(dealing(While, Sender, Dust, false), "unsolicited_dust", informational);
        check(
            dealing(While, Sender, Material, false),
            "direct.inbound.while_listed",
            Some(Severity::High),
        );
    }

    #[test]
    fn who_only_stood_beside_is_a_case_without_a_hold() {
        use ListingPhase::{After, Before, While};
        use Value::{Bare, Dust, Failed, Material, UnknownToken, Zero};
        let beside = [
            Side::Signer,
            Side::Spender,
            Side::Owner,
            Side::Callee,
            Side::Created,
            Side::Authority,
            Side::Delegate,
        ];
        let informational = Some(Severity::Informational);
        for side in beside {
            for value in [Bare, Dust, Material] {
                check(dealing(While, side, value, true), "direct.other", Some(Severity::Medium));
            }
            check(dealing(While, side, Failed, true), "failed_attempt", informational);
            check(dealing(While, side, Zero, true), "spoof", informational);
            check(dealing(While, side, UnknownToken, true), "spoof", informational);
            check(dealing(Before, side, Bare, true), "lookback.pre_listing", informational);
            check(dealing(After, side, Bare, true), "after_delisting", None);
        }
        for kind in [TransferKind::Wrap, TransferKind::Unwrap] {
            assert_eq!(Exposure::of(kind, Side::Recipient), Exposure::Beside);
            assert_eq!(Exposure::of(kind, Side::Sender), Exposure::Beside);
        }
        assert_eq!(Exposure::of(TransferKind::Internal, Side::Sender), Exposure::Party);
        assert_eq!((Exposure::Party.family(), Exposure::Beside.family()), (DIRECT, OTHER));
    }

    #[test]
    fn the_last_rule_fits_everything() {
        let any = dealing(ListingPhase::While, Side::Sender, Value::Material, false);
        assert!((RULES[RULES.len() - 1].fits)(&any));
        assert!(Severity::Informational < Severity::Critical);
    }
}
