//! What the figures say, and that the page about them says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use alloy_primitives::B256;

use super::*;
use crate::store::{EndpointState, HEAVY, Sealed, Shape, Wish};

/// All figures, each with at least one sample.
fn page(format: Format) -> String {
    let metrics = Metrics::default();
    metrics.providers(&[ProviderState {
        provider: "https://node.example".to_owned(),
        state: Word::Following,
        reason: None,
        last_error: None,
        requests: 1,
        failures: 1,
        rate_limited_until: None,
    }]);
    for source in Source::ALL {
        let labels = SourceLabels { source: source.code() };
        metrics.list_checked.get_or_create(&labels).set(1);
        metrics.list_data.get_or_create(&labels).set(1);
    }
    for method in ["GET", "HEAD", "POST", "PATCH", "DELETE", "other"] {
        for status in [100, 200, 300, 400, 500] {
            metrics.http.answered("/v1/alerts/{id}", method, status, Duration::ZERO);
        }
    }
    metrics.stand(&stand(&["config"]));
    metrics.encode(format).unwrap()
}

/// Something everywhere.
fn stand(endpoints: &[&str]) -> Stand {
    let line = LineCounts { pending: 3, dead: 1, oldest_at: Some(1_000) };
    let lines = endpoints.iter().map(|id| (endpoint(id), line)).collect();
    let oldest = HEAVY.into_iter().map(|severity| (severity, 2_000)).collect();
    Stand { backlog: Backlog { oldest, ..Backlog::default() }, lines, lookbacks_open: 0 }
}

fn endpoint(id: &str) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        name: "Our team".to_owned(),
        shown: "https://r.example".to_owned(),
        receiver: B256::ZERO,
        sealed: Sealed::default(),
        shape: Shape::Standard,
        wish: Wish::all(),
        state: EndpointState::Active,
        removal_by: None,
        version: 1,
        seq: 0,
        delivered_at: None,
        last_error: None,
    }
}

fn has(metrics: &Metrics, sample: &str) -> bool {
    let page = metrics.encode(Format::Plain).unwrap();
    page.lines().any(|line| line == sample)
}

/// One family as the page shows it.
#[derive(Default)]
struct Family<'p> {
    kind: &'p str,
    help: &'p str,
    labels: BTreeMap<&'p str, BTreeSet<&'p str>>,
}

/// The families of a plain page, in order.
fn families(page: &str) -> Vec<(&str, Family<'_>)> {
    let mut families: Vec<(&str, Family<'_>)> = Vec::new();
    for line in page.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' ')) {
            families.push((name, Family { help, ..Family::default() }));
        } else if let Some((_, kind)) =
            line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' '))
        {
            families.last_mut().unwrap().1.kind = kind;
        } else if let Some((_, rest)) = line.split_once('{') {
            // A route has such a bracket in its name.
            let (labels, _) = rest.rsplit_once("} ").unwrap();
            let family = &mut families.last_mut().unwrap().1;
            for (label, value) in labels.split(',').filter_map(|label| label.split_once('=')) {
                family.labels.entry(label).or_default().insert(value.trim_matches('"'));
            }
        }
    }
    families
}

/// The page for people.
fn described() -> String {
    let mut page = String::from(
        "# Figures\n\nWhat `GET /metrics` shows. Made from the program: `make bless` writes it \
         anew, and a test compares.\n\n| figure | type | labels | what it says |\n|---|---|---|---|\n",
    );
    for (name, family) in families(&self::page(Format::Plain)) {
        let labels = family.labels.iter().filter(|(label, _)| **label != "le");
        let labels = labels.map(|(label, values)| match *label {
            "endpoint" | "provider" | "route" | "version" => format!("`{label}`"),
            _ => {
                let values: Vec<_> = values.iter().copied().collect();
                format!("`{label}`: {}", values.join(", "))
            }
        });
        let labels = labels.collect::<Vec<_>>().join("; ");
        let help = family.help.trim_end_matches('.');
        writeln!(page, "| `{name}` | {} | {labels} | {help} |", family.kind).unwrap();
    }
    page
}

#[test]
fn the_page_about_the_figures_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("monitoring/METRICS.md");
    let described = described();
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, &described).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == described, "{} is not up to date: run make bless", path.display());
}

#[test]
fn names_are_those_of_the_conventions() {
    for (name, family) in families(&page(Format::Plain)) {
        assert!(name.starts_with("interdict_"), "{name}");
        assert_eq!(name.ends_with("_total"), family.kind == "counter", "{name}");
        assert!(!family.help.is_empty(), "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b"_0".contains(&b)), "{name}");
    }
}

#[test]
fn both_formats_hold_the_same_samples() {
    let samples = |page: String| {
        let lines = page.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
        lines.collect::<BTreeSet<_>>()
    };
    let (open, plain) = (page(Format::OpenMetrics), page(Format::Plain));
    assert!(open.ends_with("# EOF\n") && !plain.contains("# EOF"));
    assert!(plain.contains("# TYPE interdict_alerts_total counter\n"));
    assert!(plain.contains("# TYPE interdict_build_info gauge\n"));
    assert!(plain.contains("# TYPE interdict_alert_delay_seconds histogram\n"));
    assert_eq!(samples(open), samples(plain));
}

#[test]
fn what_counts_begins_at_0() {
    let metrics = Metrics::default();
    metrics.webhooks.endpoints([endpoint("ep_1")].iter());
    metrics.http.serves("GET", "/v1/alerts");
    let page = metrics.encode(Format::Plain).unwrap();
    for sample in [
        "interdict_alerts_total{severity=\"critical\",phase=\"while\"} 0",
        "interdict_deliveries_total{endpoint=\"ep_1\",outcome=\"dead\"} 0",
        "interdict_http_requests_total{route=\"/v1/alerts\",method=\"GET\",status=\"5xx\"} 0",
        "interdict_http_refused_total{limit=\"rate\"} 0",
        "interdict_credentials_refused_total{shown=\"session\"} 0",
        "interdict_undecoded_logs_total{kind=\"traces\"} 0",
    ] {
        assert!(page.lines().any(|line| line == sample), "{sample} is not in\n{page}");
    }
}

#[test]
fn who_is_no_endpoint_any_more_is_forgotten() {
    let metrics = Metrics::default();
    let of = |metrics: &Metrics, id: &str| {
        let page = metrics.encode(Format::Plain).unwrap();
        page.lines().filter(|line| line.contains(&format!("endpoint=\"{id}\""))).count()
    };
    metrics.stand(&stand(&["ep_1", "ep_2"]));
    metrics.webhooks.attempted("ep_1", Attempt::Delivered);
    // Four outcomes, three states, and pending, dead and oldest.
    assert_eq!((of(&metrics, "ep_1"), of(&metrics, "ep_2")), (10, 10));
    metrics.stand(&stand(&["ep_2"]));
    // What was under way when it was removed is counted, and forgotten with it.
    metrics.webhooks.attempted("ep_1", Attempt::Failed);
    assert_eq!((of(&metrics, "ep_1"), of(&metrics, "ep_2")), (1, 10));
    metrics.stand(&stand(&["ep_2"]));
    assert_eq!((of(&metrics, "ep_1"), of(&metrics, "ep_2")), (0, 10));
}

#[test]
fn what_there_is_none_of_has_no_time() {
    let metrics = Metrics::default();
    metrics.stand(&stand(&["ep_1"]));
    let desk = "interdict_desk_oldest_unassigned_timestamp_seconds{severity=\"high\"} 2000";
    let line = "interdict_webhook_oldest_pending_timestamp_seconds{endpoint=\"ep_1\"} 1000";
    assert!(has(&metrics, desk) && has(&metrics, line));
    let lines = vec![(endpoint("ep_1"), LineCounts::default())];
    metrics.stand(&Stand { lines, ..Stand::default() });
    let page = metrics.encode(Format::Plain).unwrap();
    assert!(
        !page.contains("timestamp_seconds{severity") && !page.contains("timestamp_seconds{end")
    );
    assert!(has(&metrics, "interdict_webhook_pending{endpoint=\"ep_1\"} 0"));
    assert!(has(&metrics, "interdict_desk_open{severity=\"critical\"} 0"));
}

#[test]
fn a_block_from_the_future_is_no_delay() {
    assert_eq!(
        [since(10, 12), since(12, 10), since(u64::MAX, 0)].map(f64::to_bits),
        [2.0, 0.0, 0.0].map(f64::to_bits)
    );
}
