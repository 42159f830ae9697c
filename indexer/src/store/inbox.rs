//! Which alerts are asked for, and in which order.

use alloy_primitives::Address;
use interdict_core::alert::{Alert, AlertId, Confirmation, Disposition, ListingPhase, Side};
use interdict_core::policy::Severity;

/// Largest page of alerts.
pub const PAGE_MAX_ROWS: u32 = 500;

/// Which alerts are asked for. An empty list asks for nothing in particular.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one of these weights.
    pub severity: Vec<Severity>,
    /// In one of these states.
    pub confirmation: Vec<Confirmation>,
    /// In one of these phases.
    pub phase: Vec<ListingPhase>,
    /// Standing there with people.
    pub disposition: Vec<Disposition>,
    /// Found by one of these rules.
    pub rule: Vec<String>,
    /// The listed address was one of these to it.
    pub side: Vec<Side>,
    /// Of this listed address.
    pub listed: Option<Address>,
    /// With this counterparty.
    pub counterparty: Option<Address>,
    /// With this person.
    pub assignee: Option<String>,
    /// Whether those out of sight are among them.
    pub snoozed: Snoozed,
    /// Only those with a step that waits for a second person.
    pub waiting: bool,
    /// Only those with a report that is to be made.
    pub due: bool,
    /// Not before this time of the chain, unix seconds.
    pub since: Option<i64>,
    /// Before this time of the chain, unix seconds.
    pub until: Option<i64>,
    /// Each by itself, or what belongs together as one.
    pub shown: Shown,
    /// In which order.
    pub order: Order,
}

/// Whether alerts that are out of sight for a while are asked for. The time is our clock, unix
/// seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snoozed {
    /// All of them, in sight or not.
    #[default]
    All,
    /// Those in sight.
    Hide(i64),
    /// Those out of sight.
    Only(i64),
}

/// How findings of a flood are shown: informational ones of one rule, listed address, token and
/// hour. All of them are recorded, however many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Each.
    #[default]
    Each,
    /// The first of each flood, and what belongs to none.
    Floods,
    /// Those behind the first of a flood.
    Behind(AlertId),
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest transfer.
    #[default]
    Newest,
    /// The heaviest finding, and of several the newest.
    Heaviest,
}

/// A place between two pages: the alerts after it are older, or lighter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCursor {
    /// How heavy the last one was, where the heaviest come first.
    pub severity: Option<Severity>,
    /// Block number.
    pub block: u64,
    /// Place of the transaction.
    pub tx: u64,
    /// Place of the log; `None` for the transaction's own value.
    pub log: Option<u64>,
    /// The alert.
    pub id: AlertId,
}

impl PageCursor {
    /// Behind an alert.
    pub(super) fn behind(alert: &Alert, order: Order) -> Self {
        let position = alert.transfer.position;
        Self {
            severity: (order == Order::Heaviest).then_some(alert.severity),
            block: position.block,
            tx: position.tx,
            log: position.log,
            id: alert.id,
        }
    }
}

/// How heavy, as a number that can be compared.
pub(super) const fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Informational => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

/// The same in SQL.
pub(super) const RANK: &str = "CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 \
     WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END";

/// Cuts off the row that only tells whether there is another page.
pub(super) fn page<T>(
    mut rows: Vec<T>,
    limit: u32,
    order: Order,
    alert: impl Fn(&T) -> &Alert,
) -> (Vec<T>, Option<PageCursor>) {
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|row| PageCursor::behind(alert(row), order));
    (rows, next)
}
