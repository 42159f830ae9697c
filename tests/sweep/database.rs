//! The two kinds of database that a story is played on.

use std::sync::Arc;

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, Executor, PgConnection};

use crate::cluster::Cluster;

/// A `PostgreSQL` server of one's own; it ends when this does.
pub struct Server(Cluster);

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// The thread that starts it is gone.
    pub async fn start() -> Result<Arc<Self>> {
        Ok(Arc::new(Self(tokio::task::spawn_blocking(Cluster::start).await?)))
    }

    /// Kills it and everything that it runs, as a crash would, and starts it again. Blocks.
    pub fn crash(&self) {
        self.0.kill();
        self.0.go();
    }
}

/// A place for one database after another.
#[derive(Clone)]
pub enum Ground {
    /// A file in the folder of the run.
    File,
    /// A database of a server.
    Server {
        /// The server.
        server: Arc<Server>,
        /// The database's address.
        url: SecretString,
    },
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Ground {
    /// A database of its own on a server.
    pub async fn on(server: &Arc<Server>) -> Self {
        let url = server.0.url(&server.0.database().await);
        Self::Server { server: Arc::clone(server), url }
    }

    /// For reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File => "SQLite",
            Self::Server { .. } => "PostgreSQL",
        }
    }

    /// What the environment says of it.
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::File => None,
            Self::Server { url, .. } => Some(url.expose_secret()),
        }
    }

    /// Takes away what the last run left.
    ///
    /// # Errors
    /// The server does not do as told.
    pub async fn clear(&self) -> Result<()> {
        let Self::Server { url, .. } = self else { return Ok(()) };
        let connection = PgConnection::connect(url.expose_secret()).await;
        let mut connection = connection.context("the server does not let us in")?;
        // What a killed indexer had begun ends when the server notices: its locks are waited for.
        connection.execute("DROP SCHEMA public CASCADE").await?;
        connection.execute("CREATE SCHEMA public").await?;
        Ok(connection.close().await?)
    }
}
