//! What may be forgotten, and what may not. Records of dealings are kept ten years (31 CFR 501.601,
//! since 2025-03-12); findings, the logs that were not screened, and the acts of the list are never
//! removed here, nor is the record of what was told of them. What goes is scaffolding: headers that
//! no reorganisation can reach, and places in lines whose news was acknowledged long ago.

use super::{Store, StoreError};

/// How long acknowledged news keeps its place in a line, so that a receiver that lost some can be
/// told again, in seconds: 90 days.
pub const NEWS_KEPT_SECONDS: i64 = 90 * 24 * 3600;

/// Whether to do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prune {
    /// Only count what would go.
    Count,
    /// Remove it.
    Remove,
}

/// One table and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The table.
    pub table: &'static str,
    /// Rows that were there.
    pub rows: u64,
    /// Rows that went, or would go.
    pub removed: u64,
    /// Why so.
    pub rule: &'static str,
}

/// Each table, and its rule.
pub(super) const RULES: [(&str, &str); 15] = [
    ("blocks", "headers below what a reorganisation can reach go"),
    ("outbox", "kept: the chain's half of the history of each alert"),
    ("deliveries", "what was acknowledged more than 90 days ago goes"),
    ("endpoints", "kept: who was told"),
    ("alerts", "kept: findings are records, ten years at least"),
    ("undecoded_logs", "kept: so that a later version can screen them, ten years at least"),
    ("lookback_jobs", "kept: they say how far back was looked"),
    ("standings", "kept: the history of how each address stood"),
    ("tokens", "kept: a token is asked once"),
    ("subjects", "kept: who was looked after, and when"),
    ("policies", "kept: findings name what they were judged by"),
    ("audit", "kept: what people did is only ever added to"),
    ("access_tokens", "kept: who could come in, and when"),
    ("sessions", "those begun more than 12 hours ago go: they are over"),
    ("acts", "kept: the list is replayed from them"),
];

impl Store {
    /// Removes what is no longer needed, or counts it; `now` is our clock, unix seconds.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn prune(&self, prune: Prune, now: i64) -> Result<Vec<Pruned>, StoreError> {
        match self {
            Self::Sqlite(database) => database.guard(database.prune(prune, now)).await,
            Self::Postgres(database) => database.guard(database.prune(prune, now)).await,
        }
    }
}
