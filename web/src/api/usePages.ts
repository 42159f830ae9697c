// A list that is longer than one answer: the first page, and more when asked for.
import { useState } from "react";

import { asProblem, get, type Problem, type Query } from "./ask";
import type { News } from "./live";
import { type Asked, useAsk } from "./useAsk";

type Page = { next: string | null };

export const usePages = <P extends Page, R>(
  path: string | null,
  query: Query,
  rowsOf: (page: P) => R[],
  options: { on?: readonly News["kind"][] } = {},
): { asked: Asked<P>; rows: R[]; next: string | null; more: () => void; problem?: Problem } => {
  const asked = useAsk<P>(path, query, options);
  const key = JSON.stringify([path, query]);
  const [rest, setRest] = useState<{
    of: string;
    rows: R[];
    next: string | null;
    problem?: Problem;
  }>({ of: "", rows: [], next: null });
  const has = rest.of === key;
  const first = asked.data ? rowsOf(asked.data) : [];
  const next = has ? rest.next : (asked.data?.next ?? null);
  const rows = has ? [...first, ...rest.rows] : first;
  const more = async () => {
    if (!next || path === null) return;
    const kept = has ? rest.rows : [];
    try {
      const page = await get<P>(path, { ...query, cursor: next });
      setRest({ of: key, rows: [...kept, ...rowsOf(page)], next: page.next });
    } catch (error) {
      setRest({ of: key, rows: kept, next, problem: asProblem(error) });
    }
  };
  return { asked, rows, next, more, ...(has && rest.problem ? { problem: rest.problem } : {}) };
};
