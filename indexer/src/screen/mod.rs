//! Which transfers touched a listed address, and how heavy that is. Pure: the block, the list and
//! the asset table in, alerts out.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, U256};
use interdict_core::alert::{
    Alert, AlertId, Confirmation, Disposition, FoundBy, ListingPhase, Side, Verification,
};
use interdict_core::ledger::{Episode, Ledger, Phase};
use interdict_core::policy::{self, Dealing, Value, Verdict};
use interdict_core::transfer::Transfer;

use crate::chain::{Block, Signer, Tx};
use crate::decode::{self, Undecoded, UndecodedKind};

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

    fn value(&self, transfer: &Transfer) -> Value {
        match self.of(transfer.token) {
            None => Value::UnknownToken,
            Some(_) if transfer.value.is_zero() => Value::Zero,
            Some(asset) if transfer.value < asset.dust_below => Value::Dust,
            Some(_) => Value::Material,
        }
    }
}

/// What screening a block gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screened {
    /// In the chain's order.
    pub alerts: Vec<Alert>,
    /// Logs to keep: malformed ones, and unhandled ones that touch a listed address.
    pub undecoded: Vec<Undecoded>,
    /// How many unreadable logs there were, by kind, kept or not.
    pub undecoded_counts: BTreeMap<UndecodedKind, u64>,
    /// Transactions with a finding whose signer is the provider's word.
    pub unproved_signers: u64,
}

/// Screens a block as it is taken in. The ledger holds the acts of this block too; a transfer
/// before the listing in the same block is judged as before it.
pub fn live(chain_id: u64, block: &Block, ledger: &Ledger, assets: &Assets) -> Screened {
    let listed = |address| ledger.get(address).is_some_and(|known| !known.episodes.is_empty());
    let phase = |transfer: &Transfer, address| {
        ledger.phase(address, transfer.position, transfer.block_time)
    };
    sift(chain_id, block, assets, FoundBy::Live, &listed, &phase)
}

/// Screens an earlier block for the addresses that an act listed anew.
pub fn back(
    chain_id: u64,
    block: &Block,
    ledger: &Ledger,
    act: u32,
    newly: &BTreeSet<Address>,
    assets: &Assets,
) -> Screened {
    let listed = |address| newly.contains(&address);
    let phase = |_: &Transfer, address| begun_by(ledger, address, act).map(Phase::Before);
    sift(chain_id, block, assets, FoundBy::Lookback, &listed, &phase)
}

/// The addresses for which an act began an episode: those whose past is to be looked at. A
/// ratifying act begins none.
pub fn newly_listed(ledger: &Ledger, act: u32) -> BTreeSet<Address> {
    ledger
        .addresses()
        .filter(|(_, known)| known.episodes.iter().any(|episode| episode.act == act))
        .map(|(address, _)| *address)
        .collect()
}

fn begun_by(ledger: &Ledger, address: Address, act: u32) -> Option<&Episode> {
    ledger.get(address)?.episodes.iter().find(|episode| episode.act == act)
}

fn sift<'l>(
    chain_id: u64,
    block: &Block,
    assets: &Assets,
    found_by: FoundBy,
    listed: &dyn Fn(Address) -> bool,
    phase: &dyn Fn(&Transfer, Address) -> Option<Phase<'l>>,
) -> Screened {
    let decoded = decode::transfers(chain_id, block);
    let mut screened = Screened::default();
    for mut transfer in decoded.transfers {
        let sides = [(Side::Sender, transfer.from), (Side::Recipient, transfer.to)];
        if !sides.iter().any(|(_, address)| listed(*address)) {
            continue;
        }
        screened.unproved_signers += prove_signer(block, &mut transfer);
        for (side, address) in sides.into_iter().filter(|(_, address)| listed(*address)) {
            let phase = phase(&transfer, address);
            let finding = phase.and_then(|p| judge(&transfer, address, side, &p, found_by, assets));
            screened.alerts.extend(finding);
        }
    }
    for log in decoded.undecoded {
        *screened.undecoded_counts.entry(log.kind).or_default() += 1;
        let touches = log.parties.is_some_and(|parties| parties.into_iter().any(listed));
        if touches || log.kind == UndecodedKind::Malformed {
            screened.undecoded.push(log);
        }
    }
    screened
}

/// Puts the recovered signer in place of the provider's word; 1 if there is none.
fn prove_signer(block: &Block, transfer: &mut Transfer) -> u64 {
    let place = usize::try_from(transfer.position.tx).ok();
    let signer = place.and_then(|place| block.transactions.get(place)).map(Tx::signer);
    match signer {
        Some(Signer::Proved(address)) => {
            transfer.signer = address;
            0
        }
        Some(Signer::Claimed(_)) | None => 1,
    }
}

fn judge(
    transfer: &Transfer,
    listed: Address,
    side: Side,
    phase: &Phase<'_>,
    found_by: FoundBy,
    assets: &Assets,
) -> Option<Alert> {
    let (phase, episode) = match phase {
        Phase::Before(episode) => (ListingPhase::Before, episode),
        Phase::While(episode) => (ListingPhase::While, episode),
        Phase::After(episode) => (ListingPhase::After, episode),
    };
    let counterparty = match side {
        Side::Sender => transfer.to,
        Side::Recipient => transfer.from,
    };
    let solicited = counterparty == transfer.signer;
    let rule = policy::judge(&Dealing { phase, side, value: assets.value(transfer), solicited });
    let Verdict::Finding(severity) = rule.verdict else { return None };
    Some(Alert {
        id: AlertId::of(transfer, listed, side, policy::DIRECT),
        transfer: *transfer,
        listed,
        side,
        phase,
        found_by,
        rule: rule.name.to_owned(),
        severity,
        policy: policy::VERSION.to_owned(),
        act: episode.act,
        manifest: episode.manifest,
        sources: episode.sources,
        uids: episode.uids.iter().map(|listed| listed.uid).collect(),
        confirmation: Confirmation::Pending,
        disposition: Disposition::New,
        // The store knows better where the list has changed since.
        standing: episode.standing(transfer.block_time),
        verified: Verification::Full,
    })
}

#[cfg(test)]
mod tests;
