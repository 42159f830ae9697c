// What goes over the wire: the list's calls as bytes, and its answers back, by exact length. A test
// compares the selectors and topics with the contract's ABI.

import { Unanswered } from "./reason.js";

export const ACT_OF = "0xbdc7d1ff";
export const ARE_SANCTIONED = "0x74f3176a";
export const COUNT = "0x06661abd";
export const FRESHNESS = "0x5d8fd14a";
export const HEAD = "0x8f7dcfa3";
export const LISTING_OF = "0xb0f7efce";
export const PAGE = "0x993b6388";

/** The topic of `Listed`. */
export const LISTED = "0xce1d80cdb02c7d4c8980170cefdc41bbf437f18ae20fb8bbac583e16f27b7abd";

/** `until` of a listing without end. */
export const FOREVER = 2 ** 40 - 1;

export const isAddress = (text: unknown): text is string =>
  typeof text === "string" && /^0x[0-9a-f]{40}$/i.test(text);

/** A number, or an address, as the ABI pads it. */
export const word = (value: number | string): string =>
  (typeof value === "number" ? value.toString(16) : value.slice(2).toLowerCase()).padStart(64, "0");

const refuse = (found: unknown): never => {
  throw new Unanswered("bad-answer", `${found}`);
};

/** An answer of a call, in words of 64 hex digits: exactly `count` of them if that is given. */
export const wordsOf = (answer: unknown, count?: number): string[] => {
  if (answer === "0x") throw new Unanswered("empty-answer");
  const text = `${answer}`.toLowerCase();
  if (/^\s*</.test(text)) throw new Unanswered("not-json", text);
  const words = /^0x([0-9a-f]{64})+$/.test(text) && text.slice(2).match(/.{64}/g);
  return words && words.length === (count ?? words.length) ? words : refuse(text);
};

/** A word as a number below `2 ** bits`. */
export const numberIn = (found: string | undefined, bits: number): number => {
  const value = Number(`0x${found}`);
  return value < 2 ** bits ? value : refuse(found);
};

/** A word as yes or no, and nothing between. */
export const yesIn = (found: string | undefined): boolean => numberIn(found, 1) === 1;

/** A quantity of the JSON-RPC API: `0x1b4`. */
export const quantity = (found: unknown): number =>
  /^0x[0-9a-f]{1,13}$/i.test(`${found}`) ? Number(found) : refuse(found);

/** A dynamic array of addresses, alone in a call. */
export const addressesCall = (selector: string, addresses: readonly string[]): string =>
  selector + word(0x20) + word(addresses.length) + addresses.map(word).join("");

/** A dynamic array of `bool`, alone in an answer, with exactly one for each that was asked. */
export const boolsOf = (answer: unknown, count: number): boolean[] => {
  const [offset, length, ...bools] = wordsOf(answer);
  const isWhole = Number(`0x${offset}`) === 0x20 && Number(`0x${length}`) === count;
  return isWhole && bools.length === count ? bools.map(yesIn) : refuse(answer);
};
