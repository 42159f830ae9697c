//! Who does something here: a person by name, in one of four roles.

use interdict_core::audit::Who;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads alerts, the list and addresses, and screens.
    Viewer,
    /// Takes steps on alerts, and exports.
    Analyst,
    /// Keeps tokens, webhooks, subjects and the policy; takes no steps on alerts.
    Admin,
    /// Reads everything, the audit log too; changes nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Analyst, Self::Admin, Self::Auditor];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl std::str::FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let found = Self::ALL.into_iter().find(|role| role.word() == text);
        found.ok_or_else(|| NoRole(text.to_owned()))
    }
}

/// Text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: use viewer, analyst, admin or auditor")]
pub struct NoRole(pub String);

/// Longest name of a person, in characters.
pub const PERSON_MAX_CHARS: usize = 64;
/// The person of somebody who showed no credentials.
pub const ANONYMOUS: &str = "anonymous";
/// Names that say that there is none.
const NOBODY: [&str; 2] = [ANONYMOUS, "console"];

/// Text that is no name of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no name: use up to {PERSON_MAX_CHARS} letters, digits, spaces and . _ @ + -, a letter or \
     digit first, and none of {NOBODY:?}"
)]
pub struct NoPerson;

/// The name of a person, from text. Names stand in logs, tables and pages: only what cannot be
/// taken for something else there is one.
///
/// # Errors
/// It is none.
pub fn person(text: &str) -> Result<String, NoPerson> {
    let name = text.trim();
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '@' | '+' | '-');
    let chars = name.chars().count();
    let begins = name.starts_with(char::is_alphanumeric);
    let fits = begins && chars <= PERSON_MAX_CHARS && name.chars().all(is_plain);
    (fits && !NOBODY.contains(&name)).then(|| name.to_owned()).ok_or(NoPerson)
}

/// A person in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// The name.
    pub person: String,
    /// The role.
    pub role: Role,
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        Self { person: actor.person.clone(), role: actor.role.word().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_means_nothing_else() {
        assert_eq!(person(" Ana López-2 "), Ok("Ana López-2".to_owned()));
        assert_eq!(person("ana@bank.example"), Ok("ana@bank.example".to_owned()));
        let long = "x".repeat(PERSON_MAX_CHARS + 1);
        for wrong in [
            "",
            "  ",
            "a\nb",
            "<b>",
            "=1+1",
            "+1",
            "-x",
            "anonymous",
            "console",
            "\u{202e}evil",
            &long,
        ] {
            assert_eq!(person(wrong), Err(NoPerson), "{wrong:?}");
        }
    }

    #[test]
    fn a_role_is_its_word() {
        for role in Role::ALL {
            assert_eq!(role.word().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.word());
        }
        assert!("root".parse::<Role>().is_err());
    }
}
