//! By what figures are told apart. Each label has few values, all of them known beforehand, but
//! for the hosts of providers, which are as many as are configured, and the ids of endpoints, of
//! which there are so many at most.

use interdict_core::alert::Alert;
use prometheus_client::encoding::EncodeLabelSet;

/// Labels of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AlertLabels {
    pub(super) severity: String,
    pub(super) phase: String,
}

/// Which program it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct BuildLabels {
    pub(super) version: &'static str,
}

/// Why a log is not screened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct KindLabels {
    pub(super) kind: &'static str,
}

/// What became of an attempt to tell an endpoint something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AttemptLabels {
    pub(super) endpoint: String,
    pub(super) outcome: &'static str,
}

/// By when a report is due.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DueLabels {
    pub(super) due: &'static str,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EndpointLabels {
    pub(super) endpoint: String,
}

/// Which bound a request ran against.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LimitLabels {
    pub(super) limit: &'static str,
}

/// What was asked, and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    pub(super) route: String,
    pub(super) method: &'static str,
    pub(super) status: &'static str,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    pub(super) route: String,
}

/// How heavy something is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SeverityLabels {
    pub(super) severity: String,
}

/// What was shown to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ShownLabels {
    pub(super) shown: &'static str,
}

/// Who is told, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StateLabels {
    pub(super) endpoint: String,
    pub(super) state: String,
}

/// Which provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ProviderLabels {
    pub(super) provider: String,
}

/// Which source list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SourceLabels {
    pub(super) source: &'static str,
}

/// How it was made sure that nothing of a block was left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerifiedLabels {
    pub(super) verified: String,
}

impl AlertLabels {
    pub(super) fn of(alert: &Alert) -> Self {
        Self { severity: word(&alert.severity), phase: word(&alert.phase) }
    }
}

impl AttemptLabels {
    pub(super) fn of(endpoint: &str, outcome: &'static str) -> Self {
        Self { endpoint: endpoint.to_owned(), outcome }
    }
}

impl EndpointLabels {
    pub(super) fn of(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned() }
    }
}

impl StateLabels {
    pub(super) fn of(endpoint: &str, state: String) -> Self {
        Self { endpoint: endpoint.to_owned(), state }
    }
}

impl BuildLabels {
    pub(super) const fn here() -> Self {
        Self { version: env!("CARGO_PKG_VERSION") }
    }
}

/// The word that an enum has in JSON.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => "unknown".to_owned(),
    }
}
