//! `retract`: says which holds are to end and why, for a quorum to sign.

use alloy::eips::BlockId;
use alloy::primitives::Address;
use anyhow::{Context as _, Result};
use interdict_core::retraction::{self as manifest, RetractionManifest};
use interdict_core::source::Source;
use jiff::Timestamp;
use serde_json::json;

use super::act::addresses;
use crate::args::{Global, RetractArgs};
use crate::bindings::SignedAct;
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::paper::Paper;
use crate::paper::retraction::{self, Retraction, SCHEMA};
use crate::plan::AtBlock;
use crate::{list, output, text};

/// The longest that the signed act accepts.
const EXPIRES_MAX_SECONDS: u64 = 7 * 24 * 3600;

pub(crate) async fn run(global: &Global, args: RetractArgs) -> Result<Report> {
    check_usage(&args)?;
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let holds = retraction::holds(&list.ledger, list.at.time, &args.addresses, &args.sources);
    let (sources, retract) = holds.map_err(|why| {
        Failure::new(Exit::Failed, "not_held", why.to_string())
            .next("`interdict status` shows what is held; a vote ends the rest")
    })?;
    let manifest = RetractionManifest {
        schema: manifest::SCHEMA.to_owned(),
        chain_id: deployed.book.chain_id,
        blocklist: deployed.blocklist(),
        sources,
        reason: args.reason.clone(),
        retract,
    };
    let retraction = draft(&deployed, &list, manifest, args.expires_in).await?;
    let paper = Paper::Retraction(Box::new(retraction.clone()));
    output::progress("simulating the act");
    paper.simulate(&deployed).await?;
    let manifest_path = retraction.write(&args.out)?;

    let named: Vec<Address> = args.addresses.clone();
    let data = json!({
        "retraction": args.out,
        "manifest": manifest_path,
        "manifest_hash": retraction.manifest_hash,
        "addresses": named,
        "sources": retraction.manifest.sources,
        "reason": retraction.manifest.reason,
        "expires_at": retraction.expires_at,
    });
    let out = args.out.display();
    let sources: Vec<&str> = retraction.manifest.sources.iter().map(|s| Source::code(*s)).collect();
    let shown: Vec<String> = named.iter().map(Address::to_string).collect();
    let facts = text::facts(&[
        ("retracts", addresses(paper.addresses()?)),
        ("addresses", shown.join(" ")),
        ("sources", sources.join(" ")),
        ("reason", text::printable(&retraction.manifest.reason)),
        ("manifest", retraction.manifest_hash.to_string()),
        ("expires", retraction.expires_at.to_string()),
        ("written", format!("{out}, {}", manifest_path.display())),
    ]);
    let next = format!("each member: `interdict sign {out} --out <name>.json`");
    Ok(Report::done(data, facts).next(next))
}

fn check_usage(args: &RetractArgs) -> Result<()> {
    let usage = |message: &str| Err(Failure::new(Exit::Usage, "usage", message).into());
    if args.expires_in > EXPIRES_MAX_SECONDS {
        return usage("--expires-in is more than 7d, which the signed act does not accept");
    }
    retraction::check_reason(&args.reason).or_else(|why| usage(&format!("--reason {why}")))
}

async fn draft(
    deployed: &Deployed,
    list: &List,
    manifest: RetractionManifest,
    expires_in: u64,
) -> Result<Retraction> {
    let book = &deployed.book;
    let signed_act = book.signed_act.address;
    let at = BlockId::hash(list.at.hash);
    let nonce = deployed.chain.ask(signed_act, &SignedAct::nonceCall {}, at).await?;
    let deadline = list.at.time + expires_in;
    Ok(Retraction {
        schema: SCHEMA.to_owned(),
        created_at: moment(list.at.time)?,
        expires_at: moment(deadline)?,
        chain_id: book.chain_id,
        genesis_hash: book.genesis_hash,
        blocklist: deployed.blocklist(),
        code_hash: book.blocklist.code_hash,
        signed_act,
        at_block: AtBlock { number: list.at.number, hash: list.at.hash },
        head: list.ledger.head(),
        act_count: list.ledger.acts(),
        nonce: u64::try_from(nonce).context("the signed act's nonce is beyond 64 bits")?,
        deadline,
        manifest_hash: manifest.hash()?,
        manifest,
    })
}

fn moment(seconds: u64) -> Result<Timestamp> {
    let seconds = i64::try_from(seconds).context("the chain's time is beyond 63 bits")?;
    Timestamp::from_second(seconds).context("the chain's time is no date")
}
