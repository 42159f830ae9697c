//! The second opinion: every digest put together by hand, and where the contract has a view of it,
//! asked of the contract. None by the code that generated it.

use alloy::eips::BlockId;
use alloy::primitives::B256;
use anyhow::{Context as _, Result};

use crate::compare::byhand::{self, Heading, Row, Signed};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::paper::frame::Frame;
use crate::plan::Plan;
use crate::plan::diff::Change;
use crate::plan::digest::{self, Message};

/// The digests of a plan that the members sign, if there is something to hold.
pub(super) async fn message(deployed: &Deployed, rebuilt: &Plan) -> Result<Option<Message>> {
    let Some(generated) = rebuilt.message else { return Ok(None) };
    let manifest = &rebuilt.manifest;
    let heading = Heading::of(manifest, rebuilt.manifest_hash);
    let held = manifest.list.iter().zip(&rebuilt.changes);
    let held = held.filter(|(_, change)| **change == Change::Hold);
    let rows: Vec<_> = held.map(|(e, _)| Row::listing(e.address, e.uid, e.designated_on)).collect();
    let signed = (Signed::Hold, heading, &*rows);
    ask(deployed, &rebuilt.frame(), generated, signed).await.map(Some)
}

/// The digests that the members sign, by hand and by the contract's own view: neither by the code
/// that generated them. All three must be one.
pub(super) async fn ask(
    deployed: &Deployed,
    frame: &Frame,
    generated: Message,
    (signed, heading, rows): (Signed, Heading, &[Row]),
) -> Result<Message> {
    let (nonce, deadline) = (frame.nonce, frame.deadline);
    let domain_hash = byhand::domain_hash(frame.chain_id, frame.signed_act);
    let message_hash = byhand::message_hash(signed, heading, rows, nonce, deadline);
    let eip712_digest = byhand::eip712_digest(domain_hash, message_hash);
    let by_hand = Message { domain_hash, message_hash, eip712_digest };
    let question = byhand::ask_digest(signed, heading, rows, nonce, deadline);
    let (chain, at) = (&deployed.chain, BlockId::latest());
    let answer = chain.answer("the digest", frame.signed_act, question, at).await?;
    let by_contract = B256::try_from(answer.as_ref())
        .context("the signed act gave an unreadable answer to digest")?;
    if by_hand == generated && by_contract == eip712_digest {
        return Ok(by_hand);
    }
    Err(disagree(digest::EIP712_DIGEST, &[generated.eip712_digest, eip712_digest, by_contract]))
}

/// The calldata of one of a plan's proposals, by hand.
pub(super) fn call(plan: &Plan, function: &str) -> Vec<u8> {
    let manifest = &plan.manifest;
    let heading = Heading::of(manifest, plan.manifest_hash);
    let rows: Vec<_> = match function {
        "list" => {
            let entries = manifest.list.iter();
            entries.map(|e| Row::listing(e.address, e.uid, e.designated_on)).collect()
        }
        _ => manifest.delist.iter().map(Row::removal).collect(),
    };
    byhand::call(function, heading, &rows)
}

/// The digest of each proposal's calldata, by hand, which must be that of the generated code.
pub(super) fn calldata(rebuilt: &Plan) -> Result<Vec<(String, B256)>> {
    let mut digests = Vec::new();
    for generated in &rebuilt.calls {
        let digest = byhand::calldata_digest(&call(rebuilt, &generated.function));
        if digest != generated.calldata_digest {
            let both = [generated.calldata_digest, digest];
            return Err(disagree(digest::CALLDATA_DIGEST, &both));
        }
        digests.push((generated.function.clone(), digest));
    }
    Ok(digests)
}

fn disagree(what: &str, values: &[B256]) -> anyhow::Error {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    let message = format!(
        "the {what} comes out differently by generated code, by hand and by the contract: {}",
        values.join(", ")
    );
    Failure::new(Exit::Stale, "wrong_code", message)
        .next("sign nothing: this program, or the contract, is not what it should be")
        .into()
}
