// Why nothing is known, in a word for programs, and which of them a failure is. Wallets and libraries
// wrap errors in each other; all of their layers are looked at.

/** Why nothing is known. `@interdict/sdk/words` has a sentence for each. */
export type Reason =
  | "no-address"
  | "bad-address"
  | "wrong-chain"
  | "no-code"
  | "not-a-list"
  | "empty-answer"
  | "bad-answer"
  | "not-json"
  | "reverted"
  | "timeout"
  | "rate-limited"
  | "node-failed"
  | "stale-node"
  | "clock-skew"
  | "never-checked"
  | "stale-list"
  | "unproved"
  | "snapshot-refused";

const DETAIL_MAX_CHARACTERS = 300;

/** A question that got no answer which could be believed. */
export class Unanswered extends Error {
  constructor(
    readonly reason: Reason,
    detail = "",
  ) {
    // Libraries put a node's URL into what they say, and URLs have keys in them.
    super(detail.replace(/\w+:\/\/\S+/g, "…").slice(0, DETAIL_MAX_CHARACTERS));
  }
}

const LAYERS_MAX = 5;

/** What of an error says something: not its stack, not where it was asked, not what was asked. */
const SAYS = /^(code|status|message|details|response)/;

/** Every code, status and text in an error and in what it wraps, as `key=value`. */
const wordsIn = (error: unknown, layers = LAYERS_MAX): string =>
  Object.getOwnPropertyNames(error)
    .map((key) => {
      const value = (error as Record<string, unknown>)[key];
      if (typeof value === "object" && value && layers) return wordsIn(value, layers - 1);
      return SAYS.test(key) ? `${key}=${String(value)}` : "";
    })
    .join(" ");

// In this order: a page that a limiter sends is a limit, a revert that came late is a revert.
const SIGNS: readonly (readonly [RegExp, Reason])[] = [
  [/\b429\b|-32005|rate.?limit|too many|throttl|retry limit/i, "rate-limited"],
  [/revert|call_exception|code=3\b/i, "reverted"],
  [/timed?.?out|too long|abort/i, "timeout"],
  [/<!doctype|<html|unexpected token|valid json|syntaxerror/i, "not-json"],
];

/** The reason of whatever a provider threw. */
export const unansweredBy = (error: unknown): Unanswered => {
  if (error instanceof Unanswered) return error;
  const words = `${error} ${wordsIn(Object(error))}`;
  const sign = SIGNS.find(([pattern]) => pattern.test(words));
  return new Unanswered(sign ? sign[1] : "node-failed", words);
};
