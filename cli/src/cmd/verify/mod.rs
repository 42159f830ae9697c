//! `verify`: makes a plan again from one's own copy of the publication and the chain, and compares
//! with it a plan file, a proposal or an act. A retraction comes of no publication and is compared
//! with the chain alone. What somebody handed over is never believed.

mod opinion;
mod retraction;
mod same;

use std::path::Path;

use anyhow::{Context as _, Result};
use interdict_core::ledger::Kind;
use jiff::Timestamp;
use serde_json::json;

use self::same::Verified;
use crate::args::{Global, VerifyArgs};
use crate::compare::footing::{self, Footing, Subject};
use crate::compare::{self, Difference};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::guard::Override;
use crate::list::{self, List};
use crate::paper::Paper;
use crate::paper::frame::Framed;
use crate::plan::Plan;
use crate::plan::planning::{self, Terms};
use crate::plan::publications::{self, Publications, Word};
use crate::{output, text};

const DIFFERENCES_SHOWN_MAX: usize = 20;

pub(crate) async fn run(global: &Global, args: VerifyArgs) -> Result<Report> {
    let paper = args.plan.as_deref().map(Paper::open).transpose()?;
    let plan = match (paper, &args.plan) {
        (Some(Paper::Retraction(retraction)), Some(path)) => {
            check_alone(&args)?;
            return retraction::run(global, path, *retraction).await;
        }
        (Some(Paper::Plan(plan)), _) => Some(*plan),
        _ => None,
    };
    let publications = publications(&args, plan.as_ref())?;
    let deployed = deployed::open(global).await?;
    let not_whole = plan.as_ref().and_then(|plan| {
        let checked = plan.check_whole();
        compare::not_whole(Framed::Plan.name(), checked)
    });
    // For another system nothing else can be compared, and nothing else needs to be told.
    if let Some(plan) = &plan {
        let mut places = compare::places(&plan.frame(), &plan.frame().here(&deployed));
        if !places.is_empty() {
            places.extend(not_whole);
            return Ok(different(&what(&args), &places, &words(&args)));
        }
    }
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let subject = match (args.proposal, args.act) {
        (Some(id), _) => Some(footing::proposal(&deployed, &list, id).await?),
        (None, Some(number)) => Some(footing::act(&list, number)?),
        (None, None) => None,
    };
    let Footing { base, mut differences, mut warnings } =
        footing(&deployed, &list, plan.as_ref(), subject.as_ref()).await?;
    let terms = terms(&args, plan.as_ref(), base.at.time)?;
    output::progress("making the plan anew");
    let rebuilt = planning::draft(&deployed, &base, &publications, &terms).await?;
    if let Some(plan) = &plan {
        differences.extend(compare::plans(plan, &rebuilt));
        differences.extend(not_whole);
        // What has been proposed or done is looked at whenever anybody likes.
        if differences.is_empty() && subject.is_none() {
            plan.frame().check_time(list.at.time)?;
        }
    }
    if let Some(subject) = &subject {
        differences.extend(on_chain(subject, &rebuilt)?);
    }
    warnings.extend(overridden(&rebuilt));
    warnings.extend(not_seen(plan.as_ref(), &publications));
    let subject = subject.as_ref();
    let verified = Verified { args: &args, publications: &publications, rebuilt, subject };
    warnings.extend(verified.another_lane());
    let mut report = if differences.is_empty() {
        same::report(&deployed, &base, &list, &verified).await?
    } else {
        different(&what(&args), &differences, &words(&args))
    };
    report.warnings = warnings;
    Ok(report)
}

/// A retraction is compared with the chain and with nothing else.
fn check_alone(args: &VerifyArgs) -> Result<(), Failure> {
    if args.publication.is_none() && args.proposal.is_none() && args.act.is_none() {
        return Ok(());
    }
    let message = "a retraction comes of no publication, and is neither proposed nor an act yet";
    Err(Failure::new(Exit::Usage, "usage", message).next("verify it by its file alone"))
}

/// The reviewer's own copies. Only what they do not say is taken from the plan, and only if the
/// reviewer does not say it either.
fn publications(args: &VerifyArgs, plan: Option<&Plan>) -> Result<Publications> {
    let path: &Path = args.publication.as_deref().ok_or_else(|| {
        Failure::new(Exit::Usage, "usage", "--publication is not given")
            .next("give your own copy of the publication; only a retraction comes of none")
    })?;
    let stated = publications::stated(&args.stated)?;
    let planned = plan.map(|plan| &plan.manifest.publication);
    Publications::read_beside(path, args.cross_check.as_deref(), &stated, planned)
}

async fn footing(
    deployed: &Deployed,
    list: &List,
    plan: Option<&Plan>,
    subject: Option<&Subject>,
) -> Result<Footing> {
    match (plan, subject) {
        (Some(plan), _) => {
            footing::of_framed(deployed, list, &plan.frame(), plan.manifest_hash).await
        }
        (None, Some(subject)) => footing::of_subject(deployed, list, subject).await,
        (None, None) => {
            let message = "there is nothing to compare: give a plan, --proposal or --act";
            Err(Failure::new(Exit::Usage, "usage", message).into())
        }
    }
}

/// The time is the chain's. Beside a plan every guard may be overridden, so that the plan's own
/// word on overrides is compared with what was needed; without one the reviewer must name them.
/// Who has no second publication cannot say anything of that of the plan.
fn terms(args: &VerifyArgs, plan: Option<&Plan>, time: u64) -> Result<Terms> {
    let seconds = i64::try_from(time).context("the chain's time is no date")?;
    let created_at = Timestamp::from_second(seconds).context("the chain's time is no date")?;
    let allowed = plan.map_or_else(|| args.allow.overrides(), |_| Override::ALL.to_vec());
    // What expires before 1970 is told by its deadline, which cannot say it.
    let expires_at = plan.map_or(created_at, |plan| plan.expires_at.max(Timestamp::UNIX_EPOCH));
    let cross_check = plan.and_then(|plan| plan.cross_check);
    Ok(Terms { created_at, expires_at, allowed, cross_check })
}

/// Where the proposal or the act differs from the plan that was made anew.
fn on_chain(subject: &Subject, rebuilt: &Plan) -> Result<Vec<Difference>> {
    let ours = match subject.kind {
        Kind::ListProvisional => rebuilt.holding_batch()?,
        Kind::Delist | Kind::DelistMany => rebuilt.manifest.delisting_batch()?,
        _ => rebuilt.manifest.listing_batch()?,
    };
    let mut found = compare::batches(&subject.what, subject.kind, &subject.batch, &ours);
    if found.is_empty()
        && let Some(proposed) = &subject.proposed
    {
        let right = match subject.kind {
            Kind::Delist | Kind::DelistMany => proposed.delisting,
            kind => kind,
        };
        let by_hand = opinion::call(rebuilt, compare::function(subject.kind));
        let calls = (proposed.calldata.as_ref(), &*by_hand);
        found.extend(compare::calls(&subject.what, (subject.kind, right), calls));
    }
    let is_hash_only = found.len() == 1 && found.iter().all(|d| d.kind == "manifest");
    if !is_hash_only {
        return Ok(found);
    }
    let what = &subject.what;
    let why = compare::overrides_behind(subject.batch.manifest, &rebuilt.manifest).map_or_else(
        || {
            "Every address, person and date is the same; the evidence behind them (programs, published form, kind of account, the file itself) is not: give the plan's file too, to see where".to_owned()
        },
        |flags| {
            format!("Everything else is the same: the manifest of {what} says {flags}, yours says {}", said(&rebuilt.manifest.overrides))
        },
    );
    for difference in &mut found {
        difference.message = format!("{}. {why}", difference.message);
    }
    Ok(found)
}

fn said(overrides: &[Override]) -> String {
    let flags: Vec<_> = overrides.iter().map(|which| which.flag()).collect();
    if flags.is_empty() { "no override".to_owned() } else { flags.join(" ") }
}

/// An override is no difference, and the last thing that should pass unseen.
fn overridden(rebuilt: &Plan) -> Vec<String> {
    let flags = rebuilt.manifest.overrides.iter().map(|which| which.flag());
    flags
        .map(|flag| {
            format!(
                "a guard is overridden by {flag}: ask whoever made the plan why, before you sign"
            )
        })
        .collect()
}

/// What was taken from the plan because nothing of the reviewer's says it.
fn not_seen(plan: Option<&Plan>, publications: &Publications) -> Vec<String> {
    let Some(plan) = plan else { return Vec::new() };
    let (mut warnings, publication) = (Vec::new(), &plan.manifest.publication);
    if publications.source_by == Word::Plan {
        warnings.push(format!(
            "that this is the list {} is the plan's word alone: your copy does not say it; say it yourself with --source",
            publication.source
        ));
    }
    if publications.data_as_of_by == Word::Plan {
        warnings.push(format!(
            "that this is as of {} is the plan's word alone: your copy does not say it; say it yourself with --data-as-of",
            publication.data_as_of
        ));
    }
    if let Some(second) = plan.cross_check.filter(|_| publications.has_no_second()) {
        warnings.push(format!(
            "the plan says that a second publication was compared, sha256 {} as of {}: you gave none, so that nobody compared it here; give your own copy with --cross-check",
            second.sha256, second.data_as_of
        ));
    }
    warnings
}

/// What is compared, as the reviewer named it.
fn what(args: &VerifyArgs) -> String {
    let plan = args.plan.as_ref().map(|plan| plan.display().to_string());
    plan.unwrap_or_else(|| "what is on chain".to_owned())
}

/// What the sentences about differences need.
struct Words {
    framed: Framed,
    from: &'static str,
    next: &'static str,
}

fn words(args: &VerifyArgs) -> Words {
    let next = match args.act {
        Some(_) => "tell the council: what was executed is not what was published",
        None => "do not sign or vote for it; ask whoever made it which file they used",
    };
    Words { framed: Framed::Plan, from: "what your publication and the chain give", next }
}

/// That nothing differs but that the list has moved on makes it stale, and nobody a forger.
fn different(what: &str, differences: &[Difference], words: &Words) -> Report {
    let mut lines = vec![format!("different: {what}")];
    let shown = &differences[..differences.len().min(DIFFERENCES_SHOWN_MAX)];
    lines.extend(shown.iter().map(|difference| format!("- {}", difference.message)));
    if let more @ 1.. = differences.len() - shown.len() {
        lines.push(format!("… and {more} more: --json has all of them"));
    }
    let data = json!({ "same": false, "differences": differences });
    let mut report = Report::new(Exit::Stale, data, lines.join("\n"));
    report.failure = Some(match differences {
        [only] if only.kind == compare::STALE => {
            let failure = Failure::new(Exit::Stale, compare::STALE, only.message.clone());
            failure.next(words.framed.anew())
        }
        _ => {
            let count = text::count(differences.len(), "difference", "differences");
            let message = format!("{count} from {}", words.from);
            Failure::new(Exit::Stale, "different", message).next(words.next)
        }
    });
    report
}
