// Asking a node: whatever a provider throws comes out as a reason, nothing waits for ever, and the
// chain and its newest block are looked at before anything that it says is believed.

import { Unanswered, unansweredBy } from "./reason.js";
import type { Rules } from "./rules.js";
import type { AsOf, Provider } from "./types.js";
import { FRESHNESS, HEAD, numberIn, quantity, word, wordsOf } from "./wire.js";
import { ANY, SOURCES } from "./source.js";

/** One question; fails with `Unanswered` and nothing else. */
export type Ask = (method: string, ...params: unknown[]) => Promise<unknown>;

export const askOf =
  (provider: Provider): Ask =>
  async (method, ...params) => {
    try {
      const question = { method, params };
      return await (typeof provider === "function"
        ? provider(question)
        : provider.request(question));
    } catch (error) {
      throw unansweredBy(error);
    }
  };

/** Work that is given up after a while: what it still brings is ignored. */
export const within = async <T>(timeoutMs: number, work: () => Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(fail, timeoutMs, new Unanswered("timeout"));
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
};

/** A block that a node is asked at. */
export interface Place {
  readonly number: number;
  readonly time: number;
  /** For the node. */
  readonly tag: string;
}

export const checkChain = async (ask: Ask, { list }: Rules): Promise<void> => {
  const found = quantity(await ask("eth_chainId"));
  if (found !== list.chainId) throw new Unanswered("wrong-chain", `${found}`);
};

/** How far ahead of our clock a block's time may be. */
const SKEW_SECONDS = 60;

/** The newest block, if it is new enough to say anything. */
export const newest = async (ask: Ask, rules: Rules): Promise<Place> => {
  const found = (await ask("eth_getBlockByNumber", "latest", false)) as Record<string, unknown>;
  const tag = `${found?.number}`;
  const place = { number: quantity(tag), time: quantity(found.timestamp), tag };
  const age = rules.seconds() - place.time;
  // Said so that no number at all is too old as well.
  if (!(age <= rules.maxBlockAge)) throw new Unanswered("stale-node", `${age}`);
  if (age < -SKEW_SECONDS) throw new Unanswered("clock-skew", `${age}`);
  return place;
};

/**
 * One call of the list. Only code answers with a word, so that an answer is also the proof that
 * there is some; without one, the node is asked whether there is.
 */
export const call = async (ask: Ask, { list }: Rules, at: Place, data: string): Promise<string> => {
  const answer = await ask("eth_call", { to: list.address, data }, at.tag);
  if (answer === "0x" && (await ask("eth_getCode", list.address, at.tag)) === "0x") {
    throw new Unanswered("no-code");
  }
  return answer as string;
};

/** The stalest of the sources that count, by the keeper's word. */
const freshness = async (ask: Ask, rules: Rules, at: Place): Promise<[number, number]> => {
  const all = Object.values(SOURCES).map((bit) => 1 << bit);
  const asked = (rules.mask === ANY ? all : [rules.mask]).map(async (mask) => {
    const answer = await call(ask, rules, at, FRESHNESS + word(mask));
    return wordsOf(answer, 2).map((found) => numberIn(found, 40)) as [number, number];
  });
  const attested = (await Promise.all(asked)).filter(([, checkedAt]) => checkedAt);
  return attested.sort(([, a], [, b]) => a - b)[0] ?? [0, 0];
};

/** What an answer is the answer of. A list always has a head: it begins with an act. */
export const standing = async (ask: Ask, rules: Rules, at: Place): Promise<AsOf> => {
  const [head, [dataAsOf, checkedAt]] = await Promise.all([
    call(ask, rules, at, HEAD).then((answer) => `0x${wordsOf(answer, 1)[0]}`),
    freshness(ask, rules, at),
  ]);
  if (/^0x0+$/.test(head)) throw new Unanswered("not-a-list");
  const { chainId, address: list } = rules.list;
  return { chainId, list, block: at.number, blockTime: at.time, head, dataAsOf, checkedAt };
};
