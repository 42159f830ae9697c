//! `interdict`: from an official publication to the on-chain list, through the council.
//!
//! Results go to stdout, everything else to stderr; the exit code is the answer for scripts.

mod args;
mod bindings;
mod chain;
mod cmd;
mod compare;
mod council;
mod deployed;
mod download;
mod exit;
mod file;
#[cfg(test)]
mod fixture;
mod foresight;
mod guard;
mod interruption;
mod list;
mod output;
mod paper;
mod plan;
mod sending;
mod source;
mod terminal;
mod text;
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
