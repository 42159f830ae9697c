// The rows of the inbox. News change rows where they stand; new ones wait while somebody is at work
// in the list, so that nothing moves under the hand.
import type { Alert, AlertPage } from "../../api/types";

export type Rows = {
  alerts: Alert[];
  /** New ones that are not shown yet. */
  waiting: Alert[];
  next: string | null;
};

export const NO_ROWS: Rows = { alerts: [], waiting: [], next: null };

const replaced = (alerts: Alert[], by: Map<string, Alert>): Alert[] =>
  alerts.map((alert) => by.get(alert.id) ?? alert);

/** The first page of a new question. */
export const opened = (page: AlertPage): Rows => ({
  alerts: page.alerts,
  waiting: [],
  next: page.next,
});

/** The page below. Of a list that goes on elsewhere by now, it is not the page below. */
export const lengthened = (rows: Rows, cursor: string, page: AlertPage): Rows => {
  if (rows.next !== cursor) return rows;
  const known = new Set([...rows.alerts, ...rows.waiting].map((alert) => alert.id));
  const more = page.alerts.filter((alert) => !known.has(alert.id));
  return { ...rows, alerts: [...rows.alerts, ...more], next: page.next };
};

/** The first page, asked again: known rows change in place, new ones are held back if asked to. */
export const refreshed = (rows: Rows, page: AlertPage, hold: "hold" | "show"): Rows => {
  const by = new Map(page.alerts.map((alert) => [alert.id, alert]));
  const alerts = replaced(rows.alerts, by);
  const known = new Set(alerts.map((alert) => alert.id));
  const fresh = page.alerts.filter((alert) => !known.has(alert.id));
  // What was open when it came and is not on the page any more waits no longer.
  const next = rows.alerts.length === 0 ? page.next : rows.next;
  if (hold === "hold" && alerts.length > 0) return { alerts, waiting: fresh, next };
  return { alerts: merged(alerts, page.alerts, fresh), waiting: [], next };
};

/** Shows what waited. */
export const shown = (rows: Rows): Rows => ({
  alerts: [...rows.waiting, ...rows.alerts],
  waiting: [],
  next: rows.next,
});

/** One alert as it stands now. */
export const changed = (rows: Rows, alert: Alert): Rows => {
  const by = new Map([[alert.id, alert]]);
  return { ...rows, alerts: replaced(rows.alerts, by), waiting: replaced(rows.waiting, by) };
};

/** Fresh rows where the page has them: each before the row that follows it there. */
const merged = (alerts: Alert[], page: Alert[], fresh: Alert[]): Alert[] => {
  if (fresh.length === 0) return alerts;
  const isFresh = new Set(fresh.map((alert) => alert.id));
  const before = new Map<string, Alert[]>();
  let run: Alert[] = [];
  for (const alert of page) {
    if (isFresh.has(alert.id)) run.push(alert);
    else if (run.length > 0) {
      before.set(alert.id, run);
      run = [];
    }
  }
  return [...alerts.flatMap((alert) => [...(before.get(alert.id) ?? []), alert]), ...run];
};
