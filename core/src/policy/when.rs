//! The condition of a rule.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use super::dealing::{Dealing, Moment, Value};
use super::word::{Counterparty, Direction, Exposure, Finality, Phase, SignedBy, ValueClass};
use super::worth::Worth;
use crate::source::Source;
use crate::transfer::Verification;

/// When a rule fits: all that is said must hold; what is left out is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// One of these phases.
    pub phase: Option<BTreeSet<Phase>>,
    /// Before the listing (and its boundary), at most so many days.
    pub days_before_at_most: Option<u32>,
    /// One of these exposures.
    pub exposure: Option<BTreeSet<Exposure>>,
    /// One of these directions.
    pub direction: Option<BTreeSet<Direction>>,
    /// One of these kinds of amount.
    pub value: Option<BTreeSet<ValueClass>>,
    /// A known asset moved, worth at least this.
    pub at_least: Option<Worth>,
    /// One of these signed.
    pub signed_by: Option<BTreeSet<SignedBy>>,
    /// The counterparty is one of these.
    pub counterparty: Option<BTreeSet<Counterparty>>,
    /// Proved in one of these ways.
    pub verification: Option<BTreeSet<Verification>>,
    /// At least one of these lists names the address.
    pub sources: Option<BTreeSet<Source>>,
    /// The address is known to be listed under at least one of these programs, by the authority's
    /// codes, or the names of its regimes where it has no codes.
    pub program: Option<BTreeSet<String>>,
    /// Whether it can still be taken back is one of these.
    pub finality: Option<BTreeSet<Finality>>,
}

/// A condition that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// Its word.
    pub condition: &'static str,
    /// What the rule asks for.
    pub asked: String,
    /// What is.
    pub found: String,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, not {}", self.condition, self.found, self.asked)
    }
}

impl When {
    /// Whether everything holds. `dust_below` parts dust from what is material.
    pub fn fits(&self, dealing: &Dealing, dust_below: Worth) -> bool {
        has(self.phase.as_ref(), &dealing.moment.phase())
            && self.days_before_at_most.is_none_or(|most| at_most(dealing.moment, most))
            && has(self.exposure.as_ref(), &dealing.exposure)
            && has(self.direction.as_ref(), &dealing.direction)
            && has(self.value.as_ref(), &class(dealing.value, dust_below))
            && self.at_least.is_none_or(|least| at_least(dealing.value, least))
            && has(self.signed_by.as_ref(), &dealing.signed_by)
            && has(self.counterparty.as_ref(), &dealing.counterparty)
            && has(self.verification.as_ref(), &dealing.verification)
            && self.sources.as_ref().is_none_or(|of| mask(of) & dealing.sources != 0)
            && self.program.as_ref().is_none_or(|of| dealing.programs.has_one_of(of))
            && has(self.finality.as_ref(), &dealing.finality)
    }

    /// What does not hold, in the order of the conditions.
    pub fn unmet(&self, dealing: &Dealing, dust_below: Worth) -> Vec<Unmet> {
        let days = self.days_before_at_most.filter(|most| !at_most(dealing.moment, *most));
        let days = days.map(|most| Unmet {
            condition: "days_before",
            asked: format!("at most {most}"),
            found: match dealing.moment {
                Moment::Before { days } => days.to_string(),
                other => format!("none ({})", other.phase()),
            },
        });
        let least = self.at_least.filter(|least| !at_least(dealing.value, *least));
        let least = least.map(|least| Unmet {
            condition: "worth",
            asked: format!("at least {least}"),
            found: match dealing.value {
                Value::Moved(worth) => worth.to_string(),
                other => class(other, dust_below).to_string(),
            },
        });
        let sources = self.sources.as_ref().filter(|of| mask(of) & dealing.sources == 0);
        let sources = sources.map(|of| Unmet {
            condition: "sources",
            asked: any(of.iter().map(|source| source.code())),
            found: any(Source::codes(dealing.sources).iter().map(String::as_str)),
        });
        let program = self.program.as_ref().filter(|of| !dealing.programs.has_one_of(of));
        let program = program.map(|of| Unmet {
            condition: "program",
            asked: any(of.iter().map(String::as_str)),
            found: dealing.programs.to_string(),
        });
        let value = class(dealing.value, dust_below);
        [
            unmet("phase", self.phase.as_ref(), dealing.moment.phase(), Phase::word),
            days,
            unmet("exposure", self.exposure.as_ref(), dealing.exposure, Exposure::word),
            unmet("direction", self.direction.as_ref(), dealing.direction, Direction::word),
            unmet("value", self.value.as_ref(), value, ValueClass::word),
            least,
            unmet("signed_by", self.signed_by.as_ref(), dealing.signed_by, SignedBy::word),
            unmet("counterparty", self.counterparty.as_ref(), dealing.counterparty, |found| {
                Counterparty::word(found)
            }),
            unmet("verification", self.verification.as_ref(), dealing.verification, proof),
            sources,
            program,
            unmet("finality", self.finality.as_ref(), dealing.finality, Finality::word),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What an amount is, in a word.
pub fn class(value: Value, dust_below: Worth) -> ValueClass {
    match value {
        Value::Zero => ValueClass::Zero,
        Value::Moved(worth) if worth < dust_below => ValueClass::Dust,
        Value::Moved(_) => ValueClass::Material,
        Value::UnknownToken => ValueClass::UnknownToken,
        Value::Bare => ValueClass::Bare,
        Value::Failed => ValueClass::Failed,
    }
}

/// The bits of some source lists.
pub(super) fn mask(sources: &BTreeSet<Source>) -> u16 {
    sources.iter().fold(0, |mask, source| mask | source.mask())
}

const fn proof(verification: Verification) -> &'static str {
    match verification {
        Verification::Proved => "proved",
        Verification::Sampled => "sampled",
        Verification::Agreed => "agreed",
        Verification::Unverified => "unverified",
    }
}

fn has<T: Ord>(allowed: Option<&BTreeSet<T>>, found: &T) -> bool {
    allowed.is_none_or(|allowed| allowed.contains(found))
}

fn at_most(moment: Moment, most: u32) -> bool {
    matches!(moment, Moment::Before { days } if days <= most)
}

fn at_least(value: Value, least: Worth) -> bool {
    matches!(value, Value::Moved(worth) if worth >= least)
}

fn unmet<T: Ord + Copy>(
    condition: &'static str,
    allowed: Option<&BTreeSet<T>>,
    found: T,
    word: impl Fn(T) -> &'static str,
) -> Option<Unmet> {
    let allowed = allowed.filter(|allowed| !allowed.contains(&found))?;
    let asked = any(allowed.iter().map(|one| word(*one)));
    Some(Unmet { condition, asked, found: word(found).to_owned() })
}

/// Some words, of which one is asked for.
fn any<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}
