// Screening with a memory: answers are kept for a little while, and asked for once at a time.

import { decide } from "./outcome.js";
import { rulesOf } from "./rules.js";
import { answerOf, listOf, screenings } from "./screen.js";
import type { Options, Provider, Screener, Screening } from "./types.js";

const KEEP_SECONDS = 30;
const KEPT_MAX = 1000;

export interface ScreenerOptions extends Options {
  /** For how long an answer is remembered: 30 seconds. What is unknown is never remembered. */
  readonly keepSeconds?: number;
}

/** Screens by asking a node, and remembers what it said. */
export const screener = (provider: Provider, options: ScreenerOptions): Screener => {
  const rules = rulesOf(options);
  const keep = options.keepSeconds ?? KEEP_SECONDS;
  const ask = answerOf(provider, rules);
  let kept = new Map<string, { readonly at: number; readonly answer: Promise<Screening> }>();

  const answer = async (asked: readonly string[]): Promise<Screening[]> => {
    const [memory, now] = [kept, rules.seconds()];
    const fresh = (address: string) =>
      Math.abs(now - (memory.get(address)?.at ?? -Infinity)) < keep;
    const missing = asked.filter((address) => !fresh(address));
    const answers = missing.length ? screenings(missing, ask) : Promise.resolve([]);
    if (memory.size + missing.length > KEPT_MAX) memory.clear();
    const asking = missing.map((address, i) => {
      const one = answers.then((all) => all[i] as Screening);
      memory.set(address, { at: now, answer: one });
      const drop = () => memory.get(address)?.answer === one && memory.delete(address);
      void one.then(({ outcome }) => outcome === "unknown" && drop(), drop);
      return [address, one] as const;
    });
    const found = new Map<string, Promise<Screening> | undefined>(asking);
    const known = (address: string) => found.get(address) ?? memory.get(address)?.answer;
    return Promise.all(asked.map((address) => known(address) as Promise<Screening>));
  };
  return {
    async screen(addresses) {
      return decide(await screenings(listOf(addresses), answer), rules.onUnknown);
    },
    forget() {
      kept = new Map();
    },
  };
};
