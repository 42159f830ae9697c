// The folds of `IBlocklist.head`: whoever folds all acts and arrives at the list's head has them all.

/*! Keccak-256 is @noble/hashes, MIT License, (c) 2022 Paul Miller (paulmillr.com): see LICENSE. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

import type { Act } from "./act.js";

const WORD_BYTES = 32;

/** The head before the first act. */
export const NO_HEAD = `0x${"0".repeat(2 * WORD_BYTES)}`;

/** Words in a row, each a number of up to 64 bits, or hex digits of up to 32 bytes. */
const words = (values: readonly (number | bigint | string)[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    const end = (i + 1) * WORD_BYTES;
    if (typeof value === "string") {
      const found = hexToBytes(value.slice(2));
      bytes.set(found, end - found.length);
    } else {
      view.setBigUint64(end - 8, BigInt(value));
    }
  }
  return bytes;
};

/** Keccak-256 over words in a row. */
export const keccakOf = (values: readonly (number | bigint | string)[]): string =>
  `0x${bytesToHex(keccak_256(words(values)))}`;

/** The head after an act, given the head before. */
export const fold = (before: string, act: Omit<Act, "head">): string => {
  const entries = act.entries.reduce(
    (head, { account, uid, designatedOn }) => keccakOf([head, account, BigInt(uid), designatedOn]),
    before,
  );
  const { number, kind, sources, until, dataAsOf, manifest } = act;
  return keccakOf([entries, number, kind, sources, until, dataAsOf, manifest]);
};
