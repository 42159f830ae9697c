// The list by its pages, for nodes that refuse to look for events. One block's state is whole in
// itself: the pages of one block and its `count` must agree.

import { call, type Ask, type Place } from "../ask.js";
import { LISTING_WORDS, listingIn, type Said } from "../listing.js";
import { Unanswered } from "../reason.js";
import type { Rules } from "../rules.js";
import { FOREVER, PAGE, numberIn, word, wordsOf } from "../wire.js";

/** The contract gives no more at once. */
const PAGE_MAX = 500;
/** Two million addresses; a node that turns in circles is found before that. */
const PAGES_MAX = 4000;
const NOBODY = `0x${"0".repeat(40)}`;

const addressIn = (found: string | undefined): string => `0x${found?.slice(24)}`;

/** `(address[] accounts, Listing[] listings, address then_)`, as Solidity encodes it. */
const pageIn = (answer: string): readonly [readonly (readonly [string, Said])[], string] => {
  const [accountsAt, listingsAt, then, ...rest] = wordsOf(answer);
  const length = numberIn(rest[0], 16);
  const listings = 1 + length;
  const isWhole =
    numberIn(accountsAt, 32) === 3 * 32 &&
    numberIn(listingsAt, 32) === (3 + listings) * 32 &&
    Number(`0x${rest[listings]}`) === length &&
    rest.length === listings + 1 + length * LISTING_WORDS;
  if (!isWhole) throw new Unanswered("bad-answer", "a page of another shape");
  const said = (i: number) => {
    const from = listings + 1 + i * LISTING_WORDS;
    return listingIn(rest.slice(from, from + LISTING_WORDS));
  };
  const page = rest.slice(1, listings).map((found, i) => [addressIn(found), said(i)] as const);
  return [page, addressIn(then)];
};

/** Every address that was ever listed, as it stands at a block. */
export const pagesAt = async (ask: Ask, rules: Rules, at: Place): Promise<Map<string, Said>> => {
  const all = new Map<string, Said>();
  let from = NOBODY;
  for (let n = 0; n < PAGES_MAX; n++) {
    const data = PAGE + word(from) + word(PAGE_MAX);
    const [page, then] = pageIn(await call(ask, rules, at, data));
    for (const [account, said] of page) {
      if (all.has(account)) throw new Unanswered("unproved", "the pages name an address twice");
      all.set(account, said);
    }
    if (then === NOBODY) return all;
    from = then;
  }
  throw new Unanswered("unproved", "the pages do not end");
};

/** How many of them are listed and ratified: the contract's `count`. */
export const ratified = (all: ReadonlyMap<string, Said>): number =>
  [...all.values()].filter(({ until, provisional }) => until === FOREVER && !provisional).length;
