//! `verify`: makes a plan again from one's own copy of the publication and the chain, and compares.

use std::fmt::Write as _;

use anyhow::Result;
use interdict_core::ledger::Kind;
use serde_json::{Value, json};

use super::propose;
use crate::args::{Global, VerifyArgs};
use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::plan::Plan;
use crate::planning::{self, Terms};
use crate::{deployed, list, output, source};

const DIFFERENCES_SHOWN_MAX: usize = 20;

pub(crate) async fn run(global: &Global, args: VerifyArgs) -> Result<Report> {
    let plan = Plan::read(&args.plan)?;
    let mut stated = planning::stated(&args.stated)?;
    // Only what neither the publication nor its reader says is taken from the plan.
    let publication = &plan.manifest.publication;
    if source::is_stated(&publication.format) {
        stated.source = stated.source.or(Some(publication.source));
        stated.data_as_of = stated.data_as_of.or(Some(publication.data_as_of));
    }
    let reading = planning::read_publication(&args.publication, &stated)?;
    let deployed = deployed::open(global).await?;
    plan.check_place(&deployed)?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    plan.check_time(list.at.time)?;
    let is_held = check_head(&plan, &list)?;
    let terms = Terms {
        created_at: plan.created_at,
        expires_at: plan.expires_at,
        allowed: plan.overrides.clone(),
    };
    let mut rebuilt = planning::draft(&deployed, &list, &args.publication, reading, terms).await?;
    // The block goes on while the list does not.
    rebuilt.at_block = plan.at_block;
    if is_held {
        // What is held now was to be held: the manifest must still be the same.
        rebuilt.changes.clone_from(&plan.changes);
        (rebuilt.head, rebuilt.act_count) = (plan.head, plan.act_count);
        rebuilt.nonce = plan.nonce;
    }
    let mut differences = Vec::new();
    let (theirs, ours) = (serde_json::to_value(&plan)?, serde_json::to_value(&rebuilt)?);
    compare("", &theirs, &ours, &mut differences);
    if differences.is_empty() {
        let data = json!({ "same": true, "manifest_hash": plan.manifest_hash });
        let text = format!(
            "same: the publication and the chain give this plan\nmanifest  {}",
            plan.manifest_hash
        );
        let next = if is_held {
            "vote for it: `interdict status` has the proposal".to_owned()
        } else {
            format!("`interdict sign {}`", args.plan.display())
        };
        return Ok(Report::done(data, text).next(next));
    }
    Ok(different(&args, &differences))
}

/// Whether the plan's own signed act has landed since; any other change of the list is refused.
fn check_head(plan: &Plan, list: &List) -> Result<bool> {
    propose::check_moved_by_own_acts(plan, list)?;
    let own = list.acts.iter().filter(|act| act.number > plan.act_count);
    if own.clone().any(|act| act.kind != Kind::ListProvisional) {
        plan.check_head(list.ledger.head(), list.at)?;
    }
    Ok(own.count() > 0)
}

fn different(args: &VerifyArgs, differences: &[String]) -> Report {
    let shown = &differences[..differences.len().min(DIFFERENCES_SHOWN_MAX)];
    let more = differences.len() - shown.len();
    let mut text = format!("different: {}\n", args.plan.display());
    text.push_str(&shown.join("\n"));
    if more > 0 {
        let _ = write!(text, "\n… and {more} more");
    }
    let data = json!({ "same": false, "differences": differences });
    let mut report = Report::new(Exit::Stale, data, text);
    let message = "the publication and the chain do not give this plan";
    let failure = Failure::new(Exit::Stale, "different", message);
    report.failure = Some(failure.next("do not sign it; ask whoever made it which file they used"));
    report
}

/// Collects where two documents differ: the plan's value first.
fn compare(place: &str, plan: &Value, rebuilt: &Value, differences: &mut Vec<String>) {
    match (plan, rebuilt) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let (a, b) = (a.get(key), b.get(key));
                let place = format!("{place}/{key}");
                compare(&place, a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null), differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{place}/{index}"), a, b, differences);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for (word, these, those) in [("only in the plan", a, b), ("missing in the plan", b, a)]
            {
                for item in these.iter().filter(|item| !those.contains(item)) {
                    differences.push(format!("{place}: {word}: {item}"));
                }
            }
            if a.iter().all(|item| b.contains(item)) && b.iter().all(|item| a.contains(item)) {
                differences.push(format!("{place}: {} entries, rebuilt {}", a.len(), b.len()));
            }
        }
        (a, b) if a != b => differences.push(format!("{place}: the plan has {a}, rebuilt {b}")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_where_they_are() {
        let check = |plan: Value, rebuilt: Value, expected: &[&str]| {
            let mut found = Vec::new();
            compare("", &plan, &rebuilt, &mut found);
            assert_eq!(found, expected);
        };
        check(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 2}]}), &[]);
        check(
            json!({"a": [1, {"b": 2}]}),
            json!({"a": [1, {"b": 3}]}),
            &["/a/1/b: the plan has 2, rebuilt 3"],
        );
        check(json!({"a": ["x", "y"]}), json!({"a": ["y"]}), &["/a: only in the plan: \"x\""]);
        check(json!({"a": ["x", "x"]}), json!({"a": ["x"]}), &["/a: 2 entries, rebuilt 1"]);
        check(json!({}), json!({"a": 1}), &["/a: the plan has null, rebuilt 1"]);
    }
}
