//! The rules of the house that no compiler holds: layering, sizes, banned words.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a source file beyond which it must be more than one room.
const FILE_LINES_MAX: usize = 450;

/// Columns of a line of code.
const COLUMNS_MAX: usize = 100;

fn repository() -> PathBuf {
    interdict_tests::repository()
}

/// Every file that git tracks or would track, relative to the repository.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository())
        .output()
        .expect("git is needed to know which files belong to the repository");
    assert!(listed.status.success(), "git ls-files failed: this test runs in a git checkout");
    let text = String::from_utf8(listed.stdout).expect("file names here are UTF-8");
    text.lines().filter(|name| repository().join(name).is_file()).map(str::to_owned).collect()
}

fn ends_with(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == ending)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap_or_default()
}

/// The breaches of a rule over the lines of some files, as `file:line: text`.
fn breaches(belongs: impl Fn(&str) -> bool, breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = 0;
    for name in files().into_iter().filter(|name| belongs(name)) {
        seen += 1;
        for (index, line) in read(&name).lines().enumerate() {
            if breaks(line) {
                found.push(format!("{name}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(seen > 0, "the rule looks at no file at all");
    found
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

#[test]
fn every_format_of_a_publication_is_fuzzed() {
    let source = read("cli/src/source/mod.rs");
    let (_, table) = source.split_once("const FORMATS").expect("the formats are in a table");
    let (table, _) = table.split_once("];").expect("the table ends");
    let readers: Vec<_> =
        table.split("read: ").skip(1).filter_map(|r| r.split(' ').next()).collect();
    assert!(readers.len() > 10, "{readers:?}");
    for reader in readers {
        let name = reader.replace("::read_", "_").replace("::read", "");
        let targets = [name.clone(), format!("own_{name}")];
        let is_there = |target: &String| {
            let file = format!("tests/fuzz/fuzz_targets/{target}.rs");
            !read(&file).is_empty() && read("tests/fuzz/Cargo.toml").contains(&file[11..])
        };
        assert!(targets.iter().any(is_there), "nothing feeds {reader} what nobody publishes");
    }
}

#[test]
fn packages_know_only_who_is_below_them() {
    let depends = |package: &str, on: &str| {
        let manifest = read(&format!("{package}/Cargo.toml"));
        assert!(manifest.contains("[dependencies]"), "{package} has no manifest");
        manifest.lines().any(|line| line.trim_start().starts_with(on))
    };
    for (package, on) in [
        ("core", "interdict-cli"),
        ("core", "interdict-indexer"),
        ("core", "tokio"),
        ("core", "reqwest"),
        ("cli", "interdict-indexer"),
        ("cli", "sqlx"),
        ("indexer", "interdict-cli"),
        ("tests", "interdict-cli"),
        ("tests", "interdict-indexer"),
    ] {
        assert!(!depends(package, on), "{package} must not depend on {on}");
    }
    for package in ["cli", "indexer", "tests"] {
        assert!(depends(package, "interdict-core"), "{package} speaks the shared words");
    }
}

#[test]
fn the_shared_words_do_no_io() {
    let found = breaches(
        |name| name.starts_with("core/src/"),
        |line| {
            let banned = ["std::fs", "std::net", "std::env", "std::time::", "SystemTime", "tokio"];
            banned.iter().any(|word| line.contains(word))
        },
    );
    assert_none(&found, "core reads no clock, file, network or environment");
}

#[test]
fn the_judging_rooms_are_pure() {
    let pure = ["indexer/src/chain/accept/", "indexer/src/decode/", "indexer/src/screen/"];
    let found = breaches(
        |name| pure.iter().any(|room| name.starts_with(room)) && !name.ends_with("tests.rs"),
        |line| {
            let banned = [
                "async fn",
                "std::time",
                "SystemTime",
                "Instant",
                "sqlx",
                "reqwest",
                "tokio",
                "rand",
            ];
            banned.iter().any(|word| line.contains(word))
        },
    );
    assert_none(&found, "accept, decode and screen are functions over values");
}

#[test]
fn only_run_knows_all_rooms_of_the_indexer() {
    let knows = |name: &str, room: &str| read(name).contains(&format!("crate::{room}"));
    for name in files().iter().filter(|name| name.starts_with("indexer/src/")) {
        let rooms = ["api", "deliver", "chain::follow"];
        let entered = rooms.iter().filter(|room| knows(name, room)).count();
        let is_run = name.ends_with("/run.rs") || name.contains("/run/");
        assert!(entered < rooms.len() || is_run, "{name} knows all of {rooms:?}: that is for run");
    }
}

#[test]
fn the_face_of_the_contract_imports_nothing() {
    let found =
        breaches(|name| name == "contracts/IBlocklist.sol", |line| line.starts_with("import"));
    assert_none(&found, "the Rust bindings are compiled from this very file");
}

#[test]
fn one_file_of_the_command_line_prints() {
    let found = breaches(
        |name| {
            name.starts_with("cli/src/") && ends_with(name, "rs") && !name.ends_with("/output.rs")
        },
        |line| ["println!", "print!(", "stdout()"].iter().any(|word| line.contains(word)),
    );
    assert_none(&found, "only cli/src/output.rs prints");
}

#[test]
fn files_are_short_and_lines_fit() {
    let is_code = |name: &str| ends_with(name, "rs") || ends_with(name, "sol");
    for name in files().iter().filter(|name| is_code(name)) {
        let lines = read(name).lines().count();
        assert!(lines <= FILE_LINES_MAX, "{name} has {lines} lines: make it two rooms");
    }
    // rustfmt leaves long string literals alone; they may reach further.
    let found = breaches(is_code, |line| {
        line.chars().count() > COLUMNS_MAX && !line.contains('"') && !line.contains("https://")
    });
    assert_none(&found, "lines end at column 100");
}

/// The rows of the first table under a heading, cell by cell.
fn table<'p>(page: &'p str, heading: &str) -> Vec<Vec<&'p str>> {
    let start = page.find(heading).expect("the page has the heading");
    page[start..]
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_table_of_severities_is_the_default_policy() {
    use interdict_core::policy::{Outcome, Policy, Rule};
    let page = read("ARCHITECTURE.md");
    let rows = table(&page, "## How heavy a finding is");
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row[1].trim_matches('`').to_owned(), row[3].to_owned(), row[4].to_owned()))
        .collect();
    let said = |Outcome { class, verdict, action, .. }: &Outcome| {
        (class.clone(), verdict.to_string(), action.to_string())
    };
    let policy = Policy::standard();
    let expected: Vec<_> = policy.rules.iter().flat_map(Rule::outcomes).map(said).collect();
    assert_eq!(rows, expected, "the table in ARCHITECTURE.md has what core/src/policy says");
}

#[test]
fn the_table_of_what_is_watched_has_every_kind_and_no_other() {
    use interdict_core::transfer::TransferKind;
    let page = read("ARCHITECTURE.md");
    let rows = table(&page, "## What is watched");
    let words: Vec<_> = rows.iter().map(|row| row[1].trim_matches('`').to_owned()).collect();
    let kinds = TransferKind::ALL.map(|kind| serde_json::json!(kind));
    let expected: Vec<_> = kinds.iter().filter_map(|word| word.as_str()).collect();
    assert_eq!(words, expected, "the table in ARCHITECTURE.md has one row a kind, in their order");
    for (kind, row) in TransferKind::ALL.iter().zip(&rows) {
        assert_eq!(
            kind.has_log(),
            row[4] == "receipts root",
            "{kind:?}: what is logged is proved so"
        );
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Spelled in halves, so that this file does not find itself.
    let banned = [
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
        ["XX", "X"].concat(),
        ["#[ig", "nore"].concat(),
        ["todo", "!("].concat(),
        ["unimpl", "emented!("].concat(),
    ];
    let found = breaches(
        |name| ends_with(name, "rs") || ends_with(name, "sol") || ends_with(name, "sql"),
        |line| banned.iter().any(|word| line.contains(word.as_str())),
    );
    assert_none(&found, "finish it, or leave it out");
}

#[test]
fn rooms_are_named_after_what_they_do() {
    let found: Vec<_> = files()
        .into_iter()
        .filter(|name| ends_with(name, "rs"))
        .filter(|name| {
            let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
            ["utils", "util", "helpers", "helper", "manager", "service", "common", "misc"]
                .contains(&stem.as_ref())
        })
        .collect();
    assert_none(&found, "a newcomer finds the room from its name");
}

#[test]
fn nobody_is_described_by_nationality() {
    let words = ["nationality", "citizenship", "residence", "ip_address"];
    let found = breaches(
        |name| ends_with(name, "sql") || name.starts_with("core/src/"),
        |line| {
            let line = line.to_lowercase();
            words.iter().any(|word| line.contains(word))
        },
    );
    assert_none(&found, "an address is listed only with a named list, a uid and its evidence");
}
