//! `verify`: makes a plan again from one's own copy of the publication and the chain, and compares
//! with it a plan file, a proposal or an act. A retraction comes of no publication and is compared
//! with the chain alone. What somebody handed over is never believed.

mod retraction;

use alloy::eips::BlockId;
use alloy::primitives::B256;
use anyhow::{Context as _, Result};
use interdict_core::ledger::Kind;
use jiff::Timestamp;
use serde_json::json;

use crate::args::{Global, VerifyArgs};
use crate::byhand::{self, Heading, Row, Signed};
use crate::compare::{self, Difference};
use crate::deployed::{self, Deployed};
use crate::diff::Change;
use crate::digest::{self, Message};
use crate::effect::{self, Effect};
use crate::exit::{Exit, Failure, Report};
use crate::footing::{self, Footing, Subject};
use crate::frame::Frame;
use crate::guard::Override;
use crate::list::List;
use crate::paper::Paper;
use crate::plan::Plan;
use crate::planning::{self, Base, Publications, Terms};
use crate::source::Stated;
use crate::{foresight, list, output, source, text};

const DIFFERENCES_SHOWN_MAX: usize = 20;
const ADDITIONS_SHOWN_MAX: usize = 10;

pub(crate) async fn run(global: &Global, args: VerifyArgs) -> Result<Report> {
    let paper = args.plan.as_deref().map(Paper::read).transpose()?;
    let plan = match (paper, &args.plan) {
        (Some(Paper::Retraction(retraction)), Some(path)) => {
            check_alone(&args)?;
            return retraction::run(global, path, *retraction).await;
        }
        (Some(Paper::Plan(plan)), _) => Some(*plan),
        _ => None,
    };
    let publication = args.publication.as_deref().ok_or_else(|| {
        Failure::new(Exit::Usage, "usage", "--publication is not given")
            .next("give your own copy of the publication; only a retraction comes of none")
    })?;
    let second = args.cross_check.as_deref();
    let publications = Publications::read(publication, second, &stated(&args, plan.as_ref())?)?;
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let subject = match (args.proposal, args.act) {
        (Some(id), _) => Some(footing::proposal(&deployed, &list, id).await?),
        (None, Some(number)) => Some(footing::act(&list, number)?),
        (None, None) => None,
    };
    let footing = match (&plan, &subject) {
        (Some(plan), _) => {
            let frame = plan.frame();
            footing::of_framed(&deployed, &list, &frame, plan.manifest_hash).await?
        }
        (None, Some(subject)) => footing::of_subject(&deployed, &list, subject).await?,
        (None, None) => {
            let message = "there is nothing to compare: give a plan, --proposal or --act";
            return Err(Failure::new(Exit::Usage, "usage", message).into());
        }
    };
    let terms = terms(&args, plan.as_ref(), &footing)?;
    output::progress("making the plan anew");
    let rebuilt = planning::draft(&deployed, &footing.base, &publications, &terms).await?;
    let mut differences = footing.differences;
    if let Some(plan) = &plan {
        let mut ours = rebuilt.clone();
        if publications.has_no_second() {
            // Who has no second publication cannot say anything of that of the plan.
            ours.cross_check = plan.cross_check;
        }
        differences.extend(compare::plans(plan, &ours));
        // What has been proposed or done is looked at whenever anybody likes.
        if differences.is_empty() && subject.is_none() {
            plan.frame().check_time(list.at.time)?;
        }
    }
    if let Some(subject) = &subject {
        differences.extend(on_chain(subject, &rebuilt)?);
    }
    let mut warnings = footing.warnings;
    warnings.extend(overridden(&rebuilt));
    let mut report = if differences.is_empty() {
        let effect = effect(&deployed, &footing.base, &rebuilt).await?;
        same(&deployed, &args, &rebuilt, &effect, subject.as_ref(), &list).await?
    } else {
        let what = args.plan.as_ref().map(|plan| plan.display().to_string());
        let what = what.unwrap_or_else(|| "what is on chain".to_owned());
        let next = match args.act {
            Some(_) => "tell the council: what was executed is not what was published",
            None => "do not sign or vote for it; ask whoever made it which file they used",
        };
        different(&what, &differences, "what your publication and the chain give", next)
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

/// Only what the publication cannot say is taken from the plan, and only if the reviewer does not.
fn stated(args: &VerifyArgs, plan: Option<&Plan>) -> Result<Stated> {
    let publication = plan.map(|plan| &plan.manifest.publication);
    let publication = publication.filter(|publication| source::is_stated(&publication.format));
    let stated = planning::stated(&args.stated)?;
    Ok(Stated {
        source: stated.source.or(publication.map(|p| p.source)),
        data_as_of: stated.data_as_of.or(publication.map(|p| p.data_as_of)),
        ..stated
    })
}

/// The time is the chain's. Beside a plan every guard may be overridden, so that the plan's own
/// word on overrides is compared with what was needed; without one the reviewer must name them.
fn terms(args: &VerifyArgs, plan: Option<&Plan>, footing: &Footing) -> Result<Terms> {
    let seconds = i64::try_from(footing.base.at.time).context("the chain's time is no date")?;
    let created_at = Timestamp::from_second(seconds).context("the chain's time is no date")?;
    let allowed = plan.map_or_else(|| args.allow.overrides(), |_| Override::ALL.to_vec());
    Ok(Terms { created_at, expires_at: plan.map_or(created_at, |plan| plan.expires_at), allowed })
}

/// Where the proposal or the act differs from the plan that was made anew.
fn on_chain(subject: &Subject, rebuilt: &Plan) -> Result<Vec<Difference>> {
    let ours = match subject.kind {
        Kind::ListProvisional => rebuilt.holding_batch()?,
        Kind::Delist | Kind::DelistMany => rebuilt.manifest.delisting_batch()?,
        _ => rebuilt.manifest.listing_batch()?,
    };
    let mut found = compare::batches(&subject.what, subject.kind, &subject.batch, &ours);
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

/// What is verified does to the list, in words.
async fn effect(deployed: &Deployed, base: &Base, rebuilt: &Plan) -> Result<Effect> {
    let rules = planning::rules(deployed, base, rebuilt).await?;
    let steps = foresight::steps(rebuilt, rules)?;
    let acts = foresight::foresee(&steps, rebuilt.head, rebuilt.act_count);
    effect::of(&base.ledger, base.at.time, &acts)
}

async fn same(
    deployed: &Deployed,
    args: &VerifyArgs,
    rebuilt: &Plan,
    effect: &Effect,
    subject: Option<&Subject>,
    list: &List,
) -> Result<Report> {
    let mut facts = vec![("manifest".to_owned(), rebuilt.manifest_hash.to_string())];
    // A footing without a plan has no nonce and no deadline: there is nothing to be signed.
    let message = match args.plan {
        Some(_) => message(deployed, rebuilt).await?,
        None => None,
    };
    let signed = message.iter().flat_map(Message::facts);
    facts.extend(signed.map(|(name, value)| (format!("signed act: {name}"), value)));
    for (function, digest) in calldata_by_hand(rebuilt)? {
        facts.push((format!("{function}: {}", digest::CALLDATA_DIGEST), digest.to_string()));
    }
    let what = match (args.plan.is_some(), subject) {
        (true, Some(subject)) => format!("this plan and {}", subject.what),
        (true, None) => "this plan".to_owned(),
        (false, subject) => subject.map_or_else(String::new, |s| s.what.clone()),
    };
    let facts: Vec<_> = facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let text = format!(
        "same: the publication and the chain give {what}\n\n{}\n\n{}",
        effect.text(ADDITIONS_SHOWN_MAX),
        text::facts(&facts)
    );
    let data = json!({
        "same": true,
        "manifest_hash": rebuilt.manifest_hash,
        "overrides": rebuilt.manifest.overrides,
        "removals": effect.removals,
        "additions": effect.additions,
        "message": message,
        "calldata_digests": calldata_by_hand(rebuilt)?
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>(),
    });
    let report = Report::done(data, text);
    let has_landed = list.ledger.head() != rebuilt.head;
    Ok(match (&args.plan, args.proposal, args.act) {
        (_, Some(id), _) => {
            report.next(format!("`interdict vote {} --for`", crate::council::shown(id)))
        }
        (Some(plan), None, None) if !has_landed && !rebuilt.held().is_empty() => {
            report.next(format!("`interdict sign {}`", plan.display()))
        }
        (Some(_), None, None) => report.next("`interdict status` has the proposal to vote on"),
        _ => report,
    })
}

/// The digests of a plan that the members sign, if there is something to hold.
async fn message(deployed: &Deployed, rebuilt: &Plan) -> Result<Option<Message>> {
    let Some(generated) = rebuilt.message else { return Ok(None) };
    let manifest = &rebuilt.manifest;
    let heading = Heading::of(manifest, rebuilt.manifest_hash);
    let held = manifest.list.iter().zip(&rebuilt.changes);
    let held = held.filter(|(_, change)| **change == Change::Hold);
    let rows: Vec<_> = held.map(|(e, _)| Row::listing(e.address, e.uid, e.designated_on)).collect();
    let signed = (Signed::Hold, heading, &*rows);
    second_opinion(deployed, &rebuilt.frame(), generated, signed).await.map(Some)
}

/// The digests that the members sign, by hand and by the contract's own view: neither by the code
/// that generated them. All three must be one.
async fn second_opinion(
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

/// The digest of each proposal's calldata, by hand, which must be that of the generated code.
fn calldata_by_hand(rebuilt: &Plan) -> Result<Vec<(String, B256)>> {
    let manifest = &rebuilt.manifest;
    let heading = Heading::of(manifest, rebuilt.manifest_hash);
    let mut digests = Vec::new();
    for call in &rebuilt.calls {
        let rows: Vec<_> = match call.function.as_str() {
            "list" => {
                let entries = manifest.list.iter();
                entries.map(|e| Row::listing(e.address, e.uid, e.designated_on)).collect()
            }
            _ => manifest.delist.iter().map(Row::removal).collect(),
        };
        let by_hand = byhand::call(&call.function, heading, &rows);
        let digest = byhand::calldata_digest(&by_hand);
        if digest != call.calldata_digest {
            return Err(disagree(digest::CALLDATA_DIGEST, &[call.calldata_digest, digest]));
        }
        digests.push((call.function.clone(), digest));
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

fn different(what: &str, differences: &[Difference], from: &str, next: &str) -> Report {
    let mut lines = vec![format!("different: {what}")];
    let shown = &differences[..differences.len().min(DIFFERENCES_SHOWN_MAX)];
    lines.extend(shown.iter().map(|difference| format!("- {}", difference.message)));
    if let more @ 1.. = differences.len() - shown.len() {
        lines.push(format!("… and {more} more: --json has all of them"));
    }
    let data = json!({ "same": false, "differences": differences });
    let mut report = Report::new(Exit::Stale, data, lines.join("\n"));
    let count = text::count(differences.len(), "difference", "differences");
    let message = format!("{count} from {from}");
    report.failure = Some(Failure::new(Exit::Stale, "different", message).next(next));
    report
}
