//! Pages of alerts.

use serde::Serialize;
use sqlx::{Postgres, QueryBuilder};

use super::Store;
use super::row::{self, int, word};
use crate::store::inbox::{
    Filter, Order, PAGE_MAX_ROWS, PageCursor, RANK, Shown, Snoozed, page, rank,
};
use crate::store::{Case, StoreError};

impl Store {
    /// See [`crate::store::Store::inbox`].
    pub async fn inbox(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Case>, Option<PageCursor>), StoreError> {
        let limit = limit.clamp(1, PAGE_MAX_ROWS);
        let mut query = QueryBuilder::<Postgres>::new("SELECT * FROM alerts WHERE true");
        narrow(&mut query, filter)?;
        if let Some(after) = after {
            let heaviest = filter.order == Order::Heaviest;
            match after.severity.filter(|_| heaviest) {
                Some(severity) => {
                    query.push(" AND (").push(RANK);
                    query.push(", block_number, tx_index, log_index, id) < (");
                    query.push_bind(rank(severity)).push(", ");
                }
                None => {
                    query.push(" AND (block_number, tx_index, log_index, id) < (");
                }
            }
            query.push_bind(int(after.block)).push(", ").push_bind(int(after.tx)).push(", ");
            query.push_bind(row::log_index(after.log)).push(", ");
            query.push_bind(row::id_bytes(&after.id)?).push(")");
        }
        query.push(" ORDER BY ");
        if filter.order == Order::Heaviest {
            query.push(RANK).push(" DESC, ");
        }
        query.push("block_number DESC, tx_index DESC, log_index DESC, id DESC LIMIT ");
        // One more than asked for tells whether there is another page.
        query.push_bind(i64::from(limit) + 1);
        let rows = query.build().fetch_all(&self.pool).await?;
        let cases: Vec<_> = rows.iter().map(row::case).collect::<Result<_, _>>()?;
        Ok(page(cases, limit, filter.order, |case| &case.alert))
    }
}

type Query = QueryBuilder<Postgres>;

fn narrow(query: &mut Query, filter: &Filter) -> Result<(), StoreError> {
    among(query, "severity", &filter.severity)?;
    among(query, "confirmation", &filter.confirmation)?;
    among(query, "phase", &filter.phase)?;
    among(query, "disposition", &filter.disposition)?;
    among(query, "rule", &filter.rule)?;
    among(query, "side", &filter.side)?;
    if let Some(listed) = filter.listed {
        query.push(" AND listed = ").push_bind(listed.to_vec());
    }
    if let Some(counterparty) = filter.counterparty {
        query.push(" AND counterparty = ").push_bind(counterparty.to_vec());
    }
    if let Some(assignee) = &filter.assignee {
        query.push(" AND assignee = ").push_bind(assignee.clone());
    }
    match filter.snoozed {
        Snoozed::All => {}
        Snoozed::Hide(now) => {
            query.push(" AND (snoozed_until IS NULL OR snoozed_until <= ");
            query.push_bind(now).push(")");
        }
        Snoozed::Only(now) => {
            query.push(" AND snoozed_until > ").push_bind(now);
        }
    }
    if filter.waiting {
        query.push(" AND waiting = 1");
    }
    if filter.due {
        query.push(" AND due_on IS NOT NULL");
    }
    if let Some(since) = filter.since {
        query.push(" AND block_time >= ").push_bind(since);
    }
    if let Some(until) = filter.until {
        query.push(" AND block_time < ").push_bind(until);
    }
    match filter.shown {
        Shown::Each => {}
        Shown::Floods => {
            query.push(" AND flood IS NULL");
        }
        Shown::Behind(head) => {
            query.push(" AND flood = ").push_bind(row::id_bytes(&head)?);
        }
    }
    Ok(())
}

/// One of some words, if any are named.
fn among<T: Serialize>(
    query: &mut Query,
    column: &'static str,
    values: &[T],
) -> Result<(), StoreError> {
    if values.is_empty() {
        return Ok(());
    }
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(word(value)?);
    }
    query.push(")");
    Ok(())
}
