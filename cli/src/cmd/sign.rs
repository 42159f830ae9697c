//! `sign`: a member's signature under a plan or a retraction, after showing all of what is signed.

use std::path::Path;

use alloy::eips::BlockId;
use alloy::hex;
use alloy::primitives::{Address, Bytes};
use anyhow::{Context as _, Result};
use serde_json::json;

use crate::args::{ElsewhereArgs, Global, SignArgs};
use crate::bindings::Seats;
use crate::compare::lookalike;
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::file::{self, Unread};
use crate::paper::Paper;
use crate::paper::signature::{self, SCHEMA, SignatureError, SignatureFile};
use crate::paper::typed::{Hashes, Typed};
use crate::{output, wallet};

/// A signature is 132 characters; a contract's may be some kilobytes.
const SIGNATURE_TEXT_BYTES_MAX: u64 = 64 * 1024;

/// A key's signature: r, s and v.
const KEY_SIGNATURE_BYTES: usize = 65;

pub(crate) async fn run(global: &Global, args: SignArgs) -> Result<Report> {
    let paper = Paper::read(&args.paper)?;
    check_not_empty(&paper)?;
    let typed = paper.typed()?;
    let hashes = typed.hashes();
    let deployed = if args.offline { None } else { Some(deployed::open(global).await?) };
    match &deployed {
        Some(deployed) => {
            paper.check_current(deployed).await?;
            paper.check_digest(deployed, &hashes).await?;
            paper.simulate(deployed).await?;
        }
        None => paper.frame().check_time(now())?,
    }
    show(&paper, &hashes, deployed.as_ref())?;
    let mut report = if let Some(path) = &args.elsewhere.typed_data {
        write_typed_data(path, &typed, &hashes, &args.paper)?
    } else {
        let (signer, signature) = signed(&paper, &typed, &args).await?;
        let made = made(&paper, &hashes, signer, signature);
        let unchecked = match &deployed {
            Some(deployed) => {
                check_seat(deployed, signer).await?;
                made.check_on(&deployed.chain, hashes.digest).await.map_err(not_its_signers)?;
                None
            }
            None => check_offline(&made, &args)?,
        };
        let mut report = report(&made, &args)?;
        report.warnings.extend(unchecked);
        report
    };
    if deployed.is_none() {
        report.warnings.push(NOT_CHECKED.to_owned());
    }
    Ok(report)
}

const NOT_CHECKED: &str = "offline, so not checked: that the list, its code and the nonce are still those of the file, that the contract has the same digest, that the signer has a seat, and the chain's own time; `interdict act` checks them before it sends";

/// Without a chain only a key's signature can be told from another's; what is then left unsaid of
/// one that was made elsewhere is the warning.
fn check_offline(made: &SignatureFile, args: &SignArgs) -> Result<Option<String>> {
    let elsewhere = &args.elsewhere;
    let is_taken = elsewhere.signature.is_some() || elsewhere.signature_file.is_some();
    let signer = made.signer;
    if is_taken && made.signature.len() != KEY_SIGNATURE_BYTES {
        return Ok(Some(format!(
            "offline, so not checked: the signature itself. It has {} bytes, which is no key's; whether the contract {signer} takes it for its own only a node can say",
            made.signature.len()
        )));
    }
    made.check_key(made.digest).map_err(|why| not_its_signers(why.into()))?;
    let is_recovered = is_taken && elsewhere.signer.is_none();
    Ok(is_recovered.then(|| {
        format!("whose the signature is was found from it alone: {signer}. Under any other file it would be another's: look whether that is the member")
    }))
}

/// A signature that is not the signer's, and what to do about it.
fn not_its_signers(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<SignatureError>() {
        Ok(why) => Failure::new(Exit::Failed, "bad_signature", format!("the signature {why}"))
            .next("check that it was made under this very file, and by whom; a contract's (a Safe's) is checked with a node only: leave out --offline")
            .into(),
        Err(other) => other,
    }
}

fn check_not_empty(paper: &Paper) -> Result<()> {
    if paper.addresses()? > 0 {
        return Ok(());
    }
    let message = "the plan has nothing to hold: a signed act would do nothing";
    Err(Failure::new(Exit::Failed, "nothing", message)
        .next("`interdict propose` takes the rest of the plan to the vote")
        .into())
}

/// The signature, and whose it is: made here, or made elsewhere and taken.
async fn signed(paper: &Paper, typed: &Typed, args: &SignArgs) -> Result<(Address, Bytes)> {
    if let Some(signature) = taken(&args.elsewhere)? {
        let signer = match args.elsewhere.signer {
            Some(signer) => signer,
            None => signature::signer_of(&signature, typed.hashes().digest)
                .map_err(|why| not_its_signers(why.into()))?,
        };
        return Ok((signer, signature));
    }
    if !args.yes {
        confirm(paper)?;
    }
    let wallet = wallet::open(&args.wallet, paper.binding().chain_id).await?;
    Ok((wallet.address(), typed.sign(&wallet).await?))
}

/// A signature that was made elsewhere, if one is given.
pub(super) fn taken(elsewhere: &ElsewhereArgs) -> Result<Option<Bytes>> {
    let Some(path) = &elsewhere.signature_file else { return Ok(elsewhere.signature.clone()) };
    let usage = |why: &str| {
        let message = format!("{} {why}", path.display());
        Failure::new(Exit::Usage, "usage", message).next("it holds 0x and the signature's bytes")
    };
    let bytes = match file::bounded(path, SIGNATURE_TEXT_BYTES_MAX, "a signature") {
        Err(Unread::TooLong { .. }) => return Err(usage("is too long to be a signature").into()),
        read => read?,
    };
    let text = String::from_utf8(bytes).map_err(|_| usage("is no hex"))?;
    let bytes = hex::decode(text.trim()).map_err(|why| usage(&format!("is no hex: {why}")))?;
    Ok(Some(bytes.into()))
}

fn made(paper: &Paper, hashes: &Hashes, signer: Address, signature: Bytes) -> SignatureFile {
    let binding = paper.binding();
    SignatureFile {
        schema: SCHEMA.to_owned(),
        chain_id: binding.chain_id,
        signed_act: binding.signed_act,
        nonce: binding.nonce,
        deadline: binding.deadline,
        digest: hashes.digest,
        signer,
        signature,
    }
}

fn report(made: &SignatureFile, args: &SignArgs) -> Result<Report> {
    let text = serde_json::to_string_pretty(made)?;
    let next = format!("`interdict act {} <signatures…>` with a quorum", args.paper.display());
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

/// Writes what any wallet that knows EIP-712 can sign, where only its owner reads it: it names
/// every address.
fn write_typed_data(path: &Path, typed: &Typed, hashes: &Hashes, paper: &Path) -> Result<Report> {
    file::write_private(path, format!("{:#}\n", typed.to_json()).as_bytes())?;
    let (path, paper) = (path.display(), paper.display());
    let data = json!({ "file": path.to_string(), "digest": hashes.digest });
    let next = format!(
        "`cast wallet sign --data --from-file {path}`, then `interdict sign {paper} --signature 0x…`"
    );
    Ok(Report::done(data, path.to_string()).next(next))
}

pub(super) async fn check_seat(deployed: &Deployed, account: Address) -> Result<()> {
    let member = Seats::isMemberCall { account };
    let seats = deployed.book.seats.address;
    if deployed.chain.ask(seats, &member, BlockId::latest()).await? {
        return Ok(());
    }
    let message = format!("{account} has no seat on the council: its signature would not count");
    Err(Failure::new(Exit::Failed, "not_member", message)
        .next("sign with the key of a member; of a signature, check that it is under this file")
        .into())
}

fn show(paper: &Paper, hashes: &Hashes, deployed: Option<&Deployed>) -> Result<()> {
    output::show(&paper.describe(hashes)?);
    let batch = paper.batch()?;
    let own = deployed.map(Deployed::contracts).into_iter().flatten();
    let own = own.map(|(_, contract)| contract.address);
    let named = batch.entries.iter().map(|e| e.account).collect();
    for (one, other) in lookalike::pairs(&named, &own.collect()) {
        output::warn(&format!("{one} and {other} look alike: compare every digit"));
    }
    Ok(())
}

fn confirm(paper: &Paper) -> Result<()> {
    let expected = format!("{} {}", paper.verb(), paper.addresses()?);
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

/// This machine's clock, unix seconds: all there is to go by without a chain.
fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}
