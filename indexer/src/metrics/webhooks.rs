//! What is told to whom. An endpoint is known here by its id: its address may be a secret. There
//! are as many as there may be endpoints, and who is none any more is forgotten.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::Number;
use super::labels::{AttemptLabels, EndpointLabels, StateLabels, word};
use crate::store::{Endpoint, EndpointState, LineCounts};

/// Bounds of what an attempt to deliver may take, in seconds.
const ATTEMPT_SECONDS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
/// How an endpoint may stand that is one.
const STATES: [EndpointState; 3] =
    [EndpointState::Active, EndpointState::Paused, EndpointState::Gone];

/// What became of an attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The endpoint has it.
    Delivered,
    /// It is tried again.
    Failed,
    /// It is given up.
    Dead,
    /// The endpoint said that it is gone.
    Gone,
}

impl Attempt {
    const ALL: [Self; 4] = [Self::Delivered, Self::Failed, Self::Dead, Self::Gone];

    const fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Gone => "gone",
        }
    }
}

/// The figures of those who are told.
#[derive(Debug)]
pub struct Webhooks {
    attempts: Family<AttemptLabels, Counter>,
    took: Histogram,
    pending: Family<EndpointLabels, Number>,
    dead: Family<EndpointLabels, Number>,
    oldest_pending: Family<EndpointLabels, Number>,
    state: Family<StateLabels, Number>,
    known: Mutex<BTreeSet<String>>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            attempts: Family::default(),
            took: Histogram::new(ATTEMPT_SECONDS),
            pending: Family::default(),
            dead: Family::default(),
            oldest_pending: Family::default(),
            state: Family::default(),
            known: Mutex::default(),
        }
    }
}

impl Webhooks {
    pub(super) fn register(&self, r: &mut Registry) {
        r.register("deliveries", "Attempts to deliver", self.attempts.clone());
        let help = "What an attempt to deliver takes";
        r.register_with_unit("delivery", help, Unit::Seconds, self.took.clone());
        let help = "News that an endpoint is still to get";
        r.register("webhook_pending", help, self.pending.clone());
        let help = "When the oldest news happened that an endpoint is still to get; of whom \
                    nothing waits there is no figure";
        let figure = self.oldest_pending.clone();
        r.register_with_unit("webhook_oldest_pending_timestamp", help, Unit::Seconds, figure);
        let help = "News that was given up and that nobody had tried again";
        r.register("webhook_dead", help, self.dead.clone());
        let help = "1 of the state that an endpoint is in, else 0";
        r.register("webhook_state", help, self.state.clone());
    }

    /// An attempt to deliver took so long.
    pub fn took(&self, took: Duration) {
        self.took.observe(took.as_secs_f64());
    }

    /// What became of an attempt to deliver.
    pub fn attempted(&self, endpoint: &str, attempt: Attempt) {
        self.known().insert(endpoint.to_owned());
        self.attempts.get_or_create(&AttemptLabels::of(endpoint, attempt.word())).inc();
    }

    /// These are all endpoints there are: each counts from 0, and others are forgotten.
    pub fn endpoints<'e>(&self, endpoints: impl Iterator<Item = &'e Endpoint>) {
        let now: BTreeSet<_> = endpoints.map(|one| one.id.clone()).collect();
        let mut known = self.known();
        for gone in known.difference(&now) {
            self.forget(gone);
        }
        for new in now.difference(&known) {
            for attempt in Attempt::ALL {
                drop(self.attempts.get_or_create(&AttemptLabels::of(new, attempt.word())));
            }
        }
        *known = now;
    }

    /// Shows how their lines stand.
    pub(super) fn show(&self, lines: &[(Endpoint, LineCounts)]) {
        for (endpoint, line) in lines {
            let labels = EndpointLabels::of(&endpoint.id);
            self.pending.get_or_create(&labels).set(line.pending);
            self.dead.get_or_create(&labels).set(line.dead);
            match line.oldest_at.and_then(|at| u64::try_from(at).ok()) {
                Some(at) => drop(self.oldest_pending.get_or_create(&labels).set(at)),
                // 0 would be a time.
                None => drop(self.oldest_pending.remove(&labels)),
            }
            for state in STATES {
                let labels = StateLabels::of(&endpoint.id, word(&state));
                self.state.get_or_create(&labels).set((endpoint.state == state).into());
            }
        }
    }

    fn forget(&self, endpoint: &str) {
        for attempt in Attempt::ALL {
            self.attempts.remove(&AttemptLabels::of(endpoint, attempt.word()));
        }
        let labels = EndpointLabels::of(endpoint);
        for figure in [&self.pending, &self.dead, &self.oldest_pending] {
            figure.remove(&labels);
        }
        for state in STATES {
            self.state.remove(&StateLabels::of(endpoint, word(&state)));
        }
    }

    /// A set is whole after every statement, whoever panicked meanwhile.
    fn known(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
