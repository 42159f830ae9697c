// What the indexer says, by name. Written by hand from the same document as its API, until that
// document is committed; then each of these is taken from what is generated from it.

export type Severity = "critical" | "high" | "medium" | "low" | "informational";
export type Confirmation = "pending" | "confirmed" | "retracted";
export type Phase = "before" | "while" | "after";
export type Side =
  | "sender"
  | "recipient"
  | "signer"
  | "spender"
  | "owner"
  | "callee"
  | "created"
  | "authority"
  | "delegate";
export type Standing = "listed" | "provisional" | "lapsed" | "retracted" | "delisted";
export type Disposition =
  | "new"
  | "assigned"
  | "escalated"
  | "blocked"
  | "rejected"
  | "licensed"
  | "false_positive"
  | "no_action"
  | "blocked_in_error"
  | "released";

export type Amount = {
  kind: string;
  token: string | null;
  symbol: string | null;
  decimal: string | null;
  raw: string;
  token_id: string | null;
  token_says?: { name?: string | null; symbol?: string | null } | null;
};

export type Place = {
  chain_id: number;
  block: number;
  block_hash: string;
  time: string;
  tx_hash: string;
  tx_index: number;
  log_index: number | null;
  item: number;
  signer: string;
};

export type Listing = {
  act: number;
  manifest: string;
  sources: string[];
  uids: string[];
  standing: Standing;
};

export type Held = { amount: string; asset: string; wallet: string; on: string };

export type Desk = {
  version: number;
  disposition: Disposition;
  assignee: string | null;
  snoozed_until: string | null;
  proposal: null | {
    step: string;
    disposition: Disposition;
    reason: string;
    narrative?: string | null;
    licence?: string | null;
    by: string;
    at: string;
  };
  decision?: null | {
    reason: string;
    by: string;
    with: string | null;
    licence: string | null;
    at: string;
  };
  report: null | {
    due_on: string;
    days_left: number;
    state: "running" | "overdue" | "met";
    reported_on?: string | null;
    reference?: string | null;
  };
  held: Held | null;
};

export type Alert = {
  id: string;
  severity: Severity;
  rule: string;
  policy: string;
  phase: Phase;
  found_by: string;
  confirmation: Confirmation;
  verification: string;
  disposition: Disposition;
  side: Side;
  direction: "inbound" | "outbound" | null;
  listed: string;
  counterparty: string;
  amount: Amount;
  at: Place;
  listing: Listing;
  more_like_it?: number | null;
  action?: string | null;
  clock?: string | null;
  says?: string | null;
  worth?: string | null;
  reference?: string | null;
  desk?: Desk;
};

export type AlertPage = { alerts: Alert[]; next: string | null };

export type TimelineEntry = {
  at: string;
  kind: string;
  by: string;
  chain?: { confirmation: Confirmation; severity: Severity; standing: Standing } | null;
  number?: number | null;
  role?: string | null;
  detail?: unknown;
};

export type Provider = {
  provider: string;
  state: string;
  requests: number;
  failures: number;
  last_error?: string | null;
  reason?: string | null;
};

export type Health = {
  ready: boolean;
  reason: string | null;
  warnings: string[];
  lag: number | null;
  cursor: number;
  head: number | null;
  finalized: number | null;
  listed_addresses: number | null;
  lookbacks_open: number;
  deliveries_pending: number;
  deliveries_dead: number;
  providers?: Provider[];
};

export type Role = "viewer" | "analyst" | "admin" | "auditor";
export type Session = { person: string; role: Role; ends_at?: string | null };

export type Reason = { code: string; says: string };
export type DispositionRule = {
  disposition: Disposition;
  from: Disposition[];
  two_people: "never" | "from_medium" | "from_high" | "always";
  reasons: Reason[];
};

export type Person = { person: string; role: Role };

export type Day = { day: string } & Record<Severity, number>;
export type Summary = {
  open: Record<Severity, number>;
  unassigned: number;
  mine: number;
  waiting: number;
  due_soon: number;
  overdue: number;
  snoozed: number;
  days: Day[];
};

export type Step = { kind: string; [detail: string]: unknown };
export type BulkAnswer = {
  done: string[];
  refused: { id: string; code: string; error: string }[];
};

/** A person under whom an address is listed. */
export type ListedPerson = { uid: string; sources: string[]; designated_on: string | null };

export type Episode = {
  act: number;
  sources: string[];
  uids: ListedPerson[];
  from: string;
  block: number;
  published: string | null;
  until: string | null;
  voted: boolean;
  manifest: string;
};

export type Subject = { address: string; kind: "customer" | "pool"; reference: string };

export type AddressPage = {
  address: string;
  standing: Standing | null;
  protected: boolean;
  sources: string[];
  uids: ListedPerson[];
  listed_since: string | null;
  episodes: Episode[];
  subject: Subject | null;
  alerts: { as_listed: number; as_counterparty: number };
};

export type Freshness = {
  source: string;
  data_as_of: string | null;
  checked_at: string | null;
  stale: boolean;
};

export type ListStanding = {
  chain_id: number;
  blocklist: string;
  count: number;
  head: string;
  acts: number;
  freshness: Freshness[];
  cursor: number;
  through: string;
};

export type ActEntry = { address: string; uid: string | null; designated_on: string | null };

export type Act = {
  number: number;
  kind: string;
  sources: string[];
  until: string | null;
  data_as_of: string | null;
  manifest: string;
  head: string;
  block: number;
  time: string;
  tx_hash: string;
  entries: ActEntry[];
};
export type ActPage = { acts: Act[]; next: string | null };

export type ProposedCall = {
  deed: string;
  count: number;
  addresses: string[];
  sources: string[];
  target: string;
};
export type Proposal = {
  id: string;
  description: string;
  proposer: string;
  course: string;
  calls: ProposedCall[];
  votes_for: number;
  votes_against: number;
  abstentions: number;
  needed?: number | null;
  vote_opened: string;
  vote_ends: string;
  due?: string | null;
};
export type Proposed = {
  asked_at?: string | null;
  said_by?: string | null;
  trouble?: string | null;
  proposals: Proposal[];
};

export type ScreenAnswer = {
  address: string;
  answer: "listed" | "clear" | "unknown";
  sources?: string[];
  uids?: string[];
  since?: string | null;
  reason?: string | null;
};
export type Screening = {
  as_of: { block: number; time: string; head: string };
  answers: ScreenAnswer[];
};

export type AuditRow = {
  number: number;
  at: string;
  person: string;
  role: string;
  kind: string;
  alert_id: string | null;
  detail: unknown;
  hash: string;
};
export type AuditPage = { rows: AuditRow[]; next: string | null };
export type AuditVerdict = {
  whole: boolean;
  rows: number;
  head: string;
  broken_at: number | null;
  reason: string | null;
};

export type Endpoint = {
  id: string;
  name: string;
  url: string;
  shape: "standard" | "slack";
  kinds: string[];
  min_severity: Severity | null;
  state: "active" | "paused" | "gone";
  pending: number;
  dead: number;
  last_delivered_at: string | null;
  last_error: string | null;
  seq: number;
  removal_by: string | null;
  both_until: string | null;
};
export type Delivery = {
  seq: number;
  kind?: string;
  state: string;
  attempts: number;
  due_at?: string | null;
  delivered_at?: string | null;
  last_error?: string | null;
};

export type Token = {
  id: string;
  person: string;
  role: Role;
  made_by: string;
  made_at: string;
  expires_at: string;
  used_at: string | null;
  revoked_at: string | null;
};

export type SubjectPage = { subjects: Subject[]; next: string | null };

export type PolicyOutcome = {
  class: string;
  severity: Severity | null;
  action: string;
  clock: string;
  says: string;
};
export type Policy = {
  version: string;
  digest: string;
  label: string;
  reference: string;
  approved_by: string[];
  document: string;
  rules: { outcomes: PolicyOutcome[]; loosens: string | null; line: number }[];
};

/** Unix seconds. */
export type SeriesPoint = { at: number; lag: number | null; alerts: number };
