//! `export`: the list as it stands or stood, as a file for others.

use std::path::Path;

use alloy::primitives::B256;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::args::{ExportArgs, Format, Global, WalletArgs};
use crate::deployed::Deployed;
use crate::exit::Report;
use crate::list::List;
use crate::list::as_of;
use crate::list::rows::{self, Row, Which};
use crate::list::snapshot::{Signed, Snapshot};
use crate::paper::typed;
use crate::{deployed, file, list, output, text, wallet};

/// The name of the document's format.
const SCHEMA: &str = "interdict.export/1";

pub(crate) async fn run(global: &Global, args: ExportArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    if let Some(path) = &args.snapshot {
        let wallet = args.sign.then_some(&args.wallet);
        return snapshot(&deployed, &list, path, wallet).await;
    }
    let view = as_of::view(&deployed, list, args.at).await?;
    let which = if args.all { Which::All } else { Which::Listed };
    let rows = rows::rows(&view, which);
    let document = json!({
        "schema": SCHEMA,
        "chain_id": deployed.chain.id,
        "blocklist": deployed.blocklist(),
        "block": view.block,
        "time": view.time,
        "acts": view.ledger.acts(),
        "head": view.ledger.head(),
        "rows": rows,
    });
    let text = written(args.format, &rows, &document)?;
    output::show(&text::facts(&[
        ("as of", view.place(deployed.chain.id)),
        ("head", format!("{} after act {}, proved", view.ledger.head(), view.ledger.acts())),
        ("rows", rows.len().to_string()),
    ]));
    let Some(path) = args.out else { return Ok(Report::done(document, text)) };
    file::write(&path, format!("{text}\n").as_bytes())?;
    let data = json!({
        "file": path,
        "rows": rows.len(),
        "block": view.block,
        "time": view.time,
        "head": view.ledger.head(),
    });
    Ok(Report::done(data, path.display().to_string()))
}

/// The list as a file that proves itself, signed if somebody signs it.
async fn snapshot(
    deployed: &Deployed,
    list: &List,
    path: &Path,
    wallet: Option<&WalletArgs>,
) -> Result<Report> {
    let (chain_id, blocklist) = (deployed.chain.id, deployed.blocklist());
    let snapshot = Snapshot { chain_id, blocklist, acts: &list.acts };
    let (block, time, head) = snapshot.end();
    let seal = snapshot.seal();
    let acts = list.acts.len();
    let signed = match wallet {
        Some(wallet) => Some(sign(seal, deployed, wallet).await?),
        None => None,
    };
    file::write(path, snapshot.text(signed.as_ref()).as_bytes())?;
    let by = signed.as_ref().map_or("nobody".to_owned(), |signed| signed.signer.to_string());
    output::show(&text::facts(&[
        ("as of", format!("block {block} of chain {chain_id}, {}", text::time(time))),
        ("head", format!("{head} after act {acts}, proved")),
        ("seal", format!("{seal}, for sites that use it without a node")),
        ("signed by", by),
    ]));
    let data = json!({
        "file": path,
        "acts": acts,
        "block": block,
        "time": time,
        "head": head,
        "seal": seal,
        "signer": signed.map(|signed| signed.signer),
    });
    Ok(Report::done(data, path.display().to_string()))
}

/// A publisher's signature under a seal. It says whose file it is, and moves nothing on any chain.
async fn sign(seal: B256, deployed: &Deployed, wallet: &WalletArgs) -> Result<Signed> {
    let chain_id = deployed.chain.id;
    let wallet = wallet::open(wallet, chain_id).await?;
    let typed = typed::snapshot(seal, chain_id, deployed.blocklist());
    Ok(Signed { signer: wallet.address(), signature: typed.sign(&wallet).await? })
}

/// Without the newline at the end.
fn written(format: Format, rows: &[Row], document: &Value) -> Result<String> {
    let text = match format {
        Format::Csv => rows::to_csv(rows).context("the rows cannot be written as CSV")?,
        Format::Json => format!("{document:#}"),
        Format::Jsonl => {
            rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?.join("\n")
        }
    };
    Ok(text.trim_end_matches('\n').to_owned())
}
