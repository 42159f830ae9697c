//! A new database of either kind for one test, and what to put into it.

use std::collections::BTreeMap;
use std::time::Duration;

use alloy_primitives::{Address, B256};
use interdict_core::ledger::{Kind, Ledger};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

use super::cluster;
use crate::chain::{Block, Header};
use crate::store::backup::{BackupError, Cell, Sink, TABLES, Table};
use crate::store::{
    Attempted, CONFIG_ENDPOINT, Configured, Home, Intake, Place, Scope, Store, postgres, sqlite,
};
use crate::world;
use crate::world::{CHAIN, Script, TOKEN, account, block, genesis, place, tx};

pub(super) const LISTED: u8 = 0xaa;
pub(super) const PAYER: u8 = 0xbb;
pub(super) const NOW: i64 = 1_000;
/// Long enough to outlive any test that does not wait for its end.
pub(super) const LEASE: Duration = Duration::from_mins(5);

/// Where one test has its database.
pub(super) struct Ground {
    place: Place,
    folder: TempDir,
}

impl Ground {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { place: folder.path().join("test.sqlite").into(), folder }
    }

    pub(super) async fn postgres() -> Self {
        let cluster = cluster::shared();
        let url = cluster.url(&cluster.database().await);
        Self { place: Place::Server { url, lease: LEASE }, folder: tempfile::tempdir().unwrap() }
    }

    /// Over a database that is there.
    pub(super) fn on(place: Place) -> Self {
        Self { place, folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// A folder that ends with the test.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(super) async fn open(&self) -> Store {
        let store = Store::open(&self.place, home()).await.unwrap();
        store.hold(Scope::Chain).await.unwrap();
        store
    }

    /// A database that has begun above block 100.
    pub(super) async fn begun(&self) -> Store {
        let store = self.open().await;
        store.begin_above(genesis()).await.unwrap();
        store
    }

    /// Everything in it.
    pub(super) async fn contents(&self) -> Contents {
        let begin = |_, _| Ok(Contents::default());
        match &self.place {
            Place::File(path) => {
                let snapshot = self.folder.path().join("snapshot");
                sqlite::dump(path, &snapshot, begin).await.unwrap()
            }
            Place::Server { url, .. } => postgres::dump(url, begin).await.unwrap(),
        }
    }

    /// Has a statement done past every verb, as somebody with the database in hand can.
    pub(super) async fn execute(&self, statement: &str) -> Result<(), sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.place {
            Place::File(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                let mut db = SqliteConnection::connect_with(&options).await?;
                db.execute(statement).await?;
                db.close().await
            }
            Place::Server { url, .. } => {
                let mut db = cluster::connect(url).await;
                db.execute(statement).await?;
                db.close().await
            }
        }
    }

    /// The rows of one table.
    pub(super) async fn rows(&self, table: &str) -> Vec<Vec<Cell>> {
        let contents = self.contents().await;
        let found = contents.0.into_iter().find(|(known, _)| known.table == table);
        found.map(|(_, rows)| rows).unwrap_or_default()
    }
}

/// Every table with its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents(pub(super) Vec<(Table, Vec<Vec<Cell>>)>);

impl Contents {
    /// What does not depend on what a receiver was told when.
    pub(super) fn without_deliveries(mut self) -> Self {
        self.0.retain(|(table, _)| !matches!(table.table.as_str(), "deliveries" | "endpoints"));
        self
    }
}

impl Sink for Contents {
    fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        assert_eq!(table.table, TABLES[self.0.len()]);
        self.0.push((table.clone(), Vec::new()));
        Ok(())
    }

    fn row(&mut self, row: &[Cell]) -> Result<(), BackupError> {
        self.0.last_mut().unwrap().1.push(row.to_vec());
        Ok(())
    }
}

/// The receiver of the configuration file.
pub(super) fn configured(n: u8) -> Configured {
    Configured { shown: format!("https://{n}.example"), receiver: B256::repeat_byte(n) }
}

/// Puts all news that fits into the line of the configuration file's receiver.
pub(super) async fn lined(store: &Store) {
    store.configure(Some(&configured(1)), NOW).await.unwrap();
    store.hold(Scope::Deliveries).await.unwrap();
    while store.line_up(CONFIG_ENDPOINT).await.unwrap().more {}
}

/// A place in a line, as nobody has asked for it anew.
pub(super) const fn first(seq: i64) -> Attempted {
    Attempted { seq, round: 0 }
}

pub(super) fn home() -> Home {
    let genesis_hash = B256::repeat_byte(1);
    Home { chain_id: CHAIN, genesis_hash, blocklist: Address::repeat_byte(0xb1) }
}

pub(super) fn ledger() -> Ledger {
    Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED)]).ledger()
}

/// A block above another with payments to the listed address.
pub(super) fn paying(below: Header, payments: u64) -> Block {
    let drafts: Vec<_> = (0..payments)
        .map(|n| tx(n, None, 0).transfer(TOKEN, account(PAYER), account(LISTED), n + 1))
        .collect();
    block(below, &drafts)
}

pub(super) fn intake(block: &Block) -> Intake {
    let screened = world::live(block, &ledger());
    Intake {
        header: block.header,
        acts: vec![],
        alerts: screened.alerts,
        undecoded: screened.undecoded,
        lookbacks: vec![],
        moved: BTreeMap::new(),
        now: NOW,
    }
}
