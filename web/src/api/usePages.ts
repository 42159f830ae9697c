// A list that is longer than one answer: the first page, and more when asked for.
import { useState } from "react";

import { asProblem, get, type Problem, type Query } from "./ask";
import type { News } from "./live";
import { type Kept, lengthened, NONE, refreshed } from "./pages";
import { type Asked, useAsk } from "./useAsk";

type Page = { next: string | number | null };

type State<P, R> = {
  of: string;
  /** The answer that was last taken in. */
  seen: P | undefined;
  kept: Kept<R>;
  problem: Problem | undefined;
};

type Options<P, R> = {
  rows: (page: P) => R[];
  /** What tells a row from others. */
  key: (row: R) => string | number;
  on?: readonly News["kind"][];
};

export const usePages = <P extends Page, R>(
  path: string | null,
  query: Query,
  { rows: rowsOf, key, on }: Options<P, R>,
): {
  asked: Asked<P>;
  rows: R[];
  next: string | null;
  more: () => void;
  /** Begins at the top again: for changes that may lie anywhere in the list. */
  restart: () => void;
  problem: Problem | undefined;
} => {
  const asked = useAsk<P>(path, query, on ? { on } : {});
  const of = JSON.stringify([path, query]);
  const begun: State<P, R> = { of, seen: undefined, kept: NONE, problem: undefined };
  const [all, setAll] = useState(begun);
  const now = all.of === of ? all : begun;
  const pageOf = (page: P): Kept<R> => ({
    rows: rowsOf(page),
    next: page.next === null ? null : `${page.next}`,
  });

  // Taken in before anything is painted, so that no answer is passed over.
  if (asked.data !== undefined && asked.data !== now.seen) {
    setAll({ ...now, seen: asked.data, kept: refreshed(now.kept, pageOf(asked.data), key) });
  }

  const { next } = now.kept;
  /** What came of a question, unless another list is shown by now. */
  const come = (make: (state: State<P, R>) => State<P, R>) =>
    setAll((state) => (state.of === of ? make(state) : state));
  const more = async () => {
    if (next === null || path === null) return;
    try {
      const page = pageOf(await get<P>(path, { ...query, cursor: next }));
      come((state) => {
        const kept = lengthened(state.kept, next, page, key);
        return { ...state, kept, problem: undefined };
      });
    } catch (error) {
      come((state) => ({ ...state, problem: asProblem(error) }));
    }
  };
  const restart = () => {
    const first = asked.data === undefined ? NONE : pageOf(asked.data);
    come((state) => ({ ...state, kept: first, problem: undefined }));
    asked.again();
  };
  return { asked, rows: now.kept.rows, next, more, restart, problem: now.problem };
};
