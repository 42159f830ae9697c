//! Watches transfers, screens them against the list as of their block, and tells compliance.
//!
//! The way of the data is the order of the rooms: [`chain`] gives verified blocks, [`decode`] reads
//! them, [`screen`] judges them, [`store`] remembers, [`deliver`] tells, [`api`] shows. Each knows
//! only what comes before it; [`run`] alone knows all.

pub mod abroad;
pub mod access;
pub mod actor;
pub mod api;
pub mod args;
pub mod audit;
pub mod catchup;
pub mod chain;
pub mod clock;
pub mod config;
pub mod decode;
pub mod deliver;
pub mod lookback;
pub mod manifests;
pub mod metrics;
pub mod policy;
pub mod proposals;
pub mod report;
pub mod run;
pub mod screen;
pub mod store;
pub mod subjects;
pub mod tokens;
pub mod traces;
pub mod upkeep;
#[cfg(test)]
mod world;

pub use run::{Handle, StartError, start};

/// Chooses the cryptography of TLS for the whole process; once is enough.
pub(crate) fn install_crypto() {
    // An error says that it is chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
