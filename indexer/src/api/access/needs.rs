//! The least that somebody must be to use a route.
#![allow(dead_code, reason = "nouns take those that they need")]

use super::Role;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Needs {
    /// Everybody, also who shows no credentials.
    Nobody,
    /// Whoever has one of these roles.
    OneOf(&'static [Role]),
}

/// Everybody, also who shows no credentials.
pub(in crate::api) const EVERYBODY: Needs = Needs::Nobody;
/// Whoever has any role.
pub(in crate::api) const READERS: Needs = Needs::OneOf(&Role::ALL);
/// Those who work alerts.
pub(in crate::api) const ANALYSTS: Needs = Needs::OneOf(&[Role::Analyst]);
/// Those who keep the installation.
pub(in crate::api) const ADMINS: Needs = Needs::OneOf(&[Role::Admin]);
/// Those who look whether everything was done rightly.
pub(in crate::api) const AUDITORS: Needs = Needs::OneOf(&[Role::Auditor]);
/// Those who may take what is known out of the house.
pub(in crate::api) const EXPORTERS: Needs = Needs::OneOf(&[Role::Analyst, Role::Auditor]);

impl Needs {
    /// Whether a role is enough.
    pub(in crate::api) fn allow(self, role: Role) -> bool {
        match self {
            Self::Nobody => true,
            Self::OneOf(roles) => roles.contains(&role),
        }
    }
}

impl std::fmt::Display for Needs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::OneOf(roles) => {
                let words: Vec<_> = roles.iter().map(|role| role.word()).collect();
                f.write_str(&words.join(" or "))
            }
        }
    }
}
