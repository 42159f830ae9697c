//! `export`: the list as it stands or stood, as a file for others.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::args::{ExportArgs, Format, Global};
use crate::as_of;
use crate::exit::Report;
use crate::rows::{self, Row, Which};
use crate::{deployed, file, list, output, text};

/// The name of the document's format.
const SCHEMA: &str = "interdict.export/1";

pub(crate) async fn run(global: &Global, args: ExportArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
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
