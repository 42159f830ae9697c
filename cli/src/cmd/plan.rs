//! `plan`: what a publication would change on the list.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::eips::BlockId;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::args::{Global, PlanArgs};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::foresight::effect::{self, Effect};
use crate::foresight::{self, simulation};
use crate::plan::Plan;
use crate::plan::diff::Change;
use crate::plan::planning::{self, Base, Terms};
use crate::plan::publications::{self, Publications};
use crate::{list, output, text};

/// The longest that the signed act accepts.
const EXPIRES_MAX_SECONDS: u64 = 7 * 24 * 3600;

pub(crate) async fn run(global: &Global, args: PlanArgs) -> Result<Report> {
    if args.expires_in > EXPIRES_MAX_SECONDS {
        let message = "--expires-in is more than 7d, which the signed act does not accept";
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    let stated = publications::stated(&args.stated)?;
    let second = args.cross_check.as_deref();
    let publications = Publications::read(&args.publication, second, &stated)?;
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let terms = Terms {
        created_at: moment(list.at.time)?,
        expires_at: moment(list.at.time + args.expires_in)?,
        allowed: args.allow.overrides(),
        cross_check: None,
    };
    let base = Base::now(&deployed, list).await?;
    let mut plan = planning::draft(&deployed, &base, &publications, &terms).await?;
    output::progress("simulating the acts");
    let effect = simulate(&deployed, &base, &mut plan).await?;
    let manifest_path = plan.write(&args.out)?;

    let freshness = freshness(&deployed, &plan).await?;
    let data = data(&plan, &effect, &args.out, &manifest_path, &freshness);
    let exit = if plan.has_changes() { Exit::Changes } else { Exit::Done };
    let out = args.out.display();
    let written = format!(
        "\n\nfreshness: {freshness}\n\nplan      {out}\nmanifest  {}",
        manifest_path.display()
    );
    let mut report = Report::new(exit, data, plan.summary(&effect) + &written);
    report.warnings = warnings(&plan);
    report.next = next(&plan, &out.to_string());
    Ok(report)
}

fn data(plan: &Plan, effect: &Effect, out: &Path, manifest: &Path, freshness: &str) -> Value {
    let digests: BTreeMap<_, _> =
        plan.calls.iter().map(|call| (&call.function, call.calldata_digest)).collect();
    json!({
        "plan": out,
        "manifest": manifest,
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
        "overrides": plan.manifest.overrides,
        "simulation": plan.simulation,
        "removals": effect.removals,
        "additions": effect.additions,
        "count_before": effect.count.0,
        "count_after": effect.count.1,
        "freshness": freshness,
        "message": plan.message,
        "calldata_digests": digests,
    })
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
    for overridden in &plan.manifest.overrides {
        let flag = overridden.flag();
        warnings.push(format!("a guard was overridden by {flag}: the manifest says so on chain"));
    }
    warnings
}

/// Tries the plan on the chain before anybody is asked to sign it; says what it does to the list.
async fn simulate(deployed: &Deployed, base: &Base, plan: &mut Plan) -> Result<Effect> {
    let rules = planning::rules(deployed, base, plan).await?;
    let steps = foresight::steps(plan, rules)?;
    let foreseen = foresight::foresee(&steps, plan.head, plan.act_count);
    let outcome = simulation::run(deployed, base.at, &steps, &foreseen).await?;
    plan.simulation.method = outcome.method;
    for (act, gas) in plan.simulation.acts.iter_mut().zip(outcome.gas) {
        act.gas = gas;
    }
    effect::of(&base.ledger, base.at.time, &foreseen)
}

/// What the keeper last said of the source: no listing or delisting changes that.
async fn freshness(deployed: &Deployed, plan: &Plan) -> Result<String> {
    let source = plan.manifest.publication.source;
    let call = IBlocklist::freshnessCall { sources: source.mask() };
    let said = deployed.chain.ask(deployed.blocklist(), &call, BlockId::latest()).await?;
    let (as_of, checked): (u64, u64) = (said.dataAsOf.to(), said.checkedAt.to());
    if checked == 0 {
        return Ok(format!("{source} was never attested; these acts do not change that"));
    }
    let (as_of, checked) = (text::time(as_of), text::time(checked));
    Ok(format!("{source} was attested as of {as_of}, at {checked}; these acts do not change that"))
}

fn moment(seconds: u64) -> Result<Timestamp> {
    let seconds = i64::try_from(seconds).context("the chain's time is beyond 63 bits")?;
    Timestamp::from_second(seconds).context("the chain's time is no date")
}
