// What the list says of one address, as its words.

import { codesOf } from "./source.js";
import type { Entry, Listing } from "./types.js";
import { FOREVER, numberIn, yesIn } from "./wire.js";

/** What `listingOf` says, but for whether it holds now. */
export interface Stands {
  readonly provisional: boolean;
  readonly sources: number;
  readonly act: number;
  readonly since: number;
  readonly until: number;
}

export interface Said extends Stands {
  readonly sanctioned: boolean;
}

export const LISTING_WORDS = 8;

export const listingIn = ([yes, held, , , ...rest]: readonly string[]): Said => ({
  sanctioned: yesIn(yes),
  provisional: yesIn(held),
  sources: numberIn(rest[0], 16),
  act: numberIn(rest[1], 24),
  since: numberIn(rest[2], 40),
  until: numberIn(rest[3], 40),
});

/** A person's number and day, from the words of a `Listed` event. */
export const entryIn = (uid: string | undefined, day: string | undefined): Entry => ({
  uid: `${BigInt(`0x${uid}`)}`,
  designatedOn: numberIn(day, 40) || null,
});

export const listingOf = (
  { act, since, provisional, sources, until }: Stands,
  manifest: string | null,
  entries: readonly Entry[] | null,
  codes = codesOf,
): Listing => ({
  act,
  since,
  until: until === FOREVER ? null : until,
  provisional,
  sources: codes(sources),
  manifest,
  entries,
});
