//! The steps, as people send them, and what their texts must be like.

use std::fmt;

use alloy_primitives::B256;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Held, ReportKind, StepError};
use crate::alert::{AlertId, Disposition};
use crate::audit::PERSON_MAX_CHARS;

/// Longest narrative or note, in characters.
pub const NARRATIVE_MAX_CHARS: usize = 4_000;
/// Longest text of one line, in characters.
pub const WORDS_MAX_CHARS: usize = 200;
/// Longest address of a page, in bytes.
pub const ADDRESS_MAX_BYTES: usize = 2_048;

/// What a person does to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Step {
    /// Somebody looks at it from now on.
    Assign {
        /// Who.
        assignee: String,
    },
    /// Nobody looks at it any more.
    Unassign,
    /// It is handed to the second line.
    Escalate {
        /// Why: a code.
        reason: String,
        /// Why.
        narrative: String,
    },
    /// It is decided: blocked, rejected, licensed, `false_positive` or `no_action`.
    Close {
        /// How.
        disposition: Disposition,
        /// Why: a code.
        reason: String,
        /// Why.
        narrative: String,
        /// What is held, if it is blocked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held: Option<Held>,
        /// Which licence, if it is licensed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        licence: Option<String>,
    },
    /// What is held is let go.
    Release {
        /// Why: a code.
        reason: String,
        /// Why.
        narrative: String,
    },
    /// What is held was held by mistake.
    BlockedInError {
        /// Why: a code.
        reason: String,
        /// Why.
        narrative: String,
    },
    /// What was decided is decided anew.
    Reopen {
        /// Why: a code.
        reason: String,
        /// Why.
        narrative: String,
    },
    /// A second person agrees.
    Approve {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        narrative: Option<String>,
    },
    /// A second person does not.
    Decline {
        /// Why.
        narrative: String,
    },
    /// Who proposed it thinks better of it.
    Withdraw,
    /// Something is written down.
    Note {
        /// What.
        text: String,
    },
    /// A file belongs to it, which stays where it is.
    Attach {
        /// Its name.
        name: String,
        /// Its digest.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        sha256: B256,
        /// Its size.
        bytes: u64,
        /// What kind of file it is.
        media_type: String,
    },
    /// Something else has to do with it.
    Link {
        /// An alert's id, or the address of a page.
        to: String,
        /// What it has to do with it.
        says: String,
    },
    /// Out of sight for a while.
    Snooze {
        /// Until when.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// In sight again.
    Wake,
    /// The authority was told.
    Report {
        /// Of what.
        report: ReportKind,
        /// Under what it is found again.
        reference: String,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        reported_on: Date,
    },
}

/// The steps by their names alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is a step, explained there")]
pub enum Kind {
    Assign,
    Unassign,
    Escalate,
    Close,
    Release,
    BlockedInError,
    Reopen,
    Approve,
    Decline,
    Withdraw,
    Note,
    Attach,
    Link,
    Snooze,
    Wake,
    Report,
}

impl Kind {
    /// Its word, as in JSON and behind `step.` in the audit log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Escalate => "escalate",
            Self::Close => "close",
            Self::Release => "release",
            Self::BlockedInError => "blocked_in_error",
            Self::Reopen => "reopen",
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Withdraw => "withdraw",
            Self::Note => "note",
            Self::Attach => "attach",
            Self::Link => "link",
            Self::Snooze => "snooze",
            Self::Wake => "wake",
            Self::Report => "report",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Step {
    /// Which step it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Assign { .. } => Kind::Assign,
            Self::Unassign => Kind::Unassign,
            Self::Escalate { .. } => Kind::Escalate,
            Self::Close { .. } => Kind::Close,
            Self::Release { .. } => Kind::Release,
            Self::BlockedInError { .. } => Kind::BlockedInError,
            Self::Reopen { .. } => Kind::Reopen,
            Self::Approve { .. } => Kind::Approve,
            Self::Decline { .. } => Kind::Decline,
            Self::Withdraw => Kind::Withdraw,
            Self::Note { .. } => Kind::Note,
            Self::Attach { .. } => Kind::Attach,
            Self::Link { .. } => Kind::Link,
            Self::Snooze { .. } => Kind::Snooze,
            Self::Wake => Kind::Wake,
            Self::Report { .. } => Kind::Report,
        }
    }

    /// Sees that its texts are there, are not too long, and are texts.
    pub(super) fn check(&self) -> Result<(), StepError> {
        match self {
            Self::Assign { assignee } => line("assignee", assignee, PERSON_MAX_CHARS),
            Self::Escalate { narrative, .. }
            | Self::Release { narrative, .. }
            | Self::BlockedInError { narrative, .. }
            | Self::Reopen { narrative, .. }
            | Self::Approve { narrative: Some(narrative) }
            | Self::Decline { narrative } => prose("narrative", narrative),
            Self::Close { narrative, held, licence, .. } => {
                prose("narrative", narrative)?;
                held.as_ref().map_or(Ok(()), held_is_said)?;
                licence.as_ref().map_or(Ok(()), |text| line("licence", text, WORDS_MAX_CHARS))
            }
            Self::Note { text } => prose("text", text),
            Self::Attach { name, bytes, media_type, .. } => {
                line("name", name, WORDS_MAX_CHARS)?;
                line("media_type", media_type, WORDS_MAX_CHARS)?;
                within_json(*bytes)
            }
            Self::Link { to, says } => {
                target(to)?;
                line("says", says, WORDS_MAX_CHARS)
            }
            Self::Snooze { reason, .. } => line("reason", reason, WORDS_MAX_CHARS),
            Self::Report { reference, .. } => line("reference", reference, WORDS_MAX_CHARS),
            Self::Unassign | Self::Approve { narrative: None } | Self::Withdraw | Self::Wake => {
                Ok(())
            }
        }
    }
}

fn wrong(name: &'static str, what: impl Into<String>) -> StepError {
    StepError::Text { name, what: what.into() }
}

/// Whether a character has nothing to do in a text: it moves the cursor, turns the writing round or
/// cannot be seen.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// A text of one line.
fn line(name: &'static str, text: &str, chars_max: usize) -> Result<(), StepError> {
    if text.trim().is_empty() {
        return Err(wrong(name, "is missing"));
    }
    if text.chars().count() > chars_max {
        return Err(wrong(name, format!("is longer than {chars_max} characters")));
    }
    if text.chars().any(is_hidden) {
        return Err(wrong(name, "has a character that cannot be seen: it is one line of text"));
    }
    Ok(())
}

/// A text of several lines.
fn prose(name: &'static str, text: &str) -> Result<(), StepError> {
    if text.trim().is_empty() {
        return Err(wrong(name, "is missing: say why in a sentence or more"));
    }
    if text.chars().count() > NARRATIVE_MAX_CHARS {
        return Err(wrong(name, format!("is longer than {NARRATIVE_MAX_CHARS} characters")));
    }
    if text.chars().any(|one| is_hidden(one) && !matches!(one, '\n' | '\r' | '\t')) {
        return Err(wrong(name, "has a character that cannot be seen"));
    }
    Ok(())
}

fn held_is_said(held: &Held) -> Result<(), StepError> {
    line("held.asset", &held.asset, WORDS_MAX_CHARS)?;
    let (whole, part) = held.amount.split_once('.').unwrap_or((&held.amount, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(whole) && digits(part) && held.amount.len() <= WORDS_MAX_CHARS {
        Ok(())
    } else {
        Err(wrong("held.amount", "is no amount: write it like \"10\" or \"0.5\""))
    }
}

/// What JSON's numbers hold exactly.
fn within_json(bytes: u64) -> Result<(), StepError> {
    if bytes < 1 << 53 { Ok(()) } else { Err(wrong("bytes", "is beyond any file")) }
}

fn target(to: &str) -> Result<(), StepError> {
    if to.parse::<AlertId>().is_ok() {
        return Ok(());
    }
    let host = to.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next());
    let named = host.flatten().is_some_and(|host| !host.is_empty() && !host.contains('@'));
    let plain = to.len() <= ADDRESS_MAX_BYTES && to.bytes().all(|byte| byte.is_ascii_graphic());
    if named && plain {
        Ok(())
    } else {
        Err(wrong("to", "is neither the id of an alert nor an https:// address"))
    }
}
