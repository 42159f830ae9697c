// A copy of the list, proved, and kept up with the chain.

import { call, checkChain, newest, standing, type Ask, type Place } from "../ask.js";
import { listingOf, type Stands } from "../listing.js";
import { Unanswered } from "../reason.js";
import type { Rules } from "../rules.js";
import { codesOf } from "../source.js";
import type { AsOf, Listing } from "../types.js";
import { ACT_OF, COUNT, numberIn, quantity, word, wordsOf } from "../wire.js";
import { Ledger, type Standing } from "./ledger.js";
import { actsIn, logsIn } from "./logs.js";
import { pagesAt, ratified } from "./pages.js";
import type { Snapshot } from "./snapshot.js";

/** How an address stands, and why, in a copy. */
export interface Copy {
  readonly asOf: AsOf;
  /** The block that it is complete up to. */
  readonly block: number;
  readonly ledger: Ledger | undefined;
  readonly get: (account: string) => Stands | undefined;
  /** The reason of what `get` gave. */
  readonly why: (stands: Stands) => Listing;
}

/** The 26 bytes of a manifest's hash that the contract keeps, with their 0x. */
const MANIFEST_DIGITS = 2 + 2 * 26;

/** How far back acts are read again when they do not fold: a reorg took some of them away. */
const STEPS_BACK_BLOCKS = [0, 64, 4096, Infinity];

const checkCount = async (ask: Ask, rules: Rules, at: Place, counted: number): Promise<void> => {
  const count = numberIn(wordsOf(await call(ask, rules, at, COUNT), 1)[0], 32);
  if (count !== counted) throw new Unanswered("unproved", `${counted} of ${count} addresses`);
};

const memory = new Map<number, string[]>();

/** `codesOf`, each mask once. */
const codes = (mask: number): string[] => {
  const known = memory.get(mask) ?? codesOf(mask);
  memory.set(mask, known);
  return known;
};

const ofLedger = (ledger: Ledger, asOf: AsOf): Copy => ({
  asOf,
  ledger,
  block: asOf.block,
  get: (account) => ledger.get(account),
  why: (stands) => {
    const manifest = ledger.acts[stands.act - 1]?.manifest.slice(0, MANIFEST_DIGITS) ?? null;
    return listingOf(stands, manifest, (stands as Standing).entries, codes);
  },
});

/** The copy that a sealed file is, without a node. */
export const sealedCopy = ({ ledger, block, time }: Snapshot, { list, mask }: Rules): Copy => {
  const [dataAsOf, checkedAt] = ledger.freshness(mask);
  const { chainId, address } = list;
  const { head } = ledger;
  const asOf = { chainId, list: address, block, blockTime: time, head, dataAsOf, checkedAt };
  return ofLedger(ledger, asOf);
};

/** The acts after a block, upon those up to it; `undefined` if they do not lead to the head. */
const followed = async (ask: Ask, rules: Rules, known: Ledger, from: number, asOf: AsOf) => {
  const times = new Map<number, Promise<number>>();
  const read = async (block: number) => {
    const tag = `0x${block.toString(16)}`;
    const found = await ask("eth_getBlockByNumber", tag, false);
    return quantity((found as Record<string, unknown> | null)?.timestamp);
  };
  const timeOf = (block: number) => {
    const time = times.get(block) ?? read(block);
    times.set(block, time);
    return time;
  };
  const acts = await actsIn(await logsIn(ask, rules.list, from, asOf.block), timeOf);
  const kept = known.acts.findLastIndex(({ block }) => block < from) + 1;
  const ledger = known.upTo(acts[0] ? Math.min(kept, acts[0].number - 1) : kept);
  try {
    for (const act of acts) ledger.push(act);
  } catch (error) {
    if (error instanceof Unanswered && error.reason === "unproved") return undefined;
    throw error;
  }
  return ledger.head === asOf.head ? ledger : undefined;
};

/** What the chain knows of the times that decide, and that the head does not cover. */
const checkTimes = async (ask: Ask, rules: Rules, at: Place, { acts, timed }: Ledger) => {
  for (const number of timed) {
    const [time] = wordsOf(await call(ask, rules, at, ACT_OF + word(number)), 3);
    if (numberIn(time, 40) !== acts[number - 1]?.time) {
      throw new Unanswered("snapshot-refused", `act ${number} happened at another time`);
    }
  }
};

/** Where a node stands, with the list's head there. */
const here = async (ask: Ask, rules: Rules): Promise<[Place, AsOf]> => {
  const [at] = await Promise.all([newest(ask, rules), checkChain(ask, rules)]);
  return [at, await standing(ask, rules, at)];
};

/** The first copy from a file: its acts must lead to the chain's head, with those after them. */
export const fromSnapshot = async (ask: Ask, rules: Rules, file: Snapshot): Promise<Copy> => {
  const [at, asOf] = await here(ask, rules);
  await checkTimes(ask, rules, at, file.ledger);
  const isNow = file.ledger.head === asOf.head;
  const after = file.block + 1;
  const ledger = isNow ? file.ledger : await followed(ask, rules, file.ledger, after, asOf);
  if (!ledger) throw new Unanswered("snapshot-refused", "it does not lead to the list's head");
  await checkCount(ask, rules, at, ledger.count);
  await checkChain(ask, rules);
  return ofLedger(ledger, asOf);
};

/** The copy by events: what is new is read, and what no longer folds is read again. */
export const byEvents = async (ask: Ask, rules: Rules, before?: Copy): Promise<Copy> => {
  const [at, asOf] = await here(ask, rules);
  const known = before?.ledger ?? new Ledger();
  let ledger: Ledger | undefined = known.head === asOf.head ? known : undefined;
  const first = rules.list.block ?? 0;
  for (const back of STEPS_BACK_BLOCKS) {
    if (ledger) break;
    const from = Math.max(first, (before?.block ?? -1) + 1 - back);
    ledger = await followed(ask, rules, known, from, asOf);
  }
  if (!ledger) throw new Unanswered("unproved", "the events do not fold to the list's head");
  await checkCount(ask, rules, at, ledger.count);
  await checkChain(ask, rules);
  return ofLedger(ledger, asOf);
};

/** The copy by pages: read anew whenever the head is another. */
export const byPages = async (ask: Ask, rules: Rules, before?: Copy): Promise<Copy> => {
  const [at, asOf] = await here(ask, rules);
  if (before && before.asOf.head === asOf.head) return { ...before, asOf, block: at.number };
  const all = await pagesAt(ask, rules, at);
  await checkCount(ask, rules, at, ratified(all));
  await checkChain(ask, rules);
  return {
    asOf,
    block: at.number,
    ledger: undefined,
    get: (account) => all.get(account),
    why: (stands) => listingOf(stands, null, null, codes),
  };
};
