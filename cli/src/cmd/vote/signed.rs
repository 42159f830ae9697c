//! A ballot for anyone to send, after showing what is signed; or what another tool is to sign.

use alloy::primitives::{Address, Bytes};
use anyhow::{Context as _, Result};
use serde_json::json;

use super::super::sign;
use super::{check_open, check_seat};
use crate::args::VoteArgs;
use crate::council::{self, Proposal};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure, Report};
use crate::paper::ballot::{self, Ballot, SCHEMA};
use crate::paper::signature;
use crate::paper::typed::{Hashes, message};
use crate::plan::digest::Message;
use crate::wallet::Wallet;
use crate::{file, output, text, wallet};

pub(super) async fn run(
    deployed: &Deployed,
    proposal: &Proposal,
    args: &VoteArgs,
) -> Result<Report> {
    check_open(deployed, proposal).await?;
    let id = council::shown(proposal.id);
    let taken = sign::taken(&args.elsewhere)?;
    let (voter, member) = voter(deployed, args, taken.as_ref()).await?;
    check_seat(deployed, proposal, voter).await?;
    let (support, word) = args.choice.support();
    let nonce = ballot::nonce(deployed, voter, proposal.id).await?;
    let message = message::Ballot { proposalId: proposal.id, support, voter, nonce };
    let facts = [
        ("ballot", format!("{word}, of {voter} on chain {}", deployed.chain.id)),
        ("proposal", id.clone()),
        ("contract", deployed.book.council.address.to_string()),
        ("nonce", nonce.to_string()),
    ];
    let typed = ballot::typed(deployed, message);
    let digests = digests(&typed.hashes());
    // By these another tool can tell that it is asked to sign the same.
    output::show(&text::facts(&[&facts[..], &digests.facts()].concat()));
    if let Some(path) = &args.elsewhere.typed_data {
        file::write(path, format!("{:#}\n", typed.to_json()).as_bytes())?;
        let path = path.display().to_string();
        let data = json!({ "file": path, "digest": digests.eip712_digest, "digests": digests });
        let next =
            format!("`cast wallet sign --data --from-file {path}`, then vote with --signature 0x…");
        return Ok(Report::done(data, path).next(next));
    }
    let signature = if let Some(signature) = taken {
        signature
    } else {
        if !args.send.yes {
            confirm(word)?;
        }
        let member = match member {
            Some(member) => member,
            None => wallet::open(&args.send.wallet, deployed.chain.id).await?,
        };
        typed.sign(&member).await?
    };
    let (chain_id, council) = (deployed.chain.id, deployed.book.council.address);
    let digest = digests.eip712_digest;
    signature::check_by(&deployed.chain, voter, digest, &signature).await?;
    let (schema, proposal) = (SCHEMA.to_owned(), proposal.id);
    let ballot =
        Ballot { schema, chain_id, council, proposal, support, voter, nonce, digest, signature };
    let text = serde_json::to_string_pretty(&ballot)?;
    let data = json!({ "ballot": ballot, "file": args.out, "digests": digests });
    let (shown, name) = match &args.out {
        Some(path) => {
            file::write(path, format!("{text}\n").as_bytes())?;
            (path.display().to_string(), path.display().to_string())
        }
        None => (text, "<FILE>".to_owned()),
    };
    Ok(Report::done(data, shown).next(format!("anyone: `interdict vote {id} --ballot {name}`")))
}

/// Who votes, and the wallet if it had to be opened to know.
async fn voter(
    deployed: &Deployed,
    args: &VoteArgs,
    taken: Option<&Bytes>,
) -> Result<(Address, Option<Wallet>)> {
    if let Some(voter) = args.voter.or(args.elsewhere.signer) {
        return Ok((voter, None));
    }
    if taken.is_some() || args.elsewhere.typed_data.is_some() {
        let message = "who votes is part of what is signed, and --voter is not given";
        let failure = Failure::new(Exit::Usage, "usage", message);
        return Err(failure.next("add --voter <ADDRESS>").into());
    }
    let member = wallet::open(&args.send.wallet, deployed.chain.id).await?;
    Ok((member.address(), Some(member)))
}

fn digests(hashes: &Hashes) -> Message {
    Message {
        domain_hash: hashes.domain,
        message_hash: hashes.message,
        eip712_digest: hashes.digest,
    }
}

fn confirm(word: &str) -> Result<()> {
    let expected = format!("vote {word}");
    let answer = output::ask(&format!("type `{expected}` to sign:"));
    match answer.context("the terminal cannot be read")? {
        Some(answer) if answer == expected => Ok(()),
        Some(_) => Err(Failure::new(Exit::Failed, "not_confirmed", "nothing was signed").into()),
        None => {
            let message = "there is no terminal to confirm on";
            let failure = Failure::new(Exit::Usage, "usage", message);
            Err(failure.next("add --yes if you have read what is signed").into())
        }
    }
}
