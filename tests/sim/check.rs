//! The database and the receiver, held against the oracle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alloy_primitives::{Address, B256, hex};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row};

use crate::oracle::{Back, Finding, Key, findings, standings};
use crate::receiver::News;
use crate::tree::Id;
use crate::world::World;

/// One alert as the database has it.
#[derive(Clone, Debug)]
pub(crate) struct Alert {
    id: String,
    key: Key,
    finding: Finding,
    confirmation: String,
    standing: String,
}

/// One row of the outbox, and its place in the receiver's line.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    seq: i64,
    /// `None` while it is only in the record.
    place: Option<i64>,
    alert: String,
    kind: String,
    state: String,
}

/// Everything that the database says.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) cursor: (u64, B256),
    pub(crate) finalized: u64,
    pub(crate) blocks: Vec<(u64, B256, B256)>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) outbox: Vec<Outgoing>,
    pub(crate) open_lookbacks: i64,
    pub(crate) open_standings: i64,
    /// All of the above, and all else that is kept, as a short word.
    pub(crate) digest: String,
}

/// Reads a database, and lets go of it before it says what it read.
pub(crate) async fn read(path: &Path) -> Result<Option<Facts>, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut db = options.connect().await?;
    let facts = facts(&mut db).await;
    db.close().await?;
    facts
}

async fn facts(db: &mut SqliteConnection) -> Result<Option<Facts>, sqlx::Error> {
    let began = sqlx::query("SELECT number, hash, finalized FROM cursor").fetch_optional(&mut *db);
    let Some(cursor) = began.await? else { return Ok(None) };
    let alerts = rows(db, "SELECT * FROM alerts ORDER BY id").await?;
    let outbox = rows(
        db,
        "SELECT o.seq, o.alert_id, o.kind, o.alert, d.seq AS place,
                coalesce(d.state, 'recorded') AS state
         FROM outbox o LEFT JOIN deliveries d ON d.news = o.seq ORDER BY o.seq",
    );
    let outbox = outbox.await?;
    let blocks = rows(db, "SELECT number, hash, parent FROM blocks ORDER BY number").await?;
    let acts = rows(db, "SELECT number, act FROM acts ORDER BY number").await?;
    let open = "SELECT count(*) AS open FROM lookback_jobs WHERE state = 'open'";
    let open_lookbacks = sqlx::query(open).fetch_one(&mut *db).await?.try_get("open")?;
    let open = "SELECT count(*) AS open FROM standings WHERE state = 'open'";
    let open_standings = sqlx::query(open).fetch_one(&mut *db).await?.try_get("open")?;
    let mut digest = Sha256::new();
    for row in &acts {
        digest.update(row.try_get::<&str, _>("act")?);
    }
    for row in &outbox {
        digest.update(row.try_get::<&str, _>("alert")?);
    }
    let mut facts = Facts {
        cursor: (uint(&cursor, "number"), hash(&cursor, "hash")),
        finalized: uint(&cursor, "finalized"),
        blocks: blocks
            .iter()
            .map(|row| (uint(row, "number"), hash(row, "hash"), hash(row, "parent")))
            .collect(),
        alerts: alerts.iter().map(alert).collect(),
        outbox: outbox.iter().map(outgoing).collect(),
        open_lookbacks,
        open_standings,
        digest: String::new(),
    };
    digest.update(format!("{facts:?}"));
    facts.digest = hex::encode(&digest.finalize()[..8]);
    Ok(Some(facts))
}

async fn rows(db: &mut SqliteConnection, sql: &'static str) -> Result<Vec<SqliteRow>, sqlx::Error> {
    sqlx::query(sql).fetch_all(db).await
}

fn uint(row: &SqliteRow, column: &str) -> u64 {
    u64::try_from(row.get::<i64, _>(column)).unwrap()
}

fn hash(row: &SqliteRow, column: &str) -> B256 {
    B256::from_slice(row.get(column))
}

fn alert(row: &SqliteRow) -> Alert {
    let word = |column: &str, words: &[&'static str]| {
        let found: &str = row.get(column);
        words.iter().copied().find(|word| *word == found).unwrap_or("another word")
    };
    Alert {
        id: hex::encode(row.get::<&[u8], _>("id")),
        key: (
            hash(row, "block_hash"),
            hash(row, "tx_hash"),
            row.get("log_index"),
            Address::from_slice(row.get("listed")),
            word("side", &["sender", "recipient", "signer", "callee"]),
        ),
        finding: Finding {
            phase: word("phase", &["before", "while", "after"]),
            found_by: word("found_by", &["live", "lookback"]),
            act: row.get("act"),
            found_at: uint(row, "found_at"),
        },
        confirmation: row.get("confirmation"),
        standing: row.get("standing"),
    }
}

fn outgoing(row: &SqliteRow) -> Outgoing {
    Outgoing {
        seq: row.get("seq"),
        place: row.get("place"),
        alert: hex::encode(row.get::<&[u8], _>("alert_id")),
        kind: row.get("kind"),
        state: row.get("state"),
    }
}

impl Facts {
    /// Where the cursor stands in the tree.
    fn tip(&self, world: &World) -> Result<Id, String> {
        let (number, hash) = self.cursor;
        let block =
            world.chain.tree.by_hash(hash).ok_or_else(|| {
                format!("the cursor is at block {number} {hash}, which never was")
            })?;
        if block.number != number {
            return Err(format!("the cursor says {number} of block {}", block.number));
        }
        Ok(block.id)
    }

    /// Whether one block stands on another with a span of final history between them, of which only
    /// the last block is kept.
    fn is_caught_up(&self, world: &World, lower: B256, upper: B256) -> bool {
        let tree = &world.chain.tree;
        let Some((lower, upper)) = tree.by_hash(lower).zip(tree.by_hash(upper)) else {
            return false;
        };
        upper.number <= self.finalized && tree.descends(upper.id, lower.id)
    }

    /// What must be true at every moment between two steps.
    pub(crate) fn hold(&self, world: &World, lookback_from: u64) -> Result<(), String> {
        let tree = &world.chain.tree;
        let tip = self.tip(world)?;
        for pair in self.blocks.windows(2) {
            let follows = pair[1].0 == pair[0].0 + 1 && pair[1].2 == pair[0].1;
            if !follows && !self.is_caught_up(world, pair[0].1, pair[1].1) {
                return Err(format!("block {} does not stand on block {}", pair[1].0, pair[0].0));
            }
        }
        if self.blocks.last().map(|last| (last.0, last.1)) != Some(self.cursor) {
            return Err("the cursor is not at the last block".to_owned());
        }
        let finalized = tree.ancestor(tip, self.finalized);
        let live = findings(tree, tip, lookback_from, Back::Unwalked);
        let all = findings(tree, tip, lookback_from, Back::Walked);
        self.unique()?;
        let mut standing = BTreeSet::new();
        for alert in self.alerts.iter().filter(|alert| alert.confirmation != "retracted") {
            let known = all.get(&alert.key);
            let Some(finding) = known else {
                return Err(format!("invented: {alert:?} does not follow from the chain"));
            };
            if *finding != alert.finding {
                return Err(format!("{alert:?} should be {finding:?}"));
            }
            let confirmed = alert.confirmation == "confirmed";
            if confirmed != (finding.found_at <= self.finalized) {
                return Err(format!("{alert:?}: final is {}", self.finalized));
            }
            standing.insert(alert.key);
        }
        if let Some((key, finding)) = live.iter().find(|(key, _)| !standing.contains(*key)) {
            return Err(format!("lost: {key:?} {finding:?}; {} are known", standing.len()));
        }
        if self.open_lookbacks == 0
            && let Some((key, finding)) = all.iter().find(|(key, _)| !standing.contains(*key))
        {
            return Err(format!("lost by looking back: {key:?} {finding:?}"));
        }
        let stands = standings(tree, tip);
        let behind = |alert: &&Alert| {
            alert.confirmation != "retracted"
                && stands.get(&alert.key.3).copied() != Some(alert.standing.as_str())
        };
        if self.open_standings == 0
            && let Some(alert) = self.alerts.iter().find(behind)
        {
            return Err(format!("{alert:?}: the address is {:?} now", stands.get(&alert.key.3)));
        }
        if finalized.is_none_or(|id| !tree.descends(world.chain.finalized, id)) {
            return Err(format!("block {} is taken for final and is not", self.finalized));
        }
        self.told()
    }

    /// An alert has one name, and what happened has one alert.
    fn unique(&self) -> Result<(), String> {
        let ids: BTreeSet<_> = self.alerts.iter().map(|alert| &alert.id).collect();
        let keys: BTreeSet<_> = self.alerts.iter().map(|alert| alert.key).collect();
        if ids.len() != self.alerts.len() || keys.len() != self.alerts.len() {
            return Err("one dealing has two alerts".to_owned());
        }
        Ok(())
    }

    /// Each change of an alert is one row of the outbox, and the rows have no gap.
    fn told(&self) -> Result<(), String> {
        let mut states: BTreeMap<&str, &str> = BTreeMap::new();
        for (row, seq) in self.outbox.iter().zip(1..) {
            if row.seq != seq {
                return Err(format!("the outbox has number {} where {seq} belongs", row.seq));
            }
            let before = states.get(row.alert.as_str()).copied();
            let next = match (before, row.kind.as_str()) {
                (Some("stands"), "alert.retracted") => "retracted",
                // New; confirmed, or back again; its address stands otherwise.
                (None, "alert.created")
                | (Some(_), "alert.updated")
                | (Some("stands"), "alert.reevaluated") => "stands",
                (before, kind) => return Err(format!("{kind} of an alert that was {before:?}")),
            };
            states.insert(&row.alert, next);
        }
        let mut places: Vec<_> = self.outbox.iter().filter_map(|row| row.place).collect();
        places.sort_unstable();
        if let Some((place, seq)) = places.iter().zip(1..).find(|(place, seq)| **place != *seq) {
            return Err(format!("the line has number {place} where {seq} belongs"));
        }
        for alert in &self.alerts {
            let is_retracted = alert.confirmation == "retracted";
            let told = states.get(alert.id.as_str()).copied();
            if told != Some(if is_retracted { "retracted" } else { "stands" }) {
                return Err(format!("{alert:?} was told as {told:?}"));
            }
        }
        Ok(())
    }

    /// What must be true when everything has settled, beside what must always be.
    pub(crate) fn settle(&self, world: &World) -> Result<(), String> {
        let best = world.chain.tree.of(world.chain.tip);
        if self.cursor != (best.number, best.hash) {
            return Err(format!(
                "the cursor is at {:?}, the chain at {}",
                self.cursor, best.number
            ));
        }
        let last = world.chain.tree.of(world.chain.finalized).number;
        if self.finalized != last {
            return Err(format!("block {} is final, {last} should be", self.finalized));
        }
        if self.open_standings != 0 {
            return Err(format!("{} addresses' findings are not up to date", self.open_standings));
        }
        if self.open_lookbacks != 0 {
            return Err(format!("{} walks back are not over", self.open_lookbacks));
        }
        Ok(())
    }

    /// What the receiver must have when everything has settled.
    pub(crate) fn received(&self, world: &World) -> Result<(), String> {
        let receiver = &world.receiver;
        for row in &self.outbox {
            let taken = row.place.and_then(|place| receiver.taken.get(&place));
            match row.state.as_str() {
                "delivered" if taken.is_some() => {}
                "dead" if row.place.is_some_and(|place| receiver.is_poison(place)) => {}
                "pending" | "recorded" if receiver.is_gone => {}
                _ => return Err(format!("{row:?} is with the receiver: {taken:?}")),
            }
        }
        if receiver.is_gone {
            return Ok(());
        }
        let mut last: BTreeMap<&str, &News> = BTreeMap::new();
        for news in receiver.taken.values() {
            last.insert(&news.alert, news);
        }
        let poisoned: BTreeSet<_> = self
            .outbox
            .iter()
            .filter(|row| row.place.is_some_and(|place| receiver.is_poison(place)))
            .map(|row| row.alert.as_str())
            .collect();
        for alert in self.alerts.iter().filter(|alert| !poisoned.contains(alert.id.as_str())) {
            let told = last.remove(alert.id.as_str()).map(|news| news.confirmation.as_str());
            if told != Some(alert.confirmation.as_str()) {
                return Err(format!("the receiver knows {alert:?} as {told:?}"));
            }
        }
        match last.into_values().find(|news| !poisoned.contains(news.alert.as_str())) {
            Some(news) => Err(format!("the receiver was told of {news:?}, which is no alert")),
            None => Ok(()),
        }
    }

    /// News that is neither delivered nor given up.
    pub(crate) fn waiting(&self) -> usize {
        self.outbox
            .iter()
            .filter(|row| matches!(row.state.as_str(), "pending" | "recorded"))
            .count()
    }

    /// Alerts, retracted or not.
    pub(crate) fn alerts(&self) -> u64 {
        self.alerts.len() as u64
    }
}
