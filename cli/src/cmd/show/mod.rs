//! `show`: everything about one address, act, proposal or plan.

mod act;
mod address;
mod proposal;

pub(super) use self::act::document;

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, U256};
use anyhow::Result;
use serde_json::json;

use crate::args::{Global, ShowArgs};
use crate::exit::{Exit, Failure, Report};
use crate::plan::Plan;
use crate::{council, deployed, list, output, text};

/// The contract numbers acts in 24 bits; what is larger is a proposal's id.
const ACT_MAX: u64 = (1 << 24) - 1;

/// What was asked about, told by its shape.
#[derive(Debug, PartialEq, Eq)]
enum Thing {
    Address(Address),
    Act(u32),
    /// A number in decimal that is too large for an act.
    Proposal(U256),
    /// 32 bytes: a proposal's id, or a manifest's hash.
    Word(B256),
    Plan(PathBuf),
}

pub(crate) async fn run(global: &Global, args: ShowArgs) -> Result<Report> {
    let thing = thing(&args.what)?;
    if let Thing::Plan(path) = &thing {
        return plan(path);
    }
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    match thing {
        Thing::Address(address) => address::show(&deployed, list, address).await,
        Thing::Act(number) => act::show(&list, number),
        Thing::Proposal(id) => {
            let found = council::find(&deployed, id).await?;
            proposal::show(&deployed, &list, &found).await
        }
        Thing::Word(word) => {
            let id = U256::from_be_bytes(word.0);
            let all = council::proposals(&deployed).await?;
            match all.iter().find(|proposal| proposal.id == id) {
                Some(found) => proposal::show(&deployed, &list, found).await,
                None => act::of_manifest(&list, word),
            }
        }
        Thing::Plan(path) => plan(&path),
    }
}

fn thing(what: &str) -> Result<Thing> {
    let usage = |message: String| Failure::new(Exit::Usage, "usage", message);
    // Without the prefix 64 digits may be a number in decimal.
    if what.starts_with("0x")
        && let Ok(word) = what.parse::<B256>()
    {
        return Ok(Thing::Word(word));
    }
    // An empty text would be read as zero, and a prefix as another base.
    if !what.is_empty()
        && what.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = what.parse::<U256>()
    {
        let act = u64::try_from(number).ok().filter(|number| *number <= ACT_MAX);
        let act = act.and_then(|number| u32::try_from(number).ok());
        return Ok(act.map_or(Thing::Proposal(number), Thing::Act));
    }
    match interdict_core::address::parse(what) {
        Ok(address) => Ok(Thing::Address(address)),
        Err(_) if Path::new(what).exists() => Ok(Thing::Plan(what.into())),
        Err(why) if what.starts_with("0x") => Err(usage(format!("the address {why}")).into()),
        Err(_) => {
            let what = text::printable(what);
            Err(usage(format!("{what:?} is no address, act, proposal, manifest or file"))
                .next("`interdict show --help` says what can be shown")
                .into())
        }
    }
}

/// A plan's file, every row of it.
fn plan(path: &Path) -> Result<Report> {
    let plan = Plan::read(path)?;
    let data = json!({ "shows": "plan", "file": path, "plan": plan });
    Ok(Report::done(data, plan.in_full()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_told_by_their_shape() {
        let check = |what: &str, expected: Thing| assert_eq!(thing(what).unwrap(), expected);
        check("0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c", {
            Thing::Address("0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c".parse().unwrap())
        });
        check("12", Thing::Act(12));
        check("16777215", Thing::Act(16_777_215));
        check("16777216", Thing::Proposal(U256::from(16_777_216)));
        check(&format!("0x{}", "11".repeat(32)), Thing::Word(B256::repeat_byte(0x11)));
        let decimal = "1".repeat(64);
        check(&decimal, Thing::Proposal(decimal.parse().unwrap()));
        check("Cargo.toml", Thing::Plan("Cargo.toml".into()));
        for nothing in ["", "0x12", "no-such-file.json"] {
            let error = Failure::from_error(thing(nothing).unwrap_err());
            assert_eq!(error.exit, Exit::Usage, "{nothing}");
        }
    }
}
