//! `verify` of a retraction: it comes of no publication, so that all there is to compare it with is
//! the chain. That the right holds end is for the council to know; that they are holds, of these
//! persons, on this list, is found out here.

use std::path::Path;

use anyhow::Result;
use interdict_core::ledger::Kind;
use serde_json::json;

use super::{Words, different, opinion};
use crate::args::Global;
use crate::compare;
use crate::compare::byhand::{Heading, Row, Signed};
use crate::compare::footing::{self, Footing};
use crate::deployed::{self, Deployed};
use crate::exit::Report;
use crate::foresight::effect::{self, Effect};
use crate::foresight::{self, Step};
use crate::list::List;
use crate::paper::Paper;
use crate::paper::frame::{Frame, Framed};
use crate::paper::retraction::Retraction;
use crate::plan::digest::Message;
use crate::plan::planning::Base;
use crate::{list, output, text};

pub(super) async fn run(global: &Global, path: &Path, retraction: Retraction) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let frame = retraction.frame();
    let words = Words {
        framed: Framed::Retraction,
        from: "what the chain gives",
        next: "do not sign it; ask whoever made it upon which list",
    };
    let shown = path.display().to_string();
    let not_whole = compare::not_whole(Framed::Retraction.name(), retraction.check_whole());
    let mut places = compare::places(&frame, &frame.here(&deployed));
    if !places.is_empty() {
        places.extend(not_whole);
        return Ok(different(&shown, &places, &words));
    }
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let Footing { base, mut differences, warnings } =
        footing::of_framed(&deployed, &list, &frame, retraction.manifest_hash).await?;
    let ours = rebuilt(&base, &frame);
    differences.extend(compare::retractions(&retraction.manifest, &base.ledger, base.at.time));
    differences.extend(compare::terms(&frame, &ours));
    differences.extend(not_whole);
    let mut report = if differences.is_empty() {
        same(&deployed, &list, &base, path, retraction).await?
    } else {
        different(&shown, &differences, &words)
    };
    report.warnings = warnings;
    Ok(report)
}

/// The frame that a retraction has which was made in that block; only how long it may be used is
/// its maker's to say.
fn rebuilt(base: &Base, theirs: &Frame) -> Frame {
    Frame {
        head: base.ledger.head(),
        act_count: base.ledger.acts(),
        nonce: base.nonce,
        deadline: u64::try_from(theirs.expires_at.as_second()).unwrap_or(0),
        ..*theirs
    }
}

async fn same(
    deployed: &Deployed,
    list: &List,
    base: &Base,
    path: &Path,
    retraction: Retraction,
) -> Result<Report> {
    let effect = effect(base, &retraction)?;
    let message = message(deployed, &retraction).await?;
    let hash = retraction.manifest_hash;
    let landed = list.acts.iter().find(|act| act.kind == Kind::Retract && act.manifest == hash);
    let paper = Paper::Retraction(Box::new(retraction.clone()));
    if landed.is_none() {
        paper.frame().check_time(list.at.time)?;
        paper.simulate(deployed).await?;
    }
    let mut facts = vec![
        ("reason", text::printable(&retraction.manifest.reason)),
        ("manifest", hash.to_string()),
    ];
    facts.extend(message.facts());
    let text = format!(
        "same: what it ends is held on chain\n\n{}\n\n{}",
        effect.text(0),
        text::facts(&facts)
    );
    let data = json!({
        "same": true,
        "manifest_hash": hash,
        "sources": retraction.manifest.sources,
        "reason": retraction.manifest.reason,
        "removals": effect.removals,
        "message": message,
    });
    let next = landed.map_or_else(
        || format!("`interdict sign {}`, if these are the holds to be ended", path.display()),
        |act| format!("it has landed as act {}: `interdict show {}`", act.number, act.number),
    );
    Ok(Report::done(data, text).next(next))
}

/// What the retraction does to the list, if it lands at its earliest.
fn effect(base: &Base, retraction: &Retraction) -> Result<Effect> {
    let batch = retraction.manifest.batch()?;
    let lands = base.at.time + 1;
    let step = Step { kind: Kind::Retract, batch, queued: None, lands, until: lands };
    let acts = foresight::foresee(&[step], base.ledger.head(), base.ledger.acts());
    effect::of(&base.ledger, base.at.time, &acts)
}

/// The digests that the members sign, in three ways.
async fn message(deployed: &Deployed, retraction: &Retraction) -> Result<Message> {
    let hashes = Paper::Retraction(Box::new(retraction.clone())).typed()?.hashes();
    let generated = Message {
        domain_hash: hashes.domain,
        message_hash: hashes.message,
        eip712_digest: hashes.digest,
    };
    let heading = Heading::of_retraction(&retraction.manifest, retraction.manifest_hash);
    let rows: Vec<_> = retraction.manifest.retract.iter().map(Row::removal).collect();
    let signed = (Signed::Retraction, heading, &*rows);
    opinion::ask(deployed, &retraction.frame(), generated, signed).await
}
