// A list that is longer than one answer: the first page, and more when asked for.
import { useState } from "react";

import { asProblem, get, type Problem, type Query } from "./ask";
import type { News } from "./live";
import { type Asked, useAsk } from "./useAsk";

type Page = { next: string | null };

type Kept<R> = { of: string; rows: R[]; next: string | null; problem?: Problem };

type Options<P, R> = {
  rows: (page: P) => R[];
  /** What tells a row from others. */
  key: (row: R) => string | number;
  on?: readonly News["kind"][];
};

/** What is newly first, and then what was there, as it is now. */
const joined = <R>(first: R[], kept: R[], key: (row: R) => string | number): R[] => {
  const now = new Map(first.map((row) => [key(row), row]));
  const known = new Set(kept.map(key));
  return [
    ...first.filter((row) => !known.has(key(row))),
    ...kept.map((row) => now.get(key(row)) ?? row),
  ];
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
  problem: Problem | undefined;
} => {
  const asked = useAsk<P>(path, query, on ? { on } : {});
  const of = JSON.stringify([path, query]);
  const [all, setAll] = useState<Kept<R>>({ of: "", rows: [], next: null });
  const kept = all.of === of ? all : undefined;
  const first = asked.data ? rowsOf(asked.data) : [];
  const next = kept ? kept.next : (asked.data?.next ?? null);
  const rows = kept ? joined(first, kept.rows, key) : first;
  const more = async () => {
    if (!next || path === null) return;
    try {
      const page = await get<P>(path, { ...query, cursor: next });
      setAll({ of, rows: [...rows, ...rowsOf(page)], next: page.next });
    } catch (error) {
      setAll({ of, rows, next, problem: asProblem(error) });
    }
  };
  return { asked, rows, next, more, problem: kept?.problem };
};
