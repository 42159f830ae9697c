//! The terminal's modes, as they were found. A password prompt changes them, and whoever ends a
//! command in the middle of one must get their terminal back.

use std::io;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// How the terminal stood before the command began; nothing where there is none.
#[derive(Debug)]
pub(crate) struct Found(Option<Termios>);

impl Found {
    pub(crate) fn look() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }

    /// Best effort: what is left to be done is to end, and to say why.
    pub(crate) fn restore(&self) {
        if let Some(modes) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
    }
}
