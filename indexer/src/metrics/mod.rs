//! Figures for Prometheus. `indexer/monitoring/METRICS.md` is made from what is registered here.

mod desk;
mod http;
mod labels;
mod plain;
mod register;
#[cfg(test)]
mod tests;
mod webhooks;

pub use http::{Credentials, Http, Limit, NO_ROUTE, UnderWay};
pub use labels::{
    AlertLabels, BuildLabels, KindLabels, ProviderLabels, SourceLabels, VerifiedLabels,
};
pub use webhooks::{Attempt, Webhooks};

use std::sync::atomic::{AtomicU64, Ordering};

use interdict_core::alert::{FoundBy, ListingPhase};
use interdict_core::ledger::Ledger;
use interdict_core::policy::Severity;
use interdict_core::source::Source;
use interdict_core::transfer::Verification;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::chain::pool::{ProviderState, Word};
use crate::decode::UndecodedKind;
use crate::screen::Screened;
use crate::store::{Backlog, Changes, Counts, Endpoint, LineCounts};
use labels::word;

/// Bounds of what a finding may take from its block's time until it is written down, in seconds.
const DELAY_SECONDS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0];

type Number = Gauge<u64, AtomicU64>;

/// How the figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` 1.0, as Prometheus asks for it.
    OpenMetrics,
    /// The older text format, version 0.0.4, for everybody else.
    Plain,
}

/// How the database stands, as far as there are figures of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// What the desk has to do.
    pub backlog: Backlog,
    /// The endpoints and their lines.
    pub lines: Vec<(Endpoint, LineCounts)>,
    /// Walks back that are not over.
    pub lookbacks_open: u64,
}

/// All figures of one indexer.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Blocks between the newest block that the provider speaks of and the last accepted one
    pub chain_lag_blocks: Number,
    /// The last accepted block
    pub cursor_block: Number,
    /// The time of the last accepted block
    pub cursor_time: Number,
    /// The last block that the chain calls final and that we accepted
    pub finalized_block: Number,
    /// 1 while the chain cannot be followed, else 0
    pub stalled: Number,
    /// Requests or verifications that failed, of the chain's head and of walks back
    pub chain_failures: Counter,
    /// Reorganisations taken in
    pub reorgs: Counter,
    /// Addresses that are or were listed
    pub listed_addresses: Number,
    /// Subjects that are on the list.
    pub listed_subjects: Number,
    /// Acts of the list taken in
    pub acts: Number,
    list_checked: Family<SourceLabels, Number>,
    list_data: Family<SourceLabels, Number>,
    /// Findings
    pub alerts: Family<AlertLabels, Counter>,
    /// From a block's time until its findings are written down, of those that are found live
    pub alert_delay: Histogram,
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
    /// Who asks
    pub http: Http,
    /// Who is told
    pub webhooks: Webhooks,
    desk: desk::Desk,
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
            cursor_time: Number::default(),
            finalized_block: Number::default(),
            stalled: Number::default(),
            chain_failures: Counter::default(),
            reorgs: Counter::default(),
            listed_addresses: Number::default(),
            listed_subjects: Number::default(),
            acts: Number::default(),
            list_checked: Family::default(),
            list_data: Family::default(),
            alerts: Family::default(),
            alert_delay: Histogram::new(DELAY_SECONDS),
            alerts_retracted: Counter::default(),
            alerts_reevaluated: Counter::default(),
            undecoded_logs: Family::default(),
            unproved_signers: Counter::default(),
            traces_differing: Counter::default(),
            blocks_caught_up: Family::default(),
            blocks_looked_back: Family::default(),
            ranges_refused: Counter::default(),
            http: Http::default(),
            webhooks: Webhooks::default(),
            desk: desk::Desk::default(),
            provider_up: Family::default(),
            provider_requests: Family::default(),
            provider_failures: Family::default(),
            outbox_pending: Number::default(),
            outbox_dead: Number::default(),
            lookbacks_open: Number::default(),
        };
        metrics.register();
        metrics.begin();
        metrics
    }
}

impl Metrics {
    /// Counters that will count begin at 0: of what first appears as 1, no increase is seen.
    fn begin(&self) {
        for severity in Severity::ALL {
            for phase in [ListingPhase::Before, ListingPhase::While, ListingPhase::After] {
                let labels = AlertLabels { severity: word(severity), phase: word(&phase) };
                drop(self.alerts.get_or_create(&labels));
            }
        }
        for kind in UndecodedKind::ALL {
            drop(self.undecoded_logs.get_or_create(&KindLabels { kind: kind.word() }));
        }
        self.http.begin();
        for verified in [Verification::Proved, Verification::Sampled] {
            let labels = VerifiedLabels { verified: word(&verified) };
            drop(self.blocks_caught_up.get_or_create(&labels));
            drop(self.blocks_looked_back.get_or_create(&labels));
        }
    }

    /// Shows how the database stands.
    pub fn stand(&self, stand: &Stand) {
        let counts = Counts::of(&stand.lines, stand.lookbacks_open);
        self.outbox_pending.set(counts.outbox_pending);
        self.outbox_dead.set(counts.outbox_dead);
        self.lookbacks_open.set(counts.lookbacks_open);
        self.desk.show(&stand.backlog);
        self.webhooks.endpoints(stand.lines.iter().map(|(endpoint, _)| endpoint));
        self.webhooks.show(&stand.lines);
    }

    /// Shows how many listen to the stream.
    pub fn listening(&self, listeners: usize) {
        self.http.listeners.set(u64::try_from(listeners).unwrap_or(u64::MAX));
    }

    /// The figures as Prometheus reads them.
    ///
    /// # Errors
    /// The encoder failed.
    pub fn encode(&self, format: Format) -> Result<String, std::fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(match format {
            Format::OpenMetrics => page,
            Format::Plain => plain::of(&page),
        })
    }

    /// Counts what screening a block gave, apart from its alerts.
    pub fn screened(&self, screened: &Screened) {
        self.unproved_signers.inc_by(screened.unproved_signers);
        for (kind, count) in &screened.undecoded_counts {
            self.undecoded_logs.get_or_create(&KindLabels { kind: kind.word() }).inc_by(*count);
        }
    }

    /// Counts what a write changed, at a time in unix seconds.
    pub fn changed(&self, changes: &Changes, now: i64) {
        self.alerts_retracted.inc_by(changes.retracted);
        self.alerts_reevaluated.inc_by(changes.reevaluated);
        for alert in &changes.created {
            self.alerts.get_or_create(&AlertLabels::of(alert)).inc();
            if alert.found_by == FoundBy::Live {
                self.alert_delay.observe(since(alert.transfer.block_time, now));
            }
        }
    }

    /// Shows how the list stands.
    pub fn list(&self, ledger: &Ledger, listed_addresses: usize) {
        self.listed_addresses.set(u64::try_from(listed_addresses).unwrap_or(u64::MAX));
        self.acts.set(ledger.acts().into());
        for source in Source::ALL {
            let labels = SourceLabels { source: source.code() };
            // Of what was never attested there is no figure: 0 would be a time.
            let Some(fresh) = ledger.freshness(source.mask()) else {
                self.list_checked.remove(&labels);
                self.list_data.remove(&labels);
                continue;
            };
            self.list_checked.get_or_create(&labels).set(fresh.checked_at);
            self.list_data.get_or_create(&labels).set(fresh.data_as_of);
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
}

/// Seconds from a block's time until now; none if its clock is ahead of ours.
#[allow(clippy::cast_precision_loss, reason = "a delay of 2^53 seconds is no delay")]
fn since(block_time: u64, now: i64) -> f64 {
    now.saturating_sub_unsigned(block_time).max(0) as f64
}
