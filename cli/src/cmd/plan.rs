//! `plan`: what a publication would change on the list.

use alloy::sol_types::SolCall;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use jiff::Timestamp;
use serde_json::json;

use crate::args::{Global, PlanArgs};
use crate::deployed::{self, Deployed};
use crate::diff::Change;
use crate::exit::{Exit, Failure, Report};
use crate::plan::Plan;
use crate::planning::{self, Terms};
use crate::{list, output, text};

/// The longest that the signed act accepts.
const EXPIRES_MAX_SECONDS: u64 = 7 * 24 * 3600;

pub(crate) async fn run(global: &Global, args: PlanArgs) -> Result<Report> {
    if args.expires_in > EXPIRES_MAX_SECONDS {
        let message = "--expires-in is more than 7d, which the signed act does not accept";
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    let stated = planning::stated(&args.stated)?;
    let reading = planning::read_publication(&args.publication, &stated)?;
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let terms = Terms {
        created_at: moment(list.at.time)?,
        expires_at: moment(list.at.time + args.expires_in)?,
        allowed: args.allowed(),
    };
    let plan = planning::draft(&deployed, &list, &args.publication, reading, terms).await?;
    output::progress("simulating the acts");
    simulate(&deployed, &plan).await?;
    let manifest_path = plan.write(&args.out)?;

    let data = json!({
        "plan": args.out,
        "manifest": manifest_path,
        "manifest_hash": plan.manifest_hash,
        "source": plan.manifest.publication.source,
        "data_as_of": plan.manifest.publication.data_as_of,
        "has_changes": plan.has_changes(),
        "hold": plan.held().len(),
        "list": plan.manifest.list.len(),
        "ratify": plan.count(Change::Ratify),
        "join": plan.count(Change::Join),
        "vote": plan.count(Change::Vote),
        "delist": plan.manifest.delist.len(),
        "unchanged": plan.unchanged,
        "quarantine": plan.quarantine,
        "not_evm": plan.not_evm,
        "notes": plan.notes,
    });
    let exit = if plan.has_changes() { Exit::Changes } else { Exit::Done };
    let out = args.out.display();
    let written = format!("\n\nplan      {out}\nmanifest  {}", manifest_path.display());
    let mut report = Report::new(exit, data, plan.summary() + &written);
    report.warnings = warnings(&plan);
    report.next = next(&plan, &out.to_string());
    Ok(report)
}

fn next(plan: &Plan, path: &str) -> Option<String> {
    if !plan.held().is_empty() {
        return Some(format!("each member: `interdict sign {path} --out <name>.json`"));
    }
    if !plan.manifest.list.is_empty() {
        return Some(format!("`interdict propose {path}`"));
    }
    (!plan.manifest.delist.is_empty()).then(|| format!("`interdict propose {path} --delist`"))
}

fn warnings(plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    if !plan.quarantine.is_empty() {
        let n = text::count(plan.quarantine.len(), "address is", "addresses are");
        warnings.push(format!("{n} in quarantine and not part of the plan: a person must look"));
    }
    for overridden in &plan.overrides {
        warnings.push(format!("the guard {overridden:?} was overridden"));
    }
    warnings
}

/// The chain must accept what the plan asks for, before anybody is asked to sign it. A delisting
/// waits in the council's queue and cannot be tried now.
async fn simulate(deployed: &Deployed, plan: &Plan) -> Result<()> {
    let list = deployed.blocklist();
    let batch = plan.holding_batch()?;
    if !batch.entries.is_empty() {
        let call = IBlocklist::listProvisionalCall { batch }.abi_encode();
        let from = deployed.book.signed_act.address;
        deployed.chain.simulate(from, list, call).await.context_failure("holding")?;
    }
    let batch = plan.manifest.listing_batch()?;
    if !batch.entries.is_empty() {
        let call = IBlocklist::listCall { batch }.abi_encode();
        let from = deployed.book.council.address;
        deployed.chain.simulate(from, list, call).await.context_failure("listing")?;
    }
    Ok(())
}

trait ContextFailure<T> {
    /// Says which simulation it was, and keeps the exit code.
    fn context_failure(self, what: &str) -> Result<T>;
}

impl<T> ContextFailure<T> for Result<T> {
    fn context_failure(self, what: &str) -> Result<T> {
        self.map_err(|error| {
            let mut failure = Failure::from_error(error);
            failure.message = format!("{what} by this plan fails: {}", failure.message);
            failure.into()
        })
    }
}

fn moment(seconds: u64) -> Result<Timestamp> {
    let seconds = i64::try_from(seconds).context("the chain's time is beyond 63 bits")?;
    Timestamp::from_second(seconds).context("the chain's time is no date")
}
