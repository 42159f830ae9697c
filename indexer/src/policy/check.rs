//! `policy check`: whether a policy can be relied on, what is lighter in it, which rule decides.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use interdict_core::alert::AlertId;
use interdict_core::ledger::Ledger;
use interdict_core::policy::{
    Action, Clock, Dealing, Loosening, Outcome, Policy, Rule, Severity, Unmet,
};
use serde::Serialize;

use super::described::{Described, Told};
use super::{AskError, document};
use crate::args::{Args, Check};
use crate::config::PolicyFile;
use crate::manifests::Manifests;
use crate::screen::{self, Assets, Criteria};
use crate::store::Store;
use crate::upkeep;

/// Longest description that is read, in bytes.
const DESCRIPTION_MAX_BYTES: u64 = 64 << 10;

/// Everything that is to be told.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    version: String,
    sha256: String,
    reference: String,
    dust_below: String,
    rules: usize,
    approved_by: Vec<String>,
    loosenings: Vec<Looser>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explained>,
}

/// What is lighter than in the default policy.
#[derive(Debug, Serialize)]
struct Looser {
    class: String,
    severity: String,
    instead_of: String,
    was: String,
    line: usize,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Told>,
}

/// Which rule decides about a dealing, and why.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    dealing: Told,
    tried: Vec<Tried>,
    outcome: Said,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    raised_to: Vec<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<Recorded>,
}

/// A rule, from the first to the one that decides.
#[derive(Debug, Serialize)]
struct Tried {
    class: String,
    line: usize,
    fits: bool,
    unmet: Vec<Missing>,
}

#[derive(Debug, Serialize)]
struct Missing {
    condition: &'static str,
    asked: String,
    found: String,
}

#[derive(Debug, Serialize)]
struct Said {
    class: String,
    severity: String,
    action: Action,
    clock: Clock,
    says: String,
}

/// What was written down when it was found.
#[derive(Debug, Serialize)]
struct Recorded {
    id: AlertId,
    class: String,
    severity: Severity,
    policy: String,
}

pub(super) async fn run(args: &Args, check: &Check) -> Result<String, AskError> {
    let named = check.policy.as_deref();
    let checked = if let Some(id) = check.alert {
        let config = args.load(check.policy.clone().map(PolicyFile::Adopted))?;
        let manifests = Manifests::of(config.manifests.as_deref())?;
        let store = Store::open_beside(&config.database, upkeep::home(&config)).await?;
        let explained = recorded(&store, &config.policy, &config.assets, &manifests, id).await;
        store.close().await;
        Checked::of(&config.policy, Some(explained?))
    } else {
        let policy = super::policy(args, named)?;
        let dealing = described(check, &policy)?;
        let explained = dealing.map(|dealing| Explained::of(&policy, &dealing));
        Checked::of(&policy, explained)
    };
    Ok(if check.json { document(&checked) } else { checked.to_string() })
}

/// The dealing that is described, if one is.
fn described(check: &Check, policy: &Arc<Policy>) -> Result<Option<Dealing>, AskError> {
    let described = if let Some(path) = &check.dealing {
        let text = read(path)?;
        serde_json::from_str(&text).map_err(|error| AskError::Dealing(error.to_string()))?
    } else {
        let flags = Described::from(&check.described);
        if flags.is_empty() {
            return Ok(None);
        }
        flags
    };
    described.dealing(policy).map(Some).map_err(AskError::Dealing)
}

fn read(path: &Path) -> Result<String, AskError> {
    let failed = |reason| AskError::File { path: path.to_owned(), reason };
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().take(DESCRIPTION_MAX_BYTES).read_to_string(&mut text),
        _ => std::fs::File::open(path)
            .and_then(|file| file.take(DESCRIPTION_MAX_BYTES).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(failed)
}

/// Why a policy judges a finding as it does, beside what is written down.
pub(super) async fn recorded(
    store: &Store,
    policy: &Policy,
    assets: &Assets,
    manifests: &Manifests,
    id: AlertId,
) -> Result<Explained, AskError> {
    let alert = store.alert(id).await?.ok_or(AskError::NoAlert(id))?;
    let ledger = Ledger::replay(&store.acts().await?)?;
    let subjects = store.subjects().await?.into_iter().collect();
    let criteria = Criteria { policy, assets, subjects: &subjects, manifests };
    let dealing = screen::dealing_in(&alert, &ledger, criteria).ok_or(AskError::NoListing(id))?;
    let (class, severity) = (alert.rule, alert.severity);
    let recorded = Recorded { id, class, severity, policy: alert.policy };
    Ok(Explained { recorded: Some(recorded), ..Explained::of(policy, &dealing) })
}

impl Explained {
    fn of(policy: &Policy, dealing: &Dealing) -> Self {
        let (rule, passed) = policy.explain(dealing);
        let tried = |rule: &Rule, unmet: &[Unmet]| Tried {
            class: rule.outcome.class.clone(),
            line: rule.line,
            fits: unmet.is_empty(),
            unmet: unmet
                .iter()
                .map(|Unmet { condition, asked, found }| Missing {
                    condition,
                    asked: asked.clone(),
                    found: found.clone(),
                })
                .collect(),
        };
        let passed = passed.iter().map(|passed| tried(passed.rule, &passed.unmet));
        Self {
            dealing: Told::of(dealing, policy),
            tried: passed.chain([tried(rule, &[])]).collect(),
            outcome: Said::of(&rule.outcome),
            raised_to: rule.outcomes().skip(1).map(Said::of).collect(),
            recorded: None,
        }
    }
}

impl Said {
    fn of(outcome: &Outcome) -> Self {
        let Outcome { class, verdict, action, clock, says } = outcome.clone();
        Self { class, severity: verdict.to_string(), action, clock, says }
    }
}

impl Checked {
    fn of(policy: &Policy, explanation: Option<Explained>) -> Self {
        let loosened = policy.loosenings(&Policy::standard());
        Self {
            version: policy.version.clone(),
            sha256: hex::encode(policy.digest),
            reference: policy.reference.clone(),
            dust_below: policy.dust_below.to_string(),
            rules: policy.rules.len(),
            approved_by: policy.approved_by.clone(),
            loosenings: loosened.iter().map(|found| Looser::of(found, policy)).collect(),
            explanation,
        }
    }
}

impl Looser {
    fn of(found: &Loosening, policy: &Policy) -> Self {
        let rule = policy.rules.iter().find(|rule| rule.line == found.line);
        Self {
            class: found.class.clone(),
            severity: found.verdict.to_string(),
            instead_of: found.instead_of.clone(),
            was: found.was.to_string(),
            line: found.line,
            why: rule.and_then(|rule| rule.loosens.clone()).unwrap_or_default(),
            example: found.example.as_ref().map(|dealing| Told::of(dealing, policy)),
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "policy {}, sha256 {}", self.version, self.sha256)?;
        let Self { rules, reference, dust_below, .. } = self;
        write!(f, "{rules} rules, each can fire; less than {dust_below} {reference} is dust")?;
        if self.loosenings.is_empty() {
            write!(f, "\nnothing is lighter than in the default policy")?;
        } else {
            let people = self.approved_by.join(" and ");
            writeln!(f, "\nlighter than in the default policy, for which {people} answer:")?;
            let mut table = Table::new();
            table.load_style(NOTHING).set_header([
                "line",
                "rule",
                "is",
                "instead of",
                "was",
                "why",
            ]);
            for one in &self.loosenings {
                let line = one.line.to_string();
                table.add_row([
                    &line,
                    &one.class,
                    &one.severity,
                    &one.instead_of,
                    &one.was,
                    &one.why,
                ]);
            }
            write!(f, "{}", table.trim_fmt())?;
        }
        match &self.explanation {
            Some(explanation) => write!(f, "\n\n{explanation}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.dealing)?;
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(["line", "rule", ""]);
        for Tried { class, line, unmet, .. } in &self.tried {
            let unmet = unmet.iter().map(|one| {
                let Missing { condition, asked, found } = one;
                format!("{condition} is {found}, not {asked}")
            });
            let unmet: Vec<_> = unmet.collect();
            let why = if unmet.is_empty() { "fits".to_owned() } else { unmet.join("; ") };
            table.add_row([&line.to_string(), class, &why]);
        }
        writeln!(f, "{}\n", table.trim_fmt())?;
        write!(f, "{}", self.outcome)?;
        for raised in &self.raised_to {
            write!(f, "\nor, together with earlier ones: {raised}")?;
        }
        if let Some(Recorded { id, class, severity, policy }) = &self.recorded {
            write!(f, "\nrecorded as {class} ({severity}) in {id}, by {policy}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, severity, action, clock, says } = self;
        write!(f, "{class}: {severity}, {action}")?;
        if *clock != Clock::None {
            write!(f, ", clock {clock}")?;
        }
        write!(f, "\n  {says}")
    }
}
