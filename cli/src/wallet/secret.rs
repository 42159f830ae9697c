//! Secrets on their way in: from a terminal, a file or a descriptor; never from an argument or the
//! environment. What is read is wiped from memory when it is dropped.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::process::DumpableBehavior;
use zeroize::{Zeroize as _, Zeroizing};

use crate::exit::{Exit, Failure};
use crate::{file, output, terminal, text};

/// A secret is a line; what is longer is the wrong file.
const SECRET_BYTES_MAX: usize = 4096;

/// Says that this process's memory is hidden. Whoever reads a secret, or makes one, must show it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hidden(());

/// Takes this process out of reach of core dumps and of other processes of the same user.
///
/// Best effort, and only once the descriptors are open: Linux gives `/dev/fd` of such a process to
/// root.
pub(crate) fn hide_memory() -> Hidden {
    if let Err(why) = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        output::warn(&format!("core dumps of this process cannot be turned off: {why}"));
    }
    Hidden(())
}

/// Where a secret comes from: nothing of it is in memory yet.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A file, or a descriptor such as `/dev/fd/3`, which is open.
    File { file: File, path: PathBuf, what: &'static str },
    /// The terminal asks; without one, the error says what to do instead.
    Terminal { instead: &'static str },
}

impl Origin {
    pub(super) fn file(path: &Path, what: &'static str) -> Result<Self> {
        let file = File::open(path).with_context(|| unreadable(path, what))?;
        Ok(Self::File { file, path: path.to_owned(), what })
    }

    /// What is in the file, without the end of its line; or what is typed after the prompt.
    pub(super) fn read(self, prompt: &str, hidden: Hidden) -> Result<Zeroizing<String>> {
        match self {
            Self::File { file, path, what } => from_file(&file, &path, what),
            Self::Terminal { instead } => from_terminal(prompt, instead, hidden),
        }
    }
}

fn unreadable(path: &Path, what: &str) -> String {
    format!("cannot read the {what} file {}", path.display())
}

fn from_file(file: &File, path: &Path, what: &str) -> Result<Zeroizing<String>> {
    // With its whole capacity from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX + 1));
    let limit = u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX) + 1;
    file.take(limit).read_to_end(&mut bytes).with_context(|| unreadable(path, what))?;
    if bytes.len() > SECRET_BYTES_MAX {
        let message = format!("{} is too long to be a {what}", path.display());
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::new(Exit::Usage, "usage", format!("{} is no text", path.display()))
    })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A line that is typed and not shown.
pub(super) fn from_terminal(prompt: &str, instead: &str, _: Hidden) -> Result<Zeroizing<String>> {
    let prompt = text::harmless(prompt);
    if !std::io::stdin().is_terminal() {
        let message = format!("there is no terminal to ask on: {prompt}");
        return Err(Failure::new(Exit::Usage, "usage", message).next(instead).into());
    }
    let typed = terminal::ask_unseen(&format!("{prompt}: ")).map_err(|why| match why.kind() {
        ErrorKind::Interrupted => Failure::new(Exit::Interrupted, "interrupted", "interrupted"),
        _ => Failure::new(Exit::Failed, "failed", format!("the terminal cannot be read: {why}")),
    })?;
    Ok(Zeroizing::new(typed))
}

/// A private key as people write it: 32 bytes of hex. Never repeated in an error.
pub(super) fn key(text: &str) -> Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    alloy::hex::decode_to_slice(digits, &mut *key).map_err(|_| {
        key.zeroize();
        Failure::new(Exit::Usage, "usage", "what was given is no private key: 64 hex digits")
    })?;
    Ok(key)
}

/// Says aloud that others can read what should be its owner's alone.
pub(super) fn warn_if_readable(path: &Path, what: &str) {
    if file::is_readable_by_others(path) {
        let path = path.display();
        output::warn(&format!("others can read the {what} {path}: `chmod 600 {path}`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_digits_and_an_error_does_not_repeat_it() {
        let digits = "11".repeat(32);
        for text in [digits.clone(), format!("0x{digits}"), format!(" {digits}\n")] {
            assert_eq!(*key(&text).unwrap(), [0x11; 32]);
        }
        for text in [&digits[..62], "0x", &"zz".repeat(32)] {
            let said = key(text).unwrap_err().to_string();
            assert!(text.len() < 8 || !said.contains(text), "{said}");
        }
    }

    #[test]
    fn a_secret_is_read_from_anything_that_has_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let check = |bytes: &[u8], expected: Option<&str>| {
            std::fs::write(&path, bytes).unwrap();
            let origin = Origin::file(&path, "password").unwrap();
            let found = origin.read("", Hidden(())).ok();
            assert_eq!(found.as_ref().map(|s| s.as_str()), expected);
        };
        check(b"word\r\n", Some("word"));
        check(b" a b ", Some(" a b "));
        check(b"", Some(""));
        check(&[0xff], None);
        check(&[b'a'; SECRET_BYTES_MAX], Some(&"a".repeat(SECRET_BYTES_MAX)));
        check(&[b'a'; SECRET_BYTES_MAX + 1], None);
    }
}
