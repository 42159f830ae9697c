//! `interdict`: from an official publication to the on-chain list, through the council.
//!
//! Results go to stdout, everything else to stderr; the exit code is the answer for scripts.

mod agreement;
mod answer;
mod args;
mod as_of;
mod ballot;
mod bindings;
mod byhand;
mod chain;
mod cmd;
mod compare;
mod council;
mod course;
mod deed;
mod deployed;
mod diff;
mod digest;
mod doubt;
mod download;
mod effect;
mod exit;
mod file;
#[cfg(test)]
mod fixture;
mod footing;
mod foresight;
mod frame;
mod freshness;
mod guard;
mod interruption;
mod list;
mod lookalike;
mod output;
mod paper;
mod plan;
mod planning;
mod publications;
mod retraction;
mod revert;
mod roles;
mod rows;
mod safe;
mod sending;
mod signature;
mod simulation;
mod snapshot;
mod source;
mod terminal;
mod text;
mod transport;
mod typed;
mod wallet;
mod watching;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Fails only if a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let parsed = args::parse();
    match parsed {
        Err(refused) => output::refused(&refused),
        Ok(cli) => {
            let (json, in_lines) = (cli.global.json, cli.verb.prints_lines());
            let ending = cmd::run_until_interrupted(cli);
            if json && in_lines { output::last_line(ending) } else { output::ending(ending, json) }
        }
    }
}
