//! The assets whose amounts mean something here. What a token says of itself is never asked.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use interdict_core::policy::{Policy, Value, Worth};
use interdict_core::transfer::{Transfer, TransferKind};

use crate::chain::Tx;

/// What is known of something that can be transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its ticker, for people.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
    /// Amounts below this are dust, in the smallest unit: as much is worth the policy's dust
    /// threshold, which says what any other amount is worth.
    pub dust_below: U256,
}

impl Asset {
    /// What an amount is worth, rounded down. What is dust here is dust by the policy, and the
    /// other way round.
    pub fn worth(&self, amount: U256, policy: &Policy) -> Worth {
        let parts = amount.checked_mul(U256::from(policy.dust_below.0));
        let parts = parts.and_then(|parts| parts.checked_div(self.dust_below));
        // Without a threshold everything is worth more than can be counted; so is what does not
        // fit a word.
        let parts = parts.and_then(|parts| u64::try_from(parts).ok());
        parts.map_or(Worth::MAX, Worth::of_parts)
    }
}

/// The assets whose amounts mean something here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The chain's own coin.
    pub native: Asset,
    /// Tokens by contract.
    pub tokens: BTreeMap<Address, Asset>,
}

/// What became of the transaction, as far as it bears on what a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It failed.
    Failed,
    /// It succeeded, and neither moved value nor said a word.
    Silent,
    /// It did something.
    Worked,
}

impl Effect {
    pub(super) fn of(tx: &Tx) -> Self {
        match tx.succeeded {
            false => Self::Failed,
            true if tx.input().is_empty() => Self::Silent,
            true => Self::Worked,
        }
    }
}

impl Assets {
    /// What is known of a token (`None`: the chain's own coin).
    pub fn of(&self, token: Option<Address>) -> Option<&Asset> {
        token.map_or(Some(&self.native), |token| self.tokens.get(&token))
    }

    /// What a transfer's amount is.
    pub fn value(&self, transfer: &Transfer, effect: Effect, policy: &Policy) -> Value {
        match (transfer.kind, effect) {
            (TransferKind::Call | TransferKind::Creation, Effect::Failed) => return Value::Failed,
            // Neither value nor a word: all that it does is to name an address.
            (TransferKind::Call, Effect::Silent) => return Value::Zero,
            // A delegation holds even if its transaction failed.
            (TransferKind::Call | TransferKind::Creation | TransferKind::Delegation, _) => {
                return Value::Bare;
            }
            (
                TransferKind::Native
                | TransferKind::Internal
                | TransferKind::NativeLog
                | TransferKind::Erc20
                | TransferKind::Erc721
                | TransferKind::Erc1155
                | TransferKind::Wrap
                | TransferKind::Unwrap
                | TransferKind::Approval,
                _,
            ) => {}
        }
        match self.of(transfer.token) {
            None => Value::UnknownToken,
            Some(_) if transfer.value.is_zero() => Value::Zero,
            // An allowance is no amount that moved.
            Some(_) if transfer.kind == TransferKind::Approval => Value::Bare,
            Some(asset) => Value::Moved(asset.worth(transfer.value, policy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dust_here_is_dust_by_the_policy() {
        let policy = Policy::standard();
        for (decimals, dust_below) in [(6, 10_000_000_u64), (18, 4_000_000_000_000_000), (0, 3)] {
            let dust_below = U256::from(dust_below);
            let asset = Asset { symbol: "T".into(), decimals, dust_below };
            assert_eq!(asset.worth(dust_below, &policy), policy.dust_below);
            assert!(asset.worth(dust_below - U256::ONE, &policy) < policy.dust_below);
            assert_eq!(asset.worth(U256::ZERO, &policy), Worth(0));
            assert_eq!(asset.worth(U256::MAX, &policy), Worth::MAX);
        }
        let all = Asset { symbol: "T".into(), decimals: 6, dust_below: U256::ZERO };
        assert_eq!(all.worth(U256::ONE, &policy), Worth::MAX, "nothing of it is dust");
    }
}
