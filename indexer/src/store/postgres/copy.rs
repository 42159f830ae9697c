//! The rows of a database, for a backup, and from one.

use secrecy::SecretString;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Column, Postgres, Row, Transaction, TypeInfo, ValueRef};
use tokio_stream::StreamExt;

use super::{MIGRATIONS, connect};
use crate::store::backup::{BackupError, Cell, Sink, Source, TABLES, Table};
use crate::store::{Home, StoreError};

/// Gives every row to a sink, as they stand at one moment.
pub(in crate::store) async fn dump<S: Sink>(
    url: &SecretString,
    begin: impl FnOnce(Home, i64) -> Result<S, BackupError> + Send,
) -> Result<S, BackupError> {
    let (pool, place) = connect::connect(url).await?;
    let mut tx = snapshot(&pool).await?;
    let made: bool = sqlx::query_scalar("SELECT to_regclass('home') IS NOT NULL")
        .fetch_one(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    let nothing = || BackupError::Nothing(place.clone());
    if !made {
        return Err(nothing());
    }
    let home = sqlx::query("SELECT chain_id, genesis_hash, blocklist FROM home")
        .fetch_optional(&mut *tx)
        .await
        .map_err(StoreError::from)?
        .ok_or_else(nothing)?;
    let schema = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    let mut sink = begin(super::home(&home)?, schema)?;
    for table in TABLES {
        rows(&mut tx, table, &mut sink).await?;
    }
    drop(tx);
    pool.close().await;
    Ok(sink)
}

async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let mut tx = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // A large table takes its time, and only one statement.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *tx).await?;
    Ok(tx)
}

/// The rows of one table, in the order of its key.
async fn rows(
    tx: &mut Transaction<'_, Postgres>,
    table: &'static str,
    sink: &mut impl Sink,
) -> Result<(), BackupError> {
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT column_name::text FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
    )
    .bind(table)
    .fetch_all(&mut **tx)
    .await
    .map_err(StoreError::from)?;
    if columns.is_empty() {
        // A table that came with a later version.
        return Ok(());
    }
    let select = format!("SELECT {} FROM {table} ORDER BY 1, 2", columns.join(", "));
    sink.table(&Table { table: table.to_owned(), columns })?;
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut **tx);
    while let Some(row) = rows.next().await {
        let row = row.map_err(StoreError::from)?;
        let cells: Vec<_> =
            (0..row.len()).map(|index| cell(&row, index)).collect::<Result<_, _>>()?;
        sink.row(&cells)?;
    }
    Ok(())
}

fn cell(row: &PgRow, index: usize) -> Result<Cell, StoreError> {
    if row.try_get_raw(index)?.is_null() {
        return Ok(Cell::Null);
    }
    Ok(match row.column(index).type_info().name() {
        "INT8" => Cell::Number(row.try_get(index)?),
        "TEXT" => Cell::Text(row.try_get(index)?),
        "BYTEA" => Cell::Bytes { hex: row.try_get::<Vec<u8>, _>(index)?.into() },
        _ => return Err(StoreError::Unreadable("a value of a strange type")),
    })
}

/// Fills an empty database from a backup: in one transaction, so that an interrupted attempt leaves
/// it as empty as it was.
pub(in crate::store) async fn load(
    url: &SecretString,
    schema: i64,
    mut source: Source,
) -> Result<(), BackupError> {
    let (pool, place) = connect::connect(url).await?;
    // First as it was when the backup was made, then on to today.
    MIGRATIONS.run_to(schema, &pool).await.map_err(StoreError::from)?;
    let mut tx = pool.begin().await.map_err(StoreError::from)?;
    let applied: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut *tx)
        .await
        .map_err(StoreError::from)?;
    let home = sqlx::query("SELECT 1 FROM home").fetch_optional(&mut *tx).await;
    if home.map_err(StoreError::from)?.is_some() || applied > Some(schema) {
        return Err(BackupError::NotEmpty(place));
    }
    while let Some((insert, row)) = source.next()? {
        let mut query = sqlx::query(AssertSqlSafe(insert));
        for cell in row {
            query = match cell {
                Cell::Number(number) => query.bind(number),
                Cell::Text(text) => query.bind(text),
                Cell::Bytes { hex } => query.bind(hex.to_vec()),
                Cell::Null => query,
            };
        }
        query.execute(&mut *tx).await.map_err(StoreError::from)?;
    }
    tx.commit().await.map_err(StoreError::from)?;
    MIGRATIONS.run(&pool).await.map_err(StoreError::from)?;
    pool.close().await;
    Ok(())
}
