//! What a proposal's calls do, read by our own ABI only, and in words.

use std::collections::BTreeSet;

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolCall as _;
use interdict_core::contract::IBlocklist;
use interdict_core::deployment::{Delays, Deployment};
use interdict_core::ledger::Kind;
use interdict_core::source::Source;

use crate::bindings::Seats;
use crate::text;

/// One call of a proposal.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    List(IBlocklist::Batch),
    Delist(IBlocklist::Batch),
    DelistMany(IBlocklist::Batch),
    Protect(Vec<Address>),
    Unprotect(Vec<Address>),
    AddMember(Address),
    RemoveMember(Address),
}

impl Deed {
    /// Reads one call; `None` if it is none of the council's daily business.
    pub(crate) fn read(book: &Deployment, target: Address, data: &Bytes) -> Option<Self> {
        if target == book.seats.address {
            return Self::read_seats(data);
        }
        if target != book.blocklist.address {
            return None;
        }
        if let Ok(call) = IBlocklist::listCall::abi_decode_validate(data) {
            return Some(Self::List(call.batch));
        }
        if let Ok(call) = IBlocklist::delistCall::abi_decode_validate(data) {
            return Some(Self::Delist(call.batch));
        }
        if let Ok(call) = IBlocklist::delistManyCall::abi_decode_validate(data) {
            return Some(Self::DelistMany(call.batch));
        }
        if let Ok(call) = IBlocklist::protectCall::abi_decode_validate(data) {
            return Some(Self::Protect(call.accounts));
        }
        let call = IBlocklist::unprotectCall::abi_decode_validate(data).ok()?;
        Some(Self::Unprotect(call.accounts))
    }

    fn read_seats(data: &Bytes) -> Option<Self> {
        if let Ok(call) = Seats::addCall::abi_decode_validate(data) {
            return Some(Self::AddMember(call.account));
        }
        let call = Seats::removeCall::abi_decode_validate(data).ok()?;
        Some(Self::RemoveMember(call.account))
    }

    /// Which kind of act it is; `None` for a change of seats.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::List(_) => Some(Kind::List),
            Self::Delist(_) => Some(Kind::Delist),
            Self::DelistMany(_) => Some(Kind::DelistMany),
            Self::Protect(_) => Some(Kind::Protect),
            Self::Unprotect(_) => Some(Kind::Unprotect),
            Self::AddMember(_) | Self::RemoveMember(_) => None,
        }
    }

    /// The batch of a listing or delisting.
    pub(crate) const fn batch(&self) -> Option<&IBlocklist::Batch> {
        match self {
            Self::List(batch) | Self::Delist(batch) | Self::DelistMany(batch) => Some(batch),
            _ => None,
        }
    }

    /// How long it waits once it is decided, in seconds.
    pub(crate) const fn delay(&self, delays: &Delays) -> u32 {
        match self {
            Self::List(_) => 0,
            Self::Delist(_) => delays.delist_seconds,
            Self::DelistMany(_) => delays.mass_delist_seconds,
            Self::Protect(_) | Self::Unprotect(_) => delays.protection_seconds,
            Self::AddMember(_) | Self::RemoveMember(_) => delays.membership_seconds,
        }
    }

    /// The call that does it, and whom it calls.
    pub(crate) fn call(&self, book: &Deployment) -> (Address, Vec<u8>) {
        let (list, seats) = (book.blocklist.address, book.seats.address);
        match self.clone() {
            Self::List(batch) => (list, IBlocklist::listCall { batch }.abi_encode()),
            Self::Delist(batch) => (list, IBlocklist::delistCall { batch }.abi_encode()),
            Self::DelistMany(batch) => (list, IBlocklist::delistManyCall { batch }.abi_encode()),
            Self::Protect(accounts) => (list, IBlocklist::protectCall { accounts }.abi_encode()),
            Self::Unprotect(accounts) => {
                (list, IBlocklist::unprotectCall { accounts }.abi_encode())
            }
            Self::AddMember(account) => (seats, Seats::addCall { account }.abi_encode()),
            Self::RemoveMember(account) => (seats, Seats::removeCall { account }.abi_encode()),
        }
    }

    /// In a few words: `list 8 addresses`, `remove the member 0x…`.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::List(batch) => format!("list {}", addresses(named(batch))),
            Self::Delist(batch) => format!("delist {}", addresses(named(batch))),
            Self::DelistMany(batch) => {
                format!("delist {}, more than 15 % of the list", addresses(named(batch)))
            }
            Self::Protect(accounts) => {
                format!("protect {} from being listed", addresses(accounts.len()))
            }
            Self::Unprotect(accounts) => {
                format!("let {} be listed again", addresses(accounts.len()))
            }
            Self::AddMember(account) => format!("give a seat to {account}"),
            Self::RemoveMember(account) => format!("take the seat of {account} away"),
        }
    }

    /// In full: every address that it names, whole and by fours.
    pub(crate) fn describe(&self) -> String {
        let line = ("does", self.line());
        match self {
            Self::List(batch) | Self::Delist(batch) | Self::DelistMany(batch) => {
                let facts = text::facts(&[
                    line,
                    ("sources", Source::codes(batch.sources).join(" ")),
                    ("data as of", text::time(batch.dataAsOf.to())),
                    ("manifest", batch.manifest.to_string()),
                ]);
                format!("{}\n\n{facts}", entries(batch))
            }
            Self::Protect(accounts) | Self::Unprotect(accounts) => {
                let rows = accounts.iter().map(|a| [a.to_string(), text::by_fours(*a)]);
                let table = text::table(["ADDRESS", "BY FOURS"], rows.collect());
                format!("{table}\n\n{}", text::facts(&[line]))
            }
            Self::AddMember(account) | Self::RemoveMember(account) => {
                text::facts(&[line, ("by fours", text::by_fours(*account))])
            }
        }
    }
}

fn entries(batch: &IBlocklist::Batch) -> String {
    let rows = batch.entries.iter().map(|entry| {
        let date: u64 = entry.designatedOn.to();
        let date = if date == 0 { "-".to_owned() } else { text::day(date) };
        let address = entry.account.to_string();
        [address, text::by_fours(entry.account), entry.uid.to_string(), date]
    });
    text::table(["ADDRESS", "BY FOURS", "UID", "DESIGNATED"], rows.collect())
}

/// How many addresses a batch names.
fn named(batch: &IBlocklist::Batch) -> usize {
    batch.entries.iter().map(|entry| entry.account).collect::<BTreeSet<_>>().len()
}

fn addresses(n: usize) -> String {
    text::count(n, "address", "addresses")
}
