// The list's events, read from a node in ranges that it can bear, and put together into acts.

import type { Ask } from "../ask.js";
import { Unanswered } from "../reason.js";
import type { List } from "../types.js";
import { isAddress, LISTED, numberIn, quantity, wordsOf } from "../wire.js";
import { KIND, type Act, type ActEntry } from "./act.js";

/** A test compares these with the contract's ABI. */
export const TOPICS = {
  Acted: "0x7b249668adeab061019079779fe2e63815f12d8b6fac31d9e61c9c9dd362051b",
  AuthorityUpdated: "0x2f658b440c35314f52658ea8a740e05b284cdc84dc9ae01e891f21b8933e7cad",
  Delisted: "0xfd4b6d4786237fe8a05b037902abd10c9f7ec07acfff995d36554872b4515ed4",
  Listed: LISTED,
  Protected: "0x40c617f2e73ef3305a68a070239db9760eb58cb317cb248eefe57d5c0f628aeb",
  Unprotected: "0x7df12c95f965963eb47798d5916d1562b3a4e8c72b1a16e7d5e290d86681fdea",
} as const;

/** Which event each kind of act has for its entries, by the number of the kind. */
const EVENT_OF: readonly (string | undefined)[] = Object.keys(KIND).map(
  (kind) =>
    ({
      listProvisional: TOPICS.Listed,
      list: TOPICS.Listed,
      protect: TOPICS.Protected,
      unprotect: TOPICS.Unprotected,
      attest: undefined,
      delist: TOPICS.Delisted,
      delistMany: TOPICS.Delisted,
      retract: TOPICS.Delisted,
    })[kind],
);

/** Ranges begin with this width, halve when the node refuses them, and double again. */
const RANGE_START_BLOCKS = 10_000;
const RANGE_MAX_BLOCKS = 100_000;

interface Log {
  readonly topics: readonly string[];
  readonly data: string;
  readonly block: number;
  readonly index: number;
  /** What the node says of the block's time, if it does. */
  readonly time: unknown;
}

const logIn = (found: unknown, list: List): Log => {
  const { address, topics, data, blockNumber, logIndex, blockTimestamp } = found as Record<
    string,
    unknown
  >;
  const isOurs = `${address}`.toLowerCase() === list.address.toLowerCase();
  if (!isOurs || !Array.isArray(topics)) throw new Unanswered("bad-answer", "no log of the list");
  const [block, index] = [quantity(blockNumber), quantity(logIndex)];
  return { topics: topics.map(String), data: `${data}`, block, index, time: blockTimestamp };
};

/** All logs of the list in a range of blocks, both included, in the order of the chain. */
export const logsIn = async (ask: Ask, list: List, first: number, last: number) => {
  const hex = (block: number) => `0x${block.toString(16)}`;
  const logs: Log[] = [];
  for (let [from, width] = [first, RANGE_START_BLOCKS]; from <= last; ) {
    const to = Math.min(last, from + width - 1);
    const { address } = list;
    try {
      const part = await ask("eth_getLogs", { address, fromBlock: hex(from), toBlock: hex(to) });
      if (!Array.isArray(part)) throw new Unanswered("bad-answer", "no logs");
      logs.push(...part.map((found) => logIn(found, list)));
      [from, width] = [to + 1, Math.min(RANGE_MAX_BLOCKS, width * 2)];
    } catch (error) {
      // Nodes word "too many results" differently, so that any refusal of a wide range counts.
      const { reason } = error as Unanswered;
      if (width === 1 || reason === "rate-limited" || reason === "bad-answer") throw error;
      width = Math.ceil(width / 2);
    }
  }
  return logs.sort((a, b) => a.block - b.block || a.index - b.index);
};

const accountIn = (topic: string | undefined): string => {
  const account = `0x${topic?.slice(26)}`.toLowerCase();
  if (!isAddress(account)) throw new Unanswered("bad-answer", topic);
  return account;
};

const entryIn = ({ topics, data }: Log): ActEntry & { readonly act: number } => {
  const isPerson = topics[0] === TOPICS.Listed || topics[0] === TOPICS.Delisted;
  const [act, uid = "0", day = "0"] = wordsOf(data, isPerson ? 3 : 1);
  const designatedOn = numberIn(day, 40);
  const [account, person] = [accountIn(topics[1]), `${BigInt(`0x${uid}`)}`];
  return { act: numberIn(act, 24), account, uid: person, designatedOn };
};

/** The acts in the list's logs. Nothing is skipped: what is no event of a list is refused. */
export const actsIn = async (
  logs: readonly Log[],
  timeOf: (block: number) => Promise<number>,
): Promise<Act[]> => {
  const acts: Act[] = [];
  let waiting: { readonly topic: string; readonly entry: ReturnType<typeof entryIn> }[] = [];
  for (const log of logs) {
    const [topic = "", number, manifest = ""] = log.topics;
    if (topic === TOPICS.AuthorityUpdated) continue;
    if (topic !== TOPICS.Acted) {
      if (!Object.values(TOPICS).some((known) => known === topic)) {
        throw new Unanswered("unproved", `an event that no list has: ${topic}`);
      }
      waiting.push({ topic, entry: entryIn(log) });
      continue;
    }
    const words = wordsOf(log.data, 5);
    const act = numberIn(number?.slice(2), 24);
    const kind = numberIn(words[0], 8);
    const isAlien = ({ topic: of, entry }: (typeof waiting)[number]) =>
      of !== EVENT_OF[kind] || entry.act !== act;
    if (waiting.some(isAlien)) throw new Unanswered("unproved", `act ${act} has alien entries`);
    acts.push({
      number: act,
      kind,
      sources: numberIn(words[1], 16),
      until: numberIn(words[2], 40),
      dataAsOf: numberIn(words[3], 40),
      manifest,
      time: typeof log.time === "string" ? quantity(log.time) : await timeOf(log.block),
      block: log.block,
      head: `0x${words[4]}`,
      entries: waiting.map(({ entry: { account, uid, designatedOn } }) => {
        return { account, uid, designatedOn };
      }),
    });
    waiting = [];
  }
  if (waiting.length) throw new Unanswered("unproved", "entries stand without their act");
  return acts;
};
