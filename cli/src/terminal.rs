//! The terminal's modes, as they were found. A password prompt changes them, and whoever ends a
//! command in the middle of one must get their terminal back.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// What a command has for a terminal, wherever its own output goes.
const TERMINAL: &str = "/dev/tty";

/// Whether the command has ended. Who changes the modes holds this, so that a prompt which appears
/// in the same instant cannot change them after they were given back.
static HAS_ENDED: Mutex<bool> = Mutex::new(false);

/// How the terminal stood before the command began; nothing where there is none.
#[derive(Debug)]
pub(crate) struct Found(Option<Termios>);

impl Found {
    pub(crate) fn look() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }

    /// Gives the terminal back for good. Best effort: what is left to be done is to end, and to say
    /// why.
    pub(crate) fn restore(&self) {
        *has_ended() = true;
        if let Some(modes) = &self.0 {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
    }
}

/// Asks for a line that is not shown while it is typed.
pub(crate) fn ask_unseen(prompt: &str) -> io::Result<String> {
    let before = hide_typing()?;
    let typed = typed_after(prompt);
    let ended = has_ended();
    if !*ended {
        tcsetattr(io::stdin(), OptionalActions::Now, &before)?;
    }
    drop(ended);
    let typed = typed?;
    OpenOptions::new().write(true).open(TERMINAL)?.write_all(b"\n")?;
    Ok(typed)
}

fn typed_after(prompt: &str) -> io::Result<String> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    terminal.write_all(prompt.as_bytes())?;
    // What the library opens itself it gives other modes, and gives these back when it likes.
    let config = rpassword::ConfigBuilder::new().input_reader(terminal).output_discard();
    rpassword::read_password_with_config(config.build())
}

/// Takes each key as it comes, without showing it, the one that interrupts too; gives the modes as
/// they were.
fn hide_typing() -> io::Result<Termios> {
    let ended = has_ended();
    if *ended {
        return Err(ErrorKind::Interrupted.into());
    }
    let before = tcgetattr(io::stdin())?;
    let mut hidden = before.clone();
    let shown = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
    hidden.local_modes.remove(shown);
    hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
    hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
    Ok(before)
}

fn has_ended() -> MutexGuard<'static, bool> {
    HAS_ENDED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn after_the_end_no_prompt_changes_the_terminal() {
    Found(None).restore();
    assert_eq!(hide_typing().unwrap_err().kind(), ErrorKind::Interrupted);
}
