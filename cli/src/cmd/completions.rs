//! `completions`: what a shell needs to complete our command line, from its own definition.

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use serde_json::json;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::Report;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Report> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "interdict", &mut script);
    let script = String::from_utf8(script).context("the completions are no text")?;
    let data = json!({ "shell": args.shell.to_string(), "script": script });
    Ok(Report::done(data, script.trim_end()))
}
