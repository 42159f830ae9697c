//! The older text format (version 0.0.4) from `OpenMetrics`: in it the name of a counter ends in
//! `_total` in the comments too, an info is a gauge, and there is neither unit nor end.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The suffix that a family's samples carry and its name does not, and the older type.
fn older(kind: &str) -> (&'static str, &str) {
    match kind {
        "counter" => ("_total", "counter"),
        "info" => ("_info", "gauge"),
        other => ("", other),
    }
}

/// The same page in the older format.
pub(super) fn of(page: &str) -> String {
    let kinds: BTreeMap<&str, &str> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let mut plain = String::with_capacity(page.len());
    for line in page.lines() {
        let comment = line.strip_prefix("# ").and_then(|rest| rest.split_once(' '));
        let written = match comment {
            Some(("HELP", rest)) => {
                let (name, help) = rest.split_once(' ').unwrap_or((rest, ""));
                let (suffix, _) = older(kinds.get(name).copied().unwrap_or_default());
                writeln!(plain, "# HELP {name}{suffix} {help}")
            }
            Some(("TYPE", rest)) => {
                let (name, kind) = rest.split_once(' ').unwrap_or((rest, ""));
                let (suffix, kind) = older(kind);
                writeln!(plain, "# TYPE {name}{suffix} {kind}")
            }
            Some(("UNIT", _)) => Ok(()),
            Some(_) | None if line == "# EOF" => Ok(()),
            Some(_) | None => writeln!(plain, "{line}"),
        };
        // Nothing can fail: the page is a string.
        written.unwrap_or_default();
    }
    plain
}
