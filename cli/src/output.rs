//! The only file that prints: results to stdout, everything else to stderr.
//!
//! What is printed may have words of others in it: a publication's, a node's, those of a plan that
//! somebody sent. Whatever in them could steer a terminal, or hide there, is shown as `\u{…}`; in
//! JSON it is escaped as JSON does, and says the same. Line ends stay. Only our own colours are put
//! around what is left.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, WeakProgressBar};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure, Report};
use crate::text;

const SCHEMA_VERSION: u32 = 1;
const BAR_TICK: Duration = Duration::from_millis(100);

/// The bar that is drawn now: what is written meanwhile goes above it, and an end takes it away.
static DRAWN: Mutex<Option<WeakProgressBar>> = Mutex::new(None);

const RED: &str = "31";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const DIM: &str = "2";

/// What the download's bar shows while the server has not said how much there is, and once it has.
const FETCHING: &str = "· fetching {spinner} {bytes} {bytes_per_sec}";
const FETCHING_OF: &str = "· fetching {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}";

/// What a person should see while a command works.
pub(crate) fn progress(line: &str) {
    labelled(DIM, "·", line);
}

/// What a person should put right and the command can go on with.
pub(crate) fn warn(line: &str) {
    labelled(YELLOW, "warning:", line);
}

/// What a person must see before deciding.
pub(crate) fn show(text: &str) {
    to_stderr(text);
}

/// One of several results, as it comes: a line, or an envelope in one line with what a person
/// should know of it. Says whether anybody still reads.
pub(crate) fn event(data: &Value, line: &str, warnings: &[String], json: bool) -> bool {
    let text =
        if json { enveloped(true, data, None, warnings).to_string() } else { line.to_owned() };
    let text = if json { text::escaped(&text) } else { text::harmless(&text) };
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).is_ok()
}

/// A failure after which the command goes on.
pub(crate) fn trouble(failure: &Failure, json: bool) {
    if json {
        json_to_stdout(&enveloped(false, &Value::Null, Some(failure), &[]).to_string());
    } else {
        explain(failure);
    }
}

/// Asks for a line on the terminal; `None` where there is no terminal.
pub(crate) fn ask(question: &str) -> io::Result<Option<String>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    write!(io::stderr().lock(), "{} ", text::harmless(question))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(Some(answer.trim().to_owned()))
}

/// A bar for reading a file of so many bytes; draws only on a terminal.
pub(crate) fn reading_bar(bytes: u64) -> ProgressBar {
    bar(Some(bytes), "· reading {wide_bar} {bytes}/{total_bytes}")
}

/// A bar for a download of which so many bytes have come already.
pub(crate) fn fetching_bar(come: u64) -> ProgressBar {
    let bar = bar(None, FETCHING);
    bar.set_position(come);
    bar
}

/// How long a download is as a whole, now that the server has answered; not every one says so.
pub(crate) fn fetching_whole(bar: &ProgressBar, bytes: Option<u64>) {
    match bytes {
        Some(bytes) => bar.set_length(bytes),
        None => bar.unset_length(),
    }
    dress(bar, if bytes.is_some() { FETCHING_OF } else { FETCHING });
}

/// A bar for so many steps of something.
pub(crate) fn counting_bar(what: &str, steps: u64) -> ProgressBar {
    let bar = bar(Some(steps), "· {msg} {wide_bar} {pos}/{len}");
    bar.set_message(what.to_owned());
    bar
}

/// What is seen while something is waited for that has no steps: a node's answer, a derived key.
/// It goes away when it is dropped.
#[must_use = "it goes away when it is dropped"]
pub(crate) fn waiting(what: &str) -> ProgressBar {
    let bar = bar(None, "· {msg} {spinner} {elapsed}");
    bar.set_message(what.to_owned());
    bar
}

/// Draws only on a terminal, and goes away when it is dropped.
fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    bar.set_draw_target(target);
    dress(&bar, template);
    bar.enable_steady_tick(BAR_TICK);
    *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.downgrade());
    bar
}

fn dress(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

/// Takes away the bar that is drawn now. After Ctrl-C, which the terminal shows behind it, it stays
/// and says how far the work had come.
pub(crate) fn clear() {
    if let Some(bar) = drawn() {
        bar.finish_and_clear();
    }
}

fn drawn() -> Option<ProgressBar> {
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.upgrade()
}

/// A command line that was not understood, or a question for help or the version.
pub(crate) fn refused(error: &clap::Error) -> ExitCode {
    let is_answer = !error.use_stderr();
    let wants_json = std::env::args_os().any(|arg| arg == "--json");
    let plain = error.render().to_string();
    if !is_answer && !wants_json && matches!(text::harmless(&plain), Cow::Owned(_)) {
        // What was not understood may be somebody else's words; then without colour.
        to_stderr(&text::indented(plain.trim_end(), 2));
    } else if is_answer || !wants_json {
        // Nothing is left to be done if even this cannot be written.
        let _ = error.print();
    } else {
        let text = plain.split("\n\nFor more information").next().unwrap_or_default();
        let message = text.trim().trim_start_matches("error: ").to_owned();
        let failure = Failure::new(Exit::Usage, "usage", message).next("see `interdict --help`");
        json_to_stdout(&envelope(false, &Value::Null, Some(&failure), &[]));
    }
    if is_answer { Exit::Done.into() } else { Exit::Usage.into() }
}

/// Says in one line how a command ended that printed an envelope in each line.
pub(crate) fn last_line(ending: anyhow::Result<Report>) -> ExitCode {
    clear();
    let (data, failure, warnings, exit) = match ending {
        Ok(report) => (report.data, report.failure, report.warnings, report.exit),
        Err(error) => {
            let failure = Failure::from_error(error);
            let exit = failure.exit;
            (Value::Null, Some(failure), Vec::new(), exit)
        }
    };
    let success = failure.is_none();
    to_stdout(&enveloped(success, &data, failure.as_ref(), &warnings).to_string());
    exit.into()
}

/// Says how a command ended.
pub(crate) fn ending(ending: anyhow::Result<Report>, json: bool) -> ExitCode {
    clear();
    match ending {
        Ok(report) if json => {
            let success = report.failure.is_none();
            let failure = report.failure.as_ref();
            json_to_stdout(&envelope(success, &report.data, failure, &report.warnings));
            report.exit.into()
        }
        Ok(report) => {
            human(&report);
            report.exit.into()
        }
        Err(error) => {
            let failure = Failure::from_error(error);
            if json {
                json_to_stdout(&envelope(false, &Value::Null, Some(&failure), &[]));
            } else {
                explain(&failure);
            }
            failure.exit.into()
        }
    }
}

fn human(report: &Report) {
    if !report.text.is_empty() {
        to_stdout(&report.text);
    }
    for warning in &report.warnings {
        warn(warning);
    }
    if let Some(failure) = &report.failure {
        explain(failure);
    }
    if let Some(next) = &report.next {
        labelled(CYAN, "next:", next);
    }
}

fn explain(failure: &Failure) {
    // The keys that interrupt are shown where the cursor stood, and a prompt may stand there.
    if failure.exit.is_from_outside() && io::stderr().is_terminal() {
        to_stderr("");
    }
    labelled(RED, "error:", &failure.message);
    if let Some(next) = &failure.next {
        labelled(CYAN, "next:", next);
    }
}

fn envelope(success: bool, data: &Value, failure: Option<&Failure>, warnings: &[String]) -> String {
    format!("{:#}", enveloped(success, data, failure, warnings))
}

/// The envelope that `cli/schema/envelope.json` describes.
fn enveloped(success: bool, data: &Value, failure: Option<&Failure>, warnings: &[String]) -> Value {
    let error = |failure: &Failure| {
        json!({
            "code": failure.code,
            "message": failure.message,
            "next": failure.next,
        })
    };
    let errors: Vec<Value> = failure.into_iter().map(error).collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "success": success,
        "data": data,
        "errors": errors,
        "warnings": warnings,
    })
}

/// A word of ours in a colour, and what it is said of.
fn labelled(colour: &str, label: &str, text: &str) {
    let text = text::indented(&text::harmless(text), 2);
    painted_to_stderr(&format!("{} {text}", paint(colour, label)));
}

/// In a colour where clap would colour its help: on a terminal, and as `NO_COLOR`, `CLICOLOR`,
/// `CLICOLOR_FORCE` and `TERM` have it.
fn paint(colour: &str, text: &str) -> String {
    match AutoStream::choice(&io::stderr()) {
        ColorChoice::Never => text.to_owned(),
        _ => format!("\x1b[{colour}m{text}\x1b[0m"),
    }
}

fn json_to_stdout(json: &str) {
    print(&text::escaped(json));
}

fn to_stdout(text: &str) {
    print(&text::harmless(text));
}

// A reader that has gone away (`| head`) is no reason to fail.
fn print(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

fn to_stderr(text: &str) {
    painted_to_stderr(&text::harmless(text));
}

/// Above the bar that is drawn, if one is.
fn painted_to_stderr(text: &str) {
    let write = || _ = writeln!(io::stderr().lock(), "{text}");
    match drawn() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}
