//! What the chain would do with a plan: its whole course in blocks that are never mined, by
//! `eth_simulateV1`; where the node has no such method, each act on its own, by `eth_call`.

use std::fmt;

use alloy::primitives::{Address, B256, Bytes, Uint};
use alloy::providers::Provider;
use alloy::rpc::types::simulate::{SimBlock, SimCallResult, SimulatePayload};
use alloy::rpc::types::{BlockOverrides, Log, TransactionRequest};
use alloy::sol_types::SolCall;
use alloy::transports::RpcError;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActReader, Kind};
use serde::{Deserialize, Serialize};

use super::{NOWHERE, Step};
use crate::bindings::{AccessManager, explain_revert};
use crate::chain::agreement;
use crate::chain::{Chain, Pinned};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};

/// By which of the node's methods a plan was simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Method {
    /// The whole course, each act on what the ones before left.
    #[serde(rename = "eth_simulateV1")]
    Simulate,
    /// Each act on the list as it is; what waits in the council's queue was not tried.
    #[serde(rename = "eth_call")]
    Call,
    /// There was nothing to simulate.
    #[serde(rename = "none")]
    Nothing,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simulate => "eth_simulateV1",
            Self::Call => {
                "eth_call, each act by itself: the node does not answer eth_simulateV1, and a delisting could not be tried"
            }
            Self::Nothing => "nothing to simulate",
        })
    }
}

/// How a simulation went.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) method: Method,
    /// The gas of each act, where the node says it: of the list's own call, without a vote around.
    pub(crate) gas: Vec<Option<u64>>,
}

/// A call in a block of its own.
struct Try {
    from: Address,
    to: Address,
    data: Vec<u8>,
    time: u64,
    /// The act that comes of it; `None` for the queueing before one.
    step: Option<usize>,
}

/// Tries the course on the list as it stood in a block, and checks that the acts come out as they
/// were foreseen, to the last head; of two nodes, on both.
pub(crate) async fn run(
    deployed: &Deployed,
    at: Pinned,
    steps: &[Step],
    foreseen: &[Act],
) -> Result<Outcome> {
    let first = &deployed.chain;
    let mine = run_on(deployed, first, at, steps, foreseen).await;
    let Some(second) = &first.second else { return mine };
    let theirs = run_on(deployed, second, at, steps, foreseen).await;
    let [mine, theirs] = [mine, theirs].map(|tried| tried.map_err(Failure::from_error));
    let disagree = |mine: &str, theirs: &str| {
        agreement::disagree(first, second, "the simulation", mine, theirs)
    };
    let is_verdict = |why: &Failure| matches!(why.exit, Exit::Reverts | Exit::Stale);
    let right = "that every act comes out as foreseen";
    match (mine, theirs) {
        (Ok(mine), Ok(theirs)) if mine.method != theirs.method || mine.gas == theirs.gas => {
            Ok(mine)
        }
        (Ok(mine), Ok(theirs)) => {
            let gas = |outcome: &Outcome| format!("{:?} gas", outcome.gas);
            Err(disagree(&gas(&mine), &gas(&theirs)))
        }
        (Ok(_), Err(why)) if is_verdict(&why) => Err(disagree(right, &why.message)),
        (Err(why), Ok(_)) if is_verdict(&why) => Err(disagree(&why.message, right)),
        (Err(why), _) | (_, Err(why)) => Err(why.into()),
    }
}

async fn run_on(
    deployed: &Deployed,
    chain: &Chain,
    at: Pinned,
    steps: &[Step],
    foreseen: &[Act],
) -> Result<Outcome> {
    if steps.is_empty() {
        return Ok(Outcome { method: Method::Nothing, gas: Vec::new() });
    }
    let tries = tries(deployed, steps);
    let blocks = tries.iter().map(|t| {
        let request =
            TransactionRequest::default().from(t.from).to(t.to).input(t.data.clone().into());
        let time = BlockOverrides { time: Some(t.time), ..BlockOverrides::default() };
        SimBlock::default().with_block_overrides(time).call(request)
    });
    let payload = SimulatePayload::default().extend_blocks(blocks);
    let answer = chain.provider.simulate(&payload).block_id(at.id()).await;
    let blocks = match answer {
        Ok(blocks) => blocks,
        // Nodes word "no such method" differently, so any refusal of the request counts.
        Err(RpcError::ErrorResp(_)) => return by_call(chain, steps, &tries).await,
        Err(error) => return Err(chain.failed(&error)),
    };
    let mut gas = vec![None; steps.len()];
    for (n, t) in tries.iter().enumerate() {
        let result = blocks.get(n).and_then(|block| block.calls.first());
        let result = result.context("the node left a simulated block out")?;
        let what = t.step.map_or("queueing the delisting", |step| name(steps[step].kind));
        check_status(what, result)?;
        let Some(step) = t.step else { continue };
        let act = read(deployed.blocklist(), &result.logs, t.time)?;
        if act.as_ref() != Some(&foreseen[step]) {
            return Err(surprised(what, act.as_ref(), &foreseen[step]).into());
        }
        gas[step] = Some(result.gas_used);
    }
    Ok(Outcome { method: Method::Simulate, gas })
}

fn tries(deployed: &Deployed, steps: &[Step]) -> Vec<Try> {
    let (list, council) = (deployed.blocklist(), deployed.book.council.address);
    let mut tries = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        let data = calldata(step);
        if let Some(time) = step.queued {
            let queue = AccessManager::scheduleCall {
                target: list,
                data: data.clone().into(),
                when: Uint::default(),
            };
            let to = deployed.book.access_manager.address;
            tries.push(Try { from: council, to, data: queue.abi_encode(), time, step: None });
        }
        let from = match step.kind {
            Kind::ListProvisional => deployed.book.signed_act.address,
            _ => council,
        };
        tries.push(Try { from, to: list, data, time: step.lands, step: Some(n) });
    }
    tries
}

fn calldata(step: &Step) -> Vec<u8> {
    let batch = step.batch.clone();
    match step.kind {
        Kind::ListProvisional => IBlocklist::listProvisionalCall { batch }.abi_encode(),
        Kind::DelistMany => IBlocklist::delistManyCall { batch }.abi_encode(),
        Kind::Delist => IBlocklist::delistCall { batch }.abi_encode(),
        _ => IBlocklist::listCall { batch }.abi_encode(),
    }
}

async fn by_call(chain: &Chain, steps: &[Step], tries: &[Try]) -> Result<Outcome> {
    let at_once = tries.iter().filter_map(|t| Some((t, &steps[t.step?])));
    for (t, step) in at_once.filter(|(_, step)| step.queued.is_none()) {
        let answer = chain.simulate(t.from, t.to, t.data.clone()).await;
        answer.map_err(|error| {
            let mut failure = Failure::from_error(error);
            failure.message = failed(name(step.kind), &failure.message);
            failure
        })?;
    }
    Ok(Outcome { method: Method::Call, gas: vec![None; steps.len()] })
}

fn check_status(what: &str, result: &SimCallResult) -> Result<(), Failure> {
    if result.status {
        return Ok(());
    }
    // Nodes give the revert's data as the error's data, or as what was returned.
    let data = result.error.as_ref().and_then(|error| error.data.clone());
    let data: Bytes = data.unwrap_or_else(|| result.return_data.clone());
    let why = match (&result.error, data.is_empty()) {
        (Some(error), true) => error.message.clone(),
        _ => explain_revert(&data),
    };
    let message = failed(what, &format!("the simulated transaction reverts: {why}"));
    Err(Failure::new(Exit::Reverts, "reverts", message)
        .next("read what the contract says: the plan cannot be carried out as it is"))
}

fn failed(what: &str, why: &str) -> String {
    format!("{what} by this plan fails: {why}")
}

fn read(list: Address, logs: &[Log], time: u64) -> Result<Option<Act>> {
    let mut reader = ActReader::default();
    let mut act = None;
    for log in logs.iter().filter(|log| log.address() == list) {
        let read = reader.read(&log.inner.data, NOWHERE, time, B256::ZERO)?;
        act = read.or(act);
    }
    reader.finish()?;
    Ok(act)
}

fn surprised(what: &str, act: Option<&Act>, foreseen: &Act) -> Failure {
    let found = act.map_or_else(
        || "no act".to_owned(),
        |act| format!("act {} with the head {}", act.number, act.head),
    );
    let message = format!(
        "{what}: the simulation ends in {found}, foreseen was act {} with the head {}",
        foreseen.number, foreseen.head
    );
    Failure::new(Exit::Stale, "surprised", message)
        .next("this list does not do what this version of interdict knows: do not use the plan")
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::ListProvisional => "holding",
        Kind::List => "listing",
        Kind::Delist | Kind::DelistMany => "delisting",
        _ => "the act",
    }
}
