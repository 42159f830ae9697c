//! Real dealings of mainnet, judged: those of the week in which the pools of Tornado Cash were
//! listed, and those of 2020 of an address that was listed in 2023. They lie outside the
//! repository; what comes out is in it, as a table.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use alloy_primitives::{B256, Bytes, LogData, U256, address};
use interdict_core::alert::ListingPhase;
use interdict_core::ledger::Kind;
use interdict_core::policy::{Action, Policy, Severity};
use interdict_core::subject::Subjects;
use interdict_core::transfer::{Position, TransferKind};
use serde::Deserialize;

use super::*;
use crate::chain::Log;
use crate::decode::{TRANSFER, log};
use crate::manifests::Manifests;
use crate::world::{Script, place};

/// The listing, 2022-08-08 by the file, which knows days only.
const LISTED_AT: u64 = 1_659_916_800;
/// The first block of that day, between the last before and the first while.
const LISTED_IN: u64 = 15_298_000;
/// Listed 2023-08-23.
const SEMENOV: Address = address!("0xdcbEfFBECcE100cCE9E4b153C4e15cB885643193");

/// A file of the real data, if it is there; says so past the harness if it is not.
fn file(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("INTERDICT_REAL_DATA") else {
        let why = "SKIPPED real dealings: INTERDICT_REAL_DATA is not set";
        let _ = writeln!(std::io::stderr().lock(), "{why}");
        return None;
    };
    Some(PathBuf::from(folder).join("fixtures").join(name))
}

fn assets() -> Assets {
    let asset = |symbol: &str, decimals: u8, dust_below: u64| Asset {
        symbol: symbol.into(),
        decimals,
        dust_below: U256::from(dust_below),
    };
    let tokens = [
        (address!("0xdAC17F958D2ee523a2206206994597C13D831ec7"), asset("USDT", 6, 10_000_000)),
        (address!("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), asset("USDC", 6, 10_000_000)),
        (
            address!("0x6B175474E89094C44Da98b954EedeAC495271d0F"),
            asset("DAI", 18, 10_000_000_000_000_000_000),
        ),
        (address!("0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"), asset("WBTC", 8, 40_000)),
    ];
    let native = asset("ETH", 18, 4_000_000_000_000_000);
    Assets { native, tokens: tokens.into() }
}

/// One transfer as it is judged.
fn judged(
    transfer: &Transfer,
    listed: Address,
    side: Side,
    phase: Phase<'_>,
    by: FoundBy,
) -> Option<Alert> {
    let (policy, assets, subjects) = (Policy::standard(), assets(), Subjects::default());
    let criteria = Criteria {
        policy: &policy,
        assets: &assets,
        subjects: &subjects,
        manifests: Manifests::none(),
    };
    let value = assets.value(transfer, Effect::Worked, &policy);
    criteria.finding(
        &Involved { transfer, listed, side, phase, value, finality: Finality::Pending },
        by,
    )
}

/// The log of a transfer, as the token writes it, read back.
fn read(token: Address, from: Address, to: Address, value: U256) -> Transfer {
    let topics = vec![TRANSFER, from.into_word(), to.into_word()];
    let data = LogData::new_unchecked(topics, Bytes::from(value.to_be_bytes_vec()));
    let mut moved = Vec::new();
    log(&Log { index: 0, address: token, data }, &mut moved).unwrap();
    let [movement] = moved[..] else { panic!("one transfer") };
    assert_eq!((movement.from, movement.to, movement.value), (from, to, value));
    Transfer {
        chain_id: 1,
        position: Position { block: 0, tx: 0, log: Some(0) },
        item: 0,
        block_hash: B256::ZERO,
        block_time: 0,
        tx_hash: B256::ZERO,
        signer: Address::ZERO,
        kind: TransferKind::Erc20,
        token: Some(token),
        token_id: None,
        from,
        to,
        value,
        verification: Verification::Proved,
    }
}

/// How many of each: phase, rule, severity, and what is asked of people.
fn table(alerts: &[Alert]) -> String {
    let policy = Policy::standard();
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for alert in alerts {
        let action = policy.outcome(&alert.rule).unwrap().action;
        let key = (alert.phase, std::cmp::Reverse(alert.severity), alert.rule.clone(), action);
        *counts.entry(key).or_default() += 1;
    }
    let line = |(phase, severity, rule, action): &(_, std::cmp::Reverse<Severity>, String, _)| {
        let phase = match phase {
            ListingPhase::Before => "before",
            ListingPhase::While => "while",
            ListingPhase::After => "after",
        };
        format!("{phase:<7} {:<14} {rule:<30} {action}", severity.0)
    };
    let lines = counts.iter().map(|(key, count)| format!("{count:>4}  {}\n", line(key)));
    lines.collect()
}

/// Prints a table and compares it with what is committed.
fn same(name: &str, found: &str, expected: &str) {
    let _ = write!(std::io::stderr().lock(), "{name}\n{found}");
    assert_eq!(found, expected, "{name}: if it is meant so, write it into src/screen/{name}.txt");
}

/// A row of the week's file: one interaction of somebody with a listed pool.
#[derive(Deserialize)]
struct Interaction {
    block_number: u64,
    timestamp: u64,
    tx_hash: B256,
    direction: String,
    listed_address: Address,
    token_address: Address,
    amount_raw: U256,
    fee_raw: U256,
    counterparty: Address,
    relayer: Option<Address>,
    listing_phase: String,
    block_hash: B256,
}

#[test]
fn the_real_week_comes_out_with_its_phases() {
    let Some(path) = file("tornado_erc20_2022-08-05_to_2022-08-11.csv") else { return };
    let rows: Vec<Interaction> =
        csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 303);
    let pools: BTreeSet<_> = rows.iter().map(|row| row.listed_address).collect();
    let pools: Vec<_> = pools.into_iter().collect();
    let mut script = Script::default().act(Kind::List, place(LISTED_IN, 0, 0), &pools);
    script.0[0].time = LISTED_AT;
    script.0[0].data_as_of = LISTED_AT;
    script.0[0].head = script.0[0].fold(B256::ZERO);
    let ledger = script.ledger();

    let (mut interactions, mut fees) = (Vec::new(), Vec::new());
    let mut phases: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        let deposit = row.direction == "to_listed";
        // Who deposits signs; a withdrawal is signed by its relayer, if it has one.
        let signer = row.relayer.filter(|_| !deposit).unwrap_or(row.counterparty);
        let of = |who: Address, value: U256, log: u64| {
            let (from, to) =
                if deposit { (who, row.listed_address) } else { (row.listed_address, who) };
            Transfer {
                position: Position { block: row.block_number, tx: 0, log: Some(log) },
                block_hash: row.block_hash,
                block_time: row.timestamp,
                tx_hash: row.tx_hash,
                signer,
                ..read(row.token_address, from, to, value)
            }
        };
        let side = if deposit { Side::Recipient } else { Side::Sender };
        let judge = |transfer: &Transfer| {
            let listed = row.listed_address;
            let phase = ledger.phase(listed, transfer.position, transfer.block_time).unwrap();
            judged(transfer, listed, side, phase, FoundBy::Live)
        };
        let alert = judge(&of(row.counterparty, row.amount_raw, 0)).unwrap();
        let phase = match row.listing_phase.as_str() {
            "before_listing" => ListingPhase::Before,
            "listed" => ListingPhase::While,
            other => panic!("{other}"),
        };
        assert_eq!(alert.phase, phase, "{}", row.tx_hash);
        *phases.entry(row.listing_phase.clone()).or_default() += 1;
        interactions.push(alert);
        if let Some(relayer) = row.relayer.filter(|_| !row.fee_raw.is_zero()) {
            fees.extend(judge(&of(relayer, row.fee_raw, 1)));
        }
    }
    assert_eq!(phases, [("before_listing".into(), 147), ("listed".into(), 156)].into());
    let blocks = |alert: &Alert| {
        let action = Policy::standard().outcome(&alert.rule).unwrap().action;
        action >= Action::Case && alert.phase == ListingPhase::Before
    };
    assert!(!interactions.iter().chain(&fees).any(blocks), "before, nobody is held for it");
    let found =
        format!("interactions\n{}fees to relayers\n{}", table(&interactions), table(&raised(fees)));
    same("real_week", &found, include_str!("real_week.txt"));
}

/// Each raised as far as those before it raise it.
fn raised(mut alerts: Vec<Alert>) -> Vec<Alert> {
    let policy = Policy::standard();
    let mut tallies: BTreeMap<Pair, Tally> = BTreeMap::new();
    alerts.sort_by_key(|alert| alert.transfer.position);
    for alert in &mut alerts {
        if let Some((pair, rule)) = counted(&policy, alert) {
            tallies.entry(pair).or_default().take(rule, alert);
        }
    }
    alerts
}

/// A row of the lookback's file: one interaction of the address with a pool.
#[derive(Deserialize)]
struct Past {
    block_number: u64,
    tx_hash: B256,
    direction: String,
    pool: Address,
    asset: String,
    amount_raw: U256,
    counterparty: Address,
    listing_phase: String,
}

#[test]
fn the_lookback_of_semenov_finds_fourteen_and_holds_nobody() {
    let Some(path) = file("lookback_semenov_2020.csv") else { return };
    let rows: Vec<Past> =
        csv::Reader::from_path(path).unwrap().deserialize().collect::<Result<_, _>>().unwrap();
    let mut script = Script::default().act(Kind::List, place(17_974_000, 0, 0), &[SEMENOV]);
    // 2023-08-23, 15:00 UTC; the file has no times, only that all of it was in 2020.
    script.0[0].time = 1_692_802_800;
    script.0[0].data_as_of = 1_692_748_800;
    script.0[0].head = script.0[0].fold(B256::ZERO);
    let ledger = script.ledger();
    let dai = address!("0x6B175474E89094C44Da98b954EedeAC495271d0F");
    let mut alerts = Vec::new();
    for row in &rows {
        assert_eq!((row.counterparty, row.listing_phase.as_str()), (SEMENOV, "before_listing"));
        let (side, from, to) = match row.direction.as_str() {
            "to_listed" => (Side::Sender, SEMENOV, row.pool),
            _ => (Side::Recipient, row.pool, SEMENOV),
        };
        let mut transfer = Transfer {
            position: Position { block: row.block_number, tx: 0, log: Some(0) },
            block_time: 1_590_969_600,
            tx_hash: row.tx_hash,
            signer: SEMENOV,
            ..read(dai, from, to, row.amount_raw)
        };
        if row.asset == "ETH" {
            // Pools pay coin out by calls within their transactions.
            (transfer.kind, transfer.token) = (TransferKind::Internal, None);
            (transfer.position.log, transfer.item) = (None, 1);
            transfer.verification = Verification::Agreed;
        }
        let episode = begun_by(&ledger, SEMENOV, 1).unwrap();
        let phase = Phase::Before(episode);
        alerts.extend(judged(&transfer, SEMENOV, side, phase, FoundBy::Lookback));
    }
    assert_eq!(alerts.len(), 14);
    assert!(alerts.iter().all(|alert| alert.phase == ListingPhase::Before));
    assert!(alerts.iter().all(|alert| alert.severity == Severity::Informational));
    same("real_lookback", &table(&alerts), include_str!("real_lookback.txt"));
}
