//! Who receives news, and the lines in which it waits: what the record of news and the lines are
//! made of. Every endpoint has a line with numbers of its own, given when news is put into it, so
//! that who is down, slow or choosy leaves no gap anywhere else.

use alloy_primitives::B256;
use interdict_core::alert::Alert;
use interdict_core::policy::Severity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{News, StoreError};

/// The endpoint of the configuration file.
pub const CONFIG_ENDPOINT: &str = "config";
/// Most endpoints at a time.
pub const ENDPOINTS_MAX: u32 = 32;
/// Most news of a line that waits for its first attempt, urgent and other each. The rest waits in
/// the record, where what is urgent can still overtake it.
pub const FRESH_MAX_ROWS: u32 = 64;
/// Most news that is looked at in one transaction of putting it into a line.
pub const LOOK_MAX_ROWS: u32 = 512;
/// Largest page of deliveries.
pub const DELIVERIES_PAGE_MAX_ROWS: u32 = 500;

/// How news looks to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As Standard Webhooks says: `type`, `timestamp`, `data`.
    Standard,
    /// A message that a Slack incoming webhook takes.
    Slack,
}

/// Whether an endpoint is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointState {
    /// It is told.
    Active,
    /// A person wants it left alone for now; its news waits.
    Paused,
    /// It said that it is gone (410); its news waits.
    Gone,
    /// It is no endpoint any more.
    Removed,
}

/// Which news an endpoint gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// These kinds; all if it is empty.
    pub kinds: Vec<String>,
    /// This heavy at least.
    pub min_severity: Severity,
}

/// What of a snapshot a wish looks at.
#[derive(Deserialize)]
struct Weight {
    severity: Severity,
}

impl Wish {
    /// Everything.
    pub const fn all() -> Self {
        Self { kinds: Vec::new(), min_severity: Severity::Informational }
    }

    /// Whether a piece of news is among it. What cannot be read is: somebody has to see it.
    pub(super) fn has(&self, kind: &str, alert: &str) -> bool {
        let is_of_kind = self.kinds.is_empty() || self.kinds.iter().any(|known| known == kind);
        let heavy = || {
            serde_json::from_str::<Weight>(alert)
                .map_or(true, |found| found.severity >= self.min_severity)
        };
        is_of_kind && (self.min_severity == Severity::Informational || heavy())
    }
}

/// What is kept sealed: who reads the database alone cannot read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// The address; `None` where the configuration file has it.
    pub url: Option<Vec<u8>>,
    /// The signing secret; `None` where the configuration file has it.
    pub secret: Option<Vec<u8>>,
    /// The secret before that one, and until when it signs as well, unix seconds.
    pub before: Option<(Vec<u8>, i64)>,
}

/// Who receives news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// [`CONFIG_ENDPOINT`], or made up by us.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Scheme and host of its address.
    pub shown: String,
    /// SHA-256 of its address.
    pub receiver: B256,
    /// What is secret of it.
    pub sealed: Sealed,
    /// How news looks to it.
    pub shape: Shape,
    /// Which news it gets.
    pub wish: Wish,
    /// Whether it is told.
    pub state: EndpointState,
    /// Who has asked that it be removed.
    pub removal_by: Option<String>,
    /// Counts the changes of all of the above.
    pub version: i64,
    /// The number of its last piece of news; 0 if there was none.
    pub seq: i64,
    /// When it last took something, unix seconds.
    pub delivered_at: Option<i64>,
    /// What the last failed attempt met.
    pub last_error: Option<String>,
}

/// What waits for an endpoint and what was given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// News that it is still to get, as far as its line and the record say: what the record still
    /// has may turn out not to be among its wishes.
    pub pending: u64,
    /// News that was given up.
    pub dead: u64,
    /// When the oldest news happened that it is still to get, unix seconds.
    pub oldest_at: Option<i64>,
}

/// One change of an alert, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its place in the order of what happened.
    pub seq: i64,
    /// The kind of news, as in [`News::word`].
    pub kind: String,
    /// The alert as it was then.
    pub alert: Alert,
    /// When it happened, unix seconds.
    pub made_at: i64,
}

/// A piece of news that is due at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in the line.
    pub seq: i64,
    /// Which asking it belongs to; see [`Attempted`].
    pub round: i64,
    /// The kind of news, as in [`News::word`].
    pub kind: String,
    /// The alert as it was then, as JSON.
    pub alert: String,
    /// The alert's id, in hex digits.
    pub alert_id: String,
    /// When it happened, unix seconds.
    pub made_at: i64,
    /// How often it was tried.
    pub attempts: u32,
}

impl Delivery {
    /// What is marked when it was tried.
    pub const fn attempted(&self) -> Attempted {
        Attempted { seq: self.seq, round: self.round }
    }
}

/// What was tried. Whoever asks for it anew meanwhile begins a round of its own, which the outcome
/// of this attempt does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// The place in the line.
    pub seq: i64,
    /// The round that it was tried in.
    pub round: i64,
}

/// What was put into a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lined {
    /// Rows that are new in it.
    pub put: u32,
    /// There is room left in the line, and the record has more to look at.
    pub more: bool,
}

/// What became of a piece of news, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be tried, for the first time or again.
    Pending,
    /// The endpoint has it.
    Delivered,
    /// It was given up.
    Dead,
}

/// One place of a line, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRow {
    /// The place.
    pub seq: i64,
    /// The alert's id, in hex digits.
    pub alert_id: String,
    /// The kind of news.
    pub kind: String,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, unix seconds; `None` if at once, or never.
    pub due_at: Option<i64>,
    /// When the endpoint took it, unix seconds.
    pub delivered_at: Option<i64>,
    /// What the last failed attempt met.
    pub last_error: Option<String>,
}

/// The receiver of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// Scheme and host of its address.
    pub shown: String,
    /// SHA-256 of its address.
    pub receiver: B256,
}

/// How a line stands while news is put into it.
pub(super) struct Standing {
    pub(super) wish: Wish,
    pub(super) next_seq: i64,
    pub(super) urgent_through: i64,
    pub(super) quiet_through: i64,
    /// Urgent news that waits for its first attempt, and other.
    pub(super) fresh: [u32; 2],
    /// The last news of the record.
    pub(super) last: i64,
    pub(super) put: u32,
}

/// A piece of news that may be put into a line.
pub(super) struct Candidate {
    pub(super) seq: i64,
    pub(super) alert_id: Vec<u8>,
    pub(super) kind: String,
    pub(super) alert: String,
}

/// What goes into a line: the news, its number, and whether it is urgent.
pub(super) struct Placed {
    pub(super) news: i64,
    pub(super) seq: i64,
    pub(super) urgent: i64,
}

impl Standing {
    /// Whether more of what is urgent fits.
    pub(super) const fn has_room_for_urgent(&self) -> bool {
        self.fresh[1] < FRESH_MAX_ROWS
    }

    /// Whether more of what is not urgent fits.
    pub(super) const fn has_room(&self) -> bool {
        self.fresh[0] + self.fresh[1] < FRESH_MAX_ROWS
    }

    /// Whether what is not urgent comes next: never before what is, which may be of the same
    /// finding.
    pub(super) const fn is_turn_of_quiet(&self) -> bool {
        self.urgent_through >= self.last && self.has_room()
    }

    /// How much news to look at: of a choosy endpoint's much may have to be passed over.
    pub(super) fn look_rows(&self) -> u32 {
        if self.wish == Wish::all() { FRESH_MAX_ROWS } else { LOOK_MAX_ROWS }
    }

    /// The next place.
    pub(super) const fn place(&mut self, news: i64, urgent: bool) -> Placed {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.put += 1;
        self.fresh[urgent as usize] += 1;
        Placed { news, seq, urgent: urgent as i64 }
    }

    /// What came of it.
    pub(super) const fn lined(&self) -> Lined {
        let urgent = self.urgent_through < self.last && self.has_room_for_urgent();
        let quiet = self.quiet_through < self.last && self.is_turn_of_quiet();
        Lined { put: self.put, more: urgent || quiet }
    }
}

/// The kinds of news, as a row has them.
pub(super) fn kinds(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("an endpoint's kinds"))
}

impl News {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Retracted, Self::Reevaluated];
}
