//! The assets whose amounts mean something here. What a token says of itself is never asked.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use interdict_core::policy::Value;
use interdict_core::transfer::{Transfer, TransferKind};

use crate::chain::Tx;

/// What is known of something that can be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its ticker, for people.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
    /// Amounts below this are dust, in the smallest unit.
    pub dust_below: U256,
}

/// The assets whose amounts mean something here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The chain's own coin.
    pub native: Asset,
    /// Tokens by contract.
    pub tokens: BTreeMap<Address, Asset>,
}

impl Assets {
    /// What is known of a token (`None`: the chain's own coin).
    pub fn of(&self, token: Option<Address>) -> Option<&Asset> {
        token.map_or(Some(&self.native), |token| self.tokens.get(&token))
    }

    /// What a transfer's amount is worth.
    pub(super) fn value(&self, transfer: &Transfer, tx: &Tx) -> Value {
        match transfer.kind {
            TransferKind::Call | TransferKind::Creation if !tx.succeeded => return Value::Failed,
            // Neither value nor a word: all that it does is to name an address.
            TransferKind::Call if tx.input().is_empty() => return Value::Zero,
            // A delegation holds even if its transaction failed.
            TransferKind::Call | TransferKind::Creation | TransferKind::Delegation => {
                return Value::Bare;
            }
            TransferKind::Native
            | TransferKind::Internal
            | TransferKind::NativeLog
            | TransferKind::Erc20
            | TransferKind::Erc721
            | TransferKind::Erc1155
            | TransferKind::Wrap
            | TransferKind::Unwrap
            | TransferKind::Approval => {}
        }
        match self.of(transfer.token) {
            None => Value::UnknownToken,
            Some(_) if transfer.value.is_zero() => Value::Zero,
            // An allowance is no amount that moved.
            Some(_) if transfer.kind == TransferKind::Approval => Value::Bare,
            Some(asset) if transfer.value < asset.dust_below => Value::Dust,
            Some(_) => Value::Material,
        }
    }
}
