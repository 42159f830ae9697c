//! One provider of a pool: whether it may be asked now, and how it stands.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::Tracer;
use super::budget::Budget;
use crate::chain::follow::{FollowError, Follower};
use crate::chain::profile::Profile;
use crate::chain::rpc::{Rpc, RpcError};
use crate::chain::transport::Transport;

/// First rest of a provider that wants to be left alone and does not say how long; it doubles.
const REST_FIRST: Duration = Duration::from_secs(1);
/// Longest rest, whatever the provider says.
const REST_MAX: Duration = Duration::from_hours(1);
/// Longest rest of our own choosing.
const REST_CHOSEN_MAX: Duration = Duration::from_mins(1);
/// How long a provider of another chain is not asked again.
const FOREIGN_REST: Duration = Duration::from_mins(1);

/// How often in a row a provider must contradict what was final, and always in the same way, before
/// it is believed to: a single answer may be a slip.
const CONTRADICTS_AFTER_ANSWERS: u32 = 3;

/// A provider that is to be put into a pool.
#[derive(Clone, Debug)]
pub struct Source {
    /// The provider.
    pub rpc: Arc<Rpc>,
    /// How often it may be asked; `None` sets no bound.
    pub requests_per_second: Option<NonZeroU32>,
    /// How it traces; `None` if it is not asked.
    pub traces: Option<Tracer>,
}

impl Source {
    /// A provider behind a transport, with the name to show for it and no bound, that does not
    /// trace.
    pub fn over(transport: Arc<dyn Transport>, name: String) -> Self {
        Self { rpc: Arc::new(Rpc::over(transport, name)), requests_per_second: None, traces: None }
    }
}

/// How a provider stands, for the health page and the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProviderState {
    /// Scheme and host; a number behind it where two are alike.
    pub provider: String,
    /// In one word.
    pub state: Word,
    /// Why it is not asked, if it is not.
    pub reason: Option<String>,
    /// What it last did wrong, if its last answer was wrong.
    pub last_error: Option<String>,
    /// How often it was asked.
    pub requests: u64,
    /// How often it failed.
    pub failures: u64,
    /// Until when it wants to be left alone, unix seconds.
    pub rate_limited_until: Option<i64>,
}

/// How a provider stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderWord)]
pub enum Word {
    /// The head is followed through it.
    Following,
    /// It would be asked next.
    Waiting,
    /// It wants to be left alone.
    RateLimited,
    /// It serves another chain.
    OtherChain,
    /// It contradicts the others on a final block.
    SetAside,
}

/// What is known of whom a provider serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its chain must be looked at before it is believed.
    Unchecked,
    /// It serves our chain.
    Fit,
    /// It serves another.
    Foreign(String),
    /// It contradicts the others on a final block.
    SetAside(String),
}

/// One provider of a pool.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) follower: Follower,
    pub(super) standing: Standing,
    pub(super) last_error: Option<String>,
    pub(super) traces: Option<Tracer>,
    budget: Budget,
    failures: u64,
    rests_until: Duration,
    rests: u32,
    contradiction: (String, u32),
}

impl Provider {
    pub(super) fn new(source: Source, name: String, profile: Profile) -> Self {
        Self {
            name,
            follower: Follower::new(source.rpc, profile),
            standing: Standing::Unchecked,
            last_error: None,
            traces: source.traces,
            budget: Budget::new(source.requests_per_second),
            failures: 0,
            rests_until: Duration::ZERO,
            rests: 0,
            contradiction: (String::new(), 0),
        }
    }

    /// When it may be asked; `None` if it is set aside.
    pub(super) fn due(&mut self, now: Duration) -> Option<Duration> {
        self.budget.book(self.follower.rpc().requests(), now);
        (!self.is_set_aside()).then(|| self.rests_until.max(self.budget.due()))
    }

    /// How many requests its budget allows at once.
    pub(super) fn allowance(&self) -> u64 {
        self.budget.at_once()
    }

    /// Whether it contradicts the others.
    pub(super) const fn is_set_aside(&self) -> bool {
        matches!(self.standing, Standing::SetAside(_))
    }

    /// Takes note that it contradicts what was final; whether it means it.
    pub(super) fn contradicts(&mut self, reason: &str) -> bool {
        let (last, times) = &mut self.contradiction;
        *times = if last == reason { *times + 1 } else { 1 };
        reason.clone_into(last);
        *times >= CONTRADICTS_AFTER_ANSWERS
    }

    /// Whether it contradicted what was final when it was last asked, and may not mean it.
    pub(super) const fn is_doubtful(&self) -> bool {
        self.contradiction.1 > 0 && !self.is_set_aside()
    }

    /// Sets it aside until it agrees again.
    pub(super) fn set_aside(&mut self, reason: String) {
        tracing::error!(reason, "a provider is set aside");
        self.standing = Standing::SetAside(reason);
    }

    pub(super) fn is_usable(&mut self, now: Duration) -> bool {
        self.due(now).is_some_and(|due| due <= now)
    }

    /// Whether it wants to be left alone.
    pub(super) fn is_resting(&self, now: Duration) -> bool {
        now < self.rests_until
    }

    /// Takes note of a good answer.
    pub(super) fn well(&mut self) {
        self.last_error = None;
        self.rests = 0;
    }

    /// Takes note that what it says of the head fits what was final.
    pub(super) const fn agrees(&mut self) {
        self.contradiction.1 = 0;
    }

    /// Takes note of a failure.
    pub(super) fn ill(&mut self, error: &FollowError, now: Duration) {
        self.failures += 1;
        self.last_error = Some(error.to_string());
        match error {
            FollowError::Rpc(RpcError::Busy { retry_after, .. }) => {
                let doublings = self.rests.min(REST_CHOSEN_MAX.as_secs().ilog2());
                let chosen = (REST_FIRST * (1 << doublings)).min(REST_CHOSEN_MAX);
                self.rests = self.rests.saturating_add(1);
                self.rests_until = now + retry_after.unwrap_or(chosen).min(REST_MAX);
            }
            FollowError::OtherChain { .. } | FollowError::OtherGenesis { .. } => {
                self.standing = Standing::Foreign(error.to_string());
                self.rests_until = now + FOREIGN_REST;
            }
            _ => {}
        }
    }

    /// How it stands; `now` is the time of day that belongs to `elapsed`.
    pub(super) fn state(&self, followed: Followed, elapsed: Duration, now: i64) -> ProviderState {
        let rest = self.rests_until.checked_sub(elapsed).filter(|rest| !rest.is_zero());
        let (state, reason) = match (&self.standing, rest) {
            (Standing::SetAside(reason), _) => (Word::SetAside, Some(reason.clone())),
            (Standing::Foreign(reason), _) => (Word::OtherChain, Some(reason.clone())),
            (_, Some(_)) => (Word::RateLimited, self.last_error.clone()),
            (_, None) if followed == Followed::Here => (Word::Following, None),
            (_, None) => (Word::Waiting, None),
        };
        let until = |rest: Duration| {
            let seconds = i64::try_from(rest.as_secs()).unwrap_or(i64::MAX).saturating_add(1);
            now.saturating_add(seconds)
        };
        ProviderState {
            provider: self.name.clone(),
            state,
            reason,
            last_error: self.last_error.clone(),
            requests: self.follower.rpc().requests(),
            failures: self.failures,
            rate_limited_until: rest.filter(|_| state == Word::RateLimited).map(until),
        }
    }
}

/// Where the head is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// Through this provider.
    Here,
    /// Through another.
    Elsewhere,
}
