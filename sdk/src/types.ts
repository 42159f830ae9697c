// The words of this package: what is asked, by which rules, and what can come out.

import type { Reason } from "./reason.js";
import type { Source } from "./source.js";

/** An EIP-1193 `request` function: how a chain is asked. */
export type RequestFunction = (args: {
  method: string;
  params?: readonly unknown[];
}) => Promise<unknown>;

/** What has such a function (a wallet, a viem client), or the function itself. */
export type Provider = RequestFunction | { readonly request: RequestFunction };

/** Where a list is. `@interdict/sdk/addresses` has those that are deployed. */
export interface List {
  readonly chainId: number;
  readonly address: string;
  /** A block at or below the first that has the list's code: its events begin after it. */
  readonly block?: number;
}

/** What happens to whom nothing is known of. `"allow"` never covers what is no address at all. */
export type OnUnknown = "block" | "allow" | ((unknown: Unknown) => Promise<"block" | "allow">);

/** By which rules an answer counts. Ages and times that are left out have the values named here. */
export interface Options {
  readonly list: List;
  /** The site's own choice: there is no default. */
  readonly onUnknown: OnUnknown;
  /**
   * The source lists that the site obeys. Left out, a listing by any source counts, and the
   * stalest source that was ever checked decides how fresh the list is.
   */
  readonly sources?: readonly Source[];
  /** How long ago the list's keeper may have compared it with its sources: 26 hours. */
  readonly maxAgeSeconds?: number;
  /** How old the node's newest block may be: 180 seconds. */
  readonly maxBlockAgeSeconds?: number;
  /** How long a screening may take in all: 8,000 milliseconds. */
  readonly timeoutMs?: number;
  /** The time, in unix milliseconds; for tests. */
  readonly now?: () => number;
}

/** The state of chain and list that an answer is of. Times are unix seconds. */
export interface AsOf {
  readonly chainId: number;
  readonly list: string;
  readonly block: number;
  readonly blockTime: number;
  /** The list's head: which acts it has taken in. */
  readonly head: string;
  /** The publication that the list was last compared with, by its keeper's word; 0 if never. */
  readonly dataAsOf: number;
  /** When that was attested; 0 if never. */
  readonly checkedAt: number;
}

/** A person under whom the act that began the listing names the address. */
export interface Entry {
  /** By the authority's own id, as a decimal number; see the list's manifest for its words. */
  readonly uid: string;
  /** The day of the designation, unix seconds at 00:00 UTC; `null` if the source does not say. */
  readonly designatedOn: number | null;
}

/** Why an address is listed. Times are unix seconds. */
export interface Listing {
  /** The act that began it, and when that happened. */
  readonly act: number;
  readonly since: number;
  /** Held by signatures until then; `null` when it was voted upon and has no end. */
  readonly until: number | null;
  readonly provisional: boolean;
  /** The codes of the source lists that name the address. */
  readonly sources: readonly string[];
  /** The first 26 bytes of the SHA-256 of the act's manifest, which has the evidence. */
  readonly manifest: string | null;
  /** `null` if the node would not tell: the address is listed all the same. */
  readonly entries: readonly Entry[] | null;
}

export interface Listed {
  readonly outcome: "listed";
  readonly address: string;
  /** `null` if the node said that it is listed, and then nothing more. */
  readonly listing: Listing | null;
  readonly asOf: AsOf;
}

export interface Clear {
  readonly outcome: "clear";
  readonly address: string;
  readonly asOf: AsOf;
}

/** No answer that could be believed. It is never to be taken for `clear`. */
export interface Unknown {
  readonly outcome: "unknown";
  readonly address: string;
  readonly reason: Reason;
  /** What the node said, shortened; for a log, not for a visitor. */
  readonly detail: string;
}

/** What is known of one address. */
export type Screening = Listed | Clear | Unknown;

interface Decided<Outcome, Proceed> {
  /** The gravest of all: listed, then unknown, then clear. */
  readonly outcome: Outcome;
  /** Whether the site goes on with these addresses. */
  readonly proceed: Proceed;
  /** In the order in which the addresses were given. */
  readonly screenings: readonly Screening[];
}

/** What follows for all addresses together. Only `proceed` is a yes or a no. */
export type Decision =
  | (Decided<"listed", false> & { readonly listed: readonly Listed[] })
  | (Decided<"unknown", boolean> & { readonly reason: Reason })
  | Decided<"clear", true>;

/** Who answers: `screener` asks a node, `screenLocally` a proved copy of the list. */
export interface Screener {
  screen(addresses: string | readonly string[]): Promise<Decision>;
  /** Lets go of what it remembers, so that the next question is asked anew. */
  forget(): void;
}
