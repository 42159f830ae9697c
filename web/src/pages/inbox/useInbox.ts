// The rows behind the inbox: asked, kept up with the news, remembered while one reads a case.
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "react";

import { asProblem, get, type Problem, withQuery } from "../../api/ask";
import { useLive } from "../../api/live";
import type { Alert, AlertPage } from "../../api/types";
import { AT_NONE, type ListState } from "../../keys/list";
import { changed, lengthened, NO_ROWS, opened, type Rows, refreshed, shown } from "./rows";

/** Rows of a page. */
export const PAGE_ROWS = 50;
/** News come in bursts; so long the question waits for the next, in milliseconds. */
const SETTLE_MS = 250;
/** After a question that got no answer, until the next, in milliseconds. */
const RETRY_MS = 3_000;

type State = {
  of: string;
  rows: Rows;
  list: ListState;
  asked: boolean;
  problem: Problem | undefined;
};

type Action =
  | { do: "begin"; of: string }
  | { do: "rows"; of: string; make: (rows: Rows) => Rows }
  | { do: "failed"; of: string; problem: Problem }
  | { do: "list"; list: ListState }
  | { do: "unpick"; ids: string[] };

/** At work: somewhere down the list, on a row or with some picked. */
const isAtWork = ({ list }: State): boolean =>
  window.scrollY > 40 || list.picked.size > 0 || list.at !== null;

/** What was on the screen when one left it, and how far down. */
let kept: { state: State; scroll: number } | null = null;

const begun = (of: string): State => ({
  of,
  rows: NO_ROWS,
  list: AT_NONE,
  asked: false,
  problem: undefined,
});

const reduce = (state: State, action: Action): State => {
  switch (action.do) {
    case "begin":
      return state.of === action.of ? state : begun(action.of);
    case "rows":
      if (state.of !== action.of) return state;
      return { ...state, rows: action.make(state.rows), asked: true, problem: undefined };
    case "failed":
      return state.of === action.of ? { ...state, problem: action.problem, asked: true } : state;
    case "list":
      return { ...state, list: action.list };
    case "unpick": {
      const gone = new Set(action.ids);
      const picked = new Set([...state.list.picked].filter((id) => !gone.has(id)));
      return { ...state, list: { ...state.list, picked } };
    }
  }
};

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

  const asked = useRef(0);
  const answered = useRef(0);
  const ask = useCallback(
    async (way: "refresh" | "open"): Promise<"answered" | "failed"> => {
      if (of === "") return "answered";
      asked.current += 1;
      const turn = asked.current;
      try {
        const page = await get<AlertPage>(withQuery(`/v1/alerts${of}`), {});
        // Answers may overtake each other: an older one knows less.
        if (turn < answered.current) return "answered";
        answered.current = turn;
        // Whether somebody is at work counts now, not when it was asked.
        const hold = isAtWork(latest.current) ? "hold" : "show";
        dispatch({
          do: "rows",
          of,
          make: (rows) => (way === "open" ? opened(page) : refreshed(rows, page, hold)),
        });
        return "answered";
      } catch (error) {
        dispatch({ do: "failed", of, problem: asProblem(error) });
        return "failed";
      }
    },
    [of],
  );

  useEffect(() => {
    dispatch({ do: "begin", of });
    const remembered = latest.current.of === of && latest.current.asked;
    ask(remembered ? "refresh" : "open");
  }, [of, ask]);

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // News that came while the page was being asked may not be in the answer: it is asked once more.
  const due = useRef(false);
  const isShown = useRef(true);
  // By the time of a turn the question may be another than when it was due.
  const asks = useRef(ask);
  asks.current = ask;
  const turn = async () => {
    due.current = false;
    const came = await asks.current("refresh");
    const again = isShown.current && (due.current || came === "failed");
    const wait = came === "failed" ? RETRY_MS : SETTLE_MS;
    timer.current = again ? setTimeout(turn, wait) : undefined;
  };
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
      clearTimeout(timer.current);
    };
  }, []);
  const one = useCallback(
    async (id: string) => {
      try {
        const alert = await get<Alert>(`/v1/alerts/${encodeURIComponent(id)}`);
        dispatch({ do: "rows", of, make: (rows) => changed(rows, alert) });
      } catch {
        // The next look at the whole page says what is wrong.
      }
    },
    [of],
  );
  useLive((news) => {
    if (news.kind === "status") return;
    if (news.kind !== "back") {
      const { alerts, waiting } = latest.current.rows;
      if ([...alerts, ...waiting].some(({ id }) => id === news.id)) {
        one(news.id);
        return;
      }
      if (news.kind === "step") return;
    }
    due.current = true;
    if (timer.current === undefined) timer.current = setTimeout(turn, SETTLE_MS);
  });

  const more = async () => {
    const { next } = latest.current.rows;
    if (!next) return;
    try {
      const page = await get<AlertPage>(
        `/v1/alerts${of}${of.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}`,
      );
      dispatch({ do: "rows", of, make: (rows) => lengthened(rows, page) });
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
    refetch: (ids: string[]) => Promise.all(ids.map(one)),
    reveal: () => dispatch({ do: "rows", of, make: shown }),
    again: () => ask("open"),
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
