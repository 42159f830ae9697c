//! By what findings are weighed: the policy, and the asset table with what a token's digits are and
//! what it is worth.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::utils::{ParseUnits, parse_units};
use alloy_primitives::{Address, U256};
use interdict_core::policy::{Policy, Worth};
use serde::Deserialize;

use super::{ConfigError, PolicyFile, read};
use crate::screen::Asset;

/// Most digits behind the point that an asset can have.
pub(super) const DECIMALS_MAX: u8 = 36;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAsset {
    symbol: String,
    decimals: u8,
    dust_below: Option<String>,
    reference_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileToken {
    address: Address,
    symbol: String,
    decimals: u8,
    dust_below: Option<String>,
    reference_value: Option<String>,
}

/// What is known of an asset: its dust threshold in its own unit, as written or by its value.
pub(super) fn asset(asset: FileAsset, policy: &Policy) -> Result<Asset, ConfigError> {
    let FileAsset { symbol, decimals, dust_below, reference_value } = asset;
    if decimals > DECIMALS_MAX {
        return Err(ConfigError::Decimals { symbol, decimals });
    }
    let dust_below = match (dust_below, reference_value) {
        (Some(text), None) => amount(&text, decimals).ok_or_else(|| ConfigError::Dust {
            symbol: symbol.clone(),
            text,
            decimals,
        })?,
        (None, Some(text)) => threshold(&text, decimals, policy)
            .ok_or_else(|| ConfigError::ReferenceValue { symbol: symbol.clone(), text })?,
        (None, None) | (Some(_), Some(_)) => return Err(ConfigError::Measure(symbol)),
    };
    Ok(Asset { symbol, decimals, dust_below })
}

pub(super) fn tokens(
    listed: Vec<FileToken>,
    policy: &Policy,
) -> Result<BTreeMap<Address, Asset>, ConfigError> {
    let mut tokens = BTreeMap::new();
    for FileToken { address, symbol, decimals, dust_below, reference_value } in listed {
        let known = asset(FileAsset { symbol, decimals, dust_below, reference_value }, policy)?;
        if tokens.insert(address, known).is_some() {
            return Err(ConfigError::TokenTwice(address));
        }
    }
    Ok(tokens)
}

/// A decimal amount in the smallest unit.
fn amount(text: &str, decimals: u8) -> Option<U256> {
    let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let (first, last) = (text.as_bytes().first(), text.as_bytes().last());
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digit(first)
        && digit(last);
    match parse_units(text, decimals) {
        Ok(ParseUnits::U256(value)) if plain && digits <= usize::from(decimals) => Some(value),
        Ok(_) | Err(_) => None,
    }
}

/// The least amount that is worth the policy's dust threshold, if one whole is worth so much.
fn threshold(text: &str, decimals: u8, policy: &Policy) -> Option<U256> {
    let value = text.parse::<Worth>().ok().filter(|value| *value > Worth(0))?;
    let whole = U256::from(10).checked_pow(U256::from(decimals))?;
    let parts = whole.checked_mul(U256::from(policy.dust_below.0))?;
    Some(parts.div_ceil(U256::from(value.0)))
}

/// The policy, which says what a reference unit is.
pub(super) fn policy(file: &PolicyFile) -> Result<Arc<Policy>, ConfigError> {
    let (PolicyFile::Adopted(path) | PolicyFile::Draft(path)) = file;
    let text = read(path, "policy")?;
    let policy = match file {
        PolicyFile::Adopted(_) => Policy::parse(&text),
        PolicyFile::Draft(_) => Policy::draft(&text),
    };
    policy.map(Arc::new).map_err(|reason| ConfigError::Policy { path: path.clone(), reason })
}
