//! What must be found and told, worked out from what was written into the chain. Shares nothing
//! with the product: it asks who dealt with whom, and when the list named them.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use interdict_core::ledger::Kind;

use crate::chain::{Chain, Deed};

/// A dealing with a listed address: block, transaction, the address.
pub type Finding = (B256, B256, Address);

/// How often each news of each finding is told.
pub type Told = BTreeMap<(Finding, &'static str), usize>;

/// How a finding stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// `pending`, `confirmed` or `retracted`.
    pub confirmation: &'static str,
    /// How its address stands.
    pub standing: &'static str,
    /// The block without which it would not be known.
    found_at: (u64, B256),
}

/// A listing, as the acts tell it.
#[derive(Clone, Copy, Debug)]
struct Listing {
    block: (u64, B256),
    tx: usize,
    kind: Kind,
    until: u64,
    delisted: Option<u64>,
}

impl Listing {
    fn standing(&self, time: u64) -> &'static str {
        match (self.delisted, self.kind) {
            (Some(_), _) => "delisted",
            (None, Kind::ListProvisional) if time >= self.until => "lapsed",
            (None, Kind::ListProvisional) => "provisional",
            (None, _) => "listed",
        }
    }
}

/// Everything that was ever found, and told.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    /// How each finding stands.
    pub cases: BTreeMap<Finding, Case>,
    told: Told,
}

impl Oracle {
    /// The best chain is now this one; everything told up to the end of the stage.
    pub fn sees(&mut self, chain: &Chain, finalized: u64) -> Told {
        let found = found(chain);
        let lost = |(finding, case): (&Finding, &Case)| {
            let stays = found.get(finding).is_some_and(|new| new.found_at == case.found_at);
            (case.confirmation != "retracted" && !stays).then_some(*finding)
        };
        for finding in self.cases.iter().filter_map(lost).collect::<Vec<_>>() {
            self.case(finding).confirmation = "retracted";
            self.tell(finding, "alert.retracted");
        }
        for (finding, new) in found {
            let (standing, height) = (new.standing, new.found_at.0);
            match self.cases.get(&finding) {
                None => {
                    self.cases.insert(finding, new);
                    self.tell(finding, "alert.created");
                }
                Some(case) if case.confirmation == "retracted" => {
                    self.cases.insert(finding, new);
                    self.tell(finding, "alert.updated");
                }
                Some(case) if case.standing != standing => {
                    self.case(finding).standing = standing;
                    self.tell(finding, "alert.reevaluated");
                }
                Some(_) => {}
            }
            if height <= finalized && self.case(finding).confirmation == "pending" {
                self.case(finding).confirmation = "confirmed";
                self.tell(finding, "alert.updated");
            }
        }
        self.told.clone()
    }

    fn case(&mut self, finding: Finding) -> &mut Case {
        self.cases.get_mut(&finding).expect("it was just looked up")
    }

    fn tell(&mut self, finding: Finding, news: &'static str) {
        *self.told.entry((finding, news)).or_default() += 1;
    }
}

/// The findings of a chain, as they would stand if nothing had been found before.
fn found(chain: &Chain) -> BTreeMap<Finding, Case> {
    let listings = listings(chain);
    let now = chain.blocks().last().map_or(0, |block| block.time);
    let mut found = BTreeMap::new();
    for block in chain.blocks() {
        for (place, (tx_hash, deed)) in block.deeds.iter().enumerate() {
            let parties = match *deed {
                Deed::Pays { from, to } => vec![from, to],
                Deed::Sends { to } => vec![to],
                Deed::Garbles { .. } | Deed::Acts { .. } => vec![],
            };
            for party in parties {
                let Some(listing) = listings.get(&party) else { continue };
                let at = (block.number, block.hash);
                let before = (block.number, place) < (listing.block.0, listing.tx);
                let ends = |at: u64| block.number >= at;
                let lapses = listing.kind == Kind::ListProvisional && block.time >= listing.until;
                if !before && (listing.delisted.is_some_and(ends) || lapses) {
                    continue;
                }
                let found_at = if before { listing.block } else { at };
                let case =
                    Case { confirmation: "pending", standing: listing.standing(now), found_at };
                found.insert((block.hash, *tx_hash, party), case);
            }
        }
    }
    found
}

fn listings(chain: &Chain) -> BTreeMap<Address, Listing> {
    let mut listings: BTreeMap<Address, Listing> = BTreeMap::new();
    for block in chain.blocks() {
        for (tx, (_, deed)) in block.deeds.iter().enumerate() {
            let Deed::Acts { kind, account, until } = *deed else { continue };
            if kind == Kind::Delist {
                if let Some(listing) = listings.get_mut(&account) {
                    listing.delisted = Some(block.number);
                }
            } else {
                let block = (block.number, block.hash);
                let listing = Listing { block, tx, kind, until, delisted: None };
                listings.insert(account, listing);
            }
        }
    }
    listings
}
