// The rows behind the inbox: asked, kept up with the news, remembered while one reads a case.
import { useEffect, useLayoutEffect, useReducer, useRef } from "react";

import { asProblem, get } from "../../api/ask";
import { useLive } from "../../api/live";
import type { Alert, AlertPage } from "../../api/types";
import type { ListState } from "../../keys/list";
import { type Looks, looks } from "./looks";
import { changed, lengthened, opened, type Rows, refreshed, shown } from "./rows";
import { begun, isAtWork, reduce, type State } from "./state";

/** Rows of a page. */
export const PAGE_ROWS = 50;

/** What was on the screen when one left it, and how far down. */
let kept: { state: State; scroll: number } | null = null;

export const useInbox = (question: string | null) => {
  const of = question ?? "";
  const [state, dispatch] = useReducer(reduce, of, (first) =>
    kept?.state.of === first ? kept.state : begun(first),
  );
  const latest = useRef(state);
  latest.current = state;

  // One who comes back finds the place again: before anything is painted, as it was left.
  useLayoutEffect(() => {
    window.scrollTo(0, kept && kept.state.of === latest.current.of ? kept.scroll : 0);
    return () => {
      kept = { state: latest.current, scroll: window.scrollY };
    };
  }, []);

  const looking = useRef<Looks>(undefined);
  useEffect(() => {
    dispatch({ do: "begin", of });
    if (of === "") return;
    const now = looks({
      page: () => get<AlertPage>(`/v1/alerts${of}`),
      one: (id) => get<Alert>(`/v1/alerts/${encodeURIComponent(id)}`),
      knows: (id) => {
        const { alerts, waiting } = latest.current.rows;
        return [...alerts, ...waiting].some((alert) => alert.id === id);
      },
      taken: (way, page) => {
        // Whether somebody is at work counts now, not when it was asked.
        const hold = isAtWork(latest.current) ? "hold" : "show";
        const make = (rows: Rows) => (way === "open" ? opened(page) : refreshed(rows, page, hold));
        dispatch({ do: "rows", of, make });
      },
      changed: (alert) => dispatch({ do: "rows", of, make: (rows) => changed(rows, alert) }),
      failed: (problem) => dispatch({ do: "failed", of, problem }),
    });
    looking.current = now;
    const { of: known, asked, list } = latest.current;
    // The row that one comes back to may have been worked on, wherever it stands.
    if (known === of && asked) now.look("refresh", list.at ? [list.at] : []);
    else now.look("open");
    return now.stop;
  }, [of]);
  useLive((news) => looking.current?.news(news));

  const more = async () => {
    const { next } = latest.current.rows;
    if (!next) return;
    try {
      const page = await get<AlertPage>(
        `/v1/alerts${of}${of.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`,
      );
      dispatch({ do: "rows", of, make: (rows) => lengthened(rows, next, page) });
    } catch (error) {
      dispatch({ do: "failed", of, problem: asProblem(error) });
    }
  };

  const current = state.of === of ? state : begun(of);
  return {
    rows: current.rows,
    list: current.list,
    problem: current.problem,
    loading: !current.asked,
    setList: (list: ListState) => dispatch({ do: "list", list }),
    unpick: (ids: string[]) => dispatch({ do: "unpick", ids }),
    refetch: (ids: string[]) => looking.current?.lookAt(ids),
    reveal: () => dispatch({ do: "rows", of, make: shown }),
    again: () => looking.current?.look("open"),
    more,
  };
};

/** The cases in the order of the inbox that one came from. */
export const neighbours = (id: string): { before: string | null; after: string | null } => {
  const ids = kept?.state.rows.alerts.map((alert) => alert.id) ?? [];
  const at = ids.indexOf(id);
  if (at === -1) return { before: null, after: null };
  return { before: ids[at - 1] ?? null, after: ids[at + 1] ?? null };
};

/** Whoever goes on to the next case stands on its row when coming back. */
export const stoodOn = (id: string): void => {
  if (kept?.state.rows.alerts.some((alert) => alert.id === id)) {
    const { state } = kept;
    kept = { ...kept, state: { ...state, list: { ...state.list, at: id } } };
  }
};

/** The question of the inbox that one came from, as it stood in its address. */
export const whence = { search: "" };
