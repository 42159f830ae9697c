//! Proposals that follow from no publication: seats, and what may never be listed.

use alloy::eips::BlockId;
use alloy::primitives::Address;
use anyhow::Result;
use interdict_core::contract::IBlocklist;

use crate::args::ChangeArgs;
use crate::bindings::Seats;
use crate::council::deed::Deed;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::paper::retraction;

/// What is asked for. What the chain would refuse only once the delay is over is refused now.
pub(super) async fn deeds(deployed: &Deployed, args: &ChangeArgs) -> Result<Vec<Deed>> {
    let reason = args.reason.as_deref().unwrap_or_default();
    retraction::check_reason(reason)
        .map_err(|why| Failure::new(Exit::Usage, "usage", format!("--reason {why}")))?;
    let mut deeds = Vec::new();
    // Who joins comes before who leaves: the council is never smaller than at its end.
    for &account in &args.add_member {
        if is_member(deployed, account).await? {
            return Err(refused(format!("{account} has a seat already")));
        }
        deeds.push(Deed::AddMember(account));
    }
    for &account in &args.remove_member {
        if !is_member(deployed, account).await? {
            return Err(refused(format!("{account} has no seat")));
        }
        deeds.push(Deed::RemoveMember(account));
    }
    for &account in &args.protect {
        let listing = listing(deployed, account).await?;
        if listing.isProtected || listing.sanctioned {
            let why = if listing.sanctioned { "listed: delist it first" } else { "protected" };
            return Err(refused(format!("{account} is {why}")));
        }
    }
    for &account in &args.unprotect {
        if !listing(deployed, account).await?.isProtected {
            return Err(refused(format!("{account} is not protected")));
        }
    }
    if !args.protect.is_empty() {
        deeds.push(Deed::Protect(args.protect.clone()));
    }
    if !args.unprotect.is_empty() {
        deeds.push(Deed::Unprotect(args.unprotect.clone()));
    }
    Ok(deeds)
}

async fn is_member(deployed: &Deployed, account: Address) -> Result<bool> {
    let seats = deployed.book.seats.address;
    deployed.chain.ask(seats, &Seats::isMemberCall { account }, BlockId::latest()).await
}

async fn listing(deployed: &Deployed, account: Address) -> Result<IBlocklist::Listing> {
    let call = IBlocklist::listingOfCall { account };
    deployed.chain.ask(deployed.blocklist(), &call, BlockId::latest()).await
}

fn refused(message: String) -> anyhow::Error {
    Failure::new(Exit::Failed, "no_change", message).next("`interdict status`").into()
}
