//! What happened, in order: always as a digest, and in words for who wants to read it.

use std::fmt;

use sha2::{Digest, Sha256};

/// Whether the words are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// Only their digest.
    Digested,
    /// Printed as they come.
    Printed,
}

/// What happened so far.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    digest: Sha256,
    words: Words,
}

impl Trace {
    pub(crate) fn new(words: Words) -> Self {
        Self { digest: Sha256::new(), words }
    }

    /// Notes something.
    pub(crate) fn line(&mut self, elapsed_ms: u64, what: fmt::Arguments<'_>) {
        let line = format!("{elapsed_ms} {what}\n");
        self.digest.update(&line);
        if self.words == Words::Printed {
            #[allow(clippy::print_stdout, reason = "this is what replaying a seed is for")]
            {
                print!("{line}");
            }
        }
    }

    /// Everything so far, as a short word.
    pub(crate) fn so_far(&self) -> String {
        short(&self.digest.clone().finalize())
    }

    /// Bytes as a short word.
    pub(crate) fn digest(bytes: &[u8]) -> String {
        short(&Sha256::digest(bytes))
    }
}

fn short(digest: &[u8]) -> String {
    alloy_primitives::hex::encode(&digest[..8])
}
