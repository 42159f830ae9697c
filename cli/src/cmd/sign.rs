//! `sign`: a member's signature under a plan, after showing all of what is signed.

use alloy::eips::BlockId;
use alloy::primitives::U256;
use alloy::signers::SignerSync;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use serde_json::json;

use crate::args::{Global, SignArgs};
use crate::bindings::{Seats, SignedAct, signed_act};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::plan::Plan;
use crate::signature::{self, Hashes, SCHEMA, SignatureFile};
use crate::{digest, file, output, text, wallet};

pub(crate) async fn run(global: &Global, args: SignArgs) -> Result<Report> {
    let plan = Plan::read(&args.plan)?;
    let deployed = deployed::open(global).await?;
    check_current(&deployed, &plan).await?;
    if plan.held().is_empty() {
        let message = "the plan has nothing to hold: a signed act would do nothing";
        return Err(Failure::new(Exit::Failed, "nothing", message)
            .next("`interdict propose` takes the rest of the plan to the vote")
            .into());
    }
    let hashes = signature::hashes(&plan)?;
    check_digest(&deployed, &plan, &hashes).await?;
    show(&plan, &hashes);
    if !args.yes {
        confirm(&plan)?;
    }
    let signer = wallet::open(&args.wallet)?;
    let account = signer.address();
    let member = Seats::isMemberCall { account };
    let seats = deployed.book.seats.address;
    if !deployed.chain.ask(seats, &member, BlockId::latest()).await? {
        let message =
            format!("{account} has no seat on the council: its signature would not count");
        return Err(Failure::new(Exit::Failed, "not_member", message)
            .next("sign with the key of a member")
            .into());
    }
    let made = SignatureFile {
        schema: SCHEMA.to_owned(),
        chain_id: plan.chain_id,
        signed_act: plan.signed_act,
        nonce: plan.nonce,
        deadline: plan.deadline,
        digest: hashes.digest,
        signer: account,
        signature: signer.sign_hash_sync(&hashes.digest)?.as_bytes().into(),
    };
    let text = serde_json::to_string_pretty(&made)?;
    let next = format!("`interdict act {} <signatures…>` with a quorum", args.plan.display());
    let data = json!({ "signature": made, "file": args.out });
    let shown = match &args.out {
        Some(path) => {
            file::write(path, format!("{text}\n").as_bytes())?;
            path.display().to_string()
        }
        None => text,
    };
    Ok(Report::done(data, shown).next(next))
}

/// Refuses a plan that has expired, or whose chain, code, head or nonce is another now.
pub(super) async fn check_current(deployed: &Deployed, plan: &Plan) -> Result<()> {
    plan.check_place(deployed)?;
    let chain = &deployed.chain;
    let at = chain.latest().await?;
    plan.check_time(at.time)?;
    let head = chain.ask(deployed.blocklist(), &IBlocklist::headCall {}, at.id()).await?;
    plan.check_head(head, at)?;
    let nonce = chain.ask(plan.signed_act, &SignedAct::nonceCall {}, at.id()).await?;
    if nonce != U256::from(plan.nonce) {
        let message = format!("the signed act's nonce is {nonce}, the plan has {}", plan.nonce);
        return Err(Failure::new(Exit::Stale, "stale", message)
            .next("make a new plan with `interdict plan`")
            .into());
    }
    Ok(())
}

/// Our digest and the contract's must be one, or the signature would be under something else.
async fn check_digest(deployed: &Deployed, plan: &Plan, hashes: &Hashes) -> Result<()> {
    let call = SignedAct::digestCall {
        batch: as_signed(plan.holding_batch()?),
        nonce_: U256::from(plan.nonce),
        deadline: U256::from(plan.deadline),
    };
    let theirs = deployed.chain.ask(plan.signed_act, &call, BlockId::latest()).await?;
    if theirs == hashes.digest {
        return Ok(());
    }
    let message = format!("the contract's digest is {theirs}, ours is {}", hashes.digest);
    Err(Failure::new(Exit::Stale, "wrong_code", message).next("update interdict").into())
}

/// The same batch, in the words of the signed act's own bindings.
pub(super) fn as_signed(batch: IBlocklist::Batch) -> signed_act::IBlocklist::Batch {
    let entry = |e: IBlocklist::Entry| signed_act::IBlocklist::Entry {
        account: e.account,
        uid: e.uid,
        designatedOn: e.designatedOn,
    };
    signed_act::IBlocklist::Batch {
        manifest: batch.manifest,
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        entries: batch.entries.into_iter().map(entry).collect(),
    }
}

fn show(plan: &Plan, hashes: &Hashes) {
    let listings = plan.manifest.list.iter().zip(&plan.changes);
    let rows =
        listings.filter(|(_, change)| **change == crate::diff::Change::Hold).map(|(e, _)| {
            let date = e.designated_on.map_or_else(|| "-".to_owned(), |date| date.to_string());
            [e.address.to_string(), e.uid.to_string(), date]
        });
    let table = text::table(["ADDRESS", "UID", "DESIGNATED"], rows.collect());
    let publication = &plan.manifest.publication;
    let facts = text::facts(&[
        ("act", format!("hold {} on chain {}", plan.held().len(), plan.chain_id)),
        ("source", format!("{} as of {}", publication.source, publication.data_as_of)),
        ("manifest", plan.manifest_hash.to_string()),
        ("contract", plan.signed_act.to_string()),
        ("nonce", plan.nonce.to_string()),
        ("deadline", text::time(plan.deadline)),
        (digest::DOMAIN_HASH, hashes.domain.to_string()),
        (digest::MESSAGE_HASH, hashes.message.to_string()),
        (digest::EIP712_DIGEST, hashes.digest.to_string()),
    ]);
    output::show(&format!("{table}\n\n{facts}"));
}

fn confirm(plan: &Plan) -> Result<()> {
    let expected = format!("hold {}", plan.held().len());
    let question = format!("type `{expected}` to sign:");
    let answer = output::ask(&question).context("the terminal cannot be read")?;
    match answer {
        Some(answer) if answer == expected => Ok(()),
        Some(_) => Err(Failure::new(Exit::Failed, "not_confirmed", "nothing was signed").into()),
        None => {
            let message = "there is no terminal to confirm on";
            let failure = Failure::new(Exit::Usage, "usage", message);
            Err(failure.next("add --yes if you have read what is signed").into())
        }
    }
}
