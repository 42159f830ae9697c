//! Where what somebody handed over, or what stands on chain, differs from what the publication and
//! the chain give: in words that a member of a council understands. Pure.

pub(crate) mod byhand;
pub(crate) mod footing;
pub(crate) mod lookalike;
mod retraction;
mod rows;

use std::collections::BTreeSet;

use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;
use interdict_core::manifest::{Manifest, Override};
use interdict_core::source::Source;
use serde::Serialize;
use serde_json::Value;

pub(crate) use self::retraction::retractions;
use self::rows::{ActWord, Row, Sides};
use crate::paper::frame::Frame;
use crate::plan::digest;
use crate::plan::{CrossCheck, Foreseen, Plan};
use crate::text::{self, printable};

/// The kind of difference that makes no forgery: the list has moved on.
pub(crate) const STALE: &str = "stale";

/// How much of a value without words of its own is shown.
const SHOWN_CHARS_MAX: usize = 120;

/// Signatures under a plan may be used for so long after it was made; as in the contract.
const DEADLINE_MAX_SECONDS: i64 = 7 * 24 * 3600;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// A stable word for scripts.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl Difference {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// What an editor left who changed a file and not all that follows from the change.
pub(crate) fn not_whole(what: &str, checked: Result<(), String>) -> Option<Difference> {
    let message = |why| format!("{what} does not agree with itself: {why}");
    checked.err().map(|why| Difference::new("not_whole", message(why)))
}

/// Where a plan differs from the one that was made anew. In which block and when it was made is
/// for [`crate::compare::footing`] to say.
pub(crate) fn plans(theirs: &Plan, ours: &Plan) -> Vec<Difference> {
    let (frame, our_frame) = (theirs.frame(), ours.frame());
    let mut found = places(&frame, &our_frame);
    // That the whole plan is for another list is told once.
    let own_place = (theirs.chain_id, theirs.blocklist);
    let mut our_manifest = ours.manifest.clone();
    if (theirs.manifest.chain_id, theirs.manifest.blocklist) == own_place {
        (our_manifest.chain_id, our_manifest.blocklist) = own_place;
    }
    let manifests = manifests("the plan", &theirs.manifest, &our_manifest);
    if manifests.is_empty() {
        let values = [&theirs.manifest, &our_manifest];
        let [a, b] = values.map(|manifest| serde_json::to_value(manifest).unwrap_or_default());
        walk("/manifest", &a, &b, &mut found);
    }
    found.extend(manifests);
    let terms = terms(&frame, &our_frame);
    let is_same_time = theirs.created_at == ours.created_at;
    if terms.is_empty() && is_same_time && theirs.manifest == ours.manifest {
        found.extend(foreseen(theirs, ours));
    }
    found.extend(terms);
    found.extend(quarantines(theirs, ours));
    found.extend(cross_checks(theirs.cross_check, ours.cross_check));
    // What has no words of its own is still told, by its place in the file.
    let mut rest = theirs.clone();
    rest.manifest = ours.manifest.clone();
    rest.manifest_hash = ours.manifest_hash;
    rest.quarantine.clone_from(&ours.quarantine);
    rest.cross_check = ours.cross_check;
    (rest.chain_id, rest.genesis_hash) = (ours.chain_id, ours.genesis_hash);
    (rest.blocklist, rest.code_hash) = (ours.blocklist, ours.code_hash);
    (rest.signed_act, rest.at_block) = (ours.signed_act, ours.at_block);
    (rest.head, rest.act_count) = (ours.head, ours.act_count);
    (rest.nonce, rest.deadline) = (ours.nonce, ours.deadline);
    rest.simulation.method = ours.simulation.method;
    if !is_same_time {
        rest.created_at = ours.created_at;
        rest.simulation.acts.clone_from(&ours.simulation.acts);
    }
    // The gas is the node's word, not the publication's; what follows from another difference is
    // not told a second time.
    for act in &mut rest.simulation.acts {
        act.gas = None;
    }
    if found.is_empty() {
        let values = [&rest, ours].map(|plan| serde_json::to_value(plan).unwrap_or_default());
        walk("", &values[0], &values[1], &mut found);
    }
    found
}

/// Whether it is for this system at all.
pub(crate) fn places(theirs: &Frame, ours: &Frame) -> Vec<Difference> {
    let what = theirs.framed.name();
    let mut found = Vec::new();
    let mut add = |differs: bool, kind, message: String| {
        if differs {
            found.push(Difference::new(kind, message));
        }
    };
    add(
        theirs.chain_id != ours.chain_id,
        "chain",
        format!(
            "another chain: {what} is for chain {}, this is {}",
            theirs.chain_id, ours.chain_id
        ),
    );
    add(
        theirs.genesis_hash != ours.genesis_hash,
        "genesis",
        format!(
            "another chain, be its number the same: {what}'s begins with block {}, ours with {}",
            theirs.genesis_hash, ours.genesis_hash
        ),
    );
    add(
        theirs.blocklist != ours.blocklist,
        "contract",
        format!(
            "another contract: {what} changes a list at {}, the council's is at {}",
            theirs.blocklist, ours.blocklist
        ),
    );
    add(
        theirs.signed_act != ours.signed_act,
        "contract",
        format!(
            "another contract: the members would sign for {}, the council's signed act is {}",
            theirs.signed_act, ours.signed_act
        ),
    );
    add(
        theirs.code_hash != ours.code_hash,
        "code",
        format!(
            "other code: {what} is for a list whose code hashes to {}, that of the one on chain to {}",
            theirs.code_hash, ours.code_hash
        ),
    );
    found
}

/// What the signatures bind beside the addresses.
pub(crate) fn terms(theirs: &Frame, ours: &Frame) -> Vec<Difference> {
    let what = theirs.framed.name();
    let mut found = Vec::new();
    if (theirs.head, theirs.act_count) != (ours.head, ours.act_count) {
        found.push(Difference::new(
            "head",
            format!(
                "another state of the list: {what} is for the head {} after act {}; in the block that it names the chain has {} after act {}",
                theirs.head, theirs.act_count, ours.head, ours.act_count
            ),
        ));
    }
    if theirs.nonce != ours.nonce {
        found.push(Difference::new(
            "nonce",
            format!(
                "another nonce: the members would sign under {}, the contract's was {}: the signatures could be kept for another day",
                theirs.nonce, ours.nonce
            ),
        ));
    }
    let last = theirs.created_at.as_second().saturating_add(DEADLINE_MAX_SECONDS);
    if theirs.deadline != ours.deadline || theirs.expires_at.as_second() > last {
        found.push(Difference::new(
            "deadline",
            format!(
                "another deadline: the signatures could be used until {}; {what} was made at {}, expires at {}, and may be used for 7 days",
                text::time(theirs.deadline),
                theirs.created_at,
                theirs.expires_at
            ),
        ));
    }
    found
}

/// The acts that a plan foresees are those that follow from it.
fn foreseen(theirs: &Plan, ours: &Plan) -> Option<Difference> {
    let acts = |plan: &Plan| -> Vec<Foreseen> {
        plan.simulation.acts.iter().map(|act| Foreseen { gas: None, ..*act }).collect()
    };
    let message = "the acts and heads that the plan foresees are not those that follow from it";
    (acts(theirs) != acts(ours)).then(|| Difference::new("foreseen", message))
}

/// Where two manifests differ.
pub(crate) fn manifests(what: &str, theirs: &Manifest, ours: &Manifest) -> Vec<Difference> {
    let mut found = Vec::new();
    let (a, b) = (&theirs.publication, &ours.publication);
    if a != b {
        let shown = |p: &interdict_core::manifest::Publication| {
            let (format, sha) = (printable(&p.format), p.sha256);
            let comments = p.comments_sha256.map(|sha| format!(", of its comments {sha}"));
            let comments = comments.unwrap_or_default();
            format!("{} ({format}, as of {}, sha256 {sha}{comments})", p.source, p.data_as_of)
        };
        let message =
            format!("another publication: {what} names {}, yours is {}", shown(a), shown(b));
        found.push(Difference::new("publication", message));
    }
    let removals =
        |manifest: &Manifest| manifest.delist.iter().map(Row::of_removal).collect::<Vec<_>>();
    found.extend(Sides { what, act: ActWord::Removal }.rows(&removals(theirs), &removals(ours)));
    let entries = |manifest: &Manifest| manifest.list.iter().map(Row::of_entry).collect::<Vec<_>>();
    found.extend(Sides { what, act: ActWord::Listing }.rows(&entries(theirs), &entries(ours)));
    if found.is_empty() && (&theirs.list, &theirs.delist) != (&ours.list, &ours.delist) {
        let message = format!("{what} names the same entries in another order");
        found.push(Difference::new("order", message));
    }
    found.extend(overrides(what, &theirs.overrides, &ours.overrides));
    found
}

fn overrides(what: &str, theirs: &[Override], ours: &[Override]) -> Vec<Difference> {
    let (theirs_set, ours_set): (BTreeSet<_>, BTreeSet<_>) =
        (theirs.iter().collect(), ours.iter().collect());
    let mut found: Vec<_> = theirs_set
        .difference(&ours_set)
        .map(|which| {
            let flag = which.flag();
            let mut message = format!(
                "an override was slipped in: {what} says that {flag} was needed; for your publication it is not"
            );
            if **which == Override::Disagreement {
                message.push_str(
                    " (give --cross-check with your own copy of the second publication to see for yourself)",
                );
            }
            Difference::new("override", message)
        })
        .collect();
    found.extend(ours_set.difference(&theirs_set).map(|which| {
        let flag = which.flag();
        let message = format!("an override is hidden: {what} needs {flag} and does not say so");
        Difference::new("override", message)
    }));
    if found.is_empty() && theirs != ours {
        found.push(Difference::new("override", format!("{what} names an override twice")));
    }
    found
}

fn quarantines(theirs: &Plan, ours: &Plan) -> Vec<Difference> {
    let mut found = Vec::new();
    let sides = [
        (
            &ours.quarantine,
            &theirs.quarantine,
            "left out of the quarantine",
            "needs a person's look",
        ),
        (&theirs.quarantine, &ours.quarantine, "slipped into the quarantine", "is not unreadable"),
    ];
    for (these, those, how, why) in sides {
        for row in these.iter().filter(|row| !those.contains(row)) {
            let (published, uid) = (printable(&row.published), printable(&row.uid));
            let reason = printable(&row.reason);
            let message = format!("{how}: {published} of uid {uid}, which {why}: {reason}");
            found.push(Difference::new("quarantine", message));
        }
    }
    found
}

/// A second publication that another one was compared with, or none.
fn cross_checks(theirs: Option<CrossCheck>, ours: Option<CrossCheck>) -> Option<Difference> {
    let shown = |second: Option<CrossCheck>| {
        second.map_or_else(
            || "none".to_owned(),
            |second| {
                let comments = second.comments_sha256;
                let comments = comments.map(|hash| format!(" with comments {hash}"));
                let comments = comments.unwrap_or_default();
                format!("sha256 {}{comments} as of {}", second.sha256, second.data_as_of)
            },
        )
    };
    let message = format!(
        "another second publication: the plan names {}, yours is {}",
        shown(theirs),
        shown(ours)
    );
    (theirs != ours).then(|| Difference::new("cross_check", message))
}

/// Where a batch that stands on chain differs from the plan that was made anew.
pub(crate) fn batches(
    what: &str,
    kind: Kind,
    theirs: &IBlocklist::Batch,
    ours: &IBlocklist::Batch,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let act = match kind {
        Kind::Delist | Kind::DelistMany => ActWord::Removal,
        _ => ActWord::Listing,
    };
    let rows =
        |batch: &IBlocklist::Batch| batch.entries.iter().map(Row::of_chain).collect::<Vec<_>>();
    found.extend(Sides { what, act }.rows(&rows(theirs), &rows(ours)));
    if theirs.sources != ours.sources {
        let [a, b] = [theirs, ours].map(|batch| Source::codes(batch.sources).join(", "));
        let message = format!("another source list: {what} is of {a}, your publication of {b}");
        found.push(Difference::new("source", message));
    }
    if theirs.dataAsOf != ours.dataAsOf {
        let [a, b] = [theirs, ours].map(|batch| text::time(batch.dataAsOf.to()));
        let message =
            format!("another release: {what} is of data as of {a}, your publication as of {b}");
        found.push(Difference::new("publication", message));
    }
    if theirs.manifest != ours.manifest {
        let message = format!(
            "another manifest: {what} carries the hash {}, your publication gives {}",
            theirs.manifest, ours.manifest
        );
        found.push(Difference::new("manifest", message));
    }
    if found.is_empty() && theirs.entries != ours.entries {
        let message = format!("{what} names the same entries in another order, or one twice");
        found.push(Difference::new("order", message));
    }
    found
}

/// Where a proposal's call differs from the one that its batch makes, put together by hand; by
/// which function, the list decided that as it stood when it was proposed.
pub(crate) fn calls(
    what: &str,
    (theirs, ours): (Kind, Kind),
    (calldata, by_hand): (&[u8], &[u8]),
) -> Option<Difference> {
    let [theirs, ours] = [theirs, ours].map(function);
    if theirs != ours {
        let message = format!(
            "another function: {what} calls {theirs}; as the list stood when it was made, {ours} is the one"
        );
        return Some(Difference::new("function", message));
    }
    let [a, b] = [calldata, by_hand].map(digest::calldata_digest);
    let message = format!(
        "another call: the calldata of {what} has the digest {a}, {ours} of the same batch by hand has {b}"
    );
    (calldata != by_hand).then(|| Difference::new("calldata", message))
}

/// The list's function that makes an act of this kind, as a proposal calls it.
pub(crate) const fn function(kind: Kind) -> &'static str {
    match kind {
        Kind::Delist => "delist",
        Kind::DelistMany => "delistMany",
        _ => "list",
    }
}

/// If only overrides keep the hash on chain from being ours: which it has that we have not.
pub(crate) fn overrides_behind(hash: alloy::primitives::B256, ours: &Manifest) -> Option<String> {
    let all = Override::ALL;
    (0..1_u32 << all.len()).find_map(|bits| {
        let chosen = all.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
        let overrides: Vec<_> = chosen.map(|(_, which)| *which).collect();
        let manifest = Manifest { overrides: overrides.clone(), ..ours.clone() };
        if manifest.hash().ok()? != hash {
            return None;
        }
        let flags: Vec<_> = overrides.iter().map(|which| which.flag()).collect();
        Some(if flags.is_empty() { "no override".to_owned() } else { flags.join(" ") })
    })
}

/// A value as JSON; calldata may be longer than anybody reads.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

/// Collects where two documents differ, by their places: what has no words of its own.
fn walk(place: &str, theirs: &Value, ours: &Value, found: &mut Vec<Difference>) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let [a, b] = [a, b].map(|side| side.get(key).unwrap_or(&Value::Null));
                walk(&format!("{place}/{}", printable(key)), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                walk(&format!("{place}/{index}"), a, b, found);
            }
        }
        (a, b) if a != b => {
            let [a, b] = [a, b].map(shown);
            let message = format!("{place} of the file: the plan has {a}, made anew it is {b}");
            found.push(Difference::new("other", message));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
