//! A database of the first version goes on working, and loses nothing on the way.

use alloy_primitives::{B256, U256, hex};
use interdict_core::transfer::{TransferKind, Verification};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::cluster;
use super::ground::{Ground, LISTED, NOW, PAYER, intake, lined, paying};
use crate::store::{CONFIG_ENDPOINT, DeliveryState, Filter, Place, Store, postgres, sqlite};
use crate::world::{TOKEN, account, genesis};

/// How a database writes bytes.
type Bytes = fn(&[u8]) -> String;

/// What the first version may have left: a finding of each of its kinds, news in each state, and a
/// log of which it knew only that it was of ERC-721.
fn left(bytes: Bytes) -> Vec<String> {
    let word = |n: u8| bytes(B256::repeat_byte(n).as_slice());
    let party = |n: u8| bytes(account(n).as_slice());
    let id = |n: u8| bytes(&[n; 16]);
    let alert = |n: u8, kind: &str, token: &str, log: i64| {
        let (listed, payer) = (party(LISTED), party(PAYER));
        let (id, manifest, block, tx, amount) = (id(n), word(9), word(7), word(8), word(3));
        format!(
            "INSERT INTO alerts VALUES ({id}, 'pending', 'escalated', 101, 'live', 'critical',
             'direct.outbound.while_listed', 'default-1', 'while', {listed}, 'recipient', {payer},
             1, {manifest}, 1, '[26014]', 1, 101, {block}, 5, 0, {tx}, {log}, {payer}, '{kind}',
             {token}, {payer}, {listed}, {amount})"
        )
    };
    let news = |seq: u8, n: u8, state: &str| {
        let id = id(n);
        format!(
            "INSERT INTO outbox
                 (seq, alert_id, kind, alert, made_at, due_at, state, attempts, delivered_at)
             VALUES ({seq}, {id}, 'alert.created', '{{}}', 1, 1, {state})"
        )
    };
    let (block, tx, address) = (word(7), word(8), party(4));
    vec![
        alert(1, "native", "NULL", -1),
        alert(2, "erc20", &bytes(TOKEN.as_slice()), 4),
        news(1, 1, "'delivered', 1, 2"),
        news(2, 2, "'dead', 9, NULL"),
        news(3, 2, "'pending', 0, NULL"),
        format!(
            "INSERT INTO undecoded_logs VALUES ({block}, 3, 101, 101, {tx}, {address}, 'erc721',
             'old')"
        ),
    ]
}

async fn old(place: &Place) {
    match place {
        Place::File(path) => {
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
            let mut db = SqliteConnection::connect_with(&options).await.unwrap();
            sqlite::MIGRATIONS.run_to(1, &mut db).await.unwrap();
            for statement in left(|bytes| format!("x'{}'", hex::encode(bytes))) {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
            }
            db.close().await.unwrap();
        }
        Place::Server { url, .. } => {
            let mut db = cluster::connect(url).await;
            postgres::MIGRATIONS.run_to(1, &mut db).await.unwrap();
            for statement in left(|bytes| format!("'\\x{}'", hex::encode(bytes))) {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
            }
            db.close().await.unwrap();
        }
    }
}

pub(super) async fn what_the_first_version_left_is_there_and_goes_on(ground: &Ground) {
    old(ground.place()).await;
    let store = ground.open().await;
    let alerts = store.alerts(&Filter::default(), None, 9).await.unwrap().0;
    let kinds: Vec<_> = alerts
        .iter()
        .map(|a| (a.transfer.kind, a.transfer.token, a.transfer.position.log, a.transfer.item))
        .collect();
    let expected =
        [(TransferKind::Erc20, Some(TOKEN), Some(4), 0), (TransferKind::Native, None, None, 0)];
    assert_eq!(kinds, expected);
    for alert in &alerts {
        let transfer = alert.transfer;
        assert_eq!((transfer.token_id, transfer.verification), (None, Verification::Proved));
        assert_eq!(transfer.value, U256::from_be_bytes([3; 32]));
        assert_eq!((alert.listed, alert.counterparty()), (account(LISTED), account(PAYER)));
        assert_eq!(alert.policy, "default-1");
        assert_eq!((alert.worth, alert.failed), (None, false));
    }
    assert_eq!(store.unasked_tokens(9).await.unwrap(), [TOKEN], "its own words are still to come");
    assert_eq!(ground.rows("undecoded_logs").await.len(), 1);
    assert_eq!(ground.rows("outbox").await.len(), 3);
    what_waited_is_in_the_line_of_the_configuration_file(&store).await;

    store.begin_above(genesis()).await.unwrap();
    store.apply(intake(&paying(genesis(), 1))).await.unwrap();
    assert_eq!(store.alerts(&Filter::default(), None, 9).await.unwrap().0.len(), 3);
    assert_eq!(ground.rows("outbox").await.len(), 4);
    lined(&store).await;
    let due = store.due_deliveries(CONFIG_ENDPOINT, NOW, 9).await.unwrap();
    assert_eq!(due.iter().map(|news| news.seq).collect::<Vec<_>>(), [3, 4]);
}

/// Under the numbers that it had: what was told is not told again, and nothing is lost.
async fn what_waited_is_in_the_line_of_the_configuration_file(store: &Store) {
    lined(store).await;
    let line = store.line(CONFIG_ENDPOINT, None, i64::MAX, 9).await.unwrap();
    let line: Vec<_> = line.iter().map(|row| (row.seq, row.state, row.attempts)).collect();
    let expected = [
        (3, DeliveryState::Pending, 0),
        (2, DeliveryState::Dead, 9),
        (1, DeliveryState::Delivered, 1),
    ];
    assert_eq!(line, expected);
    let due = store.due_deliveries(CONFIG_ENDPOINT, NOW, 9).await.unwrap();
    assert_eq!(due.iter().map(|news| news.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap().seq, 3);
}
