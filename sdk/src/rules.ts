// The options of a caller, complete and looked at once. What only a mistake of the programmer can
// bring about is thrown here, before anybody is screened.

import { maskOf } from "./source.js";
import type { List, OnUnknown, Options } from "./types.js";
import { isAddress } from "./wire.js";

const MAX_AGE_SECONDS = 26 * 3600;
const MAX_BLOCK_AGE_SECONDS = 180;
const TIMEOUT_MS = 8000;

export interface Rules {
  readonly list: List;
  readonly onUnknown: OnUnknown;
  readonly mask: number;
  readonly maxAge: number;
  readonly maxBlockAge: number;
  readonly timeoutMs: number;
  /** The time, in unix seconds. */
  readonly seconds: () => number;
}

export const rulesOf = (options: Options): Rules => {
  const { list, onUnknown, sources, now = Date.now } = options;
  if (!isAddress(list?.address) || !Number.isSafeInteger(list.chainId)) {
    throw new TypeError("interdict: list");
  }
  if (typeof onUnknown !== "function" && !/^(block|allow)$/.test(onUnknown)) {
    throw new TypeError("interdict: onUnknown");
  }
  return {
    list,
    onUnknown,
    mask: maskOf(sources),
    maxAge: options.maxAgeSeconds ?? MAX_AGE_SECONDS,
    maxBlockAge: options.maxBlockAgeSeconds ?? MAX_BLOCK_AGE_SECONDS,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    seconds: () => now() / 1000,
  };
};
