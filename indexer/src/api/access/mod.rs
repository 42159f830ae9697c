//! Who asks, and whether they may. Every route of the table stands behind [`admit`]; what is not in
//! the table is not there. Handlers do not look at roles: they take an [`Actor`] where they write
//! down who did something.

mod cookie;
mod door;
mod from;
mod host;
mod limits;
mod needs;
mod request;
mod who;

pub(super) use crate::actor::{Actor, Role};
pub(super) use cookie::{Cookie, from_our_page, is_browser};
pub(super) use door::{Caller, admit};
pub(super) use host::called_by_its_name;
pub(super) use needs::{ADMINS, EVERYBODY, Needs, READERS};
#[allow(unused_imports, reason = "nouns take those that they need")]
pub(super) use needs::{ANALYSTS, AUDITORS, EXPORTERS};
pub(super) use request::answered;
pub(super) use who::{Shown, bearer};

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Api;
use limits::Limits;

/// Who is let in, and how often.
#[derive(Debug)]
pub struct Access {
    config: Api,
    limits: Limits,
}

impl Access {
    /// As configured.
    pub fn new(config: Api, clock: Arc<dyn Clock>) -> Self {
        let limits = Limits::new(config.requests_per_second, clock);
        Self { config, limits }
    }

    /// For a server that only this machine reaches: whoever asks may read.
    pub fn loopback(clock: Arc<dyn Clock>) -> Self {
        Self::new(Api::loopback(), clock)
    }
}
