//! Reads a publication of 125 MB and says what that takes, beside Python's lxml on the same file.
//!
//! `generate <file>` writes it, `read <file>` reads it, `compare <file> <python> <script>` does the
//! same with both, in turns, each in a process of its own.

// The readers name `alloy`; they need the core of it alone, which is built in a minute.
extern crate alloy_core as alloy;

// The readers are part of a program, not of a library: they are taken here as they stand, so that
// what is measured is what runs, without the network and the terminal around it.
#[allow(dead_code, reason = "a reader is used here, not all that the command line makes of it")]
#[path = "../../cli/src/source/mod.rs"]
mod source;
#[allow(dead_code, reason = "as above")]
#[path = "../../cli/src/text.rs"]
mod text;

mod generate;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};

/// As many parties as OFAC's list has, nearly.
const PARTIES: u64 = 18_000;
const SEED: u64 = 20_260_102;

/// How often each reads the file; the median counts.
const RUNS: usize = 7;

/// As long as the whole of OFAC's file, at least.
const FILE_BYTES_MIN: u64 = 125_000_000;

/// What the reader must be, at least, as a multiple of lxml's speed.
const RATIO_MIN: f64 = 5.0;

/// What the reader may take of memory.
const PEAK_KIB_MAX: u64 = 64 * 1024;

/// What one reading found and took.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Took {
    designations: u64,
    others: u64,
    sha256: String,
    cpu_us: u64,
    peak_kib: u64,
}

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
    let said = match args[..] {
        [verb, file] if verb == "generate" => generate(Path::new(file)),
        [verb, file] if verb == "read" => read(Path::new(file)),
        [verb, file, python, script] if verb == "compare" => compare(file, python, script),
        _ => {
            Err(anyhow::anyhow!("generate <file> | read <file> | compare <file> <python> <script>"))
        }
    };
    match said {
        Ok(text) if writeln!(io::stdout(), "{text}").is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(path: &Path) -> Result<String> {
    let mut out = BufWriter::new(File::create(path).context("cannot write the publication")?);
    let written = generate::advanced(&mut out, PARTIES, SEED)?;
    out.flush()?;
    let bytes = std::fs::metadata(path)?.len();
    let generate::Written { evm, others } = written;
    Ok(format!("{bytes} bytes, {PARTIES} parties, {evm} EVM addresses, {others} others"))
}

/// One line: designations, other addresses, SHA-256, CPU time in µs, peak memory in KiB.
fn read(path: &Path) -> Result<String> {
    let file = File::open(path).context("cannot read the publication")?;
    let reading = source::read(file, &source::Stated::default())?;
    let others: u64 = reading.not_evm.values().sum();
    let designations = reading.designations.len();
    let sha256 = format!("{:x}", reading.sha256);
    Ok(format!("{designations} {others} {sha256} {} {}", cpu_us()?, peak_kib()?))
}

/// The CPU time of this process, which has one thread.
fn cpu_us() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let ns: u64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(ns / 1_000)
}

fn peak_kib() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("no VmHWM")?;
    Ok(kib.parse()?)
}

fn compare(file: &OsStr, python: &OsStr, script: &OsStr) -> Result<String> {
    let bytes = std::fs::metadata(file).context("there is no publication")?.len();
    ensure!(bytes >= FILE_BYTES_MIN, "{bytes} bytes are less than {FILE_BYTES_MIN}");
    let own = std::env::current_exe()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(run(Command::new(&own).arg("read").arg(file))?);
        theirs.push(run(Command::new(python).arg(script).arg(file))?);
    }
    let rows = |took: &Took| (took.designations, took.others, took.sha256.clone());
    let expected = rows(&ours[0]);
    for took in ours.iter().chain(&theirs) {
        ensure!(rows(took) == expected, "the two do not find the same: {expected:?} and {took:?}");
    }
    let (our, their) = (median(&ours, |t| t.cpu_us), median(&theirs, |t| t.cpu_us));
    let peak = |took: &[Took]| took.iter().map(|t| t.peak_kib).max().unwrap_or(u64::MAX);
    let peaks = (peak(&ours), peak(&theirs));
    #[allow(clippy::cast_precision_loss, reason = "milliseconds do not reach 52 bits")]
    let ratio = their as f64 / our as f64;
    let text = format!(
        "both find {} designations and {} other addresses, sha256 {}
median and highest of {RUNS}   CPU ms    peak MiB
interdict               {:>12} {:>11}
lxml.etree.iterparse    {:>12} {:>11}
{ratio:.1} times as fast",
        expected.0,
        expected.1,
        expected.2,
        our / 1_000,
        peaks.0 / 1_024,
        their / 1_000,
        peaks.1 / 1_024
    );
    if ratio < RATIO_MIN || peaks.0 > PEAK_KIB_MAX {
        bail!("{text}\nwanted: {RATIO_MIN} times as fast, within {} MiB", PEAK_KIB_MAX / 1_024);
    }
    Ok(text)
}

fn run(command: &mut Command) -> Result<Took> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {stderr}");
    let text = String::from_utf8(output.stdout)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let [designations, others, sha256, cpu_us, peak_kib] = words[..] else {
        bail!("{command:?} said {text:?}")
    };
    Ok(Took {
        designations: designations.parse()?,
        others: others.parse()?,
        sha256: sha256.to_owned(),
        cpu_us: cpu_us.parse()?,
        peak_kib: peak_kib.parse()?,
    })
}

fn median(took: &[Took], of: fn(&Took) -> u64) -> u64 {
    let mut sorted: Vec<_> = took.iter().map(of).collect();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
