//! Starting: nothing runs before chain, list and database are known to belong together.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use alloy_primitives::{Address, B256, keccak256};
use interdict_core::ledger::{Ledger, LedgerError, Standing};
use interdict_core::subject::Subjects;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::asker::Asker;
use super::catching::Catching;
use super::patience::Patience;
use super::proposing::Proposing;
use super::{Courier, Indexer, Status};
use crate::abroad::{self, Abroad, Teller};
use crate::api;
use crate::chain::follow::{FollowError, Trail};
use crate::chain::pool::{Pool, Source};
use crate::chain::profile::{Profile, UnknownChain};
use crate::chain::rpc::{Rpc, RpcError};
use crate::chain::transport::TransportError;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config};
use crate::deliver::{Post, Target, TargetError, VaultError, Ways};
use crate::lookback::Gait;
use crate::manifests::{Folder, ManifestsError};
use crate::metrics::Metrics;
use crate::store::{Configured, Home, Store, StoreError};

/// Why the indexer does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The chain has no profile.
    #[error(transparent)]
    UnknownChain(#[from] UnknownChain),
    /// The provider gave no answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The list's indexer cannot be asked.
    #[error("the HTTP client for the list's indexer cannot be built: {0}")]
    Client(TransportError),
    /// The provider of logins cannot be asked.
    #[error("the HTTP client for the provider of logins cannot be built: {0}")]
    Login(reqwest::Error),
    /// No provider can be followed, or one serves another chain.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The chain needs two providers.
    #[error(
        "the headers of {chain} do not prove everything ({not_provable}), so that two providers \
         must agree on each block: configure a second one as [[provider]]"
    )]
    OneProvider {
        /// The chain's name.
        chain: &'static str,
        /// What is not proved.
        not_provable: &'static str,
    },
    /// There is no code where the list should be.
    #[error(
        "there is no code at {blocklist}, where the deployment file says the list is: name the right file in `deployment`"
    )]
    NoCode {
        /// The list's address.
        blocklist: Address,
    },
    /// There is other code than was deployed.
    #[error(
        "the code at {blocklist} has hash {found}, the deployment file says {expected}: this is not the list that was deployed"
    )]
    OtherCode {
        /// The list's address.
        blocklist: Address,
        /// What is there.
        found: B256,
        /// What was deployed.
        expected: B256,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored acts do not replay.
    #[error("the database's acts of the list do not add up: {0}; start on a new database")]
    Ledger(#[from] LedgerError),
    /// The database has no cursor though one was just set.
    #[error("the database has a cursor and no blocks: restore a backup or start on a new one")]
    NoTrail,
    /// The manifests cannot be read.
    #[error(transparent)]
    Manifests(#[from] ManifestsError),
    /// The receiver cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The key file of endpoints' secrets cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Nobody could come in, where others reach it.
    #[error(
        "bind is {bind}, which others can reach, and nobody has credentials: make a token with \
         `interdict-indexer tokens create`, configure [oidc], or use 127.0.0.1"
    )]
    NoCredentials {
        /// Where.
        bind: SocketAddr,
    },
    /// The port cannot be had.
    #[error("cannot listen on {address}: {reason}; choose another with --bind")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        reason: std::io::Error,
    },
}

/// A running indexer.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    store: Store,
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    tasks: JoinSet<&'static str>,
}

impl Handle {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its database.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// How it stands; changes with every step.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Waits until a part ends by itself, which it never should; says which.
    pub async fn ended(&mut self) -> String {
        match self.tasks.join_next().await {
            Some(Ok(name)) => format!("the {name} ended"),
            Some(Err(error)) => format!("a part failed: {error}"),
            None => "nothing runs".to_owned(),
        }
    }

    /// Stops everything and waits until it has stopped.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.store.close().await;
    }
}

/// What an indexer is connected to.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The providers, at least one.
    pub providers: Vec<Source>,
    /// Who tells of the list, if it is on another chain.
    pub teller: Option<Arc<dyn Teller>>,
    /// The receiver, if one is configured.
    pub receiver: Option<Arc<Target>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Wiring {
    /// Over HTTP, as configured, with the machine's clocks.
    ///
    /// # Errors
    /// An address or the secret cannot be used.
    pub fn real(config: &Config) -> Result<Self, StartError> {
        let source = |provider: &config::Provider| {
            let rpc = Arc::new(Rpc::new(&provider.url)?);
            let requests_per_second = provider.requests_per_second;
            Ok::<_, RpcError>(Source { rpc, requests_per_second, traces: provider.traces })
        };
        let teller = |abroad: &config::Abroad| {
            let indexer = abroad::Indexer::at(abroad.indexer.clone(), abroad.token.clone());
            indexer.map(|indexer| Arc::new(indexer) as Arc<dyn Teller>).map_err(StartError::Client)
        };
        Ok(Self {
            providers: config.providers.iter().map(source).collect::<Result<_, _>>()?,
            teller: config.abroad.as_ref().map(teller).transpose()?,
            receiver: config.webhook.as_ref().map(Target::new).transpose()?.map(Arc::new),
            clock: Arc::new(SystemClock::default()),
        })
    }
}

/// The parts of an indexer, made and not yet running.
#[derive(Debug)]
pub struct Works {
    /// Follows and screens.
    pub indexer: Indexer,
    /// Delivers to whoever is to hear it.
    pub courier: Courier,
    /// Its database.
    pub store: Store,
    /// How it stands; changes with every step.
    pub status: watch::Receiver<Status>,
    /// Its figures.
    pub metrics: Arc<Metrics>,
}

/// Makes the parts: checks that chain, list and database belong together.
///
/// # Errors
/// See [`StartError`]; nothing is left open then.
pub async fn assemble(config: Config, wiring: Wiring) -> Result<Works, StartError> {
    let profile = Profile::of(config.chain_id)?;
    let Wiring { providers, teller, receiver, clock } = wiring;
    if !profile.is_proved() && providers.len() < 2 {
        let Profile { name: chain, not_provable, .. } = profile;
        return Err(StartError::OneProvider { chain, not_provable });
    }
    let count = providers.len();
    let genesis = config.genesis_hash();
    let ways = Arc::new(Ways::new(receiver, &config.webhooks)?);
    let manifests = Folder::open(config.manifests.clone())?;
    let abroad = teller.map(|teller| Abroad::new(teller, &config.deployment));
    let mut pool = Pool::new(providers, profile, genesis, Arc::clone(&clock));
    let home = identify(&config, &mut pool).await?;
    let store = Store::open(&config.database, home).await?;
    let configured = ways.configured();
    let resumed = resume(&config, &store, &mut pool, (configured, clock.now())).await;
    if resumed.is_err() {
        store.close().await;
    }
    let (trail, ledger) = resumed?;
    let finalized = trail.finalized();
    tell_unknown(&config, &manifests, &ledger);

    let metrics = Arc::new(Metrics::default());
    let news = Arc::new(Notify::new());
    let cursor = trail.cursor().number;
    let chain_id = config.chain_id;
    let (heard, providers) = (clock.elapsed(), pool.states());
    let (shown, status) = watch::channel(Status {
        chain_id,
        cursor,
        finalized,
        providers,
        heard,
        ..Status::default()
    });
    let courier = Courier {
        post: Post {
            store: store.clone(),
            assets: config.assets.clone(),
            metrics: Arc::clone(&metrics),
            clock: Arc::clone(&clock),
        },
        ways,
        news: Arc::clone(&news),
        rests: Mutex::default(),
    };
    let indexer = Indexer {
        config,
        store: store.clone(),
        pool,
        trail,
        ledger,
        // Read with the first turn.
        subjects: (Subjects::default(), 0),
        manifests,
        rejudging: None,
        metrics: Arc::clone(&metrics),
        status: shown,
        news,
        clock,
        head: Patience::with(count, heard),
        back: Patience::with(count, heard),
        over: false,
        catching: Catching::new(seed()),
        gait: Gait::new(seed()),
        abroad,
    };
    Ok(Works { indexer, courier, store, status, metrics })
}

/// A number that nobody else knows.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Where the database stands, or begins.
async fn resume(
    config: &Config,
    store: &Store,
    pool: &mut Pool,
    (configured, now): (Option<Configured>, i64),
) -> Result<(Trail, Ledger), StartError> {
    // Block 0 carries nothing.
    let above = config.first_block().max(1) - 1;
    store.begin_above(pool.beginning(above).await?).await?;
    let (finalized, headers) = store.trail().await?;
    let trail = Trail::new(headers, finalized).ok_or(StartError::NoTrail)?;
    let ledger = Ledger::replay(&store.acts().await?)?;
    store.begin_standings(&standings(&ledger, trail.cursor().time)).await?;
    store.keep_policy(&config.policy, now).await?;
    store.configure(configured.as_ref(), now).await?;
    Ok((trail, ledger))
}

/// Says how many listings a rule cannot tell of that asks for their program.
fn tell_unknown(config: &Config, manifests: &Folder, ledger: &Ledger) {
    let episodes = ledger.addresses().flat_map(|(_, known)| &known.episodes);
    let named = episodes.flat_map(|episode| &episode.uids);
    let unknown = named.filter(|named| !manifests.manifests.has(named.manifest)).count();
    if unknown > 0 && config.policy.asks_for_programs() {
        tracing::warn!(
            listings = unknown,
            "a rule asks for programs, which are not known of so many listings: put the acts' \
             manifests into the folder `manifests`"
        );
    }
}

/// How every address stands that was ever listed.
fn standings(ledger: &Ledger, time: u64) -> BTreeMap<Address, Standing> {
    ledger.addresses().filter_map(|(a, known)| Some((*a, known.standing(time)?))).collect()
}

/// Starts an indexer: checks that chain, list and database belong together, then follows,
/// delivers and serves until stopped.
///
/// # Errors
/// See [`StartError`]; nothing runs then.
pub fn start(config: Config) -> impl Future<Output = Result<Handle, StartError>> {
    // Everything that it is made of is in it: on the heap it burdens no caller.
    Box::pin(begin(config))
}

async fn begin(config: Config) -> Result<Handle, StartError> {
    crate::install_crypto();
    let wiring = Wiring::real(&config)?;
    let (bind, assets) = (config.bind, Arc::new(config.assets.clone()));
    let policy = Arc::clone(&config.policy);
    let (lets_in, login) = (config.api.clone(), config.oidc.clone());
    let (clock, asking) = (Arc::clone(&wiring.clock), Arc::clone(&wiring.clock));
    let providers: Vec<_> = wiring.providers.iter().map(|source| Arc::clone(&source.rpc)).collect();
    let home = home(&config);
    let desk = api::DeskRules::new(Arc::clone(&config.policy), config.calendar.clone());
    let desk = Arc::new(desk);
    // The council is where the list is.
    let book = config.abroad.is_none().then(|| config.deployment.clone());
    let access = api::Access::new(lets_in, login.clone(), Arc::clone(&clock));
    let access = Arc::new(access.map_err(StartError::Login)?);
    let Works { indexer, courier, store, status, metrics } = assemble(config, wiring).await?;
    if !bind.ip().is_loopback() && login.is_none() && !store.has_credentials(clock.now()).await? {
        store.close().await;
        return Err(StartError::NoCredentials { bind });
    }
    let listener = listen(bind).await?;
    let address =
        listener.local_addr().map_err(|reason| StartError::Listen { address: bind, reason })?;
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let (of, shown) = (store.clone(), status.clone());
    let kept = Arc::new(api::Kept::new(policy, stop.clone()));
    let (proposing, proposed) =
        Proposing::new(providers.clone(), Arc::clone(&clock), book, status.clone());
    tasks.spawn(proposing.run(stop.clone()));
    let ways = courier.ways();
    let pages = api::Pages {
        store: of,
        home,
        status: shown,
        metrics,
        assets,
        clock,
        proposed,
        access,
        kept,
        desk,
        ways,
    };
    tasks.spawn(api::serve(listener, pages));
    tasks.spawn(courier.run(stop.clone()));
    let asker = Asker { store: store.clone(), providers, clock: asking, status: status.clone() };
    tasks.spawn(asker.run(stop.clone()));
    let stopped = stop.clone();
    tasks.spawn(async move {
        Box::pin(indexer.run(stopped)).await;
        "indexing loop"
    });
    Ok(Handle { address, store, status, stop, tasks })
}

/// Sees that the providers serve the chain and the list of the deployment file.
async fn identify(config: &Config, pool: &mut Pool) -> Result<Home, StartError> {
    let deployment = &config.deployment;
    pool.introduce().await?;
    let blocklist = deployment.blocklist.address;
    let home = home(config);
    if config.abroad.is_some() {
        // Its code is on another chain, and whoever follows it there has looked at it.
        return Ok(home);
    }
    let code = pool.code(blocklist).await?;
    if code.is_empty() {
        return Err(StartError::NoCode { blocklist });
    }
    let (found, expected) = (keccak256(&code), deployment.blocklist.code_hash);
    if found != expected {
        return Err(StartError::OtherCode { blocklist, found, expected });
    }
    Ok(home)
}

/// Which chain and list a database of this configuration belongs to.
fn home(config: &Config) -> Home {
    let (chain_id, genesis_hash) = (config.chain_id, config.genesis_hash());
    Home { chain_id, genesis_hash, blocklist: config.deployment.blocklist.address }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|reason| StartError::Listen { address, reason })
}
