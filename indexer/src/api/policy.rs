//! By what findings are judged.

use axum::Json;
use axum::extract::State;
use interdict_core::policy::{Action, Clock, Outcome, Severity, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use super::Pages;

/// The policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
pub(super) struct Told {
    /// As its author names it.
    version: String,
    /// SHA-256 of the document.
    digest: String,
    /// How alerts name it.
    label: String,
    /// What amounts are compared in.
    reference: String,
    /// Who answers for what is lighter than in the default policy.
    approved_by: Vec<String>,
    /// The document, TOML.
    document: String,
    /// The rules in order: the first that fits decides.
    rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyRule)]
struct Rule {
    /// What it decides, and what that becomes where such findings repeat or add up.
    outcomes: Vec<Decided>,
    /// Why it is lighter than in the default policy.
    loosens: Option<String>,
    /// The line of the document on which it begins.
    line: usize,
}

/// What a rule decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyOutcome)]
struct Decided {
    /// The class, by which alerts name the rule.
    class: String,
    /// How heavy it is; `None` if it is no finding.
    severity: Option<Severity>,
    /// What it asks of people.
    action: Action,
    /// What time it sets.
    clock: Clock,
    /// The same for a person, in a sentence.
    says: String,
}

/// By what findings are judged
#[utoipa::path(get, path = "/v1/policy", tag = "policy",
    responses((status = 200, description = "The policy", body = Told)))]
pub(super) async fn page(State(pages): State<Pages>) -> Json<Told> {
    let policy = &pages.kept.policy;
    let rules = policy.rules.iter().map(|rule| Rule {
        outcomes: rule.outcomes().map(decided).collect(),
        loosens: rule.loosens.clone(),
        line: rule.line,
    });
    Json(Told {
        version: policy.version.clone(),
        digest: policy.digest.to_string(),
        label: policy.label.clone(),
        reference: policy.reference.clone(),
        approved_by: policy.approved_by.clone(),
        document: policy.text.clone(),
        rules: rules.collect(),
    })
}

fn decided(outcome: &Outcome) -> Decided {
    Decided {
        class: outcome.class.clone(),
        severity: match outcome.verdict {
            Verdict::Nothing => None,
            Verdict::Finding(severity) => Some(severity),
        },
        action: outcome.action,
        clock: outcome.clock,
        says: outcome.says.clone(),
    }
}
