// A list that is longer than one answer, as a function: its first page is asked again and again, and
// what lies below it stays as long as it is known how the two fit together.

export type Kept<R> = { rows: R[]; next: string | null };

/** What tells a row from others. */
type Key<R> = (row: R) => string | number;

export const NONE = { rows: [], next: null };

/**
 * The first page as it is now, above what was known below it. Where its last row is not known, rows
 * may lie between that nobody has read: then the list ends with this page, and goes on from there.
 */
export const refreshed = <R>(kept: Kept<R>, first: Kept<R>, key: Key<R>): Kept<R> => {
  const last = first.rows.at(-1);
  if (first.next === null || last === undefined) return first;
  const at = kept.rows.findIndex((row) => key(row) === key(last));
  if (at === -1 || at === kept.rows.length - 1) return first;
  const above = new Set(first.rows.map(key));
  const below = kept.rows.slice(at + 1).filter((row) => !above.has(key(row)));
  return { rows: [...first.rows, ...below], next: kept.next };
};

/** The page below. An answer to what is not the question any more adds nothing. */
export const lengthened = <R>(
  kept: Kept<R>,
  cursor: string,
  page: Kept<R>,
  key: Key<R>,
): Kept<R> => {
  if (kept.next !== cursor) return kept;
  const known = new Set(kept.rows.map(key));
  const more = page.rows.filter((row) => !known.has(key(row)));
  return { rows: [...kept.rows, ...more], next: page.next };
};
