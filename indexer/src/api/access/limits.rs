//! How often somebody may ask, how much at once, and how often wrongly. What is counted is kept in
//! memory, within bounds.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use futures_util::StreamExt;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::api::ApiError;
use crate::clock::Clock;

/// Requests beyond the rate that may come in one burst, in seconds of the rate.
const BURST_SECONDS: NonZeroU32 = match NonZeroU32::new(4) {
    Some(seconds) => seconds,
    None => NonZeroU32::MIN,
};
/// Requests of one asker that may be under way.
const UNDER_WAY_MAX: u32 = 64;
/// Requests of all that may be under way.
const UNDER_WAY_MAX_OF_ALL: u32 = 512;
/// Wrong credentials from one address within [`GUESS_WINDOW`], after which none are looked at.
const GUESSES_MAX: u32 = 10;
/// How long wrong credentials are remembered.
const GUESS_WINDOW: Duration = Duration::from_mins(1);
/// Most askers that are told apart; the rest count as one.
const ASKERS_MAX: usize = 10_000;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asker {
    /// Who showed credentials.
    Person(String),
    /// Who did not.
    Address(IpAddr),
    /// Whoever comes when too many are told apart already.
    Other,
}

#[derive(Clone, Debug)]
struct Time(Arc<dyn Clock>);

impl governor::clock::Clock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Rate = RateLimiter<Asker, DashMapStateStore<Asker>, Time, NoOpMiddleware<Duration>>;

/// What is counted.
#[derive(Debug)]
pub(super) struct Limits {
    time: Time,
    rate: Rate,
    under_way: Arc<Mutex<UnderWay>>,
    guesses: Mutex<HashMap<IpAddr, Guesses>>,
}

#[derive(Debug, Default)]
struct UnderWay {
    all: u32,
    by: HashMap<Asker, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Guesses {
    since: Duration,
    count: u32,
}

/// A panic elsewhere leaves counts that are still counts.
fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Limits {
    pub(super) fn new(requests_per_second: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let burst = requests_per_second.saturating_mul(BURST_SECONDS);
        let quota = Quota::per_second(requests_per_second).allow_burst(burst);
        let time = Time(clock);
        let rate = RateLimiter::new(quota, DashMapStateStore::default(), time.clone());
        Self { time, rate, under_way: Arc::default(), guesses: Mutex::default() }
    }

    /// Counts a request, unless it is one too many.
    pub(super) fn begin(&self, asker: Asker) -> Result<Begun, ApiError> {
        if self.rate.len() >= ASKERS_MAX {
            self.rate.retain_recent();
        }
        let asker = if self.rate.len() < ASKERS_MAX { asker } else { Asker::Other };
        self.rate.check_key(&asker).map_err(|until| {
            let wait = until.wait_time_from(self.time.now());
            ApiError::TooOften { after: wait.as_secs() + 1 }
        })?;
        let mut under_way = open(&self.under_way);
        let by = under_way.by.get(&asker).copied().unwrap_or_default();
        if by >= UNDER_WAY_MAX || under_way.all >= UNDER_WAY_MAX_OF_ALL {
            return Err(ApiError::TooMany);
        }
        under_way.all += 1;
        under_way.by.insert(asker.clone(), by + 1);
        Ok(Begun { asker, under_way: Arc::clone(&self.under_way) })
    }

    /// Whether credentials from an address are looked at.
    pub(super) fn may_guess(&self, from: IpAddr) -> Result<(), ApiError> {
        let now = self.time.now();
        match open(&self.guesses).get(&from) {
            Some(Guesses { since, count }) if *count >= GUESSES_MAX => {
                match GUESS_WINDOW.saturating_sub(now.saturating_sub(*since)) {
                    Duration::ZERO => Ok(()),
                    left => Err(ApiError::Guessing { after: left.as_secs() + 1 }),
                }
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Wrong credentials came from an address.
    pub(super) fn guessed(&self, from: IpAddr) {
        let now = self.time.now();
        let is_recent = |guesses: &Guesses| now.saturating_sub(guesses.since) < GUESS_WINDOW;
        let mut guesses = open(&self.guesses);
        if guesses.len() >= ASKERS_MAX {
            guesses.retain(|_, known| is_recent(known));
        }
        // Where more guess than can be told apart, those who are known already stay so.
        if guesses.len() >= ASKERS_MAX && !guesses.contains_key(&from) {
            return;
        }
        let known = guesses.entry(from).or_insert(Guesses { since: now, count: 0 });
        if !is_recent(known) {
            *known = Guesses { since: now, count: 0 };
        }
        known.count += 1;
    }
}

/// A request that is under way; it is over when this is dropped.
#[derive(Debug)]
pub(super) struct Begun {
    asker: Asker,
    under_way: Arc<Mutex<UnderWay>>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut under_way = open(&self.under_way);
        under_way.all -= 1;
        if let Some(by) = under_way.by.get_mut(&self.asker) {
            *by -= 1;
            if *by == 0 {
                under_way.by.remove(&self.asker);
            }
        }
    }
}

impl Begun {
    /// The request is over when its answer is: what streams is not over with its first byte.
    pub(super) fn during(self, answer: Response) -> Response {
        until_over(answer, self)
    }
}

/// Keeps something until an answer is over.
pub(super) fn until_over(answer: Response, kept: impl Send + 'static) -> Response {
    answer.map(|body| {
        if body.size_hint().exact().is_some() {
            return body;
        }
        let keeping = move |chunk| {
            let _ = &kept;
            chunk
        };
        Body::from_stream(body.into_data_stream().map(keeping))
    })
}
