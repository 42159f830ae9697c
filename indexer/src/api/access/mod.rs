//! Who asks, and whether they may. Every route of the table stands behind [`admit`]; what is not in
//! the table is not there. Handlers do not look at roles: they take an [`Actor`] where they write
//! down who did something.

mod cookie;
mod door;
mod from;
mod host;
mod limits;
mod needs;
mod oidc;
mod request;
mod who;

pub(super) use crate::actor::{Actor, Role};
pub(super) use cookie::{Cookie, from_our_page, is_browser};
pub(super) use door::{Caller, admit};
pub(super) use host::called_by_its_name;
pub(super) use needs::{ADMINS, EVERYBODY, Needs, READERS};
#[allow(unused_imports, reason = "nouns take those that they need")]
pub(super) use needs::{ANALYSTS, AUDITORS, EXPORTERS};
pub(super) use oidc::Oidc;
pub(super) use request::{Watch, answered, word};
pub(super) use who::{Shown, bearer};

use std::sync::Arc;

use crate::clock::Clock;
use crate::config;
use limits::Limits;

/// Who is let in, and how often.
#[derive(Debug)]
pub struct Access {
    config: config::Api,
    limits: Limits,
    oidc: Option<Oidc>,
}

impl Access {
    /// As configured.
    ///
    /// # Errors
    /// There can be no HTTP client for the provider of logins.
    pub fn new(
        config: config::Api,
        oidc: Option<config::Oidc>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        let limits = Limits::new(config.requests_per_second, Arc::clone(&clock));
        let oidc = oidc.map(|oidc| Oidc::new(oidc, clock)).transpose()?;
        Ok(Self { config, limits, oidc })
    }

    /// Where people log in, if not with tokens only.
    pub(super) const fn oidc(&self) -> Option<&Oidc> {
        self.oidc.as_ref()
    }

    /// For a server that only this machine reaches: whoever asks may read.
    pub fn loopback(clock: Arc<dyn Clock>) -> Self {
        let config = config::Api::loopback();
        let limits = Limits::new(config.requests_per_second, clock);
        Self { config, limits, oidc: None }
    }
}
