//! What can be asked of the inbox: every filter, with a common value and a rare one.

use alloy_primitives::Address;
use interdict_core::alert::{AlertId, Confirmation, Disposition, ListingPhase, Side};
use interdict_core::policy::Severity;
use interdict_indexer::store::{Filter, Shown, Snoozed};

/// One filter.
pub struct Asked {
    /// As it stands in the query.
    pub name: &'static str,
    /// What it narrows; two of one kind do not go together.
    pub kind: &'static str,
    /// Adds it to others.
    pub add: Box<dyn Fn(&mut Filter)>,
}

fn one(name: &'static str, kind: &'static str, add: impl Fn(&mut Filter) + 'static) -> Asked {
    Asked { name, kind, add: Box::new(add) }
}

fn address(kind: u64, n: u64) -> Address {
    Address::left_padding_from(&(kind + n).to_be_bytes())
}

/// All of them. Behind the first finding stands a tenth of all.
pub fn asked(first: AlertId) -> Vec<Asked> {
    use Disposition::{Assigned, Blocked, Escalated, New, NoAction};
    let beside =
        Side::ALL.into_iter().filter(|side| !matches!(side, Side::Sender | Side::Recipient));
    let beside: Vec<_> = beside.collect();
    let (listed, other) = (0xaa_0000, 0xbb00_0000);
    vec![
        one("everything", "everything", |_| {}),
        one("severity=informational", "severity", |f| f.severity = vec![Severity::Informational]),
        one("severity=high,critical", "severity", |f| {
            f.severity = vec![Severity::High, Severity::Critical];
        }),
        one("severity=critical", "severity", |f| f.severity = vec![Severity::Critical]),
        one("confirmation=confirmed", "confirmation", |f| {
            f.confirmation = vec![Confirmation::Confirmed];
        }),
        one("confirmation=pending", "confirmation", |f| {
            f.confirmation = vec![Confirmation::Pending];
        }),
        one("confirmation=retracted", "confirmation", |f| {
            f.confirmation = vec![Confirmation::Retracted];
        }),
        one("phase=before", "phase", |f| f.phase = vec![ListingPhase::Before]),
        one("phase=while", "phase", |f| f.phase = vec![ListingPhase::While]),
        one("phase=after", "phase", |f| f.phase = vec![ListingPhase::After]),
        one("open=true", "disposition", |f| f.disposition = vec![New, Assigned, Escalated]),
        one("disposition=new", "disposition", |f| f.disposition = vec![New]),
        one("disposition=no_action", "disposition", |f| f.disposition = vec![NoAction]),
        one("disposition=blocked", "disposition", |f| f.disposition = vec![Blocked]),
        one("rule=unsolicited_dust", "rule", |f| f.rule = vec!["unsolicited_dust".to_owned()]),
        one("rule=spoof", "rule", |f| f.rule = vec!["spoof".to_owned()]),
        one("rule=direct.outbound.while_listed", "rule", |f| {
            f.rule = vec!["direct.outbound.while_listed".to_owned()];
        }),
        one("direction=inbound", "direction", |f| f.side = vec![Side::Sender]),
        one("direction=outbound", "direction", |f| f.side = vec![Side::Recipient]),
        one("direction=none", "direction", move |f| f.side.clone_from(&beside)),
        one("listed=(400,000)", "listed", move |f| f.listed = Some(address(listed, 1))),
        one("listed=(15,000)", "listed", move |f| f.listed = Some(address(listed, 9))),
        one("counterparty=(200,000)", "counterparty", move |f| {
            f.counterparty = Some(address(other, 1));
        }),
        one("counterparty=(40)", "counterparty", move |f| {
            f.counterparty = Some(address(other, 77));
        }),
        one("assignee=(9,000)", "assignee", |f| f.assignee = Some("person-3".to_owned())),
        one("assignee=nobody", "assignee", |f| f.assignee = Some("nobody".to_owned())),
        one("snoozed=hide", "snoozed", |f| f.snoozed = Snoozed::Hide(1_800_000_000)),
        one("snoozed=only", "snoozed", |f| f.snoozed = Snoozed::Only(1_800_000_000)),
        one("waiting=true", "waiting", |f| f.waiting = true),
        one("due=true", "due", |f| f.due = true),
        one("since=(last tenth)", "since", |f| f.since = Some(1_727_000_000)),
        one("until=(first tenth)", "until", |f| f.until = Some(1_703_000_000)),
        one("shown=floods", "shown", |f| f.shown = Shown::Floods),
        one("behind=(a tenth)", "shown", move |f| {
            f.shown = Shown::Behind(first);
        }),
    ]
}
