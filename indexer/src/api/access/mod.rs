//! Who asks, and whether they may. Every route of the table stands behind [`admit`]; what is not in
//! the table is not there. Handlers do not look at roles: they take an [`Actor`] where they write
//! down who did something.

mod door;
mod host;
mod needs;
mod request;

pub(super) use crate::actor::{Actor, Role};
pub(super) use door::admit;
pub(super) use host::called_by_its_name;
#[allow(unused_imports, reason = "nouns take those that they need")]
pub(super) use needs::{ADMINS, ANALYSTS, AUDITORS, EVERYBODY, EXPORTERS, Needs, READERS};
pub(super) use request::answered;

/// The person of somebody who showed no credentials.
const ANONYMOUS: &str = "anonymous";

/// Who is let in.
#[derive(Debug)]
pub struct Access {
    /// What somebody without credentials may do; `None` if nothing.
    anonymous: Option<Role>,
    /// Bearers that count as somebody.
    #[cfg(test)]
    pub(super) known: std::collections::BTreeMap<String, Actor>,
}

impl Access {
    /// For a server that only this machine reaches: whoever asks may read.
    pub fn loopback() -> Self {
        Self {
            anonymous: Some(Role::Viewer),
            #[cfg(test)]
            known: std::collections::BTreeMap::new(),
        }
    }
}
