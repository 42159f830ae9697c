//! Lets no single piece of a document be longer than it may, before it is kept anywhere.

use std::io::{self, BufRead, Read};

/// Gives so many bytes and then fails, until it is filled again.
pub(super) struct Metered<R> {
    input: R,
    left: usize,
}

impl<R> Metered<R> {
    pub(super) const fn new(input: R) -> Self {
        Self { input, left: 0 }
    }

    /// Before each piece: how many bytes it may have. Whoever buffers may have read a piece's
    /// beginning before.
    pub(super) const fn refill(&mut self, bytes_max: usize) {
        self.left = bytes_max;
    }

    /// Whether the piece that was read last is too long.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    fn check(&self) -> io::Result<()> {
        if self.is_exhausted() { Err(io::Error::other("it is too long")) } else { Ok(()) }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let bytes = self.input.read(buffer)?;
        self.left = self.left.saturating_sub(bytes);
        Ok(bytes)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.input.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
        self.input.consume(bytes);
    }
}
