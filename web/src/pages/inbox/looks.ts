// The questions behind the inbox, one after another: what news may have changed is asked for once
// more if it came while something was being asked. So no news is lost between two questions, and no
// older answer goes over a newer one.
import { asProblem, PASSING, type Problem } from "../../api/ask";
import type { News } from "../../api/live";
import type { Alert, AlertPage } from "../../api/types";

/** News come in bursts; so long the question waits for the next, in milliseconds. */
const SETTLE_MS = 250;
/** After a question that got no answer, until the next, in milliseconds. */
const RETRY_MS = 3_000;
/** So many rows are asked for one by one; if more have changed, their page is asked for. */
const FEW_ROWS = 5;

/** A page in the place of all that is shown, or to bring that up to date. */
export type Way = "open" | "refresh";

export type Ways = {
  page: () => Promise<AlertPage>;
  one: (id: string) => Promise<Alert>;
  /** Whether a finding is among those that are shown or wait. */
  knows: (id: string) => boolean;
  taken: (way: Way, page: AlertPage) => void;
  changed: (alert: Alert) => void;
  failed: (problem: Problem) => void;
};

export type Looks = {
  /** Asks for the page, and for these rows if they are not on it. */
  look: (way: Way, rows?: string[]) => void;
  /** Asks for these rows. */
  lookAt: (rows: string[]) => void;
  news: (news: News) => void;
  stop: () => void;
};

export const looks = (ways: Ways): Looks => {
  /** What is to be asked next. */
  let whole: Way | undefined;
  let rows = new Set<string>();
  let state: "idle" | "asking" | "stopped" = "idle";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isStopped = () => state === "stopped";

  /** Asks for the page; whether it was answered or is to be asked for again. */
  const askPage = async (way: Way, ids: Set<string>): Promise<"answered" | "failed"> => {
    try {
      const page = await ways.page();
      if (isStopped()) return "answered";
      for (const { id } of page.alerts) ids.delete(id);
      ways.taken(way, page);
    } catch (error) {
      const problem = asProblem(error);
      if (!isStopped()) ways.failed(problem);
      if (!PASSING.includes(problem.kind)) return "answered";
      whole ??= way;
      return "failed";
    }
    return "answered";
  };
  const askRows = async (ids: Set<string>): Promise<"answered" | "failed"> => {
    for (const id of ids) {
      if (isStopped()) break;
      try {
        const alert = await ways.one(id);
        if (!isStopped()) ways.changed(alert);
      } catch (error) {
        // What does not pass by itself, the next look at the whole page tells.
        if (PASSING.includes(asProblem(error).kind)) return "failed";
      }
      ids.delete(id);
    }
    return "answered";
  };
  const turn = async () => {
    timer = undefined;
    state = "asking";
    const ids = rows;
    const way = whole ?? (ids.size > FEW_ROWS ? "refresh" : undefined);
    whole = undefined;
    rows = new Set();
    let came = way ? await askPage(way, ids) : "answered";
    if (came === "answered") came = await askRows(ids);
    if (isStopped()) return;
    for (const id of ids) rows.add(id);
    state = "idle";
    if (whole || rows.size > 0) soon(came === "failed" ? RETRY_MS : SETTLE_MS);
  };
  /** While something is being asked, its turn comes after it. */
  const soon = (wait: number) => {
    if (state !== "idle") return;
    if (wait === 0) clearTimeout(timer);
    else if (timer !== undefined) return;
    timer = setTimeout(turn, wait);
  };
  const want = (way: Way | undefined, ids: string[], wait: number) => {
    if (way) whole = whole === "open" ? whole : way;
    for (const id of ids) rows.add(id);
    soon(wait);
  };
  const news = (told: News) => {
    if (told.kind === "status") return;
    if (told.kind === "back") return want("refresh", [], SETTLE_MS);
    // A page that is being asked for may have the row, as it stood before.
    if (ways.knows(told.id) || state === "asking") want(undefined, [told.id], SETTLE_MS);
    if (told.kind === "alert" && !ways.knows(told.id)) want("refresh", [], SETTLE_MS);
  };
  return {
    look: (way, ids = []) => want(way, ids, 0),
    lookAt: (ids) => want(undefined, ids, 0),
    news,
    stop: () => {
      state = "stopped";
      clearTimeout(timer);
    },
  };
};
