// The list as a file that a site can host: `interdict export --snapshot`. It carries every act, so
// that whoever folds them arrives at the list's head, or sees that the file was altered.

import { Unanswered } from "../reason.js";
import type { List } from "../types.js";
import type { Act, ActEntry } from "./act.js";
import { fold, keccakOf, NO_HEAD } from "./fold.js";
import { Ledger } from "./ledger.js";

const SCHEMA = "interdict.snapshot/1";

/** What the file says, proved as far as it can be without asking anybody. */
export interface Snapshot {
  readonly ledger: Ledger;
  readonly block: number;
  readonly time: number;
  /** Covers the head and what the head does not: chain, list, and the times and blocks. */
  readonly seal: string;
}

const refuse = (detail: string): never => {
  throw new Unanswered("snapshot-refused", detail);
};

const number = (found: unknown): number =>
  Number.isSafeInteger(found) && (found as number) >= 0 ? (found as number) : refuse("no number");

const hash = (found: unknown): string =>
  /^0x[0-9a-f]{64}$/.test(`${found}`) ? `${found}` : refuse("no hash");

/** `<address> <uid> <day>`, the address without its 0x. */
const entryIn = (found: unknown): ActEntry => {
  const parts = /^([0-9a-f]{40}) (0|[1-9]\d{0,19}) (0|[1-9]\d{0,12})$/.exec(`${found}`);
  const [, account, uid = "", day] = parts ?? refuse("no entry");
  if (BigInt(uid) >= 1n << 64n) return refuse("no uid");
  return { account: `0x${account}`, uid, designatedOn: Number(day) };
};

/** An act is an array, in the order of the fold, with its time, its block and its entries. */
const actIn = (found: unknown, index: number, before: string): Act => {
  if (!Array.isArray(found) || found.length !== 8 || !Array.isArray(found[7])) {
    return refuse(`act ${index + 1} has another shape`);
  }
  const [kind, sources, until, dataAsOf, time, block] = found.slice(0, 6).map(number);
  const act = {
    number: index + 1,
    kind: kind as number,
    sources: sources as number,
    until: until as number,
    dataAsOf: dataAsOf as number,
    time: time as number,
    block: block as number,
    manifest: hash(`0x${found[6]}`),
    entries: found[7].map(entryIn),
  };
  return { ...act, head: fold(before, act) };
};

/** The file, as its text, its bytes, or what JSON makes of it. */
export type SnapshotFile = string | Uint8Array | object;

/** What a file says, before any of it is believed. */
export const parsed = (file: SnapshotFile): Record<string, unknown> => {
  if (typeof file === "object" && !(file instanceof Uint8Array)) return file as never;
  try {
    return JSON.parse(typeof file === "string" ? file : new TextDecoder().decode(file));
  } catch {
    return refuse("no JSON");
  }
};

const sealOf = (list: List, ledger: Ledger, block: number, time: number): string => {
  const places = ledger.acts.flatMap((act) => [act.time, act.block]);
  return keccakOf([ledger.head, list.chainId, list.address, block, time, ...places]);
};

/** Reads the file; refuses what does not fold to its own head, or is of another list. */
export const snapshotIn = (file: SnapshotFile, list: List): Snapshot => {
  const found = parsed(file);
  if (found.schema !== SCHEMA) return refuse(`schema ${found.schema}, not ${SCHEMA}`);
  const isOurs = `${found.blocklist}`.toLowerCase() === list.address.toLowerCase();
  if (found.chain_id !== list.chainId || !isOurs) return refuse("of another list");
  const ledger = new Ledger();
  const acts = Array.isArray(found.acts) ? found.acts : refuse("no acts");
  let head = NO_HEAD;
  for (const [index, act] of acts.entries()) {
    const next = actIn(act, index, head);
    try {
      ledger.take(next);
    } catch (error) {
      return refuse((error as Error).message);
    }
    head = next.head;
  }
  const [block, time] = [number(found.block), number(found.time)];
  const last = ledger.acts.at(-1);
  if (!last || last.block > block || last.time > time) return refuse("it ends before its acts");
  const seal = sealOf(list, ledger, block, time);
  if (head !== found.head) return refuse("its acts do not fold to its head");
  if (seal !== found.seal) return refuse("its seal is broken");
  return { ledger, block, time, seal };
};
