//! What a reviewer is told when nothing differs: what it does to the list, whose word everything
//! is, and the digests to compare with a wallet's screen.

use std::collections::BTreeMap;

use alloy::primitives::B256;
use anyhow::Result;
use interdict_core::ledger::Kind;
use serde_json::json;

use super::opinion;
use crate::args::VerifyArgs;
use crate::compare;
use crate::compare::byhand;
use crate::compare::footing::Subject;
use crate::deployed::Deployed;
use crate::exit::Report;
use crate::foresight::effect::{self, Effect};
use crate::list::List;
use crate::plan::Plan;
use crate::plan::digest::{self, Message};
use crate::plan::planning::{self, Base};
use crate::plan::publications::{Publications, Word};
use crate::{council, foresight, text};

const ADDITIONS_SHOWN_MAX: usize = 10;

/// What was compared, and the plan that was made anew for it.
pub(super) struct Verified<'a> {
    pub(super) args: &'a VerifyArgs,
    pub(super) publications: &'a Publications,
    pub(super) rebuilt: Plan,
    pub(super) subject: Option<&'a Subject>,
}

pub(super) async fn report(
    deployed: &Deployed,
    base: &Base,
    list: &List,
    verified: &Verified<'_>,
) -> Result<Report> {
    let Verified { args, publications, rebuilt, subject } = verified;
    let effect = effect(deployed, base, rebuilt).await?;
    let mut facts = verified.stated();
    facts.push(("manifest".to_owned(), rebuilt.manifest_hash.to_string()));
    // A footing without a plan has no nonce and no deadline: there is nothing to be signed.
    let message = match args.plan {
        Some(_) => opinion::message(deployed, rebuilt).await?,
        None => None,
    };
    let signed = message.iter().flat_map(Message::facts);
    facts.extend(signed.map(|(name, value)| (format!("signed act: {name}"), value)));
    let digests = verified.digests()?;
    for (function, digest) in &digests {
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
    let publication = &rebuilt.manifest.publication;
    let data = json!({
        "same": true,
        "source": publication.source,
        "source_by": publications.source_by,
        "data_as_of": publication.data_as_of,
        "data_as_of_by": publications.data_as_of_by,
        "manifest_hash": rebuilt.manifest_hash,
        "overrides": rebuilt.manifest.overrides,
        "removals": effect.removals,
        "additions": effect.additions,
        "message": message,
        "calldata_digests": digests.into_iter().collect::<BTreeMap<_, _>>(),
    });
    let report = Report::done(data, text);
    let has_landed = list.ledger.head() != rebuilt.head;
    Ok(match (&args.plan, args.proposal, args.act) {
        (_, Some(id), _) => report.next(format!("`interdict vote {} --for`", council::shown(id))),
        (Some(plan), None, None) if !has_landed && !rebuilt.held().is_empty() => {
            report.next(format!("`interdict sign {}`", plan.display()))
        }
        (Some(_), None, None) => report.next("`interdict status` has the proposal to vote on"),
        _ => report,
    })
}

impl Verified<'_> {
    /// Of which list and as of when it is, where a person may have had to say it.
    fn stated(&self) -> Vec<(String, String)> {
        if !self.publications.is_stated() {
            return Vec::new();
        }
        let by = |word| match word {
            Word::Publication => "as the publication says",
            Word::Person => "as you state it",
            Word::Plan => "as the plan states it",
        };
        let publication = &self.rebuilt.manifest.publication;
        let (source, as_of) = (publication.source, publication.data_as_of);
        vec![
            ("source".to_owned(), format!("{source}, {}", by(self.publications.source_by))),
            ("data as of".to_owned(), format!("{as_of}, {}", by(self.publications.data_as_of_by))),
        ]
    }

    /// The digest of the call that a proposal makes, which is the one by hand; without a proposal,
    /// of those that the plan leads to.
    fn digests(&self) -> Result<Vec<(String, B256)>> {
        let Some(subject) = self.subject.filter(|subject| subject.proposed.is_some()) else {
            return opinion::calldata(&self.rebuilt);
        };
        let function = compare::function(subject.kind);
        let digest = byhand::calldata_digest(&opinion::call(&self.rebuilt, function));
        Ok(vec![(function.to_owned(), digest)])
    }

    /// A proposal may delist by another function than the plan foresaw, which is no difference:
    /// the list decides that when it is proposed.
    pub(super) fn another_lane(&self) -> Option<String> {
        let subject = self.subject.filter(|subject| subject.proposed.is_some())?;
        let is_delisting = matches!(subject.kind, Kind::Delist | Kind::DelistMany);
        let mut foreseen = self.rebuilt.calls.iter().map(|call| call.function.as_str());
        let foreseen = foreseen.find(|function| is_delisting && *function != "list")?;
        let called = compare::function(subject.kind);
        (foreseen != called).then(|| {
            format!("the plan foresaw {foreseen}; the list has changed since, and the proposal calls {called}")
        })
    }
}

/// What is verified does to the list, in words.
async fn effect(deployed: &Deployed, base: &Base, rebuilt: &Plan) -> Result<Effect> {
    let rules = planning::rules(deployed, base, rebuilt).await?;
    let steps = foresight::steps(rebuilt, rules)?;
    let acts = foresight::foresee(&steps, rebuilt.head, rebuilt.act_count);
    effect::of(&base.ledger, base.at.time, &acts)
}
