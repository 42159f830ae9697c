// One act of the list, whole, and the numbers of what acts do.

/** What an act did; the numbers are the contract's and part of its head. */
export const KIND = {
  listProvisional: 0,
  list: 1,
  delist: 2,
  protect: 3,
  unprotect: 4,
  retract: 5,
  delistMany: 6,
  attest: 7,
} as const;

export const KINDS = Object.keys(KIND).length;

export interface ActEntry {
  /** In lower case. */
  readonly account: string;
  /** A decimal number of up to 64 bits. */
  readonly uid: string;
  readonly designatedOn: number;
}

/** Times are unix seconds. */
export interface Act {
  readonly number: number;
  readonly kind: number;
  readonly sources: number;
  readonly until: number;
  readonly dataAsOf: number;
  readonly manifest: string;
  readonly time: number;
  readonly block: number;
  readonly head: string;
  readonly entries: readonly ActEntry[];
}
