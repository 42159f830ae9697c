//! Pages of alerts. The engine keeps no statistics that could tell which index serves a filter
//! best, so this room tells it: a page is the merge of the ends of runs, and in each run stand
//! findings that are alike, in the order of the chain, in one index. What a run has nothing to do
//! with costs one look.

use interdict_core::alert::{Confirmation, Disposition};
use interdict_core::policy::Severity;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::Store;
use super::row::{self, int, word};
use crate::store::inbox::{
    Filter, Order, PAGE_MAX_ROWS, PageCursor, RANK, SEVERITIES, Shown, Snoozed, page, rank,
};
use crate::store::{Case, StoreError};

/// Most runs that are merged; the engine takes up to 500. There are as many as there are kinds of
/// findings that differ in disposition, weight, rule, phase and side.
const RUNS_MAX: usize = 400;

/// The kinds of findings that there are, from the first to the last: a look for each.
const KINDS: &str = "
    WITH RECURSIVE kinds (disposition, severity, rule, phase, side) AS (
        SELECT * FROM (
            SELECT disposition, severity, rule, phase, side FROM alerts INDEXED BY INDEX
            WHERE SHOWN ORDER BY disposition, severity, rule, phase, side LIMIT 1)
        UNION ALL
        SELECT next.disposition, next.severity, next.rule, next.phase, next.side
        FROM kinds CROSS JOIN alerts AS next ON next.rowid = (
            SELECT rowid FROM alerts INDEXED BY INDEX
            WHERE SHOWN AND (disposition, severity, rule, phase, side)
                > (kinds.disposition, kinds.severity, kinds.rule, kinds.phase, kinds.side)
            ORDER BY disposition, severity, rule, phase, side LIMIT 1))
    SELECT disposition, severity, rule, phase, side FROM kinds";

/// A value that a column has in a run.
#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Bytes(Vec<u8>),
}

/// Findings that stand together in an index.
#[derive(Clone, Debug)]
struct Run {
    index: &'static str,
    /// What the index begins with.
    with: Vec<(&'static str, Value)>,
    /// Their weight, if it is one.
    severity: Option<Severity>,
}

impl Run {
    const fn whole(index: &'static str) -> Self {
        Self { index, with: Vec::new(), severity: None }
    }

    fn has(&self, column: &str) -> bool {
        self.with.iter().any(|(name, _)| *name == column)
    }
}

impl Store {
    /// See [`crate::store::Store::inbox`].
    pub async fn inbox(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Case>, Option<PageCursor>), StoreError> {
        let limit = limit.clamp(1, PAGE_MAX_ROWS);
        let runs = self.runs(filter).await?;
        let Some(mut query) = merged(&runs, filter, after, limit)? else {
            return Ok((Vec::new(), None));
        };
        // Its text is made for this filter: it is not worth keeping.
        let rows = query.build().persistent(false).fetch_all(&self.pool).await?;
        let cases: Vec<_> = rows.iter().map(row::case).collect::<Result<_, _>>()?;
        Ok(page(cases, limit, filter.order, |case| &case.alert))
    }

    /// How the engine goes about a page, a line for each of its loops.
    ///
    /// # Errors
    /// The database failed.
    pub async fn inbox_plan(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
    ) -> Result<Vec<String>, StoreError> {
        let runs = self.runs(filter).await?;
        let Some(query) = merged(&runs, filter, after, PAGE_MAX_ROWS)? else {
            return Ok(Vec::new());
        };
        let text = query.into_string();
        let mut plan = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
        plan.push(text);
        let rows = plan.build().persistent(false).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("detail")?)).collect()
    }

    /// The runs of which a page is made.
    async fn runs(&self, filter: &Filter) -> Result<Vec<Run>, StoreError> {
        let shown = filter.shown == Shown::Floods;
        let pick = |plain, of_shown| if shown { of_shown } else { plain };
        let confirmed = filter.confirmation.is_empty()
            || filter.confirmation.contains(&Confirmation::Confirmed);
        // What is rare comes first.
        if let Shown::Behind(head) = filter.shown {
            let with = vec![("flood", Value::Bytes(row::id_bytes(&head)?))];
            return Ok(vec![Run { with, ..Run::whole("alerts_by_flood") }]);
        }
        if filter.waiting {
            return Ok(vec![Run::whole("alerts_waiting")]);
        }
        if filter.due {
            return Ok(vec![Run::whole("alerts_due")]);
        }
        if matches!(filter.snoozed, Snoozed::Only(_)) {
            return Ok(vec![Run::whole("alerts_snoozed")]);
        }
        if let (Some(listed), Some(counterparty)) = (filter.listed, filter.counterparty) {
            let counterparty = ("counterparty", Value::Bytes(counterparty.to_vec()));
            let with = vec![counterparty, ("listed", Value::Bytes(listed.to_vec()))];
            return Ok(vec![Run { with, ..Run::whole("alerts_by_pair") }]);
        }
        if let Some(assignee) = &filter.assignee {
            let assignee = ("assignee", Value::Text(assignee.clone()));
            return of_one(filter, "alerts_of_assignee", &assignee);
        }
        if !confirmed {
            return Ok(vec![Run::whole("alerts_not_confirmed")]);
        }
        if let Some(counterparty) = filter.counterparty {
            let index = pick("alerts_of_counterparty", "alerts_of_counterparty_shown");
            return of_one(filter, index, &("counterparty", Value::Bytes(counterparty.to_vec())));
        }
        if let Some(listed) = filter.listed {
            let index = pick("alerts_of_listed", "alerts_of_listed_shown");
            return of_one(filter, index, &("listed", Value::Bytes(listed.to_vec())));
        }
        let runs = self.kinds(filter, pick("alerts_alike", "alerts_alike_shown")).await?;
        if runs.len() > RUNS_MAX {
            return Ok(vec![Run::whole("alerts_newest_first")]);
        }
        Ok(runs)
    }

    /// A run for each kind of findings that there is and that fits.
    async fn kinds(&self, filter: &Filter, index: &'static str) -> Result<Vec<Run>, StoreError> {
        let shown = if filter.shown == Shown::Floods { "flood IS NULL" } else { "true" };
        let kinds = KINDS.replace("INDEXED BY INDEX", &format!("INDEXED BY {index}"));
        let mut query = QueryBuilder::<Sqlite>::new(kinds.replace("SHOWN", shown));
        query.push(" WHERE true");
        among(&mut query, "disposition", &filter.disposition)?;
        among(&mut query, "severity", &filter.severity)?;
        among(&mut query, "rule", &filter.rule)?;
        among(&mut query, "phase", &filter.phase)?;
        among(&mut query, "side", &filter.side)?;
        let rows = query.build().persistent(false).fetch_all(&self.pool).await?;
        rows.iter().map(|row| kind(row, index)).collect()
    }
}

fn kind(row: &SqliteRow, index: &'static str) -> Result<Run, StoreError> {
    let columns = ["disposition", "severity", "rule", "phase", "side"];
    let value = |column| Ok((column, Value::Text(row.try_get(column)?)));
    let with = columns.into_iter().map(value).collect::<Result<_, StoreError>>()?;
    Ok(Run { index, with, severity: Some(row::read_word(row, "severity")?) })
}

/// The runs of one address or person: one for each disposition and weight that is asked for.
fn of_one(
    filter: &Filter,
    index: &'static str,
    one: &(&'static str, Value),
) -> Result<Vec<Run>, StoreError> {
    let dispositions =
        if filter.disposition.is_empty() { &Disposition::ALL[..] } else { &filter.disposition };
    let severities = if filter.severity.is_empty() { &SEVERITIES[..] } else { &filter.severity };
    let mut runs = Vec::new();
    for disposition in dispositions {
        for severity in severities {
            let with = vec![
                one.clone(),
                ("disposition", Value::Text(word(disposition)?)),
                ("severity", Value::Text(word(severity)?)),
            ];
            runs.push(Run { index, with, severity: Some(*severity) });
        }
    }
    Ok(runs)
}

type Query = QueryBuilder<Sqlite>;

/// The page as one statement; `None` if there is nothing that it could be made of.
fn merged(
    runs: &[Run],
    filter: &Filter,
    after: Option<PageCursor>,
    limit: u32,
) -> Result<Option<Query>, StoreError> {
    let order = match filter.order {
        Order::Newest => "block_number DESC, tx_index DESC, log_index DESC, id DESC",
        Order::Heaviest => "rank DESC, block_number DESC, tx_index DESC, log_index DESC, id DESC",
    };
    // One more than asked for tells whether there is another page.
    let rows = i64::from(limit) + 1;
    let mut query = Query::new("SELECT alerts.* FROM (");
    let mut is_first = true;
    for run in runs {
        let Some(place) = Place::of(run, filter.order, after) else { continue };
        query.push(if is_first { "" } else { " UNION ALL " });
        is_first = false;
        query.push("SELECT * FROM (SELECT rowid AS found, ");
        match run.severity {
            Some(severity) => query.push(rank(severity)),
            None => query.push(RANK),
        };
        query.push(" AS rank, block_number, tx_index, log_index, id FROM alerts INDEXED BY ");
        query.push(run.index).push(" WHERE true");
        stand(&mut query, run, filter);
        narrow(&mut query, run, filter)?;
        place.push(&mut query)?;
        query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(rows).push(")");
    }
    query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(rows);
    query.push(") AS page CROSS JOIN alerts ON alerts.rowid = page.found ORDER BY ");
    query.push(
        order
            .replace("rank", "page.rank")
            .replace("block_number", "page.block_number")
            .replace("tx_index", "page.tx_index")
            .replace("log_index", "page.log_index")
            .replace("id DESC", "page.id DESC"),
    );
    Ok((!is_first).then_some(query))
}

/// From where on a run is read.
enum Place {
    Begin,
    Behind(PageCursor),
    /// Where the weight is not the same all along.
    BehindHeavier(PageCursor, Severity),
}

impl Place {
    /// `None` if nothing of the run comes after the cursor.
    fn of(run: &Run, order: Order, after: Option<PageCursor>) -> Option<Self> {
        let Some(cursor) = after else { return Some(Self::Begin) };
        let heaviest = cursor.severity.filter(|_| order == Order::Heaviest);
        match (heaviest, run.severity) {
            (None, _) => Some(Self::Behind(cursor)),
            (Some(heaviest), None) => Some(Self::BehindHeavier(cursor, heaviest)),
            (Some(heaviest), Some(severity)) if severity > heaviest => None,
            (Some(heaviest), Some(severity)) if severity == heaviest => Some(Self::Behind(cursor)),
            (Some(_), Some(_)) => Some(Self::Begin),
        }
    }

    fn push(&self, query: &mut Query) -> Result<(), StoreError> {
        let after = match self {
            Self::Begin => return Ok(()),
            Self::Behind(after) => {
                query.push(" AND (block_number, tx_index, log_index, id) < (");
                after
            }
            Self::BehindHeavier(after, severity) => {
                query.push(" AND (").push(RANK);
                query.push(", block_number, tx_index, log_index, id) < (");
                query.push_bind(rank(*severity)).push(", ");
                after
            }
        };
        query.push_bind(int(after.block)).push(", ").push_bind(int(after.tx)).push(", ");
        query.push_bind(row::log_index(after.log)).push(", ");
        query.push_bind(row::id_bytes(&after.id)?).push(")");
        Ok(())
    }
}

/// What the run itself says, and what lets the engine use an index that has not all rows.
fn stand(query: &mut Query, run: &Run, filter: &Filter) {
    for (column, value) in &run.with {
        query.push(" AND ").push(*column).push(" = ");
        match value {
            Value::Text(text) => query.push_bind(text.clone()),
            Value::Bytes(bytes) => query.push_bind(bytes.clone()),
        };
    }
    if run.index == "alerts_by_flood" {
        query.push(" AND flood IS NOT NULL");
    }
    if run.index == "alerts_snoozed" {
        query.push(" AND snoozed_until IS NOT NULL");
    }
    if run.index == "alerts_not_confirmed" {
        query.push(" AND confirmation <> 'confirmed'");
    }
    if filter.shown == Shown::Floods {
        query.push(" AND flood IS NULL");
    }
}

/// What the filter asks for beyond that.
fn narrow(query: &mut Query, run: &Run, filter: &Filter) -> Result<(), StoreError> {
    for (column, words) in [
        ("severity", words(&filter.severity)?),
        ("confirmation", words(&filter.confirmation)?),
        ("phase", words(&filter.phase)?),
        ("disposition", words(&filter.disposition)?),
        ("rule", filter.rule.clone()),
        ("side", words(&filter.side)?),
    ] {
        if !run.has(column) {
            list(query, column, words);
        }
    }
    if let Some(listed) = filter.listed.filter(|_| !run.has("listed")) {
        query.push(" AND listed = ").push_bind(listed.to_vec());
    }
    if let Some(counterparty) = filter.counterparty.filter(|_| !run.has("counterparty")) {
        query.push(" AND counterparty = ").push_bind(counterparty.to_vec());
    }
    if let Some(assignee) = filter.assignee.as_ref().filter(|_| !run.has("assignee")) {
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
    within(query, filter);
    Ok(())
}

/// Times grow with heights, so that a time leads to where in a run it begins.
fn within(query: &mut Query, filter: &Filter) {
    if let Some(since) = filter.since {
        query.push(" AND block_time >= ").push_bind(since);
        query.push(
            " AND block_number >= (SELECT block_number FROM alerts INDEXED BY alerts_by_time
               WHERE block_time >= ",
        );
        query.push_bind(since).push(" ORDER BY block_time, block_number LIMIT 1)");
    }
    if let Some(until) = filter.until {
        query.push(" AND block_time < ").push_bind(until);
        query.push(
            " AND block_number <= (SELECT block_number FROM alerts INDEXED BY alerts_by_time
               WHERE block_time < ",
        );
        query.push_bind(until).push(" ORDER BY block_time DESC, block_number DESC LIMIT 1)");
    }
}

fn words<T: Serialize>(values: &[T]) -> Result<Vec<String>, StoreError> {
    values.iter().map(word).collect()
}

/// One of some words, if any are named.
fn among<T: Serialize>(
    query: &mut Query,
    column: &'static str,
    values: &[T],
) -> Result<(), StoreError> {
    list(query, column, words(values)?);
    Ok(())
}

fn list(query: &mut Query, column: &'static str, words: Vec<String>) {
    if words.is_empty() {
        return;
    }
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for word in words {
        list.push_bind(word);
    }
    query.push(")");
}
