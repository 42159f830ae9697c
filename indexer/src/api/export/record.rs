//! What the audit log says of what goes out of the house: that it was begun, before the first byte
//! of it, and that it is whole or was cut off. Where the second row is missing, the process ended
//! in between.

use interdict_core::audit::{Event, Who};
use serde_json::{Value, json};

use crate::api::Pages;
use crate::store::StoreError;

/// An export that was begun; if it is dropped before it has ended it was cut off.
#[derive(Debug)]
pub(super) struct Record {
    pages: Pages,
    who: Who,
    /// The row of its beginning.
    begun: u64,
    /// Rows that were handed to the server so far: of one that was cut off, the receiver has at
    /// most these.
    rows: u64,
    is_over: bool,
}

impl Record {
    /// Writes down that somebody takes this out, in this form; what cannot be written down does not
    /// go out.
    pub(super) async fn begin(
        pages: Pages,
        who: Who,
        form: &str,
        filter: Value,
    ) -> Result<Self, StoreError> {
        let detail = json!({ "form": form, "filter": filter });
        let row = pages.store.audited(event(&pages, &who, "export.begun", detail)).await?;
        Ok(Self { pages, who, begun: row.number, rows: 0, is_over: false })
    }

    /// These were written.
    pub(super) const fn wrote(&mut self, rows: usize) {
        self.rows = self.rows.saturating_add(rows as u64);
    }

    /// It is whole.
    pub(super) async fn end(&mut self) -> Result<(), StoreError> {
        let event = event(&self.pages, &self.who, "export.ended", self.said());
        self.pages.store.audited(event).await?;
        self.is_over = true;
        Ok(())
    }

    fn said(&self) -> Value {
        json!({ "begun": self.begun, "rows": self.rows })
    }
}

impl Drop for Record {
    /// Whoever goes away does so at any moment: what is left to do is done by itself.
    fn drop(&mut self) {
        // Without a runtime the process ends, and the row of the beginning stands alone.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_over {
            return;
        }
        let event = event(&self.pages, &self.who, "export.cut_off", self.said());
        let (store, begun) = (self.pages.store.clone(), self.begun);
        runtime.spawn(async move {
            if let Err(error) = store.audited(event).await {
                tracing::error!(%error, begun, "that an export was cut off is not written down");
            }
        });
    }
}

fn event(pages: &Pages, who: &Who, kind: &str, detail: Value) -> Event {
    let (who, at, kind) = (who.clone(), pages.clock.now(), kind.to_owned());
    Event { who, at, kind, alert: None, detail }
}
