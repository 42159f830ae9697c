//! `show`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interdict show 0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C
  interdict show 12
  interdict show 0x5f2a9c…
  interdict show plan.json

An address has 40 hex digits, a proposal's id and a manifest's hash have 64; a small number is an
act, a large one a proposal's id in decimal. Everything else is a plan's file.")]
pub(crate) struct ShowArgs {
    /// An address, an act's number, a proposal's id, a manifest's hash or a plan's file
    #[arg(value_name = "WHAT")]
    pub(crate) what: String,
}
