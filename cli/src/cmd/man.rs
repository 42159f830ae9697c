//! `man`: the manual, one page for each verb and for what a verb divides into, from the definition
//! of the command line.

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use serde_json::json;

use crate::args::{Cli, ManArgs};
use crate::exit::Report;
use crate::{file, text};

pub(crate) fn run(args: &ManArgs) -> Result<Report> {
    // `help` has no page: every page is one.
    let mut command = Cli::command().disable_help_subcommand(true);
    // Only now does each verb know the options that all have, and its whole name.
    command.build();
    let Some(folder) = &args.out else {
        let page = page(command)?.1;
        return Ok(Report::done(json!({ "page": page }), page.trim_end()));
    };
    let mut written = Vec::new();
    for command in whole(&command) {
        let (name, page) = page(command)?;
        let path = folder.join(name);
        file::write(&path, page.as_bytes())?;
        written.push(path);
    }
    let said = format!("{} in {}", text::count(written.len(), "page", "pages"), folder.display());
    Ok(Report::done(json!({ "pages": written }), said))
}

/// A command, and all below it.
fn whole(command: &Command) -> Vec<Command> {
    let below = command.get_subcommands().flat_map(whole);
    std::iter::once(command.clone()).chain(below).collect()
}

/// A page's file name and its roff.
fn page(command: Command) -> Result<(String, String)> {
    let man = Man::new(command);
    let mut roff = Vec::new();
    man.render(&mut roff).context("the page cannot be written")?;
    Ok((man.get_filename(), String::from_utf8(roff).context("the page is no text")?))
}
