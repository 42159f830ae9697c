//! What a reader keeps until a document's end, which must fit into memory whatever the document
//! holds.

use super::{ROWS_MAX, SourceError};

/// The bytes of all texts that are kept. The whole of OFAC's list keeps some hundred kilobytes.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What one text takes beside its bytes.
const TEXT_BYTES: usize = size_of::<String>();

/// How much is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: usize,
    bytes: usize,
}

impl Kept {
    /// Counts one more row of these texts, and refuses what would be too much.
    pub(super) fn add(&mut self, texts: &[&str]) -> Result<(), SourceError> {
        self.rows += 1;
        self.bytes += texts.iter().map(|text| text.len() + TEXT_BYTES).sum::<usize>();
        if self.rows > ROWS_MAX || self.bytes > KEPT_BYTES_MAX {
            return Err(SourceError::TooMuch { rows: self.rows, bytes: self.bytes });
        }
        Ok(())
    }

    /// Counts no more what was counted, one row for each text, and is dropped after all.
    pub(super) fn give_back<'a>(&mut self, texts: impl Iterator<Item = &'a String>) {
        for text in texts {
            self.rows = self.rows.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(text.len() + TEXT_BYTES);
        }
    }
}

#[test]
fn neither_rows_nor_bytes_are_kept_without_end() {
    let mut kept = Kept::default();
    let text = "x".repeat(1024);
    let rows = KEPT_BYTES_MAX / (1024 + TEXT_BYTES);
    assert!((0..rows).all(|_| kept.add(&[&text]).is_ok()));
    assert!(matches!(kept.add(&[&text]), Err(SourceError::TooMuch { .. })));
    let mut kept = Kept::default();
    assert!((0..ROWS_MAX).all(|_| kept.add(&[""]).is_ok()));
    kept.give_back([String::new()].iter());
    assert!(kept.add(&[""]).is_ok() && kept.add(&[""]).is_err());
}
