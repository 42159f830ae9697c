//! What the council has before it: proposals, and how each stands. Nobody proves it, because no act
//! of the list comes of it before it is executed, and then the act itself is proved: it is shown as
//! what one provider says, and never used to judge.

mod abi;
mod course;
mod read;
#[cfg(test)]
mod tests;

pub use read::{Look, NotRead, Reader};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use interdict_core::contract::IBlocklist;
use interdict_core::deployment::Deployment;
use interdict_core::source::Source;
use serde::Serialize;

/// Addresses of one call that are shown.
pub const SHOWN_MAX_ADDRESSES: usize = 100;
/// Longest description that is shown, in characters: anyone with a seat writes what they like.
pub const DESCRIPTION_MAX_CHARS: usize = 500;

/// Where a proposal stands, in the council's own words and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// The vote is not open yet.
    Pending = 0,
    /// The vote is open.
    Active = 1,
    /// Taken back, or vetoed while it waited.
    Canceled = 2,
    /// The vote is over, and not for it.
    Defeated = 3,
    /// The vote is for it; anyone may queue or execute it.
    Succeeded = 4,
    /// It waits for its delay.
    Queued = 5,
    /// It waited too long.
    Expired = 6,
    /// Done: its acts are on the list.
    Executed = 7,
}

/// What a call of a proposal would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// List addresses, or ratify provisional listings.
    List,
    /// Take addresses off the list.
    Delist,
    /// Take addresses off the list, by the slower way that has no bound.
    DelistMany,
    /// Protect addresses from being listed.
    Protect,
    /// Take the protection away.
    Unprotect,
    /// Give somebody a seat.
    AddMember,
    /// Take somebody's seat.
    RemoveMember,
    /// Something that is none of these: look at it with other tools before anything else.
    Foreign,
}

/// One call of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProposedCall)]
pub struct Call {
    /// What it would do.
    pub deed: Deed,
    /// Whom it calls, with checksum.
    pub target: String,
    /// Codes of the source lists concerned; none for what concerns no source.
    pub sources: Vec<String>,
    /// The addresses that it names, with checksums, in order; only the first of very many.
    pub addresses: Vec<String>,
    /// How many it names.
    pub count: usize,
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Proposal {
    /// The council's id of it.
    pub id: String,
    /// Where it stands.
    pub course: Course,
    /// Who proposed it, with checksum.
    pub proposer: String,
    /// What the proposer says of it, cleaned and cut.
    pub description: String,
    /// When the vote opened, RFC 3339.
    pub vote_opened: String,
    /// When the vote ends if nothing is decided before, RFC 3339.
    pub vote_ends: String,
    /// From when on it can be executed, RFC 3339; `None` while that is not known.
    pub due: Option<String>,
    /// Votes for it.
    pub votes_for: u64,
    /// Votes against it.
    pub votes_against: u64,
    /// Votes that are for neither.
    pub abstentions: u64,
    /// Votes for it that it takes.
    pub needed: Option<u64>,
    /// What it would do, in order.
    pub calls: Vec<Call>,
}

impl Course {
    /// Whether somebody still has something to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Active | Self::Succeeded | Self::Queued)
    }

    fn of(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Pending,
            1 => Self::Active,
            2 => Self::Canceled,
            3 => Self::Defeated,
            4 => Self::Succeeded,
            5 => Self::Queued,
            6 => Self::Expired,
            7 => Self::Executed,
            _ => return None,
        })
    }
}

impl Call {
    /// Reads a call by the words of our own contracts; whatever else it is is foreign.
    fn read(book: &Deployment, target: Address, value: U256, data: &Bytes) -> Self {
        let read = value.is_zero().then(|| match target {
            seats if seats == book.seats.address => membership(data),
            list if list == book.blocklist.address => listing(data),
            _ => None,
        });
        let (deed, sources, accounts) = read.flatten().unwrap_or((Deed::Foreign, 0, Vec::new()));
        Self {
            deed,
            target: target.to_checksum(None),
            sources: Source::codes(sources),
            count: accounts.len(),
            addresses: accounts
                .iter()
                .take(SHOWN_MAX_ADDRESSES)
                .map(|account| account.to_checksum(None))
                .collect(),
        }
    }
}

type Read = (Deed, u16, Vec<Address>);

fn membership(data: &Bytes) -> Option<Read> {
    if let Ok(call) = abi::addCall::abi_decode_validate(data) {
        return Some((Deed::AddMember, 0, vec![call.account]));
    }
    let call = abi::removeCall::abi_decode_validate(data).ok()?;
    Some((Deed::RemoveMember, 0, vec![call.account]))
}

fn listing(data: &Bytes) -> Option<Read> {
    let batch = |deed, batch: IBlocklist::Batch| {
        let accounts = batch.entries.iter().map(|entry| entry.account).collect();
        Some((deed, batch.sources, accounts))
    };
    if let Ok(call) = IBlocklist::listCall::abi_decode_validate(data) {
        return batch(Deed::List, call.batch);
    }
    if let Ok(call) = IBlocklist::delistCall::abi_decode_validate(data) {
        return batch(Deed::Delist, call.batch);
    }
    if let Ok(call) = IBlocklist::delistManyCall::abi_decode_validate(data) {
        return batch(Deed::DelistMany, call.batch);
    }
    if let Ok(call) = IBlocklist::protectCall::abi_decode_validate(data) {
        return Some((Deed::Protect, 0, call.accounts));
    }
    let call = IBlocklist::unprotectCall::abi_decode_validate(data).ok()?;
    Some((Deed::Unprotect, 0, call.accounts))
}

/// A proposal as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    id: U256,
    proposer: Address,
    description: String,
    opened: u64,
    ends: u64,
    calls: Vec<Call>,
    /// What waits at the access manager while it is queued.
    operations: Vec<(Address, Bytes)>,
}

/// An id as it is shown.
fn shown(id: U256) -> String {
    format!("{:#x}", B256::from(id))
}
