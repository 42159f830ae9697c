//! `SEEDS=10000 interdict-sim` runs many seeds; `SEED=7 interdict-sim` runs one and prints it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what it is for")]

use std::process::ExitCode;

/// Seeds that run unless told otherwise.
const SEEDS: u64 = 1_000;
/// Seeds in which each fault is to happen [`TIMES_MIN`] times.
const MANY_SEEDS: u64 = 10_000;
/// How often each fault is to happen in many seeds.
const TIMES_MIN: u64 = 100;
/// Failures after which no more seeds are begun.
const WRONG_MAX: usize = 10;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    eprintln!("interdict-sim: {name} is {text:?}, which is no number");
    std::process::exit(2);
}

fn main() -> ExitCode {
    if let Some(seed) = number("SEED") {
        return match interdict_sim::replay(seed) {
            Ok(outcome) => {
                println!("seed {seed}: all is well; {}", outcome.digest);
                ExitCode::SUCCESS
            }
            Err(wrong) => {
                println!("seed {seed}: {}", wrong.reason);
                ExitCode::FAILURE
            }
        };
    }
    let first = number("FIRST").unwrap_or(0);
    let wrong_max = number("WRONG_MAX").and_then(|n| usize::try_from(n).ok()).unwrap_or(WRONG_MAX);
    let sum = interdict_sim::many(first..first + number("SEEDS").unwrap_or(SEEDS), wrong_max);
    print!("{}", interdict_sim::table(&sum));
    for wrong in &sum.wrong {
        println!("SEED={}: {}", wrong.seed, wrong.reason);
    }
    let rare = if sum.seeds >= MANY_SEEDS { sum.rare(TIMES_MIN) } else { Vec::new() };
    for fault in &rare {
        println!("F{fault} happened less than {TIMES_MIN} times");
    }
    if sum.wrong.is_empty() && rare.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
