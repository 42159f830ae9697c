//! `interdict`: from an official publication to the on-chain list, through the council.
//!
//! Results go to stdout, everything else to stderr; the exit code is the answer for scripts.

mod args;
mod ballot;
mod bindings;
mod chain;
mod cmd;
mod council;
mod deed;
mod deployed;
mod diff;
mod exit;
mod file;
mod guard;
mod list;
mod output;
mod paper;
mod plan;
mod planning;
mod retraction;
mod roles;
mod safe;
mod sending;
mod signature;
mod source;
mod text;
mod transport;
mod typed;
mod wallet;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Fails only if a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let parsed = args::parse();
    match parsed {
        Err(refused) => output::refused(&refused),
        Ok(cli) => {
            let json = cli.global.json;
            let ending = cmd::run_until_interrupted(cli);
            output::ending(ending, json)
        }
    }
}
