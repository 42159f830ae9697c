//! `cancel`: the guardian's veto against what waits in the queue, after showing what that is.

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolCall as _;
use anyhow::Result;
use serde_json::json;

use super::vote;
use crate::args::{CancelArgs, Global};
use crate::bindings::AccessManager;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::paper::safe::{self, Call};
use crate::sending::{self, Sender};
use crate::{output, text};

pub(crate) async fn run(global: &Global, args: CancelArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    let deeds = proposal.decode(&deployed.book)?;
    output::show(&vote::describe(&proposal, &deeds));
    let id = council::shown(proposal.id);
    let what = format!("cancel: {}", Proposal::line(&deeds));
    let manager = deployed.book.access_manager.address;
    if let Some(safe) = args.safe.safe {
        let waiting = waiting(&deployed, &proposal).await?;
        let data = cancellation(&deployed, safe, waiting).await?;
        let calls = vec![Call { to: manager, data }];
        if let Some(report) = safe::write(&deployed.chain, &args.safe, &what, calls).await? {
            return Ok(report);
        }
    }
    // What the guardian signed before and left is taken up, though nothing waits behind it.
    let mut left = sending::left(&deployed.chain, manager)?;
    left.retain(|left| cancels(&left.data, &deployed, &proposal));
    let waits = if left.is_empty() { Some(waiting(&deployed, &proposal).await?) } else { None };
    let guardian = Sender::open(&deployed.chain, &args.send, &what).await?;
    let own = left.into_iter().find(|left| left.from == guardian.address());
    let data = match (own, waits) {
        (Some(own), _) => own.data.to_vec(),
        (None, Some(waits)) => cancellation(&deployed, guardian.address(), waits).await?,
        (None, None) => {
            let waits = waiting(&deployed, &proposal).await?;
            cancellation(&deployed, guardian.address(), waits).await?
        }
    };
    output::progress("canceling");
    let receipt = guardian.send(manager, data).await?;
    let state = proposal.state(&deployed).await?;
    let data = json!({
        "proposal": id,
        "does": Proposal::line(&deeds),
        "state": state.word(),
        "transaction": receipt.transaction_hash,
    });
    let facts = text::facts(&[
        ("canceled", id),
        ("does not", Proposal::line(&deeds)),
        ("by", guardian.address().to_string()),
        ("transaction", receipt.transaction_hash.to_string()),
    ]);
    Ok(Report::done(data, facts).next("`interdict status`"))
}

/// Whether a call cancels what this proposal does, and nothing else.
fn cancels(call: &[u8], deployed: &Deployed, proposal: &Proposal) -> bool {
    let council = deployed.book.council.address;
    let is_own = |call: &[u8]| {
        AccessManager::cancelCall::abi_decode_validate(call).is_ok_and(|call| {
            let mut calls = proposal.targets.iter().zip(&proposal.calldatas);
            call.caller == council && calls.any(|of| of == (&call.target, &call.data))
        })
    };
    match AccessManager::multicallCall::abi_decode_validate(call) {
        Ok(several) => several.data.iter().all(|call| is_own(call)),
        Err(_) => is_own(call),
    }
}

/// What of the proposal waits, if it is queued at all.
async fn waiting(deployed: &Deployed, proposal: &Proposal) -> Result<Vec<(Address, Bytes)>> {
    let state = proposal.state(deployed).await?;
    if state == State::Queued {
        return proposal.scheduled(deployed).await;
    }
    let id = council::shown(proposal.id);
    let message =
        format!("the proposal {id} is {}: only what is queued can be canceled", state.word());
    let next = match state {
        State::Pending | State::Active => {
            format!("vote against it: `interdict vote {id} --against`")
        }
        State::Succeeded => format!("it can be canceled once `interdict execute {id}` queued it"),
        _ => "nothing is left to do: `interdict status`".to_owned(),
    };
    Err(Failure::new(Exit::Failed, "not_queued", message).next(next).into())
}

/// The one call that cancels all that this account may cancel: a proposal is executed whole or not
/// at all, so that any part of it is enough.
async fn cancellation(
    deployed: &Deployed,
    account: Address,
    waiting: Vec<(Address, Bytes)>,
) -> Result<Vec<u8>> {
    let (caller, manager) = (deployed.book.council.address, deployed.book.access_manager.address);
    let mut calls = Vec::new();
    let mut refused = None;
    for (target, data) in waiting {
        let call = AccessManager::cancelCall { caller, target, data }.abi_encode();
        match deployed.chain.simulate(account, manager, call.clone()).await {
            Ok(_) => calls.push(Bytes::from(call)),
            Err(error) => refused = Some(Failure::from_error(error)),
        }
    }
    match (calls.pop(), refused) {
        (Some(only), _) if calls.is_empty() => Ok(only.to_vec()),
        (Some(last), _) => {
            calls.push(last);
            Ok(AccessManager::multicallCall { data: calls }.abi_encode())
        }
        (None, Some(mut refused)) => {
            let why = refused.message;
            refused.message = format!("{account} may cancel nothing of this proposal: {why}");
            let guardian = deployed.book.parameters.guardian;
            let guardian = guardian.map_or_else(String::new, |who| format!(", {who},"));
            refused.next = Some(format!(
                "only the guardian{guardian} cancels, and only delistings and changes of seats"
            ));
            Err(refused.into())
        }
        (None, None) => {
            let message = "nothing of the proposal waits any more";
            Err(Failure::new(Exit::Failed, "not_queued", message).into())
        }
    }
}
