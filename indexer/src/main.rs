//! The indexer's binary: logs to stderr as JSON, and to stdout the result: one line saying where it
//! listens, or what was done to the database.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use interdict_indexer::args::{Args, Verb};
use interdict_indexer::{access, audit, policy, subjects, upkeep};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// One thread for all that waits: the loop is one, and bytes that go from thread to thread cost
/// more than what is done with them. The database has its own.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> ExitCode {
    let Err(error) = run(Args::parse()).await else { return ExitCode::SUCCESS };
    // Nobody is left to tell if stderr is closed.
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

async fn run(args: Args) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("INTERDICT_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let mut stdout = std::io::stdout();
    if let Some(verb) = &args.verb {
        let done = match verb {
            Verb::VerifyAudit(asked) => audit::verify(&args.load(None)?, asked).await?,
            Verb::Audit(verb) => audit::run(&args, verb).await?,
            Verb::Policy(verb) => policy::run(&args, verb).await?,
            Verb::Subjects(verb) => subjects::run(&args.load(None)?, verb).await?,
            Verb::Tokens(verb) => access::run(&args.load(None)?, verb).await?,
            Verb::Upkeep(verb) => upkeep::run(&args.load(None)?, verb).await?,
        };
        return writeln!(stdout, "{done}").context("cannot write to stdout");
    }
    let config = args.load(None)?;
    // Before anybody is told that it listens: whoever ends it at once is heard, too.
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let mut handle = interdict_indexer::start(config).await?;
    writeln!(stdout, "listening on http://{}", handle.address())
        .and_then(|()| stdout.flush())
        .context("cannot write to stdout")?;
    tokio::select! {
        biased;
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        what = handle.ended() => anyhow::bail!("{what}; restart the indexer and see its log"),
    }
    handle.stop().await;
    Ok(())
}
