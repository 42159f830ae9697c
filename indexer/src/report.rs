//! An alert as people and programs outside read it: amounts as decimal strings beside the raw
//! value, addresses with checksums, source lists by their codes. The API and the webhooks speak
//! this one form.

use alloy_primitives::utils::format_units;
use interdict_core::alert::{
    Alert, AlertId, Confirmation, Disposition, FoundBy, ListingPhase, Side,
};
use interdict_core::ledger::Standing;
use interdict_core::policy::Severity;
use interdict_core::source::Source;
use interdict_core::transfer::{TransferKind, Verification};
use serde::Serialize;
use utoipa::ToSchema;

use crate::screen::Assets;
use crate::tokens::Words;

/// Which way value went, as the counterparty sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the listed address to the counterparty.
    Inbound,
    /// From the counterparty to the listed address.
    Outbound,
}

impl Direction {
    /// By what the listed address was to it; `None` if it was no party.
    pub const fn of(side: Side) -> Option<Self> {
        match side {
            Side::Sender => Some(Self::Inbound),
            Side::Recipient => Some(Self::Outbound),
            Side::Signer
            | Side::Spender
            | Side::Owner
            | Side::Callee
            | Side::Created
            | Side::Authority
            | Side::Delegate => None,
        }
    }
}

/// What moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Amount {
    /// What kind of transfer it is.
    pub kind: TransferKind,
    /// The token's contract, with checksum; `None` for the chain's own coin.
    pub token: Option<String>,
    /// Its ticker, if it is in the asset table.
    pub symbol: Option<String>,
    /// In whole units, if it is in the asset table.
    pub decimal: Option<String>,
    /// In the smallest unit.
    pub raw: String,
    /// The token's id within its contract, decimal, where it has one.
    pub token_id: Option<String>,
    /// What the token says of itself, cleaned: anyone can write anything there. Only the API has
    /// it, because news is told in the same bytes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_says: Option<Words>,
}

/// Where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Place {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Block number.
    pub block: u64,
    /// Hash of the block.
    pub block_hash: String,
    /// The block's time, RFC 3339.
    pub time: String,
    /// Hash of the transaction.
    pub tx_hash: String,
    /// Place of the transaction in the block.
    pub tx_index: u64,
    /// Place of the log in the block; `None` for what has no log, like the transaction's value.
    pub log_index: Option<u64>,
    /// Which of several at this place, like the element of a batch.
    pub item: u32,
    /// Who signed the transaction.
    pub signer: String,
}

/// Why the address was listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing {
    /// The act that listed it.
    pub act: u32,
    /// SHA-256 of that act's manifest.
    pub manifest: String,
    /// Codes of the source lists that name it.
    pub sources: Vec<String>,
    /// The authorities' ids of the persons; strings, because JSON's numbers end at 2^53.
    pub uids: Vec<String>,
    /// How the address stands now: a finding stays as it is when its address is delisted.
    pub standing: Standing,
}

/// An alert, for those outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    /// Pure function of what happened.
    #[schema(value_type = String)]
    pub id: AlertId,
    /// How heavy it is.
    pub severity: Severity,
    /// The rule that fired.
    pub rule: String,
    /// The policy's version.
    pub policy: String,
    /// How the transfer stands to the listing.
    pub phase: ListingPhase,
    /// How the finding was made.
    pub found_by: FoundBy,
    /// What the chain says of it.
    pub confirmation: Confirmation,
    /// How far it is proved that it happened.
    pub verification: Verification,
    /// What people have decided.
    pub disposition: Disposition,
    /// What the listed address was to it.
    pub side: Side,
    /// Which way value went; `None` if the listed address is no party of it.
    pub direction: Option<Direction>,
    /// The listed address, with checksum.
    pub listed: String,
    /// Who dealt with it, with checksum.
    pub counterparty: String,
    /// What moved.
    pub amount: Amount,
    /// Where it happened.
    pub at: Place,
    /// Why the address was listed.
    pub listing: Listing,
    /// How many more of the same flood stand behind it, where one row is shown for all of them.
    /// Only the API has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_like_it: Option<u64>,
}

impl Report {
    /// The alert in words and units of the asset table.
    pub fn of(alert: &Alert, assets: &Assets) -> Self {
        Self {
            id: alert.id,
            severity: alert.severity,
            rule: alert.rule.clone(),
            policy: alert.policy.clone(),
            phase: alert.phase,
            found_by: alert.found_by,
            confirmation: alert.confirmation,
            disposition: alert.disposition,
            verification: alert.transfer.verification,
            side: alert.side,
            direction: Direction::of(alert.side),
            listed: alert.listed.to_string(),
            counterparty: alert.counterparty().to_string(),
            amount: amount(alert, assets),
            at: place(alert),
            listing: Listing {
                act: alert.act,
                manifest: alert.manifest.to_string(),
                sources: Source::codes(alert.sources),
                uids: alert.uids.iter().map(u64::to_string).collect(),
                standing: alert.standing,
            },
            more_like_it: None,
        }
    }

    /// The same with what the token says of itself.
    #[must_use]
    pub fn with_words(mut self, words: Option<&Words>) -> Self {
        self.amount.token_says = words.cloned();
        self
    }
}

fn amount(alert: &Alert, assets: &Assets) -> Amount {
    let transfer = &alert.transfer;
    let asset = assets.of(transfer.token);
    Amount {
        kind: transfer.kind,
        token: transfer.token.map(|token| token.to_string()),
        symbol: asset.map(|asset| asset.symbol.clone()),
        decimal: asset
            .and_then(|asset| format_units(transfer.value, asset.decimals).ok())
            .map(|text| without_trailing_zeros(&text)),
        raw: transfer.value.to_string(),
        token_id: transfer.token_id.map(|id| id.to_string()),
        token_says: None,
    }
}

fn place(alert: &Alert) -> Place {
    let transfer = &alert.transfer;
    Place {
        chain_id: transfer.chain_id,
        block: transfer.position.block,
        block_hash: transfer.block_hash.to_string(),
        time: rfc3339(i64::try_from(transfer.block_time).unwrap_or(i64::MAX)),
        tx_hash: transfer.tx_hash.to_string(),
        tx_index: transfer.position.tx,
        log_index: transfer.position.log,
        item: transfer.item,
        signer: transfer.signer.to_string(),
    }
}

/// Unix seconds as RFC 3339; a time beyond the calendar as its number.
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

fn without_trailing_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_without_empty_digits() {
        for (text, expected) in [("1.500000", "1.5"), ("0.000000", "0"), ("100", "100")] {
            assert_eq!(without_trailing_zeros(text), expected);
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_still_shown() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), i64::MAX.to_string());
    }
}
