//! The rows of a file, for a backup, and from one.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, TypeInfo, ValueRef};
use tokio_stream::StreamExt;

use super::lock::Lock;
use super::{MIGRATIONS, check, options};
use crate::store::backup::{BackupError, Cell, Sink, Source, TABLES, Table, private, with_ending};
use crate::store::{Home, StoreError};

/// Gives every row to a sink. They are read from a copy that the engine makes of the file as it
/// stands at one moment: a reader that takes its time would keep the log of a running indexer from
/// being folded into the file.
pub(in crate::store) async fn dump<S: Sink>(
    path: &Path,
    snapshot: &Path,
    begin: impl FnOnce(Home, i64) -> Result<S, BackupError> + Send,
) -> Result<S, BackupError> {
    let copied = copy(path, snapshot).await;
    let dumped = match copied {
        Ok(()) => read(snapshot, begin).await,
        Err(error) => Err(error),
    };
    // The copy is of no use to anybody else, and may not be there.
    let _ = std::fs::remove_file(snapshot);
    dumped
}

async fn copy(path: &Path, snapshot: &Path) -> Result<(), BackupError> {
    let whole = options(path).create_if_missing(false);
    let mut source = SqliteConnection::connect_with(&whole).await.map_err(StoreError::from)?;
    // The engine writes into an empty file that is there, and leaves its mode alone.
    private(snapshot)?;
    let target = snapshot.to_str().ok_or(StoreError::Unreadable("a file name"))?;
    sqlx::query("VACUUM INTO ?1")
        .bind(target)
        .execute(&mut source)
        .await
        .map_err(StoreError::from)?;
    Ok(source.close().await.map_err(StoreError::from)?)
}

async fn read<S: Sink>(
    snapshot: &Path,
    begin: impl FnOnce(Home, i64) -> Result<S, BackupError> + Send,
) -> Result<S, BackupError> {
    let plain = SqliteConnectOptions::new().filename(snapshot);
    let mut db = SqliteConnection::connect_with(&plain).await.map_err(StoreError::from)?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(&mut db)
        .await
        .map_err(StoreError::from)?;
    if found != "ok" {
        return Err(StoreError::Damaged { path: snapshot.to_owned(), finding: found }.into());
    }
    let home = sqlx::query("SELECT chain_id, genesis_hash, blocklist FROM home")
        .fetch_optional(&mut db)
        .await
        .map_err(StoreError::from)?
        .ok_or_else(|| BackupError::Nothing(snapshot.display().to_string()))?;
    let schema = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut db)
        .await
        .map_err(StoreError::from)?;
    let mut sink = begin(super::home(&home)?, schema)?;
    for table in TABLES {
        rows(&mut db, table, &mut sink).await?;
    }
    db.close().await.map_err(StoreError::from)?;
    Ok(sink)
}

/// The rows of one table, in the order of its key.
async fn rows(
    db: &mut SqliteConnection,
    table: &'static str,
    sink: &mut impl Sink,
) -> Result<(), BackupError> {
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
            .bind(table)
            .fetch_all(&mut *db)
            .await
            .map_err(StoreError::from)?;
    if columns.is_empty() {
        // A table that came with a later version.
        return Ok(());
    }
    let select = format!("SELECT {} FROM {table} ORDER BY 1, 2", columns.join(", "));
    sink.table(&Table { table: table.to_owned(), columns })?;
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(db);
    while let Some(row) = rows.next().await {
        let row = row.map_err(StoreError::from)?;
        let cells: Vec<_> =
            (0..row.len()).map(|index| cell(&row, index)).collect::<Result<_, _>>()?;
        sink.row(&cells)?;
    }
    Ok(())
}

fn cell(row: &SqliteRow, index: usize) -> Result<Cell, StoreError> {
    let value = row.try_get_raw(index)?;
    let kind = value.type_info();
    Ok(match kind.name() {
        _ if value.is_null() => Cell::Null,
        "INTEGER" => Cell::Number(row.try_get(index)?),
        "TEXT" => Cell::Text(row.try_get(index)?),
        "BLOB" => Cell::Bytes { hex: row.try_get::<Vec<u8>, _>(index)?.into() },
        _ => return Err(StoreError::Unreadable("a value of a strange type")),
    })
}

/// Makes the file from a backup: under another name first, so that it is there as a whole or not
/// at all.
pub(in crate::store) async fn load(
    path: &Path,
    schema: i64,
    source: Source,
) -> Result<(), BackupError> {
    let _lock = Lock::take(path)?;
    if path.exists() {
        return Err(BackupError::NotEmpty(path.display().to_string()));
    }
    let part = with_ending(path, "part");
    // What an interrupted attempt left.
    for ending in ["", "-wal", "-shm"] {
        let mut name = part.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
    fill(&part, schema, source).await?;
    let moved = std::fs::rename(&part, path);
    moved.map_err(|reason| BackupError::File { path: path.to_owned(), reason })
}

async fn fill(part: &Path, schema: i64, mut source: Source) -> Result<(), BackupError> {
    let mut db = SqliteConnection::connect_with(&options(part)).await.map_err(StoreError::from)?;
    // First as it was when the backup was made, then on to today.
    MIGRATIONS.run_to(schema, &mut db).await.map_err(StoreError::from)?;
    let mut tx = db.begin().await.map_err(StoreError::from)?;
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
    MIGRATIONS.run(&mut db).await.map_err(StoreError::from)?;
    check(&mut db, part).await?;
    // Closing folds the log into the file.
    Ok(db.close().await.map_err(StoreError::from)?)
}
