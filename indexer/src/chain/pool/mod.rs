//! Several providers as one chain: each block is taken whole from one of them. One that fails twice
//! in a row is left for the next; one that wants to be left alone is; one that contradicts the
//! majority on a final block is set aside.
//!
//! Nothing here waits. Whoever drives the pool asks [`Pool::is_ready`] first and comes back later,
//! so that a simulation can turn the time by hand.

mod beside;
mod budget;
mod lend;
mod provider;
mod tracer;
mod witness;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes};

pub use lend::{Lent, LentBack};
pub use provider::{ProviderState, Source, Word};
pub use tracer::{Heard, TRACES_COMPARED_MAX, Tracer};

use self::provider::{Followed, Provider, Standing};
use self::witness::Doubted;
use super::accept::Wanted;
use super::follow::{FollowError, Trail};
use super::profile::Profile;
use super::rpc::{Rpc, RpcError};
use super::{Block, Header, Update};
use crate::clock::Clock;

/// How often in a row a provider may fail before the next is asked.
pub const ATTEMPTS_PER_PROVIDER: u32 = 2;
/// Time between two looks at whether another provider is further ahead.
const HEADS_COMPARED_EVERY: Duration = Duration::from_secs(15);
/// How much older a provider's newest block may be than another's, in seconds of chain time.
pub const HEAD_LAG_MAX_SECONDS: u64 = 30;

/// What a request is for. Each follows its own provider, because one that prunes may be good for
/// the head and no good for the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The chain's head.
    Head,
    /// A walk back.
    Back,
}

/// Which provider a lane is at.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    current: usize,
    failed: u32,
}

/// The providers of one chain.
#[derive(Debug)]
pub struct Pool {
    providers: Vec<Provider>,
    profile: Profile,
    genesis: B256,
    clock: Arc<dyn Clock>,
    head: Course,
    back: Course,
    disputed: Option<u64>,
    doubted: Doubted,
    heads_compared: Duration,
}

impl Pool {
    /// A pool of at least one provider; nothing is sent yet. `genesis` is the hash of block 0.
    pub fn new(
        sources: Vec<Source>,
        profile: Profile,
        genesis: B256,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut names = BTreeSet::new();
        let providers = sources.into_iter().map(|source| {
            let name = unused(source.rpc.endpoint(), &names);
            names.insert(name.clone());
            Provider::new(source, name, profile)
        });
        Self {
            providers: providers.collect(),
            profile,
            genesis,
            clock,
            head: Course::default(),
            back: Course::default(),
            disputed: None,
            doubted: Doubted::default(),
            heads_compared: Duration::ZERO,
        }
    }

    /// How many providers there are.
    pub const fn len(&self) -> usize {
        self.providers.len()
    }

    /// Whether there is no provider at all.
    pub const fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// The newest block that the provider of the head spoke of, if its header verified.
    pub fn newest(&self) -> Option<Header> {
        self.providers.get(self.head.current)?.follower.head()
    }

    /// The provider through which the head is followed, to be asked directly. What is asked of it
    /// counts towards its budget all the same.
    pub fn rpc(&self) -> Option<&Rpc> {
        Some(self.providers.get(self.head.current)?.follower.rpc())
    }

    /// How each provider stands.
    pub fn states(&self) -> Vec<ProviderState> {
        let (elapsed, now) = (self.clock.elapsed(), self.clock.now());
        let state = |(at, provider): (usize, &Provider)| {
            let is_current = at == self.head.current;
            let followed = if is_current { Followed::Here } else { Followed::Elsewhere };
            provider.state(followed, elapsed, now)
        };
        self.providers.iter().enumerate().map(state).collect()
    }

    /// The time by which the pool waits.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Whether a provider may be asked now. Also if there is none to wait for: then asking says
    /// why.
    pub fn is_ready(&mut self) -> bool {
        let now = self.clock.elapsed();
        let due = self.providers.iter_mut().filter_map(|provider| provider.due(now)).min();
        due.is_none_or(|due| due <= now)
    }

    /// Looks at whom each provider serves. The first that serves our chain is followed from now on.
    ///
    /// # Errors
    /// One serves another chain, or none answers.
    pub async fn introduce(&mut self) -> Result<(), FollowError> {
        let (mut fit, mut silent) = (None, None);
        for at in 0..self.providers.len() {
            match self.identify(at).await {
                Ok(()) => fit = fit.or(Some(at)),
                Err(
                    error @ (FollowError::OtherChain { .. } | FollowError::OtherGenesis { .. }),
                ) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "a provider gives no answer at the start");
                    self.providers[at].ill(&error, self.clock.elapsed());
                    silent = silent.or(Some(error));
                }
            }
        }
        match (fit, silent) {
            (Some(at), _) => {
                (self.head.current, self.back.current) = (at, at);
                Ok(())
            }
            (None, Some(error)) => Err(error),
            (None, None) => Err(FollowError::NoProvider(String::new())),
        }
    }

    /// The code at an address, at the newest block.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn code(&mut self, address: Address) -> Result<Bytes, FollowError> {
        let at = self.choose(Lane::Head)?;
        let code = self.providers[at].follower.rpc().code(address).await;
        self.note(Lane::Head, at, code.map_err(FollowError::from))
    }

    /// The header at a height to begin above, verified and asked for twice.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn beginning(&mut self, number: u64) -> Result<Header, FollowError> {
        let at = self.choose(Lane::Head)?;
        let header = self.providers[at].follower.beginning(number).await;
        self.note(Lane::Head, at, header)
    }

    /// The next step of the chain, or `None` if there is none yet.
    ///
    /// # Errors
    /// See [`FollowError`]; asking again is safe.
    pub async fn next(&mut self, trail: &Trail) -> Result<Option<Update>, FollowError> {
        let at = self.choose(Lane::Head)?;
        let step = self.step(at, trail).await;
        let step = self.note(Lane::Head, at, step)?;
        if step.is_none() {
            self.compare_heads(at).await;
            self.ask_again(at, trail).await;
        }
        Ok(step)
    }

    /// The header that is final beyond what is known to be, and on which the providers agree;
    /// `None` if there is none.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn finalized(&mut self, known: u64) -> Result<Option<Header>, FollowError> {
        let at = self.choose(Lane::Head)?;
        let finalized = self.finality(at, known).await;
        self.note(Lane::Head, at, finalized)
    }

    /// A whole block of the past by its hash, verified.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn block(&mut self, wanted: Wanted, hash: B256) -> Result<Block, FollowError> {
        let at = self.choose(Lane::Back)?;
        let block = self.past(at, wanted, hash).await;
        self.note(Lane::Back, at, block)
    }

    async fn past(&mut self, at: usize, wanted: Wanted, hash: B256) -> Result<Block, FollowError> {
        self.identify(at).await?;
        let block = self.providers[at].follower.block(wanted, hash).await?;
        self.confirm(at, &block).await?;
        Ok(block)
    }

    async fn step(&mut self, at: usize, trail: &Trail) -> Result<Option<Update>, FollowError> {
        self.identify(at).await?;
        if let Some(number) = self.disputed {
            let header = self.providers[at].follower.height(number).await?;
            self.agree_on(at, header).await?;
        }
        let update = self.providers[at].follower.next(trail).await?;
        if let Some(update) = &update {
            self.witness(at, update).await?;
        }
        Ok(update)
    }

    async fn finality(&mut self, at: usize, known: u64) -> Result<Option<Header>, FollowError> {
        self.identify(at).await?;
        let Some(header) = self.providers[at].follower.finalized().await? else { return Ok(None) };
        if header.number <= known {
            return Ok(None);
        }
        self.agree_on(at, header).await?;
        self.look_again(header.number).await?;
        Ok(Some(header))
    }

    /// Sees that a provider serves our chain, if that is not known.
    async fn identify(&mut self, at: usize) -> Result<(), FollowError> {
        let (expected, genesis) = (self.profile.chain_id, self.genesis);
        let provider = &mut self.providers[at];
        if provider.standing == Standing::Fit {
            return Ok(());
        }
        let follower = &provider.follower;
        let endpoint = || follower.rpc().endpoint().to_owned();
        let found = follower.rpc().chain_id().await?;
        if found != expected {
            return Err(FollowError::OtherChain { endpoint: endpoint(), found, expected });
        }
        let found = follower.first().await?;
        if found != genesis {
            return Err(FollowError::OtherGenesis {
                endpoint: endpoint(),
                found,
                expected: genesis,
            });
        }
        if !provider.is_set_aside() {
            provider.standing = Standing::Fit;
        }
        Ok(())
    }

    /// The provider that a lane asks now: the one that it is at, or the next that may be asked.
    fn choose(&mut self, lane: Lane) -> Result<usize, FollowError> {
        let (now, count) = (self.clock.elapsed(), self.providers.len());
        let course = self.course(lane);
        let current = course.current;
        let first = current + usize::from(course.failed >= ATTEMPTS_PER_PROVIDER);
        let mut places = (0..count).map(|step| (first + step) % count);
        let Some(at) = places.find(|at| self.providers[*at].is_usable(now)) else {
            return Err(FollowError::NoProvider(self.troubles()));
        };
        if at != current {
            let course = self.course(lane);
            (course.current, course.failed) = (at, 0);
            let provider = &mut self.providers[at];
            tracing::warn!(?lane, provider = provider.name, "another provider is asked");
            provider.standing = Standing::Unchecked;
            if lane == Lane::Head {
                provider.follower.forget();
            }
        }
        Ok(at)
    }

    /// Takes note of how a provider answered.
    fn note<T>(
        &mut self,
        lane: Lane,
        at: usize,
        result: Result<T, FollowError>,
    ) -> Result<T, FollowError> {
        let now = self.clock.elapsed();
        let error = match result {
            Ok(value) => {
                self.providers[at].well();
                if lane == Lane::Head {
                    self.providers[at].agrees();
                }
                self.course(lane).failed = 0;
                return Ok(value);
            }
            Err(error) => self.contradicted(at, error),
        };
        if is_of_one(&error) {
            self.providers[at].ill(&error, now);
        }
        let course = self.course(lane);
        course.failed += if is_hopeless(&error) { ATTEMPTS_PER_PROVIDER } else { 1 };
        Err(error)
    }

    /// One of several providers that contradicts what was final is the wrong one, since all of them
    /// agreed on it: it is set aside. When nobody is left, the chain itself contradicts it.
    fn contradicted(&mut self, at: usize, error: FollowError) -> FollowError {
        let FollowError::FinalityViolated { reason } = error else { return error };
        let provider = &mut self.providers[at];
        let endpoint = provider.name.clone();
        if !provider.contradicts(&reason) {
            return FollowError::Contradicts { endpoint, reason };
        }
        provider.set_aside(format!("{endpoint} contradicts what was final: {reason}"));
        if self.providers.iter().all(Provider::is_set_aside) {
            return FollowError::FinalityViolated { reason };
        }
        FollowError::Contradicts { endpoint, reason }
    }

    const fn course(&mut self, lane: Lane) -> &mut Course {
        match lane {
            Lane::Head => &mut self.head,
            Lane::Back => &mut self.back,
        }
    }

    /// What each provider last did wrong, in one line.
    pub fn troubles(&self) -> String {
        let mut line = String::new();
        for provider in &self.providers {
            let reason = match &provider.standing {
                Standing::Foreign(reason) | Standing::SetAside(reason) => Some(reason),
                Standing::Unchecked | Standing::Fit => provider.last_error.as_ref(),
            };
            if let Some(reason) = reason {
                // Writing to a string does not fail.
                let _ = write!(line, "; {reason}");
            }
        }
        line
    }
}

/// A name that no other provider has.
fn unused(endpoint: &str, names: &BTreeSet<String>) -> String {
    let numbered = |n: usize| if n == 1 { endpoint.to_owned() } else { format!("{endpoint}#{n}") };
    (1..=names.len() + 1).map(numbered).find(|name| !names.contains(name)).unwrap_or_default()
}

/// Whether asking the same provider again is of no use.
const fn is_hopeless(error: &FollowError) -> bool {
    matches!(
        error,
        FollowError::Rpc(RpcError::Busy { .. } | RpcError::Pruned { .. })
            | FollowError::OtherChain { .. }
            | FollowError::OtherGenesis { .. }
            | FollowError::Contradicts { .. }
    )
}

/// Whether an error is the fault of the one that was asked.
const fn is_of_one(error: &FollowError) -> bool {
    !matches!(
        error,
        FollowError::Disputed { .. }
            | FollowError::Unconfirmed { .. }
            | FollowError::NoSecond { .. }
            | FollowError::NoProvider(_)
    )
}
