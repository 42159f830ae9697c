//! Leases in the database: taken, renewed, given back, lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgPool;
use tokio::task::AbortHandle;

use super::Store;
use crate::store::{Hold, Scope, StoreError};

/// A lease is renewed this often in its term.
const RENEWALS: u32 = 4;

/// What this worker holds.
#[derive(Debug)]
pub(super) struct Leases {
    pool: PgPool,
    /// This process, by a name that no other has or had.
    worker: String,
    /// This process as a person finds it.
    shown: String,
    term: Duration,
    held: Mutex<BTreeMap<Scope, i64>>,
    keeper: Mutex<Option<AbortHandle>>,
}

impl Leases {
    /// Begins to keep leases; there are none yet.
    pub(super) async fn begin(pool: PgPool, term: Duration) -> Result<Arc<Self>, StoreError> {
        let row = sqlx::query(
            "SELECT gen_random_uuid()::text AS worker,
                    coalesce(host(inet_client_addr()), 'this host') AS host",
        )
        .fetch_one(&pool)
        .await?;
        let host: String = row.try_get("host")?;
        let leases = Arc::new(Self {
            pool,
            worker: row.try_get("worker")?,
            shown: format!("process {} on {host}", std::process::id()),
            term,
            held: Mutex::default(),
            keeper: Mutex::default(),
        });
        let keeper = tokio::spawn(keep(Arc::downgrade(&leases), term / RENEWALS));
        *leases.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper.abort_handle());
        Ok(leases)
    }

    /// This process, by the name that the database gave it.
    pub(super) fn worker(&self) -> &str {
        &self.worker
    }

    /// The token to be shown with every write, if we believe to have the lease.
    pub(super) fn token(&self, scope: Scope) -> Option<i64> {
        self.held().get(&scope).copied()
    }

    /// It is no longer ours.
    pub(super) fn forget(&self, scope: Scope) {
        self.held().remove(&scope);
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Scope, i64>> {
        // A map is whole after every statement, whoever panicked meanwhile.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn term_seconds(&self) -> f64 {
        self.term.as_secs_f64()
    }

    /// Prolongs what we hold; what is no longer ours is forgotten.
    async fn renew(&self) -> Result<(), StoreError> {
        let before = self.held().clone();
        if before.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query(
            "UPDATE leases SET until = clock_timestamp() + make_interval(secs => $2)
             WHERE worker = $1 RETURNING scope, token",
        )
        .bind(&self.worker)
        .bind(self.term_seconds())
        .fetch_all(&self.pool)
        .await?;
        let mut ours = BTreeMap::new();
        for row in &rows {
            ours.insert(row.try_get::<String, _>("scope")?, row.try_get::<i64, _>("token")?);
        }
        // One that was taken meanwhile is not in `before`, and stays.
        let lost =
            before.iter().filter(|(scope, token)| ours.get(&scope.to_string()) != Some(*token));
        for (scope, token) in lost {
            let mut held = self.held();
            if held.get(scope) == Some(token) {
                held.remove(scope);
                tracing::warn!(%scope, "another worker has taken the lease over");
            }
        }
        Ok(())
    }

    /// Gives everything back, so that another worker need not wait.
    pub(super) async fn release(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            keeper.abort();
        }
        self.held().clear();
        let given = sqlx::query("UPDATE leases SET until = clock_timestamp() WHERE worker = $1")
            .bind(&self.worker)
            .execute(&self.pool)
            .await;
        if let Err(error) = given {
            // They lapse by themselves.
            tracing::warn!(%error, "the leases could not be given back");
        }
    }
}

/// Renews as long as somebody uses the leases.
async fn keep(leases: std::sync::Weak<Leases>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(leases) = leases.upgrade() else { return };
        if let Err(error) = leases.renew().await {
            tracing::warn!(%error, "the leases could not be renewed; the next attempt follows");
        }
    }
}

impl Store {
    /// See [`crate::store::Store::hold`].
    pub async fn hold(&self, scope: Scope) -> Result<Hold, StoreError> {
        if self.leases.token(scope).is_some() {
            return Ok(Hold::Kept);
        }
        // Free, lapsed, or ours by an answer that did not reach us.
        let taken = sqlx::query(
            "INSERT INTO leases (scope, token, worker, shown, until)
             VALUES ($1, 1, $2, $3, clock_timestamp() + make_interval(secs => $4))
             ON CONFLICT (scope) DO UPDATE SET token = leases.token + 1, worker = excluded.worker,
                 shown = excluded.shown, until = excluded.until
             WHERE leases.until <= clock_timestamp() OR leases.worker = excluded.worker
             RETURNING token",
        )
        .bind(scope.to_string())
        .bind(self.leases.worker())
        .bind(&self.leases.shown)
        .bind(self.leases.term_seconds())
        .fetch_optional(&self.pool)
        .await?;
        if let Some(row) = taken {
            self.leases.held().insert(scope, row.try_get("token")?);
            return Ok(Hold::Taken);
        }
        let row = sqlx::query("SELECT shown FROM leases WHERE scope = $1")
            .bind(scope.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let nobody = || Ok("nobody by now".to_owned());
        let worker = row.map_or_else(nobody, |row| row.try_get("shown"))?;
        Ok(Hold::Theirs { worker })
    }
}
