//! `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::WalletArgs;
use crate::list::as_of::When;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict export --format csv > list.csv
  interdict export --format jsonl --all --out history.jsonl
  interdict export --format json --at 2026-08-20
  interdict export --snapshot list.json
  interdict export --snapshot list.json --sign --account keeper

Rows come in the order of their addresses. Before any is written, all of the list's events are read
and proved against its head. In CSV, what belongs to several persons is joined by `;`, in one order.

A snapshot is for front-ends, which host it: it has every act, and proves itself against the list's
head, or against the seal that is printed. Its bytes stay the same until there is another act.
Signed, a site that names the publisher's address needs no node and no new seal for a new file.")]
pub(crate) struct ExportArgs {
    /// How to write it
    #[arg(long, value_enum, default_value = "csv")]
    pub(crate) format: Format,
    /// Every listing that ever was, not only what is listed
    #[arg(long)]
    pub(crate) all: bool,
    /// The list of a past block, day or time instead of now
    #[arg(long, visible_alias = "as-of", value_name = "BLOCK|TIME")]
    pub(crate) at: Option<When>,
    /// Where to write it; without it, to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write every act into a file from which front-ends screen, instead of rows
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "all", "at", "out"])]
    pub(crate) snapshot: Option<PathBuf>,
    /// Sign the snapshot, for sites that use it without a node
    #[arg(long, requires = "snapshot")]
    pub(crate) sign: bool,
    #[command(flatten)]
    pub(crate) wallet: WalletArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A header and a line for each listing
    Csv,
    /// One document, with the moment and the head that it was proved against
    Json,
    /// One JSON object a line for each listing
    Jsonl,
}
