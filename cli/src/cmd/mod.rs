//! The verbs, one file each, and how one of them is run.

mod act;
mod attest;
mod cancel;
mod changes;
mod check;
mod completions;
mod deploy;
mod doctor;
mod execute;
mod export;
mod fetch;
mod init;
mod man;
mod plan;
mod propose;
mod retract;
mod show;
mod sign;
mod status;
mod verify;
mod vote;
mod wallet;
mod watch;

use anyhow::{Context as _, Result};
use tokio::runtime;

use crate::args::{Cli, Verb};
use crate::exit::Report;
use crate::interruption::Interruptions;
use crate::{output, terminal};

/// Runs the command; Ctrl-C, a request to end, or the loss of its terminal ends it wherever it is.
///
/// Who listens for these has a runtime of its own: a password prompt, or the reading of a large
/// publication, blocks a thread of the command's, and that may be the one that hears of signals.
pub(crate) fn run_until_interrupted(cli: Cli) -> Result<Report> {
    let why = "the asynchronous runtime does not start";
    let commands = runtime::Builder::new_multi_thread().enable_all().build().context(why)?;
    let signals = runtime::Builder::new_current_thread().enable_io().build().context(why)?;
    let terminal = terminal::Found::look();
    let mut interruptions = {
        let _inside = signals.enter();
        Interruptions::listen().context("signals cannot be listened to")?
    };
    let command = commands.spawn(run(cli));
    let ending = signals.block_on(async {
        tokio::select! {
            ending = command => ending.context("the command ended abnormally")?,
            failure = interruptions.next() => {
                terminal.restore();
                output::clear();
                Err(failure.into())
            }
        }
    });
    commands.shutdown_background();
    ending
}

async fn run(cli: Cli) -> Result<Report> {
    let global = &cli.global;
    match cli.verb {
        Verb::Init(args) => init::run(global, args).await,
        Verb::Deploy(args) => deploy::run(global, args).await,
        Verb::Doctor => doctor::run(global).await,
        Verb::Fetch(args) => fetch::run(args).await,
        Verb::Plan(args) => plan::run(global, args).await,
        Verb::Verify(args) => verify::run(global, args).await,
        Verb::Sign(args) => sign::run(global, args).await,
        Verb::Act(args) => act::run(global, args).await,
        Verb::Propose(args) => propose::run(global, args).await,
        Verb::Vote(args) => vote::run(global, args).await,
        Verb::Execute(args) => execute::run(global, args).await,
        Verb::Cancel(args) => cancel::run(global, args).await,
        Verb::Retract(args) => retract::run(global, args).await,
        Verb::Attest(args) => attest::run(global, args).await,
        Verb::Check(args) => check::run(global, args).await,
        Verb::Export(args) => export::run(global, args).await,
        Verb::Status => status::run(global).await,
        Verb::Show(args) => show::run(global, args).await,
        Verb::Watch(args) => watch::run(global, args).await,
        Verb::Wallet(args) => wallet::run(&args),
        Verb::Completions(args) => completions::run(&args),
        Verb::Man(args) => man::run(&args),
    }
}
