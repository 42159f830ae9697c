//! The only room of the demo that prints.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "telling the story is its work")]

use std::fmt::Display;
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Instant;

static BEGUN: OnceLock<Instant> = OnceLock::new();

fn painted(code: &str, text: impl Display) -> String {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
}

fn clock() -> String {
    let seconds = BEGUN.get_or_init(Instant::now).elapsed().as_secs_f32();
    painted("2", format!("{seconds:5.1} s"))
}

/// A new part of the story.
pub fn chapter(title: impl Display) {
    BEGUN.get_or_init(Instant::now);
    println!("\n{}", painted("1", title));
}

/// Something happened.
pub fn step(what: impl Display) {
    println!("{}  {what}", clock());
}

/// An alert as a person would want to read it.
pub fn alert(mark: &str, severity: &str, what: impl Display) {
    let code = match severity {
        "critical" => "1;31",
        "high" => "31",
        "informational" => "36",
        _ => "33",
    };
    println!("{}  {} {what}", clock(), painted(code, format!("{mark} {severity:<13}")));
}

/// A check that came out.
pub fn checked(what: impl Display) {
    println!("{}  {} {what}", clock(), painted("32", "✓"));
}

/// The end, with the inbox left open, and how to work in it.
pub fn open(url: &str, token: &str) {
    println!("\nThe inbox is open at {}", painted("1;4", url));
    println!("Anyone here may read. Who works alerts signs in with a token; two people, for some:");
    println!("  {token}\nCtrl-C ends everything.");
}

/// Why the story broke off.
pub fn failure(error: &anyhow::Error) {
    eprintln!("\ndemo: {error:#}");
}
