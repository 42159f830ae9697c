//! A span of final history into the database: one transaction.

use super::apply::take_in;
use super::confirm::confirm;
use super::standing::stand;
use super::{Store, insert_block, move_cursor};
use crate::store::{Changes, Span, StoreError};

impl Store {
    /// See [`crate::store::Store::apply_span`].
    pub async fn apply_span(&self, span: Span) -> Result<Changes, StoreError> {
        let Span { from, to, blocks, moved, now, .. } = span;
        let mut tx = self.write().await?;
        move_cursor(&mut tx, (from.number, from.hash.as_slice()), &to).await?;
        insert_block(&mut tx, &to).await?;
        // Its findings say how their addresses stand after all of it.
        stand(&mut tx, &moved, to.number).await?;
        let mut changes = Changes::default();
        for intake in blocks {
            let of_block = take_in(&mut tx, intake).await?;
            changes.created.extend(of_block.created);
            changes.updated += of_block.updated;
        }
        changes.updated += confirm(&mut tx, to.number, now).await?.updated;
        tx.commit().await?;
        Ok(changes)
    }
}
