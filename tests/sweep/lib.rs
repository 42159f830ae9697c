//! The indexer's binary on a recorded chain, disturbed at every moment: killed, without room on its
//! disk, with a disk that fails, with a database server that is killed. Whatever happens, it must
//! come to the same final state as undisturbed, and tell each finding at least once under the same
//! id with the same bytes.

pub mod calls;
pub mod chain;
pub mod database;
pub mod life;
pub mod moments;
pub mod oracle;
pub mod outages;
pub mod play;
pub mod report;
pub mod scene;
pub mod serve;
pub mod state;
pub mod story;

#[allow(dead_code, clippy::unwrap_used, reason = "the store's own tests use it, too")]
#[path = "../../indexer/src/store/tests/cluster.rs"]
mod cluster;
