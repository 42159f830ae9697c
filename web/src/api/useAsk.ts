// One question of a page: asked when it is shown, again when something changed, and what was known
// stays until there is something newer.
import { useCallback, useEffect, useRef, useState } from "react";

import { asProblem, get, PASSING, type Problem, type Query, withQuery } from "./ask";
import { type News, useLive } from "./live";

/** News come in bursts; so long the question waits for the next, in milliseconds. */
const SETTLE_MS = 200;
/** After a question that got no answer, until the next, in milliseconds. */
const RETRY_MS = 3_000;

export type Asked<T> = {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  again: () => void;
};

type Options<T> = {
  /** Which news may change the answer; none for what news cannot change. */
  on?: readonly News["kind"][];
  /** The one alert that it is about: news of others change nothing. */
  about?: string;
  ask?: (signal: AbortSignal) => Promise<T>;
};

const ALERTS = ["alert", "step", "back"] as const;
export const NEVER: readonly News["kind"][] = [];
export const BLOCKS = ["status", "back"] as const;

type State<T> = { of: string; data?: T; problem?: Problem };

const failed = <T>(old: State<T>, of: string, problem: Problem): State<T> =>
  old.of === of && old.data !== undefined ? { of, data: old.data, problem } : { of, problem };

export const useAsk = <T>(
  path: string | null,
  query: Query = {},
  { on = ALERTS, about, ask }: Options<T> = {},
): Asked<T> => {
  const [state, setState] = useState<State<T>>({ of: "" });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);
  const key = path === null ? null : withQuery(path, query);
  const how = useRef(ask);
  how.current = ask;
  /** Asked, and not answered; news that come meanwhile are asked about afterwards. */
  const pending = useRef<"no" | "yes" | "once more">("no");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const askIn = useCallback(
    (wait: number) => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        if (pending.current === "no") again();
        else pending.current = "once more";
      }, wait);
    },
    [again],
  );

  // `round` is no part of the question: it asks the same once more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    pending.current = "yes";
    const done = (next: (old: State<T>) => State<T>) => {
      if (stop.signal.aborted) return;
      setState(next);
      const more = pending.current === "once more";
      pending.current = "no";
      if (more) again();
    };
    const asked = how.current?.(stop.signal) ?? get<T>(key, {}, stop.signal);
    asked.then(
      (data) => done(() => ({ of: key, data })),
      (error) => {
        const problem = asProblem(error);
        done((old) => failed(old, key, problem));
        if (!stop.signal.aborted && PASSING.includes(problem.kind)) askIn(RETRY_MS);
      },
    );
    return () => {
      stop.abort();
      pending.current = "no";
    };
  }, [key, round]);

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  useLive((news) => {
    const matters = on.includes(news.kind) || (news.kind === "back" && state.problem);
    if (key === null || !matters) return;
    if (about !== undefined && "id" in news && news.id !== about) return;
    askIn(SETTLE_MS);
  });

  const current = key !== null && state.of === key;
  return {
    data: current ? state.data : undefined,
    problem: current ? state.problem : undefined,
    loading: key !== null && !current,
    again,
  };
};
