// One question of a page: asked when it is shown, again when something changed, and what was known
// stays until there is something newer.
import { useCallback, useEffect, useRef, useState } from "react";

import { asProblem, get, type Problem, type Query, withQuery } from "./ask";
import { useLive } from "./live";

/** News come in bursts; so long the question waits for the next, in milliseconds. */
const SETTLE_MS = 200;

export type Asked<T> = {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  again: () => void;
};

type Options<T> = {
  /** Asked again when there is news; `false` for what news cannot change. */
  live?: boolean;
  ask?: (signal: AbortSignal) => Promise<T>;
};

export const useAsk = <T>(
  path: string | null,
  query: Query = {},
  { live = true, ask }: Options<T> = {},
): Asked<T> => {
  const [state, setState] = useState<{ of: string; data?: T; problem?: Problem }>({ of: "" });
  const [round, setRound] = useState(0);
  const key = path === null ? null : withQuery(path, query);
  const how = useRef(ask);
  how.current = ask;

  // `round` is no part of the question: it asks the same once more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    (how.current?.(stop.signal) ?? get<T>(key, {}, stop.signal)).then(
      (data) => {
        if (!stop.signal.aborted) setState({ of: key, data });
      },
      (error) => {
        if (stop.signal.aborted) return;
        const problem = asProblem(error);
        setState((old) =>
          old.of === key && old.data !== undefined
            ? { of: key, data: old.data, problem }
            : { of: key, problem },
        );
      },
    );
    return () => stop.abort();
  }, [key, round]);

  const again = useCallback(() => setRound((n) => n + 1), []);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive((news) => {
    if (key === null || (!live && !(news.kind === "back" && state.problem))) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(again, SETTLE_MS);
  });

  const current = key !== null && state.of === key;
  return {
    data: current ? state.data : undefined,
    problem: current ? state.problem : undefined,
    loading: key !== null && !current,
    again,
  };
};
