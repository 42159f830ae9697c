//! `doctor`: checks everything that the other commands rely on, and says what to do where it fails.

use std::fmt::Write as _;

use alloy::eips::BlockId;
use alloy::primitives::U256;
use anyhow::Result;
use serde_json::json;

use crate::args::Global;
use crate::bindings::{Council, Seats, SignedAct};
use crate::deployed::roles::{self, Parts};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::{list, output, text};

const DIFFERENCES_SHOWN_MAX: usize = 5;

struct Finding {
    name: String,
    failure: Option<Failure>,
    detail: String,
}

pub(crate) async fn run(global: &Global) -> Result<Report> {
    let mut findings = Vec::new();
    if let Some(deployed) = reach(global, &mut findings).await {
        examine(&deployed, &mut findings).await;
    }
    let rows = findings.iter().map(|f| {
        let verdict = if f.failure.is_none() { "ok" } else { "wrong" };
        [f.name.clone(), verdict.to_owned(), f.detail.clone()]
    });
    let table = text::table(["CHECK", "", "FOUND"], rows.collect());
    let data = json!(
        findings
            .iter()
            .map(|f| json!({
                "check": f.name,
                "ok": f.failure.is_none(),
                "found": f.detail,
                "next": f.failure.as_ref().and_then(|failure| failure.next.clone()),
            }))
            .collect::<Vec<_>>()
    );
    let wrong = findings.into_iter().find_map(|finding| finding.failure);
    let exit = wrong.as_ref().map_or(Exit::Done, |failure| failure.exit);
    let mut report = Report::new(exit, json!({ "checks": data }), table);
    report.failure = wrong;
    Ok(report)
}

/// Everything up to the contracts; without them nothing more can be asked.
async fn reach(global: &Global, findings: &mut Vec<Finding>) -> Option<Deployed> {
    let chain = match deployed::connect(global).await {
        Ok(chain) => chain,
        Err(error) => {
            record(findings, "node", Err(error));
            return None;
        }
    };
    record(findings, "node", Ok(format!("{} answers", chain.shown_url())));
    record(findings, "chain", Ok(chain.id.to_string()));
    let path = deployed::book_path(&global.deployments, chain.id);
    let book = deployed::read_book(&global.deployments, chain.id).and_then(|book| {
        book.ok_or_else(|| {
            Failure::new(Exit::Failed, "not_deployed", format!("there is no {}", path.display()))
                .next("run `interdict deploy`, or point --deployments at the folder")
                .into()
        })
    });
    let book = match book {
        Ok(book) => book,
        Err(error) => {
            record(findings, "address book", Err(error));
            return None;
        }
    };
    record(findings, "address book", Ok(path.display().to_string()));
    let deployed = Deployed { chain, book };
    let genesis = deployed.check_genesis().map(|()| deployed.book.genesis_hash.to_string());
    let mut sound = record(findings, "genesis", genesis);
    for (name, contract) in deployed.contracts() {
        let code = deployed.check_code(name, contract).await;
        let found = code.map(|()| format!("{} has its code", contract.address));
        sound &= record(findings, name, found);
    }
    sound.then_some(deployed)
}

async fn examine(deployed: &Deployed, findings: &mut Vec<Finding>) {
    output::progress("reading roles and list from the chain");
    record(findings, "roles", check_roles(deployed).await);
    record(findings, "members", check_seats(deployed).await);
    let list = list::read(deployed).await.map(|list| {
        format!("acts: {}, proved by the head {}", list.acts.len(), list.ledger.head())
    });
    record(findings, "list", list);
}

fn record(findings: &mut Vec<Finding>, name: &str, found: Result<String>) -> bool {
    let (detail, failure) = match found {
        Ok(detail) => (detail, None),
        Err(error) => {
            let failure = Failure::from_error(error);
            (failure.message.clone(), Some(failure))
        }
    };
    let is_ok = failure.is_none();
    findings.push(Finding { name: name.to_owned(), failure, detail });
    is_ok
}

/// The roles must be exactly those of the table.
pub(super) async fn check_roles(deployed: &Deployed) -> Result<String> {
    let (book, chain) = (&deployed.book, &deployed.chain);
    book.parameters.delays.check().map_err(|error| {
        Failure::new(Exit::Failed, "delays", error.to_string())
            .next("this system is less safe than a deployment may be: do not rely on it")
    })?;
    let parts = parts(deployed);
    let expected = roles::expected(&parts);
    let at = chain.latest().await?;
    let found = roles::read(chain, book.access_manager.address, book.block, at).await?;
    let differences = found.differences(&expected, &parts);
    if differences.is_empty() {
        return Ok(format!("{} grants, exactly as deployed", found.members.len()));
    }
    let mut message = differences[..differences.len().min(DIFFERENCES_SHOWN_MAX)].join("; ");
    if differences.len() > DIFFERENCES_SHOWN_MAX {
        let _ = write!(message, "; and {} more", differences.len() - DIFFERENCES_SHOWN_MAX);
    }
    Err(Failure::new(Exit::Failed, "roles", message)
        .next("if the council did not decide this, stop using the list and look at its acts")
        .into())
}

fn parts(deployed: &Deployed) -> Parts {
    let book = &deployed.book;
    Parts {
        access_manager: book.access_manager.address,
        seats: book.seats.address,
        council: book.council.address,
        signed_act: book.signed_act.address,
        blocklist: book.blocklist.address,
        guardian: book.parameters.guardian,
        keeper: book.parameters.keeper,
        delays: book.parameters.delays,
    }
}

async fn check_seats(deployed: &Deployed) -> Result<String> {
    let (chain, seats) = (&deployed.chain, deployed.book.seats.address);
    let members = chain.ask(seats, &Seats::membersCall {}, BlockId::latest()).await?;
    let signed_act = deployed.book.signed_act.address;
    let signers = chain.ask(signed_act, &SignedAct::quorumCall {}, BlockId::latest()).await?;
    // The seats of a second that is over: of the present one they may still change.
    let (council, now) = (deployed.book.council.address, chain.latest().await?);
    let then = Council::quorumCall { timepoint: U256::from(now.time.saturating_sub(1)) };
    let voters = chain.ask(council, &then, now.id()).await?;
    let seats = text::count(members.len(), "seat", "seats");
    Ok(format!("{seats}; {voters} decide a vote, {signers} sign an act"))
}
