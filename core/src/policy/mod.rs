//! How heavy a finding is, and what it asks of people: a document, ordered and versioned, of rules
//! of which the first that fits decides. Amounts move the severity, never whether a dealing is
//! recorded.
//!
//! A policy that is read here can be relied on: every rule can fire, the last fits everything, and
//! what is lighter than in the default policy says why and by whom. That is not argued but tried,
//! over every dealing that the rules can tell apart.

mod dealing;
mod document;
mod finality;
mod loosening;
mod programs;
mod reach;
mod repetition;
mod space;
mod when;
mod word;
mod worth;

pub use dealing::{DIRECT, Dealing, Moment, OTHER, Value};
pub use document::{DUST_BELOW_MAX, PROGRAM_MAX_CHARS, PolicyError, RULES_MAX};
pub use loosening::Loosening;
pub use programs::Programs;
pub use repetition::{Earlier, Raise};
pub use when::{Unmet, When, class};
pub use word::{
    Action, Clock, Counterparty, Direction, Exposure, Finality, NoSuchWord, Phase, Severity,
    SignedBy, ValueClass,
};
pub use worth::{Worth, WorthError};

use std::sync::{Arc, LazyLock};

use when::mask;

/// The default policy, as it is written.
pub const DEFAULT: &str = include_str!("default.toml");

/// JSON Schema of a policy.
pub const SCHEMA: &str = include_str!("../../schema/policy.schema.json");

/// The default policy.
static READ: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    Arc::new(document::read(DEFAULT).expect("a test reads the default policy, which is part of it"))
});

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No finding.
    Nothing,
    /// A finding of this weight.
    Finding(Severity),
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.pad("none"),
            Self::Finding(severity) => severity.fmt(f),
        }
    }
}

/// What is said of a dealing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The class, by which alerts and reports name the rule.
    pub class: String,
    /// How heavy it is.
    pub verdict: Verdict,
    /// What it asks of people.
    pub action: Action,
    /// What time it sets.
    pub clock: Clock,
    /// The same for a person, in a sentence.
    pub says: String,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// When it fits.
    pub when: When,
    /// What it decides.
    pub outcome: Outcome,
    /// What becomes of it where such findings come again and again.
    pub repeated: Option<Raise>,
    /// What becomes of it where such findings come to much together.
    pub summed: Option<Raise>,
    /// Why it is lighter than the default policy.
    pub loosens: Option<String>,
    /// The line on which it begins.
    pub line: usize,
}

impl Rule {
    /// Everything that it can decide: its own outcome first.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        let raised = [&self.repeated, &self.summed];
        let raised = raised.into_iter().flatten().map(|raise| &raise.outcome);
        std::iter::once(&self.outcome).chain(raised)
    }
}

/// A rule that was tried and did not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed<'p> {
    /// The rule.
    pub rule: &'p Rule,
    /// Why it did not fit.
    pub unmet: Vec<Unmet>,
}

/// A policy: ordered rules, of which the first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its version, as its author names it.
    pub version: String,
    /// SHA-256 of the document.
    pub digest: alloy_primitives::B256,
    /// How alerts name it: the version, and the digest.
    pub label: String,
    /// The document.
    pub text: String,
    /// What amounts are compared in, like USD.
    pub reference: String,
    /// Less than this is dust.
    pub dust_below: Worth,
    /// Who answers for what is lighter than in the default policy.
    pub approved_by: Vec<String>,
    /// In order; the last fits everything.
    pub rules: Vec<Rule>,
}

impl Policy {
    /// The default policy.
    pub fn standard() -> Arc<Self> {
        Arc::clone(&READ)
    }

    /// Reads a policy of which it is not said yet why it is lighter and who answers for it: to be
    /// tried, and not to be judged by.
    ///
    /// # Errors
    /// It is no policy, or a rule of it can never fire: with the line and the reason.
    pub fn draft(text: &str) -> Result<Self, PolicyError> {
        document::read(text)
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// It is no policy, or one that cannot be relied on: with the line and the reason.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy = Self::draft(text)?;
        let loosened = policy.loosenings(&READ);
        document::marked(&policy, &loosened)?;
        Ok(policy)
    }

    /// The rule that decides about a dealing.
    pub fn judge(&self, dealing: &Dealing) -> &Rule {
        let last = &self.rules[self.rules.len() - 1];
        self.rules.iter().find(|rule| rule.when.fits(dealing, self.dust_below)).unwrap_or(last)
    }

    /// The rule that decides about a dealing, and why none of those before it did.
    pub fn explain(&self, dealing: &Dealing) -> (&Rule, Vec<Passed<'_>>) {
        let fits = |rule: &&Rule| !rule.when.fits(dealing, self.dust_below);
        let passed = self.rules.iter().take_while(fits);
        let passed = passed
            .map(|rule| Passed { rule, unmet: rule.when.unmet(dealing, self.dust_below) })
            .collect();
        (self.judge(dealing), passed)
    }

    /// Whether a rule asks for the program of the listing.
    pub fn asks_for_programs(&self) -> bool {
        self.rules.iter().any(|rule| rule.when.program.is_some())
    }

    /// What is said of a class, if this policy has it.
    pub fn outcome(&self, class: &str) -> Option<&Outcome> {
        self.rules.iter().flat_map(Rule::outcomes).find(|outcome| outcome.class == class)
    }

    /// What is lighter here than in another policy.
    pub fn loosenings(&self, than: &Self) -> Vec<Loosening> {
        loosening::of(self, than)
    }
}

#[cfg(test)]
mod listing_tests;
#[cfg(test)]
mod tests;
