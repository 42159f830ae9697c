//! `attest`: the keeper's word that the list was compared with a publication, and that nothing is
//! to be changed. Said only where that is so.

use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, FixedBytes};
use alloy::sol_types::SolCall as _;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use jiff::Timestamp;
use serde_json::json;

use super::act;
use crate::args::{AttestArgs, Global};
use crate::bindings::AccessManager;
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::paper::safe::{self, Call};
use crate::plan::Plan;
use crate::plan::planning::{self, Base, Terms};
use crate::plan::publications::{self, Publications};
use crate::sending::Sender;
use crate::{list, output, text};

/// A comparison is attested at once, or made again.
const EXPIRES_SECONDS: u64 = 3600;

pub(crate) async fn run(global: &Global, args: AttestArgs) -> Result<Report> {
    let stated = publications::stated(&args.stated)?;
    let publications = Publications::read(&args.publication, None, &stated)?;
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let terms = Terms {
        created_at: moment(list.at.time)?,
        expires_at: moment(list.at.time + EXPIRES_SECONDS)?,
        allowed: args.allow.overrides(),
        cross_check: None,
    };
    let base = Base::now(&deployed, list).await?;
    let plan = planning::draft(&deployed, &base, &publications, &terms).await?;
    if plan.has_changes() {
        return Ok(differs(&plan, &args.publication));
    }
    let manifest_path = plan.write(&args.out)?;
    let batch = plan.manifest.listing_batch()?;
    let call = IBlocklist::attestCall {
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        manifest: batch.manifest,
    };
    let publication = &plan.manifest.publication;
    let what = format!("attest {} as of {}", publication.source, publication.data_as_of);
    let (list, call) = (deployed.blocklist(), call.abi_encode());
    if let Some(safe) = args.safe.safe {
        check_keeper(&deployed, safe).await?;
        let calls = vec![Call { to: list, data: call.clone() }];
        if let Some(report) = safe::write(&deployed.chain, &args.safe, &what, calls).await? {
            return Ok(report);
        }
    }
    let keeper = Sender::open(&deployed.chain, &args.send, &what).await?;
    check_keeper(&deployed, keeper.address()).await?;
    output::progress("simulating and sending");
    let receipt = keeper.send(list, call).await?;
    let act = act::act_of(&deployed, &receipt).await?;

    let data = json!({
        "attested": true,
        "source": publication.source,
        "data_as_of": publication.data_as_of,
        "act": act.number,
        "head": act.head,
        "manifest": manifest_path,
        "manifest_hash": act.manifest,
        "unchanged": plan.unchanged,
        "quarantine": plan.quarantine.len(),
        "transaction": receipt.transaction_hash,
        "gas_used": receipt.gas_used,
    });
    let facts = text::facts(&[
        ("attested", format!("{} as of {}", publication.source, publication.data_as_of)),
        ("unchanged", plan.unchanged.to_string()),
        ("act", act.number.to_string()),
        ("manifest", format!("{} in {}", act.manifest, manifest_path.display())),
        ("transaction", receipt.transaction_hash.to_string()),
        ("gas", receipt.gas_used.to_string()),
    ]);
    let mut report = Report::done(data, facts);
    report.warnings = warnings(&plan);
    Ok(report)
}

/// What would have to be done first: nothing is sent.
fn differs(plan: &Plan, publication: &Path) -> Report {
    let data = json!({
        "attested": false,
        "list": plan.manifest.list.len(),
        "delist": plan.manifest.delist.len(),
        "changes": plan.changes,
        "manifest": plan.manifest,
    });
    let mut report = Report::new(Exit::Changes, data, plan.in_full());
    let n = plan.manifest.list.len() + plan.manifest.delist.len();
    let message = format!(
        "the list differs from the publication in {}: nothing was attested",
        text::count(n, "entry", "entries")
    );
    let next = format!("`interdict plan {}`", publication.display());
    report.failure = Some(Failure::new(Exit::Changes, "differs", message).next(next));
    report.warnings = warnings(plan);
    report
}

fn warnings(plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    if !plan.quarantine.is_empty() {
        let n = text::count(plan.quarantine.len(), "address is", "addresses are");
        warnings.push(format!("{n} in quarantine, compared with nothing: a person must look"));
    }
    for overridden in &plan.manifest.overrides {
        let flag = overridden.flag();
        warnings.push(format!("a guard was overridden by {flag}: the manifest says so on chain"));
    }
    warnings
}

/// The contract would refuse too, but it could not say whose the role is.
async fn check_keeper(deployed: &Deployed, account: Address) -> Result<()> {
    let call = AccessManager::canCallCall {
        caller: account,
        target: deployed.blocklist(),
        selector: FixedBytes(IBlocklist::attestCall::SELECTOR),
    };
    let manager = deployed.book.access_manager.address;
    if deployed.chain.ask(manager, &call, BlockId::latest()).await?.immediate {
        return Ok(());
    }
    let keeper = deployed.book.parameters.keeper;
    let keeper = keeper.map_or_else(|| "nobody".to_owned(), |keeper| keeper.to_string());
    let message = format!("{account} may not attest; when it was deployed the keeper was {keeper}");
    Err(Failure::new(Exit::Failed, "not_keeper", message)
        .next("attest with the keeper's key; the council gives the role KEEPER by vote")
        .into())
}

fn moment(seconds: u64) -> Result<Timestamp> {
    let seconds = i64::try_from(seconds).context("the chain's time is beyond 63 bits")?;
    Timestamp::from_second(seconds).context("the chain's time is no date")
}
