// The question itself: which of these addresses are listed, as of the newest block?

import { askOf, call, checkChain, newest, standing, within, type Ask, type Place } from "./ask.js";
import { entryIn, LISTING_WORDS, listingIn, listingOf } from "./listing.js";
import { clearAsOf, decide, listedAs, unknownFor, unknownForAll } from "./outcome.js";
import { Unanswered } from "./reason.js";
import { rulesOf, type Rules } from "./rules.js";
import { ANY } from "./source.js";
import type { AsOf, Decision, Options, Provider, Screening } from "./types.js";
import { ACT_OF, ARE_SANCTIONED, LISTED, LISTING_OF } from "./wire.js";
import { addressesCall, boolsOf, isAddress, word, wordsOf } from "./wire.js";

/** The most addresses of one call. */
const BATCH_MAX = 500;

/** What is not told of a listing, or not soon, is `null`: the address is listed all the same. */
const orNull = <T>({ timeoutMs }: Rules, work: () => Promise<T>): Promise<T | null> =>
  within(timeoutMs / 4, work).catch(() => null);

const manifestOf = async (ask: Ask, rules: Rules, at: Place, act: number): Promise<string> =>
  `0x${wordsOf(await call(ask, rules, at, ACT_OF + word(act)), 3)[2]}`.slice(0, 54);

/** Whom the act names the address as; nodes may refuse to look it up. */
const entriesOf = async (ask: Ask, { list }: Rules, address: string, act: number) => {
  const fromBlock = `0x${(list.block ?? 0).toString(16)}`;
  const topics = [LISTED, `0x${word(address)}`];
  const logs = await ask("eth_getLogs", { address: list.address, topics, fromBlock });
  const words = (logs as { data: string }[]).map(({ data }) => wordsOf(data, 3));
  const named = words.filter(([of]) => of === word(act));
  return named.length ? named.map(([, uid, day]) => entryIn(uid, day)) : null;
};

/** One address of which the list says that some source names it. */
const named = async (
  ask: Ask,
  rules: Rules,
  at: Place,
  address: string,
  asOf: AsOf,
): Promise<Screening> => {
  try {
    const answer = await call(ask, rules, at, LISTING_OF + word(address));
    const said = listingIn(wordsOf(answer, LISTING_WORDS));
    if (!said.sanctioned) throw new Unanswered("bad-answer");
    if (!(said.sources & rules.mask)) return clearAsOf(address, asOf, rules);
    const [manifest, entries] = await Promise.all([
      orNull(rules, () => manifestOf(ask, rules, at, said.act)),
      orNull(rules, () => entriesOf(ask, rules, address, said.act)),
    ]);
    return listedAs(address, listingOf(said, manifest, entries), asOf);
  } catch (error) {
    // That it is listed was said; by whom matters only to who obeys some sources and not others.
    if (rules.mask === ANY) return listedAs(address, null, asOf);
    return unknownForAll([address], error)[0] as Screening;
  }
};

const read = async (ask: Ask, rules: Rules, asked: readonly string[]): Promise<Screening[]> => {
  const [at] = await Promise.all([newest(ask, rules), checkChain(ask, rules)]);
  const asOf = await standing(ask, rules, at);
  const flags: boolean[] = [];
  while (flags.length < asked.length) {
    const batch = asked.slice(flags.length, flags.length + BATCH_MAX);
    const data = addressesCall(ARE_SANCTIONED, batch);
    flags.push(...boolsOf(await call(ask, rules, at, data), batch.length));
  }
  const screenings: Screening[] = [];
  for (const [i, address] of asked.entries()) {
    screenings.push(
      flags[i] ? await named(ask, rules, at, address, asOf) : clearAsOf(address, asOf, rules),
    );
  }
  // A wallet that went to another chain meanwhile has answered there.
  await checkChain(ask, rules);
  return screenings;
};

/** What is known of each address, in order. Never fails: what cannot be known is `unknown`. */
export const screenings = async (
  addresses: readonly string[],
  answer: (asked: readonly string[]) => Promise<readonly Screening[]>,
): Promise<Screening[]> => {
  const asked = [...new Set(addresses.filter(isAddress).map((address) => address.toLowerCase()))];
  const answers = asked.length ? await answer(asked).catch((e) => unknownForAll(asked, e)) : [];
  const known = new Map(asked.map((address, i) => [address, answers[i]]));
  return addresses.map((address) => {
    const found = isAddress(address) && known.get(address.toLowerCase());
    return found ? { ...found, address } : unknownFor(`${address}`, "bad-address");
  });
};

export const listOf = (addresses: string | readonly string[]): readonly string[] =>
  typeof addresses === "string" ? [addresses] : [...(addresses ?? [])];

/** Asks a node. */
export const answerOf = (provider: Provider, rules: Rules) => (asked: readonly string[]) =>
  within(rules.timeoutMs, () => read(askOf(provider), rules, asked));

/**
 * Screens addresses, all parties at once, by what the list's contract says at the newest block.
 *
 * Fails only for options that are none. Whatever is not a complete, exact and fresh answer of the
 * right contract on the right chain is `unknown`, with a reason.
 */
export const screen = async (
  provider: Provider,
  addresses: string | readonly string[],
  options: Options,
): Promise<Decision> => {
  const rules = rulesOf(options);
  const found = await screenings(listOf(addresses), answerOf(provider, rules));
  return decide(found, rules.onUnknown);
};
