// What the inbox shows, as it stands in the address: a link is a view, and going back goes back.
import type { Query } from "../../api/ask";
import type { Confirmation, Disposition, Phase, Severity } from "../../api/types";
import { CONFIRMATIONS, DISPOSITIONS, OPEN, PHASES, SEVERITIES } from "../../words/alert";

export type Filter = {
  severity: Severity[];
  phase: Phase[];
  confirmation: Confirmation[];
  /** Empty: what is open. `all`: whatever people decided. */
  stage: Disposition[] | "all";
  assignee: string;
  listed: string;
  counterparty: string;
  rule: string;
  direction: "" | "inbound" | "outbound";
  since: string;
  until: string;
  waiting: boolean;
  due: boolean;
  snoozed: "hide" | "only" | "all";
  order: "newest" | "heaviest";
  /** The first finding of a flood, to see what stands behind it. */
  behind: string;
};

export const NO_FILTER: Filter = {
  severity: [],
  phase: [],
  confirmation: [],
  stage: [],
  assignee: "",
  listed: "",
  counterparty: "",
  rule: "",
  direction: "",
  since: "",
  until: "",
  waiting: false,
  due: false,
  snoozed: "hide",
  order: "newest",
  behind: "",
};

const TEXTS = ["assignee", "listed", "counterparty", "rule", "since", "until", "behind"] as const;

const words = <T extends string>(text: string | null, known: readonly T[]): T[] => {
  const said = (text ?? "").split(",");
  return known.filter((word) => said.includes(word));
};

const one = <T extends string>(text: string | null, known: readonly T[], otherwise: T): T =>
  known.find((word) => word === text) ?? otherwise;

/** Reads an address; what it does not know it leaves out. */
export const parse = (search: string): Filter => {
  const said = new URLSearchParams(search);
  const texts = Object.fromEntries(TEXTS.map((name) => [name, said.get(name)?.trim() ?? ""]));
  return {
    ...NO_FILTER,
    ...texts,
    severity: words(said.get("severity"), SEVERITIES),
    phase: words(said.get("phase"), PHASES),
    confirmation: words(said.get("confirmation"), CONFIRMATIONS),
    stage: said.get("stage") === "all" ? "all" : words(said.get("stage"), DISPOSITIONS),
    direction: one(said.get("direction"), ["inbound", "outbound"] as const, "" as never),
    waiting: said.get("waiting") === "true",
    due: said.get("due") === "true",
    snoozed: one(said.get("snoozed"), ["hide", "only", "all"] as const, "hide"),
    order: one(said.get("order"), ["newest", "heaviest"] as const, "newest"),
  };
};

/** Writes an address, the shortest that says it: `?severity=critical,high`, or nothing. */
export const search = (filter: Filter): string => {
  const said = new URLSearchParams();
  for (const name of ["severity", "phase", "confirmation"] as const) {
    if (filter[name].length > 0) said.set(name, filter[name].join(","));
  }
  if (filter.stage === "all") said.set("stage", "all");
  else if (filter.stage.length > 0) said.set("stage", filter.stage.join(","));
  for (const name of TEXTS) if (filter[name]) said.set(name, filter[name]);
  if (filter.direction) said.set("direction", filter.direction);
  if (filter.waiting) said.set("waiting", "true");
  if (filter.due) said.set("due", "true");
  if (filter.snoozed !== "hide") said.set("snoozed", filter.snoozed);
  if (filter.order !== "newest") said.set("order", filter.order);
  const text = said.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : "";
};

/** What the indexer is asked for it. One without a desk knows nothing of what people did. */
export const question = (filter: Filter, desk: boolean): Query => {
  const chain: Query = {
    severity: filter.severity.join(","),
    phase: filter.phase.join(","),
    confirmation: filter.confirmation.join(","),
    listed: filter.listed,
    counterparty: filter.counterparty,
    behind: filter.behind,
    shown: filter.behind ? "each" : "floods",
  };
  if (!desk) return chain;
  const stage = filter.stage === "all" ? "" : (filter.stage.length ? filter.stage : OPEN).join(",");
  return {
    ...chain,
    disposition: filter.waiting || filter.due ? "" : stage,
    assignee: filter.assignee,
    rule: filter.rule,
    direction: filter.direction,
    since: filter.since,
    until: filter.until,
    waiting: filter.waiting || "",
    due: filter.due || "",
    snoozed: filter.snoozed,
    order: filter.order === "newest" ? "" : filter.order,
  };
};

/** How many things narrow it, besides the view it stands in. */
export const narrowed = (filter: Filter): number =>
  [
    filter.severity.length,
    filter.phase.length,
    filter.confirmation.length,
    filter.listed,
    filter.counterparty,
    filter.rule,
    filter.direction,
    filter.since,
    filter.until,
    filter.behind,
  ].filter(Boolean).length;

/** The views that everybody has; `mine` needs a name. */
export const views = (me: string | null): { name: string; filter: Filter }[] => [
  { name: "Open", filter: NO_FILTER },
  { name: "Unassigned", filter: { ...NO_FILTER, stage: ["new"] } },
  ...(me ? [{ name: "Mine", filter: { ...NO_FILTER, assignee: me } }] : []),
  { name: "Second person", filter: { ...NO_FILTER, waiting: true } },
  { name: "Report due", filter: { ...NO_FILTER, due: true } },
  { name: "Snoozed", filter: { ...NO_FILTER, snoozed: "only" } },
  { name: "All", filter: { ...NO_FILTER, stage: "all", snoozed: "all" } },
];

/** Whether the filter stands in that view, whatever else narrows it. */
export const standsIn = (filter: Filter, view: Filter): boolean =>
  `${filter.stage}` === `${view.stage}` &&
  filter.waiting === view.waiting &&
  filter.due === view.due &&
  filter.snoozed === view.snoozed &&
  filter.assignee === view.assignee;
