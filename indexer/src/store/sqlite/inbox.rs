//! Pages of alerts. The engine keeps no statistics that could tell which index serves a filter
//! best, so this room tells it: a page is the merge of the ends of runs, and in each run stand
//! findings that are alike, in the order of the chain, in one index. What a run has nothing to do
//! with costs one look.

use interdict_core::alert::Confirmation;
use interdict_core::policy::Severity;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::Store;
use super::row::{self, int, word};
use crate::store::inbox::{
    Filter, Order, PAGE_MAX_ROWS, PageCursor, RANK, Shown, Snoozed, page, rank,
};
use crate::store::{Case, StoreError};

/// Most runs that one merge takes: the engine takes up to 500. Of more, merges are merged.
const MERGED_MAX: usize = 400;
/// Most runs that are merged at all. Each is a kind of findings that there is; of more the chain is
/// read from its end instead.
const RUNS_MAX: usize = 1_600;

/// What findings of one kind have in common.
const KIND: [&str; 5] = ["disposition", "severity", "rule", "phase", "side"];

/// The kinds of findings that there are, from the first to the last: a look for each. The engine
/// begins to look where all that is compared is equal, so that what is compared ends with a height
/// that no block has; and it compares two columns without an affinity, where the index serves the
/// first of them only, so that each of one side has a plus.
const KINDS: &str = "
    WITH RECURSIVE kinds (disposition, severity, rule, phase, side) AS (
        SELECT * FROM (
            SELECT disposition, severity, rule, phase, side FROM alerts INDEXED BY INDEX
            WHERE OF ORDER BY disposition, severity, rule, phase, side LIMIT 1)
        UNION ALL
        SELECT next.disposition, next.severity, next.rule, next.phase, next.side
        FROM kinds CROSS JOIN alerts AS next ON next.rowid = (
            SELECT rowid FROM alerts INDEXED BY INDEX
            WHERE OF AND (disposition, severity, rule, phase, side, block_number)
                > (+kinds.disposition, +kinds.severity, +kinds.rule, +kinds.phase, +kinds.side,
                   9223372036854775807)
            ORDER BY disposition, severity, rule, phase, side, block_number LIMIT 1))
    SELECT disposition, severity, rule, phase, side FROM kinds";

/// A value that a column has in a run.
#[derive(Clone, Debug)]
enum Value {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    fn push(&self, query: &mut Query) {
        match self {
            Self::Number(number) => query.push_bind(*number),
            Self::Text(text) => query.push_bind(text.clone()),
            Self::Bytes(bytes) => query.push_bind(bytes.clone()),
        };
    }
}

type With = Vec<(&'static str, Value)>;

/// Findings that stand together in an index.
#[derive(Clone, Debug)]
struct Run {
    index: &'static str,
    /// What the index begins with.
    with: With,
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

    /// The runs of which a page is made. What is rare comes first.
    async fn runs(&self, filter: &Filter) -> Result<Vec<Run>, StoreError> {
        if filter.waiting {
            return Ok(vec![Run::whole("alerts_waiting")]);
        }
        if filter.due {
            return Ok(vec![Run::whole("alerts_due")]);
        }
        if matches!(filter.snoozed, Snoozed::Only(_)) {
            return Ok(vec![Run::whole("alerts_snoozed")]);
        }
        let confirmed = filter.confirmation.is_empty()
            || filter.confirmation.contains(&Confirmation::Confirmed);
        if !confirmed {
            return Ok(vec![Run::whole("alerts_not_confirmed")]);
        }
        let listed = filter.listed.map(|one| ("listed", Value::Bytes(one.to_vec())));
        let counterparty =
            filter.counterparty.map(|one| ("counterparty", Value::Bytes(one.to_vec())));
        if let Shown::Behind(head) = filter.shown {
            let head = ("flood", Value::Bytes(row::id_bytes(&head)?));
            return self.kinds(filter, "alerts_of_flood", vec![head]).await;
        }
        if let Some(assignee) = &filter.assignee {
            let assignee = ("assignee", Value::Text(assignee.clone()));
            return self.kinds(filter, "alerts_of_assignee", vec![assignee]).await;
        }
        match (counterparty, listed) {
            (Some(counterparty), Some(listed)) => {
                self.kinds(filter, "alerts_of_pair", vec![counterparty, listed]).await
            }
            (Some(counterparty), None) => {
                self.kinds(filter, "alerts_of_counterparty", vec![counterparty]).await
            }
            (None, Some(listed)) => self.kinds(filter, "alerts_of_listed", vec![listed]).await,
            (None, None) => self.kinds(filter, "alerts_of_all", Vec::new()).await,
        }
    }

    /// A run for each kind of findings that there is and that fits.
    async fn kinds(
        &self,
        filter: &Filter,
        index: &'static str,
        of: With,
    ) -> Result<Vec<Run>, StoreError> {
        let shown = if filter.shown == Shown::Floods { &[1][..] } else { &[1, 0] };
        let mut runs = Vec::new();
        for shown in shown {
            let mut of = of.clone();
            of.push(("shown", Value::Number(*shown)));
            let mut query = kinds(filter, index, &of)?;
            for row in &query.build().persistent(false).fetch_all(&self.pool).await? {
                runs.push(kind(row, index, &of)?);
            }
        }
        if runs.len() > RUNS_MAX {
            return Ok(vec![Run::whole("alerts_newest_first")]);
        }
        Ok(runs)
    }
}

/// What finds the kinds that fit.
fn kinds(filter: &Filter, index: &'static str, of: &With) -> Result<Query, StoreError> {
    let mut query = Query::new("");
    let text = KINDS.replace("INDEXED BY INDEX", &format!("INDEXED BY {index}"));
    for (place, part) in text.split("OF").enumerate() {
        if place > 0 {
            query.push("true");
            equal(&mut query, of);
        }
        query.push(part);
    }
    query.push(" WHERE true");
    among(&mut query, "disposition", &filter.disposition)?;
    among(&mut query, "severity", &filter.severity)?;
    among(&mut query, "rule", &filter.rule)?;
    among(&mut query, "phase", &filter.phase)?;
    among(&mut query, "side", &filter.side)?;
    query.push(" LIMIT ").push(RUNS_MAX + 1);
    Ok(query)
}

fn kind(row: &SqliteRow, index: &'static str, of: &With) -> Result<Run, StoreError> {
    let mut with = of.clone();
    for column in KIND {
        with.push((column, Value::Text(row.try_get(column)?)));
    }
    Ok(Run { index, with, severity: Some(row::read_word(row, "severity")?) })
}

type Query = QueryBuilder<Sqlite>;

/// The page as one statement; `None` if there is nothing that it could be made of.
fn merged(
    runs: &[Run],
    filter: &Filter,
    after: Option<PageCursor>,
    limit: u32,
) -> Result<Option<Query>, StoreError> {
    // One more than asked for tells whether there is another page.
    let rows = i64::from(limit) + 1;
    let places: Vec<_> =
        runs.iter().filter_map(|run| Some((run, Place::of(run, filter.order, after)?))).collect();
    let mut query = Query::new("SELECT alerts.* FROM (");
    for (index, together) in places.chunks(MERGED_MAX).enumerate() {
        query.push(if index == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        for (index, (run, place)) in together.iter().enumerate() {
            query.push(if index == 0 { "" } else { " UNION ALL " });
            query.push("SELECT * FROM (SELECT rowid AS found, ");
            match run.severity {
                Some(severity) => query.push(rank(severity)),
                None => query.push(RANK),
            };
            query.push(" AS rank, block_number, tx_index, log_index, id FROM alerts INDEXED BY ");
            query.push(run.index).push(" WHERE true");
            stand(&mut query, run);
            narrow(&mut query, run, filter)?;
            place.push(&mut query)?;
            // What weighs the same stands in the order of the chain already.
            let order = if run.severity.is_some() { Order::Newest } else { filter.order };
            ordered(&mut query, order, "").push(" LIMIT ").push_bind(rows).push(")");
        }
        ordered(&mut query, filter.order, "").push(" LIMIT ").push_bind(rows).push(")");
    }
    ordered(&mut query, filter.order, "").push(" LIMIT ").push_bind(rows);
    query.push(") AS page CROSS JOIN alerts ON alerts.rowid = page.found");
    ordered(&mut query, filter.order, "page.");
    Ok((!places.is_empty()).then_some(query))
}

fn ordered<'a>(query: &'a mut Query, order: Order, of: &str) -> &'a mut Query {
    let rank = if order == Order::Heaviest { &["rank"][..] } else { &[] };
    let place = ["block_number", "tx_index", "log_index", "id"];
    for (index, column) in rank.iter().chain(&place).enumerate() {
        query.push(if index == 0 { " ORDER BY " } else { ", " });
        query.push(of).push(*column).push(" DESC");
    }
    query
}

fn equal(query: &mut Query, with: &With) {
    for (column, value) in with {
        query.push(" AND ").push(*column).push(" = ");
        value.push(query);
    }
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
fn stand(query: &mut Query, run: &Run) {
    equal(query, &run.with);
    for partial in [("alerts_of_flood", "flood"), ("alerts_of_assignee", "assignee")] {
        if run.index == partial.0 {
            query.push(" AND ").push(partial.1).push(" IS NOT NULL");
        }
    }
    if run.index == "alerts_snoozed" {
        query.push(" AND snoozed_until IS NOT NULL");
    }
    if run.index == "alerts_not_confirmed" {
        query.push(" AND confirmation <> 'confirmed'");
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
    match filter.shown {
        Shown::Floods if !run.has("shown") => {
            query.push(" AND shown = 1");
        }
        Shown::Behind(head) if !run.has("flood") => {
            query.push(" AND flood = ").push_bind(row::id_bytes(&head)?);
        }
        Shown::Each | Shown::Floods | Shown::Behind(_) => {}
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
