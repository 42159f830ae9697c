//! Starting: nothing runs before chain, list and database are known to belong together.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, keccak256};
use interdict_core::ledger::{Ledger, LedgerError};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Status;
use super::index::{Indexer, now};
use crate::api;
use crate::chain::follow::{FollowError, Follower, Trail};
use crate::chain::profile::{Profile, UnknownChain};
use crate::chain::rpc::{Rpc, RpcError};
use crate::config::Config;
use crate::deliver::{self, Target, TargetError};
use crate::metrics::Metrics;
use crate::screen::Assets;
use crate::store::{Home, Store, StoreError};

/// Longest wait between two passes of the deliverer, in seconds.
const DELIVERY_WAIT_MAX_SECONDS: u64 = 60;

/// Why the indexer does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The chain has no profile.
    #[error(transparent)]
    UnknownChain(#[from] UnknownChain),
    /// The provider gave no answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A header does not verify.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The provider serves another chain.
    #[error(
        "{endpoint} serves chain {found}, chain_id is {expected}: set rpc_url to a node of that chain"
    )]
    OtherChain {
        /// Scheme and host.
        endpoint: String,
        /// What it serves.
        found: u64,
        /// What is configured.
        expected: u64,
    },
    /// The provider serves another chain of the same id.
    #[error(
        "{endpoint} serves a chain that begins with {found}, the deployment file's begins with {expected}: the node was reset, or the file is of another chain; deploy again or set rpc_url"
    )]
    OtherGenesis {
        /// Scheme and host.
        endpoint: String,
        /// Its block 0.
        found: B256,
        /// The deployment's block 0.
        expected: B256,
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
    /// The receiver cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
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

/// Starts an indexer: checks that chain, list and database belong together, then follows,
/// delivers and serves until stopped.
///
/// # Errors
/// See [`StartError`]; nothing runs then.
pub async fn start(config: Config) -> Result<Handle, StartError> {
    crate::install_crypto();
    let profile = Profile::of(config.chain_id)?;
    let follower = Follower::new(Rpc::new(&config.rpc_url)?, profile);
    let target = config.webhook.as_ref().map(Target::new).transpose()?;
    let home = identify(&config, &follower).await?;
    let store = Store::open(&config.database, home).await?;
    // The first block to take in is the deployment's, or block 1: block 0 carries nothing.
    let above = config.deployment.block.max(1) - 1;
    store.begin_above(follower.header_at(&format!("{above:#x}")).await?).await?;
    let (finalized, headers) = store.trail().await?;
    let trail = Trail::new(headers, finalized).ok_or(StartError::NoTrail)?;
    let ledger = Ledger::replay(&store.acts().await?)?;
    let listener = listen(config.bind).await?;
    let address = listener
        .local_addr()
        .map_err(|reason| StartError::Listen { address: config.bind, reason })?;

    let metrics = Arc::new(Metrics::default());
    let news = Arc::new(Notify::new());
    let cursor = trail.cursor().number;
    let (status, watched) = watch::channel(Status {
        chain_id: config.chain_id,
        cursor,
        finalized,
        ..Status::default()
    });
    let assets = Arc::new(config.assets.clone());
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let pages = api::Pages {
        store: store.clone(),
        status: watched.clone(),
        metrics: Arc::clone(&metrics),
        assets: Arc::clone(&assets),
    };
    tasks.spawn(api::serve(listener, pages, stop.clone()));
    if let Some(target) = target {
        let courier = Courier {
            store: store.clone(),
            target,
            assets,
            metrics: Arc::clone(&metrics),
            news: Arc::clone(&news),
        };
        tasks.spawn(courier.run(stop.clone()));
    }
    let indexer =
        Indexer { config, store: store.clone(), follower, trail, ledger, metrics, status, news };
    let stopped = stop.clone();
    tasks.spawn(async move {
        indexer.run(stopped).await;
        "indexing loop"
    });
    Ok(Handle { address, store, status: watched, stop, tasks })
}

/// Sees that the provider serves the chain and the list of the deployment file.
async fn identify(config: &Config, follower: &Follower) -> Result<Home, StartError> {
    let deployment = &config.deployment;
    let endpoint = || follower.rpc().endpoint().to_owned();
    let (found, expected) = (follower.rpc().chain_id().await?, config.chain_id);
    if found != expected {
        return Err(StartError::OtherChain { endpoint: endpoint(), found, expected });
    }
    let (found, expected) = (follower.header_at("0x0").await?.hash, deployment.genesis_hash);
    if found != expected {
        return Err(StartError::OtherGenesis { endpoint: endpoint(), found, expected });
    }
    let blocklist = deployment.blocklist.address;
    let code = follower.rpc().code(blocklist).await?;
    if code.is_empty() {
        return Err(StartError::NoCode { blocklist });
    }
    let (found, expected) = (keccak256(&code), deployment.blocklist.code_hash);
    if found != expected {
        return Err(StartError::OtherCode { blocklist, found, expected });
    }
    let (chain_id, genesis_hash) = (config.chain_id, deployment.genesis_hash);
    Ok(Home { chain_id, genesis_hash, blocklist })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|reason| StartError::Listen { address, reason })
}

/// Delivers when there is news and when something falls due.
struct Courier {
    store: Store,
    target: Target,
    assets: Arc<Assets>,
    metrics: Arc<Metrics>,
    news: Arc<Notify>,
}

impl Courier {
    async fn run(self, stop: CancellationToken) -> &'static str {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return "deliverer",
                () = self.turn() => {}
            }
        }
    }

    /// One pass, and the wait for the next.
    async fn turn(&self) {
        let Self { store, target, assets, metrics, .. } = self;
        let wait = match deliver::pass(store, target, assets, metrics, now()).await {
            Ok(summary) if summary.is_full() => return,
            Ok(_) => self.until_due().await,
            Err(error) => {
                tracing::error!(%error, "a delivery pass failed");
                DELIVERY_WAIT_MAX_SECONDS
            }
        };
        tokio::select! {
            biased;
            () = self.news.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(wait)) => {}
        }
    }

    /// Seconds until something falls due.
    async fn until_due(&self) -> u64 {
        match self.store.next_due().await {
            Ok(Some(due)) => {
                u64::try_from(due - now()).unwrap_or(0).clamp(1, DELIVERY_WAIT_MAX_SECONDS)
            }
            Ok(None) | Err(_) => DELIVERY_WAIT_MAX_SECONDS,
        }
    }
}
