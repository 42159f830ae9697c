//! What the desk still has to do.

use std::collections::BTreeMap;

use interdict_core::policy::Severity;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};

use super::Number;
use super::labels::{DueLabels, SeverityLabels, word};
use crate::store::{Backlog, HEAVY, Reports};

/// What there is to do at the desk.
#[derive(Debug, Default)]
pub(super) struct Desk {
    open: Family<SeverityLabels, Number>,
    unassigned: Family<SeverityLabels, Number>,
    oldest_unassigned: Family<SeverityLabels, Number>,
    waiting: Number,
    reports: Family<DueLabels, Number>,
}

impl Desk {
    pub(super) fn register(&self, r: &mut Registry) {
        let help = "Open findings; what stands behind the first of a flood is not counted";
        r.register("desk_open", help, self.open.clone());
        let help = "Open findings that nobody looks at";
        r.register("desk_unassigned", help, self.unassigned.clone());
        let help = "When the oldest finding that nobody looks at was written down; of weights of \
                    which there is none there is no figure";
        let figure = self.oldest_unassigned.clone();
        r.register_with_unit("desk_oldest_unassigned_timestamp", help, Unit::Seconds, figure);
        let help = "Findings with a step that waits for a second person";
        r.register("desk_waiting", help, self.waiting.clone());
        let help = "Reports still to be made, by their last day: over, today, up to the next \
                    business day, up to two business days after that";
        r.register("desk_reports", help, self.reports.clone());
    }

    /// Shows what there is to do.
    pub(super) fn show(&self, backlog: &Backlog) {
        for severity in Severity::ALL {
            let labels = SeverityLabels { severity: word(severity) };
            let of = |counts: &BTreeMap<_, _>| counts.get(severity).copied().unwrap_or_default();
            self.open.get_or_create(&labels).set(of(&backlog.open));
            self.unassigned.get_or_create(&labels).set(of(&backlog.unassigned));
        }
        for severity in HEAVY {
            let labels = SeverityLabels { severity: word(&severity) };
            match backlog.oldest.get(&severity) {
                Some(at) => {
                    let at = u64::try_from(*at).unwrap_or_default();
                    self.oldest_unassigned.get_or_create(&labels).set(at);
                }
                // 0 would be a time.
                None => drop(self.oldest_unassigned.remove(&labels)),
            }
        }
        self.waiting.set(backlog.waiting);
        let Reports { overdue, today, next_day, soon } = backlog.reports;
        for (due, count) in
            [("overdue", overdue), ("today", today), ("next_day", next_day), ("soon", soon)]
        {
            self.reports.get_or_create(&DueLabels { due }).set(count);
        }
    }
}
