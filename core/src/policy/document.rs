//! A policy out of its document. Whatever cannot be relied on is refused, with line and reason.

use std::collections::BTreeSet;

use alloy_primitives::hex;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::finality::{self, Unfit};
use super::reach::{self, Dead};
use super::{
    Action, Clock, Loosening, Outcome, Policy, Raise, Rule, Severity, Verdict, When, Worth,
};

/// Most rules of a policy.
pub const RULES_MAX: usize = 64;
/// The highest dust threshold, in reference units.
pub const DUST_BELOW_MAX: Worth = Worth::units(100);
/// Longest document, in bytes.
const DOCUMENT_MAX_BYTES: usize = 256 << 10;
/// Longest class or version, in characters: they stand in every alert.
const WORD_MAX_CHARS: usize = 64;
/// Longest name of a program, in characters: the United Kingdom's are titles of regulations.
pub const PROGRAM_MAX_CHARS: usize = 200;
/// People who must answer for what is taken more lightly.
const APPROVERS_MIN: usize = 2;
/// Longest time over which findings are counted together, in days.
const WITHIN_MAX_DAYS: u32 = 366;

/// Why a document is no policy that can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what to do.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: Spanned<String>,
    reference: Spanned<String>,
    dust_below: Spanned<Worth>,
    #[serde(default)]
    approved_by: Vec<String>,
    #[serde(default)]
    rule: Vec<Spanned<RuleText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    class: String,
    #[serde(default)]
    when: When,
    severity: Weight,
    action: Action,
    #[serde(default = "no_clock")]
    clock: Clock,
    says: String,
    loosens: Option<String>,
    repeated: Option<Spanned<RaiseText>>,
    summed: Option<Spanned<RaiseText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RaiseText {
    class: String,
    within_days: u32,
    times: Option<u32>,
    at_least: Option<Worth>,
    severity: Severity,
    action: Action,
    #[serde(default = "no_clock")]
    clock: Clock,
    says: String,
}

/// A severity, or none.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Weight {
    None,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

const fn no_clock() -> Clock {
    Clock::None
}

impl From<Weight> for Verdict {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::None => Self::Nothing,
            Weight::Informational => Self::Finding(Severity::Informational),
            Weight::Low => Self::Finding(Severity::Low),
            Weight::Medium => Self::Finding(Severity::Medium),
            Weight::High => Self::Finding(Severity::High),
            Weight::Critical => Self::Finding(Severity::Critical),
        }
    }
}

/// Lines of a text by place.
struct Lines<'t>(&'t str);

impl Lines<'_> {
    fn of(&self, place: usize) -> usize {
        1 + self.0.get(..place).unwrap_or(self.0).matches('\n').count()
    }

    fn wrong<T>(&self, place: usize, reason: impl Into<String>) -> Result<T, PolicyError> {
        Err(PolicyError { line: self.of(place), reason: reason.into() })
    }
}

/// Reads a document; what it takes more lightly than the default policy is not looked at here.
pub(super) fn read(text: &str) -> Result<Policy, PolicyError> {
    let lines = Lines(text);
    if text.len() > DOCUMENT_MAX_BYTES {
        return lines.wrong(0, format!("a policy has at most {DOCUMENT_MAX_BYTES} bytes"));
    }
    let document: Document = toml::from_str(text).map_err(|error| PolicyError {
        line: lines.of(error.span().map_or(0, |span| span.start)),
        reason: error.message().to_owned(),
    })?;
    let Document { version, reference, dust_below, approved_by, rule } = document;
    check_word(&lines, version.span().start, "version", version.get_ref())?;
    check_word(&lines, reference.span().start, "reference", reference.get_ref())?;
    if *dust_below.get_ref() > DUST_BELOW_MAX {
        let reason =
            format!("dust_below is {}: use at most {DUST_BELOW_MAX}", dust_below.get_ref());
        return lines.wrong(dust_below.span().start, reason);
    }
    if rule.is_empty() || rule.len() > RULES_MAX {
        return lines.wrong(0, format!("a policy has 1 to {RULES_MAX} rules ([[rule]])"));
    }
    let dust_below = dust_below.into_inner();
    let rules = rule
        .into_iter()
        .map(|text| self::rule(&lines, text, dust_below))
        .collect::<Result<_, _>>()?;
    let (version, digest) = (version.into_inner(), Sha256::digest(text));
    let policy = Policy {
        label: format!("{version}@{}", hex::encode(digest)),
        version,
        digest: <[u8; 32]>::from(digest).into(),
        text: text.to_owned(),
        reference: reference.into_inner(),
        dust_below,
        approved_by,
        rules,
    };
    check(&policy)?;
    Ok(policy)
}

/// Words stand in alerts, in links and in tables.
fn check_word(lines: &Lines<'_>, at: usize, name: &str, word: &str) -> Result<(), PolicyError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    if word.is_empty() || word.len() > WORD_MAX_CHARS || !word.chars().all(plain) {
        return lines.wrong(
            at,
            format!(
                "{name} is {word:?}: use 1 to {WORD_MAX_CHARS} letters, digits, \".\", \"_\", \"-\" or \"+\""
            ),
        );
    }
    Ok(())
}

/// Programs are compared with the manifest's as they are.
fn check_programs(lines: &Lines<'_>, at: usize, when: &When) -> Result<(), PolicyError> {
    let is_none = |code: &&String| {
        code.trim() != code.as_str() || !(1..=PROGRAM_MAX_CHARS).contains(&code.chars().count())
    };
    match when.program.iter().flatten().find(is_none) {
        None => Ok(()),
        Some(code) => lines.wrong(
            at,
            format!(
                "program has {code:?}: use what the manifest has, 1 to {PROGRAM_MAX_CHARS} \
                 characters without white space around them"
            ),
        ),
    }
}

fn rule(
    lines: &Lines<'_>,
    text: Spanned<RuleText>,
    dust_below: Worth,
) -> Result<Rule, PolicyError> {
    let at = text.span().start;
    let text = text.into_inner();
    check_word(lines, at, "class", &text.class)?;
    let outcome = Outcome {
        class: text.class,
        verdict: text.severity.into(),
        action: text.action,
        clock: text.clock,
        says: text.says,
    };
    let (repeated, summed) = (text.repeated, text.summed);
    let repeated = repeated.map(|text| raise(lines, text, Counted::Times)).transpose()?;
    let summed = summed.map(|text| raise(lines, text, Counted::Worth(dust_below))).transpose()?;
    for raise in [&repeated, &summed].into_iter().flatten() {
        if raise.outcome.verdict < outcome.verdict {
            let reason = format!("{} would be lighter than {}", raise.outcome.class, outcome.class);
            return lines.wrong(at, reason);
        }
    }
    let (when, loosens) = (text.when, text.loosens);
    check_programs(lines, at, &when)?;
    Ok(Rule { when, outcome, repeated, summed, loosens, line: lines.of(at) })
}

/// What a finding is counted together with.
#[derive(Clone, Copy)]
enum Counted {
    Times,
    /// The sum counts, from this on unless something else is said.
    Worth(Worth),
}

fn raise(
    lines: &Lines<'_>,
    text: Spanned<RaiseText>,
    counted: Counted,
) -> Result<Raise, PolicyError> {
    let at = text.span().start;
    let text = text.into_inner();
    check_word(lines, at, "class", &text.class)?;
    if !(1..=WITHIN_MAX_DAYS).contains(&text.within_days) {
        let reason = format!("within_days is {}: use 1 to {WITHIN_MAX_DAYS}", text.within_days);
        return lines.wrong(at, reason);
    }
    let (times, at_least) = match (counted, text.times, text.at_least) {
        (Counted::Times, Some(times), None) if times > 1 => (times, Worth(0)),
        (Counted::Times, ..) => {
            return lines.wrong(at, "`repeated` needs `times`, 2 or more, and no `at_least`");
        }
        (Counted::Worth(_), Some(_), _) => return lines.wrong(at, "`summed` has no `times`"),
        (Counted::Worth(usual), None, at_least) => (0, at_least.unwrap_or(usual)),
    };
    let verdict = Verdict::Finding(text.severity);
    let RaiseText { class, action, clock, says, within_days, .. } = text;
    let outcome = Outcome { class, verdict, action, clock, says };
    Ok(Raise { within_days, times, at_least, outcome })
}

/// Whether all rules together can be relied on.
fn check(policy: &Policy) -> Result<(), PolicyError> {
    let wrong = |rule: &Rule, reason| Err(PolicyError { line: rule.line, reason });
    let mut classes = BTreeSet::new();
    for rule in &policy.rules {
        for Outcome { class, verdict, action, says, .. } in rule.outcomes() {
            if !classes.insert(class) {
                return wrong(
                    rule,
                    format!("the class {class} is there twice: name one otherwise"),
                );
            }
            if says.trim().is_empty() {
                return wrong(rule, format!("{class} says nothing: write a sentence for people"));
            }
            if (*verdict == Verdict::Nothing) != (*action == Action::None) {
                let reason = "the action is \"none\" where the severity is, and only there";
                return wrong(rule, format!("{class}: {reason}"));
            }
        }
    }
    if let Some(last) = policy.rules.last().filter(|last| last.when != When::default()) {
        let class = &last.outcome.class;
        let reason = format!("{class} is the last rule and has a condition: end with one without");
        return wrong(last, reason);
    }
    let named = |index: &usize| policy.rules[*index].outcome.class.as_str();
    match reach::dead(policy) {
        None => wait(policy),
        Some(Dead::TooMany(dealings)) => Err(PolicyError {
            line: 1,
            reason: format!("its rules tell {dealings} dealings apart, too many to try each"),
        }),
        Some(Dead::Contradiction(index)) => {
            let reason = "can never fire: no dealing has all that its `when` asks for";
            wrong(&policy.rules[index], format!("{} {reason}", named(&index)))
        }
        Some(Dead::Shadowed(index, by)) => {
            let by: Vec<_> = by.iter().map(named).collect();
            let reason = format!(
                "{} can never fire: whatever fits it is decided before, by {}",
                named(&index),
                by.join(", ")
            );
            wrong(&policy.rules[index], reason)
        }
    }
}

/// Whether what waits for finality is written down before, and counts by itself.
fn wait(policy: &Policy) -> Result<(), PolicyError> {
    let Some(unfit) = finality::unfit(policy) else { return Ok(()) };
    let named = |line: usize| {
        let rule = policy.rules.iter().find(|rule| rule.line == line);
        rule.map_or("", |rule| rule.outcome.class.as_str())
    };
    let (pending, finalized, reason) = match unfit {
        Unfit::Missed(pending, finalized) => (
            pending,
            finalized,
            "one is a finding and the other is none: what is found is written down before it is \
             final, and stays; let both be findings",
        ),
        Unfit::Counted(pending, finalized) => (
            pending,
            finalized,
            "what counts together with others cannot wait: leave `finality` out, or `repeated` \
             and `summed`",
        ),
    };
    let (first, then) = (named(pending), named(finalized));
    let reason = format!("{first} decides until it is final, and then {then}: {reason}");
    // The one that asks is the one to be changed.
    let asks = |line: &usize| {
        policy.rules.iter().any(|rule| rule.line == *line && rule.when.finality.is_some())
    };
    let line = [finalized, pending].into_iter().find(asks).unwrap_or(finalized);
    Err(PolicyError { line, reason })
}

/// Whether each rule that takes something more lightly says why, and two people answer for it.
pub(super) fn marked(policy: &Policy, loosened: &[Loosening]) -> Result<(), PolicyError> {
    let says_why = |rule: &Rule| rule.loosens.as_ref().is_some_and(|why| !why.trim().is_empty());
    let unmarked = loosened
        .iter()
        .find(|found| policy.rules.iter().any(|rule| rule.line == found.line && !says_why(rule)));
    if let Some(Loosening { class, verdict, line, instead_of, was, .. }) = unmarked {
        let what = if verdict < was {
            format!(
                "{class} ({verdict}) decides what the default policy calls {instead_of} ({was})"
            )
        } else {
            format!("{class} counts repetition or sum less than the default policy's {instead_of}")
        };
        let reason = format!("{what}: say why with `loosens`, or do not");
        return Err(PolicyError { line: *line, reason });
    }
    let people: BTreeSet<_> = policy.approved_by.iter().map(|name| name.trim()).collect();
    if !loosened.is_empty() && people.iter().filter(|name| !name.is_empty()).count() < APPROVERS_MIN
    {
        let reason = "the policy takes something more lightly than the default: name the two \
                      people who answer for it in `approved_by`";
        return Err(PolicyError { line: 1, reason: reason.to_owned() });
    }
    Ok(())
}
