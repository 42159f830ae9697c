//! A dealing as people describe it.

use interdict_core::policy::{
    Counterparty, Dealing, Direction, Exposure, Finality, Moment, Phase, Policy, Programs,
    SignedBy, Value, ValueClass, Worth,
};
use interdict_core::source::Source;
use interdict_core::transfer::Verification;
use serde::{Deserialize, Serialize};

use crate::args::Flags;

/// A dealing in words. What is left out is an outbound payment, no dust, to an address that OFAC
/// lists, signed by the counterparty, pending; of the programs nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Described {
    phase: Option<Phase>,
    days_before: Option<u32>,
    exposure: Option<Exposure>,
    direction: Option<Direction>,
    value: Option<ValueClass>,
    worth: Option<Worth>,
    signed_by: Option<SignedBy>,
    counterparty: Option<Counterparty>,
    verification: Option<Verification>,
    sources: Vec<Source>,
    program: Vec<String>,
    finality: Option<Finality>,
}

impl From<&Flags> for Described {
    fn from(flags: &Flags) -> Self {
        Self {
            phase: flags.phase,
            days_before: flags.days_before,
            exposure: flags.exposure,
            direction: flags.direction,
            value: flags.value,
            worth: flags.worth,
            signed_by: flags.signed_by,
            counterparty: flags.counterparty,
            verification: None,
            sources: flags.sources.clone(),
            program: flags.programs.clone(),
            finality: flags.finality,
        }
    }
}

impl Described {
    /// Whether nothing is said at all.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The dealing, as a policy sees it.
    pub(super) fn dealing(&self, policy: &Policy) -> Result<Dealing, String> {
        let days = self.days_before;
        let before = if days.is_some() { Phase::Before } else { Phase::While };
        let moment = match self.phase.unwrap_or(before) {
            Phase::Before => Moment::Before { days: days.unwrap_or_default() },
            other if days.is_some() => {
                return Err(format!("days_before goes with the phase before, not with {other}"));
            }
            Phase::Boundary => Moment::Boundary,
            Phase::While => Moment::While,
            Phase::After => Moment::After,
        };
        let value = match (self.value, self.worth) {
            (Some(_), Some(_)) => return Err("value and worth are both said".to_owned()),
            (None, Some(worth)) => Value::Moved(worth),
            (None | Some(ValueClass::Material), None) => Value::Moved(policy.dust_below),
            (Some(ValueClass::Dust), None) => {
                Value::Moved(Worth(policy.dust_below.0.saturating_sub(1)))
            }
            (Some(ValueClass::Zero), None) => Value::Zero,
            (Some(ValueClass::UnknownToken), None) => Value::UnknownToken,
            (Some(ValueClass::Bare), None) => Value::Bare,
            (Some(ValueClass::Failed), None) => Value::Failed,
        };
        let exposure = self.exposure.unwrap_or(Exposure::Party);
        let usual = match exposure {
            Exposure::Beside => Direction::None,
            Exposure::Ownership | Exposure::Party => Direction::Outbound,
        };
        let named = self.sources.iter().fold(0, |mask, source| mask | source.mask());
        Ok(Dealing {
            moment,
            exposure,
            direction: self.direction.unwrap_or(usual),
            value,
            signed_by: self.signed_by.unwrap_or(SignedBy::Counterparty),
            counterparty: self.counterparty.unwrap_or(Counterparty::Anyone),
            verification: self.verification.unwrap_or_default(),
            sources: if self.sources.is_empty() { Source::OfacSdn.mask() } else { named },
            programs: if self.program.is_empty() {
                Programs::default()
            } else {
                Programs::all(self.program.iter().cloned())
            },
            finality: self.finality.unwrap_or(Finality::Pending),
        })
    }
}

/// A dealing in words, as it is told.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    phase: Phase,
    days_before: Option<u32>,
    exposure: Exposure,
    direction: Direction,
    value: ValueClass,
    worth: Option<Worth>,
    signed_by: SignedBy,
    counterparty: Counterparty,
    verification: Verification,
    sources: Vec<String>,
    /// Those that are known.
    programs: Vec<String>,
    /// Whether those are all of them.
    programs_known: bool,
    finality: Finality,
    #[serde(skip)]
    program: Programs,
}

impl Told {
    pub(super) fn of(dealing: &Dealing, policy: &Policy) -> Self {
        Self {
            phase: dealing.moment.phase(),
            days_before: match dealing.moment {
                Moment::Before { days } => Some(days),
                Moment::Boundary | Moment::While | Moment::After => None,
            },
            exposure: dealing.exposure,
            direction: dealing.direction,
            value: interdict_core::policy::class(dealing.value, policy.dust_below),
            worth: dealing.value.worth(),
            signed_by: dealing.signed_by,
            counterparty: dealing.counterparty,
            verification: dealing.verification,
            sources: Source::codes(dealing.sources),
            programs: dealing.programs.codes().map(str::to_owned).collect(),
            programs_known: dealing.programs.is_whole(),
            finality: dealing.finality,
            program: dealing.programs.clone(),
        }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.phase)?;
        if let Some(days) = self.days_before {
            write!(f, " by {days} days")?;
        }
        write!(f, ", exposure {}, direction {}, {}", self.exposure, self.direction, self.value)?;
        if let Some(worth) = self.worth {
            write!(f, " worth {worth}")?;
        }
        write!(f, ", signed by {}", self.signed_by)?;
        write!(f, ", counterparty {}, lists {}", self.counterparty, self.sources.join(" "))?;
        write!(f, ", program {}, {}", self.program, self.finality)
    }
}
