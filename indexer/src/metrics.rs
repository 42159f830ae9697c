//! Figures for Prometheus. The doc comment of each is its help text.

use std::sync::atomic::{AtomicU64, Ordering};

use interdict_core::alert::Alert;
use interdict_core::transfer::Verification;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::chain::pool::{ProviderState, Word};
use crate::screen::Screened;
use crate::store::{Changes, Counts};

/// Labels of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AlertLabels {
    severity: String,
    phase: String,
}

/// What became of something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OutcomeLabels {
    outcome: &'static str,
}

/// Why a log is not screened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct KindLabels {
    kind: &'static str,
}

/// Which provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ProviderLabels {
    provider: String,
}

/// How it was made sure that nothing of a block was left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerifiedLabels {
    verified: String,
}

type Number = Gauge<u64, AtomicU64>;

/// All figures of one indexer.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Blocks between the newest block that the provider speaks of and the last accepted one
    pub chain_lag_blocks: Number,
    /// The last accepted block
    pub cursor_block: Number,
    /// The last block that the chain calls final and that we accepted
    pub finalized_block: Number,
    /// 1 while the chain cannot be followed, else 0
    pub stalled: Number,
    /// Requests or verifications that failed, of the chain's head and of walks back
    pub chain_failures: Counter,
    /// Reorganisations taken in
    pub reorgs: Counter,
    /// Findings
    pub alerts: Family<AlertLabels, Counter>,
    /// Findings that a reorganisation took back
    pub alerts_retracted: Counter,
    /// Findings whose listed address came to stand otherwise
    pub alerts_reevaluated: Counter,
    /// Logs that look like transfers and are not screened
    pub undecoded_logs: Family<KindLabels, Counter>,
    /// Findings whose transaction's signer is the provider's word
    pub unproved_signers: Counter,
    /// Transactions about whose calls two providers differ
    pub traces_differing: Counter,
    /// Blocks caught up with, by how it was made sure that nothing was left out
    pub blocks_caught_up: Family<VerifiedLabels, Counter>,
    /// Blocks walked back over, by how it was made sure that nothing was left out
    pub blocks_looked_back: Family<VerifiedLabels, Counter>,
    /// Ranges whose logs were not those of their blocks, or could not be read
    pub ranges_refused: Counter,
    /// Attempts to deliver
    pub deliveries: Family<OutcomeLabels, Counter>,
    provider_up: Family<ProviderLabels, Number>,
    provider_requests: Family<ProviderLabels, Counter>,
    provider_failures: Family<ProviderLabels, Counter>,
    outbox_pending: Number,
    outbox_dead: Number,
    lookbacks_open: Number,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("interdict"),
            chain_lag_blocks: Number::default(),
            cursor_block: Number::default(),
            finalized_block: Number::default(),
            stalled: Number::default(),
            chain_failures: Counter::default(),
            reorgs: Counter::default(),
            alerts: Family::default(),
            alerts_retracted: Counter::default(),
            alerts_reevaluated: Counter::default(),
            undecoded_logs: Family::default(),
            unproved_signers: Counter::default(),
            traces_differing: Counter::default(),
            blocks_caught_up: Family::default(),
            blocks_looked_back: Family::default(),
            ranges_refused: Counter::default(),
            deliveries: Family::default(),
            provider_up: Family::default(),
            provider_requests: Family::default(),
            provider_failures: Family::default(),
            outbox_pending: Number::default(),
            outbox_dead: Number::default(),
            lookbacks_open: Number::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    /// The figures as Prometheus reads them.
    ///
    /// # Errors
    /// The encoder failed.
    pub fn encode(&self, counts: Counts) -> Result<String, std::fmt::Error> {
        self.outbox_pending.set(counts.outbox_pending);
        self.outbox_dead.set(counts.outbox_dead);
        self.lookbacks_open.set(counts.lookbacks_open);
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }

    /// Counts what screening a block gave, apart from its alerts.
    pub fn screened(&self, screened: &Screened) {
        self.unproved_signers.inc_by(screened.unproved_signers);
        for (kind, count) in &screened.undecoded_counts {
            self.undecoded_logs.get_or_create(&KindLabels { kind: kind.word() }).inc_by(*count);
        }
    }

    /// Counts what a write changed.
    pub fn changed(&self, changes: &Changes) {
        self.alerts_retracted.inc_by(changes.retracted);
        self.alerts_reevaluated.inc_by(changes.reevaluated);
        for alert in &changes.created {
            self.alerts.get_or_create(&AlertLabels::of(alert)).inc();
        }
    }

    /// Shows how the providers stand.
    pub fn providers(&self, states: &[ProviderState]) {
        for state in states {
            let labels = ProviderLabels { provider: state.provider.clone() };
            let up = matches!(state.state, Word::Following | Word::Waiting);
            self.provider_up.get_or_create(&labels).set(up.into());
            let requests = self.provider_requests.get_or_create(&labels);
            requests.inner().store(state.requests, Ordering::Relaxed);
            let failures = self.provider_failures.get_or_create(&labels);
            failures.inner().store(state.failures, Ordering::Relaxed);
        }
    }

    /// Counts blocks that were caught up with.
    pub fn caught_up(&self, verified: Verification, blocks: u64) {
        let labels = VerifiedLabels { verified: word(&verified) };
        self.blocks_caught_up.get_or_create(&labels).inc_by(blocks);
    }

    /// Counts blocks that were walked back over.
    pub fn looked_back(&self, verified: Verification, blocks: u64) {
        let labels = VerifiedLabels { verified: word(&verified) };
        self.blocks_looked_back.get_or_create(&labels).inc_by(blocks);
    }

    /// Counts an attempt to deliver.
    pub fn delivery(&self, outcome: &'static str) {
        self.deliveries.get_or_create(&OutcomeLabels { outcome }).inc();
    }

    fn register(&mut self) {
        let r = &mut self.registry;
        r.register(
            "chain_lag_blocks",
            "Blocks between the newest block that the provider speaks of and the last accepted one",
            self.chain_lag_blocks.clone(),
        );
        r.register("cursor_block", "The last accepted block", self.cursor_block.clone());
        r.register(
            "finalized_block",
            "The last block that the chain calls final and that we accepted",
            self.finalized_block.clone(),
        );
        let help = "1 while the chain cannot be followed, else 0";
        r.register("stalled", help, self.stalled.clone());
        let help = "Requests or verifications that failed";
        r.register("chain_failures", help, self.chain_failures.clone());
        let help = "1 while a provider may be asked; 0 while it wants to be left alone, serves another chain or is set aside";
        r.register("provider_up", help, self.provider_up.clone());
        let help = "Requests to a provider";
        r.register("provider_requests", help, self.provider_requests.clone());
        let help = "Answers of a provider that failed or did not verify";
        r.register("provider_failures", help, self.provider_failures.clone());
        r.register("reorgs", "Reorganisations taken in", self.reorgs.clone());
        r.register("alerts", "Findings", self.alerts.clone());
        let help = "Findings that a reorganisation took back";
        r.register("alerts_retracted", help, self.alerts_retracted.clone());
        let help = "Findings whose listed address came to stand otherwise";
        r.register("alerts_reevaluated", help, self.alerts_reevaluated.clone());
        let help = "Logs that look like transfers, and blocks whose traces are not believed, that are not screened";
        r.register("undecoded_logs", help, self.undecoded_logs.clone());
        let help = "Findings whose transaction's signer is the provider's word";
        r.register("unproved_signers", help, self.unproved_signers.clone());
        let help = "Transactions about whose calls two providers differ";
        r.register("traces_differing", help, self.traces_differing.clone());
        let help = "Blocks caught up with, by how nothing was left out";
        r.register("blocks_caught_up", help, self.blocks_caught_up.clone());
        let help = "Blocks walked back over, by how nothing was left out";
        r.register("blocks_looked_back", help, self.blocks_looked_back.clone());
        let help = "Ranges whose logs were not those of their blocks";
        r.register("ranges_refused", help, self.ranges_refused.clone());
        r.register("deliveries", "Attempts to deliver", self.deliveries.clone());
        r.register("outbox_pending", "News not yet delivered", self.outbox_pending.clone());
        r.register("outbox_dead", "News that was given up", self.outbox_dead.clone());
        r.register("lookbacks_open", "Walks back not over", self.lookbacks_open.clone());
    }
}

impl AlertLabels {
    fn of(alert: &Alert) -> Self {
        Self { severity: word(&alert.severity), phase: word(&alert.phase) }
    }
}

/// The word that an enum has in JSON.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => "unknown".to_owned(),
    }
}
