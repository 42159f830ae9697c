//! How a command ends: exit codes for scripts, failures for people, reports for both.

use std::fmt;
use std::io;
use std::process::ExitCode;

use serde_json::Value;

/// The exit codes, part of the command line's promise.
///
/// What ends a command from outside has 128 and the signal's number, which is what a shell says of
/// a command that a signal killed; but here the terminal is as it was, and the end is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or clear.
    Done = 0,
    /// Failed, or unknown.
    Failed = 1,
    /// The command was not understood.
    Usage = 2,
    /// There is something to tell: listed, the plan has changes, something waits for somebody,
    /// nothing was attested because something is to be changed.
    Changes = 3,
    /// Not what it should be: a plan that is stale or differs from the publication, the wrong chain
    /// or code, nodes that contradict each other.
    Stale = 4,
    /// The chain would refuse the transaction.
    Reverts = 5,
    /// The terminal is gone (SIGHUP).
    HungUp = 129,
    /// Interrupted from the keyboard (SIGINT).
    Interrupted = 130,
    /// Asked to end, by a service manager or by somebody (SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// All of them, by their number.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 9] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Changes,
        Self::Stale,
        Self::Reverts,
        Self::HungUp,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Whether the command was ended from outside, wherever it was.
    pub(crate) const fn is_from_outside(self) -> bool {
        matches!(self, Self::HungUp | Self::Interrupted | Self::Terminated)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure that knows its exit code and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A stable word for scripts.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What the person can do now.
    pub(crate) next: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), next: None }
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Any error as a failure: what it carries if it is one, else the whole chain of causes.
    pub(crate) fn from_error(error: anyhow::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => failure,
            Err(error) => {
                let next = error.chain().find_map(next_of);
                Self { next, ..Self::new(Exit::Failed, "failed", format!("{error:#}")) }
            }
        }
    }
}

/// What a person can do about a cause that any command may meet.
fn next_of(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let next = match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::NotFound => "check the path, and which folder you are in",
        io::ErrorKind::PermissionDenied => "check whose it is, and who may read and write there",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "something else has that name: choose another path"
        }
        io::ErrorKind::StorageFull => "make room on the disk, then run again",
        _ => return None,
    };
    Some(next.to_owned())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// What a command has to say when it ends.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) exit: Exit,
    /// The result for programs.
    pub(crate) data: Value,
    /// The result for people.
    pub(crate) text: String,
    /// The next command, if there is one.
    pub(crate) next: Option<String>,
    pub(crate) warnings: Vec<String>,
    /// Why the answer is not the one that was asked for, where there is an answer all the same.
    pub(crate) failure: Option<Failure>,
}

impl Report {
    pub(crate) fn new(exit: Exit, data: Value, text: impl Into<String>) -> Self {
        let (next, warnings, failure) = (None, Vec::new(), None);
        Self { exit, data, text: text.into(), next, warnings, failure }
    }

    pub(crate) fn done(data: Value, text: impl Into<String>) -> Self {
        Self::new(Exit::Done, data, text)
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}
