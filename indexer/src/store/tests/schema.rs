//! Both databases have the same tables, columns, constraints and indexes, after each migration: the
//! same backup fits both, whichever version made it.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Row};

use super::cluster;
use crate::store::backup::TABLES;
use crate::store::{newest_schema, postgres, sqlite};

/// What is compared, a line each.
type Schema = BTreeSet<String>;

const SQLITE: [&str; 4] = [
    "SELECT 'column ' || m.name || '.' || c.name || ' ' ||
            CASE c.type WHEN 'INTEGER' THEN 'number' WHEN 'BLOB' THEN 'bytes'
                        WHEN 'TEXT' THEN 'text' ELSE c.type END ||
            CASE WHEN c.\"notnull\" OR c.pk > 0 THEN ' not null' ELSE '' END
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
    "SELECT 'key ' || m.name || '.' || c.name
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk > 0",
    "SELECT 'index ' || tbl_name || ' ' || name
     FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "SELECT 'reference ' || m.name || '.' || f.\"from\" || ' ' || f.\"table\"
     FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
];

const POSTGRES: [&str; 5] = [
    "SELECT 'column ' || table_name || '.' || column_name || ' ' ||
            CASE data_type WHEN 'bigint' THEN 'number' WHEN 'bytea' THEN 'bytes'
                 ELSE data_type END ||
            CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
     FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT 'key ' || conrelid::regclass || '.' || attname
     FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
     WHERE contype = 'p' AND connamespace = 'public'::regnamespace",
    "SELECT 'index ' || tablename || ' ' || indexname FROM pg_indexes
     WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)",
    "SELECT 'reference ' || conrelid::regclass || '.' || attname || ' ' || confrelid::regclass
     FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
     WHERE contype = 'f'",
    "SELECT 'check ' || conrelid::regclass || ' ' || conname
     FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace",
];

/// Leases are for several workers, and a file has one.
fn is_shared(line: &str) -> bool {
    let table = line.split([' ', '.']).nth(1).unwrap_or_default();
    !matches!(table, "_sqlx_migrations" | "leases" | "sqlite_sequence")
}

async fn of_sqlite(db: &mut SqliteConnection) -> Schema {
    let mut schema = Schema::new();
    for query in SQLITE {
        schema.extend(sqlx::query_scalar::<_, String>(query).fetch_all(&mut *db).await.unwrap());
    }
    let tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table'";
    for row in sqlx::query(tables).fetch_all(db).await.unwrap() {
        let (table, sql): (String, String) = (row.get("name"), row.get("sql"));
        let names = sql.split("CONSTRAINT ").skip(1);
        let names = names.filter_map(|rest| rest.split_whitespace().next().map(str::to_owned));
        schema.extend(names.map(|name| format!("check {table} {name}")));
    }
    schema.retain(|line| is_shared(line));
    schema
}

async fn of_postgres(db: &mut PgConnection) -> Schema {
    let mut schema = Schema::new();
    for query in POSTGRES {
        schema.extend(sqlx::query_scalar::<_, String>(query).fetch_all(&mut *db).await.unwrap());
    }
    schema.retain(|line| is_shared(line));
    schema
}

#[tokio::test]
async fn after_each_migration_both_schemas_are_the_same() {
    let cluster = cluster::shared();
    let mut theirs = cluster::connect(&cluster.url(&cluster.database().await)).await;
    let memory = SqliteConnectOptions::new().in_memory(true);
    let mut ours = SqliteConnection::connect_with(&memory).await.unwrap();
    for version in 1..=newest_schema() {
        sqlite::MIGRATIONS.run_to(version, &mut ours).await.unwrap();
        postgres::MIGRATIONS.run_to(version, &mut theirs).await.unwrap();
        let (ours, theirs) = (of_sqlite(&mut ours).await, of_postgres(&mut theirs).await);
        assert!(ours.len() > 100, "{ours:?}");
        let only_ours: Vec<_> = ours.difference(&theirs).collect();
        let only_theirs: Vec<_> = theirs.difference(&ours).collect();
        assert_eq!((only_ours, only_theirs), (vec![], vec![]), "after migration {version}");
    }
}

#[tokio::test]
async fn a_backup_knows_every_table() {
    let memory = SqliteConnectOptions::new().in_memory(true);
    let mut db = SqliteConnection::connect_with(&memory).await.unwrap();
    sqlite::MIGRATIONS.run(&mut db).await.unwrap();
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'
                  AND name NOT LIKE 'sqlite%'";
    let found: BTreeSet<String> =
        sqlx::query_scalar(tables).fetch_all(&mut db).await.unwrap().into_iter().collect();
    assert_eq!(found, TABLES.map(str::to_owned).into(), "add it to store::backup::TABLES");
}
