//! A part of a document that moves over it, so that what reads it never copies.

use std::io::{self, Read};

/// So many bytes of a document at a time.
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    /// How much of the buffer is filled.
    filled: usize,
    /// Where in the document the buffer begins.
    offset: u64,
    reaches_end: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R, bytes: usize) -> Self {
        Self { input, buffer: vec![0; bytes], filled: 0, offset: 0, reaches_end: false }
    }

    /// Moves past what is done with, and fills up.
    pub(super) fn advance(&mut self, done: usize) -> io::Result<()> {
        self.buffer.copy_within(done..self.filled, 0);
        self.filled -= done;
        self.offset += done as u64;
        while self.filled < self.buffer.len() && !self.reaches_end {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.reaches_end = true,
                Ok(bytes) => self.filled += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the document ends where the window does.
    pub(super) const fn reaches_end(&self) -> bool {
        self.reaches_end
    }
}
