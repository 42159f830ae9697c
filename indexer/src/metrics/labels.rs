//! By what figures are told apart. Each label has few values, all of them known beforehand, but
//! for the hosts of providers, which are as many as are configured.

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

/// What became of something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabels {
    pub(super) outcome: &'static str,
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
