//! Where a database is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file of `SQLite`.
    File(PathBuf),
    /// A database of a `PostgreSQL` server.
    Server {
        /// Its address; it may carry a password.
        url: SecretString,
        /// How long a worker that is not heard of keeps what it leased.
        lease: Duration,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server { .. } => f.write_str("the PostgreSQL database"),
        }
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}
