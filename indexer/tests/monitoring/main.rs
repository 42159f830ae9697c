//! The rules and the dashboard speak of figures that exist, and Prometheus' own tool accepts all of
//! it.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use interdict_indexer::metrics::{Format, Metrics};
use serde_json::Value;

/// What every scrape carries beside the labels of a figure, and the bound of a bucket.
const LABELS_OF_EVERY_FIGURE: [&str; 3] = ["instance", "job", "le"];

/// A rule, as far as it is looked at here.
#[derive(Default)]
struct Rule {
    alert: String,
    expr: String,
    severity: String,
    says: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("monitoring")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// The rules: one key a line, as the file is written.
fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in read("alerts.yml").lines() {
        let Some((key, value)) = line.trim().split_once(": ") else { continue };
        if key == "- alert" {
            rules.push(Rule { alert: value.to_owned(), ..Rule::default() });
        }
        let Some(rule) = rules.last_mut() else { continue };
        match key {
            "expr" => value.clone_into(&mut rule.expr),
            "labels" => value.clone_into(&mut rule.severity),
            "summary" | "description" => rule.says += 1,
            _ => {}
        }
    }
    rules
}

/// Every figure of the page about them, by the names of its series, and its labels.
fn figures() -> BTreeMap<String, BTreeSet<String>> {
    let page = read("METRICS.md");
    let mut figures = BTreeMap::from([("up".to_owned(), BTreeSet::new())]);
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let (name, kind, labels) = (cells[1].trim_matches('`'), cells[2], cells[3]);
        let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let suffixes: &[&str] =
            if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        for suffix in suffixes {
            figures.insert(format!("{name}{suffix}"), BTreeSet::clone(&labels));
        }
    }
    assert!(figures.len() > 30, "the page about the figures is not read");
    figures
}

/// The words of an expression that stand for figures.
fn named(expr: &str) -> impl Iterator<Item = &str> {
    let words = expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("interdict_") || *word == "up")
}

/// The labels by which an expression selects and groups.
fn labels(expr: &str) -> BTreeSet<&str> {
    let within = |open: &'static str, close: char| {
        expr.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|found| found.0)
    };
    let selected = within("{", '}').flat_map(|inner| inner.split(','));
    let selected = selected.filter_map(|matcher| matcher.split(['=', '!']).next());
    let grouped = within("by (", ')').flat_map(|inner| inner.split(','));
    selected.chain(grouped).map(str::trim).collect()
}

/// Why an expression cannot mean anything here.
fn wrong(expr: &str, figures: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let mut known: BTreeSet<&str> = LABELS_OF_EVERY_FIGURE.into();
    for name in named(expr) {
        let Some(own) = figures.get(name) else {
            return Some(format!("{expr}: there is no figure {name:?}"));
        };
        known.extend(own.iter().map(String::as_str));
    }
    if named(expr).next().is_none() {
        return Some(format!("{expr}: it reads no figure"));
    }
    let strange = labels(expr).into_iter().find(|label| !known.contains(label))?;
    Some(format!("{expr}: there is no label {strange:?}"))
}

#[test]
fn every_rule_speaks_of_figures_that_exist() {
    let (figures, mut seen) = (figures(), 0);
    for rule in rules() {
        assert_eq!(wrong(&rule.expr, &figures), None, "{}", rule.alert);
        let known = ["{ severity: page }", "{ severity: ticket }"].contains(&&*rule.severity);
        assert!(known, "{}: {}", rule.alert, rule.severity);
        assert_eq!(rule.says, 2, "{} has no summary or no description", rule.alert);
        seen += 1;
    }
    assert!(seen > 10, "the rules are not read");
}

#[test]
fn every_rule_is_seen_to_fire() {
    let tests = read("alerts.test.yml");
    let (mut tested, mut fired) = ("", BTreeSet::new());
    for line in tests.lines().map(str::trim) {
        tested = line.strip_prefix("alertname: ").unwrap_or(tested);
        if line.starts_with("- exp_labels:") {
            fired.insert(tested.to_owned());
        }
    }
    let rules: BTreeSet<_> = rules().into_iter().map(|rule| rule.alert).collect();
    assert_eq!(rules, fired);
}

#[test]
fn every_panel_speaks_of_figures_that_exist() {
    let figures = figures();
    let dashboard: Value = serde_json::from_str(&read("grafana.json")).unwrap();
    let mut seen = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expr = target["expr"].as_str().unwrap();
            assert_eq!(wrong(expr, &figures), None, "{}", panel["title"]);
            seen += 1;
        }
    }
    assert!(seen > 20, "the dashboard is not read");
}

#[test]
fn what_does_not_exist_is_noticed() {
    let figures = figures();
    for (expr, why) in [
        ("interdict_stald == 1", "no figure"),
        ("sum by (severty) (interdict_alerts_total)", "no label"),
        ("interdict_alerts_total{phases=\"while\"}", "no label"),
        ("rate(interdict_alert_delay_seconds[5m])", "no figure"),
        ("1 + 1", "reads no figure"),
    ] {
        let found = wrong(expr, &figures).unwrap();
        assert!(found.contains(why), "{expr}: {found}");
    }
}

/// Prometheus' own tool, if this machine has it.
fn promtool() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PROMTOOL") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("promtool")).find(|tool| tool.is_file())
}

#[test]
#[allow(clippy::print_stdout, reason = "a test that looks at nothing says so")]
fn promtool_accepts_figures_and_rules() {
    let Some(promtool) = promtool() else {
        println!("SKIPPED: there is no promtool on the path, and none in PROMTOOL");
        return;
    };
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]] {
        let done = Command::new(&promtool).args(arguments).current_dir(folder()).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    }
    let figures = Metrics::default().encode(Format::Plain).unwrap();
    let mut check = Command::new(&promtool);
    check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut check = check.stderr(Stdio::piped()).spawn().unwrap();
    check.stdin.take().unwrap().write_all(figures.as_bytes()).unwrap();
    let done = check.wait_with_output().unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}
