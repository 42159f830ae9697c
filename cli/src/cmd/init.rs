//! `init`: begins as a member of a council that exists: its address book, checked before it is
//! believed.

use std::path::Path;
use std::time::Duration;

use alloy::eips::BlockId;
use anyhow::{Context as _, Result};
use interdict_core::deployment::Deployment;
use reqwest::Url;
use serde_json::json;

use super::doctor;
use crate::args::{Global, InitArgs};
use crate::bindings::Seats;
use crate::deployed::{self, Deployed};
use crate::download::{self, Order, Transport};
use crate::exit::{Exit, Failure, Report};
use crate::{file, output, text};

/// An address book is a page long.
const BOOK_BYTES_MAX: u64 = 64 * 1024;

const SILENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(global: &Global, args: InitArgs) -> Result<Report> {
    let bytes = read(&args.book).await?;
    let shown = text::printable(&args.book);
    let text = String::from_utf8(bytes).with_context(|| format!("{shown} is no text"))?;
    let book = Deployment::parse(&text).map_err(|why| {
        Failure::new(Exit::Failed, "address_book", format!("{shown} is no address book: {why}"))
            .next("ask another member, or whoever deployed, for deployments/<chain>.json")
    })?;
    let chain = deployed::connect(global).await?;
    if book.chain_id != chain.id {
        let (found, stated, node) = (chain.id, book.chain_id, chain.shown_url());
        let message = format!("{shown} is for chain {stated}, {node} is chain {found}");
        return Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("check --rpc-url, or take the address book of that chain")
            .into());
    }
    let path = deployed::book_path(&global.deployments, chain.id);
    check_place(&path, &text, args.replace)?;
    let deployed = Deployed { chain, book };
    deployed.check_genesis()?;
    for (name, contract) in deployed.contracts() {
        deployed.check_code(name, contract).await?;
    }
    output::progress("reading the roles from the chain");
    doctor::check_roles(&deployed).await?;
    let seat = match args.member {
        Some(account) => {
            let call = Seats::isMemberCall { account };
            let seats = deployed.book.seats.address;
            Some(deployed.chain.ask(seats, &call, BlockId::latest()).await?)
        }
        None => None,
    };
    file::write(&path, text.as_bytes())?;
    let data = json!({
        "book": path,
        "chain_id": deployed.chain.id,
        "blocklist": deployed.blocklist(),
        "member": args.member,
        "has_seat": seat,
    });
    let mut facts = vec![
        ("address book", path.display().to_string()),
        ("chain", deployed.chain.id.to_string()),
        ("list", deployed.blocklist().to_string()),
        ("roles", "exactly as deployed".to_owned()),
    ];
    if let (Some(member), Some(seat)) = (args.member, seat) {
        facts.push(("seat", format!("{member} has {} seat", if seat { "a" } else { "no" })));
    }
    let next = match args.member {
        Some(member) => format!("`interdict watch --as {member} --once`"),
        None => "`interdict status`".to_owned(),
    };
    Ok(Report::done(data, text::facts(&facts)).next(next))
}

/// The exact bytes of the address book, from a file or from an https address.
async fn read(book: &str) -> Result<Vec<u8>> {
    let url = book.parse::<Url>().ok().filter(Url::has_host);
    let bounded = |path: &Path| Ok(file::bounded(path, BOOK_BYTES_MAX, "an address book")?);
    let Some(url) = url else { return bounded(Path::new(book)) };
    let folder = tempfile::tempdir().context("there is no place for the address book")?;
    let order = Order {
        url,
        file: folder.path().join("book.json"),
        transport: Transport::Secure,
        bytes_max: BOOK_BYTES_MAX,
        age_max_seconds: None,
        silence: SILENCE,
        sha256: None,
    };
    download::download(&order).await.map_err(|error| {
        let message = format!("{}: {error}", download::shown(&order.url));
        Failure::new(Exit::Failed, "address_book", message)
            .next("download it yourself and give --book the file")
    })?;
    bounded(&order.file)
}

/// Another address book of the same chain names another list: it is not overwritten in passing.
fn check_place(path: &Path, text: &str, replace: bool) -> Result<()> {
    let there = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        there => there.with_context(|| format!("cannot read {}", path.display()))?,
    };
    if replace || there == text.as_bytes() {
        return Ok(());
    }
    let message = format!("{} is there already, and another", path.display());
    Err(Failure::new(Exit::Failed, "other_book", message)
        .next("compare the two; add --replace if the new one is right")
        .into())
}
