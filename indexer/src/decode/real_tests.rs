//! Real transfers of mainnet, read as they were logged: those of the week in which the pools of
//! Tornado Cash were listed. They lie outside the repository.

use std::collections::BTreeMap;
use std::io::Write;

use alloy_primitives::{Bytes, LogData};
use serde::Deserialize;

use super::*;
use crate::chain::Log;

/// How many there are.
const LOGS: usize = 387;

/// One line of the file.
#[derive(Deserialize)]
struct Real {
    token: Address,
    symbol: String,
    topics: Vec<B256>,
    data: Bytes,
    from: Address,
    to: Address,
    value: String,
}

#[test]
fn real_transfers_are_read_as_they_were() {
    let Some(folder) = std::env::var_os("INTERDICT_REAL_DATA") else {
        // Past the test harness, which shows nothing of a test that passes.
        let why = "SKIPPED real transfers: INTERDICT_REAL_DATA is not set";
        let _ = writeln!(std::io::stderr().lock(), "{why}");
        return;
    };
    let path = std::path::Path::new(&folder)
        .join("fixtures/tornado_transfers_2022-08-05_to_2022-08-11.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut of_token: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines() {
        let real: Real = serde_json::from_str(line).unwrap();
        let data = LogData::new(real.topics, real.data).unwrap();
        let mut moved = Vec::new();
        log(&Log { index: 0, address: real.token, data }, &mut moved).unwrap();
        let [movement] = moved[..] else { panic!("one transfer: {line}") };
        assert_eq!((movement.kind, movement.token), (TransferKind::Erc20, Some(real.token)));
        assert_eq!((movement.from, movement.to), (real.from, real.to), "{line}");
        assert_eq!(movement.value.to_string(), real.value, "{line}");
        *of_token.entry(real.symbol).or_default() += 1;
    }
    assert_eq!(of_token.values().sum::<usize>(), LOGS);
    // USDT returns nothing from its transfers, the others do: their logs are the same.
    assert_eq!(of_token.keys().collect::<Vec<_>>(), ["DAI", "USDC", "USDT", "WBTC"]);
}
