// Screening without telling a node who is asked about: the whole list is fetched, proved against its
// head and count, and kept up with the chain.

import { askOf, within } from "./ask.js";
import { byEvents, byPages, fromSnapshot, sealedCopy, type Copy } from "./local/copy.js";
import { snapshotIn, type SnapshotFile } from "./local/snapshot.js";
import { clearAsOf, decide, listedAs, unknownFor } from "./outcome.js";
import { Unanswered, unansweredBy } from "./reason.js";
import { rulesOf } from "./rules.js";
import { listOf, screenings } from "./screen.js";
import type { List, Options, Provider, Screener, Screening } from "./types.js";
import { isAddress } from "./wire.js";

export type { SnapshotFile } from "./local/snapshot.js";

const FOLLOW_SECONDS = 12;
const LOAD_TIMEOUT_MS = 120_000;

export interface LocalOptions extends Options {
  /**
   * How the list is fetched: by its events, which prove themselves against its head; or by its
   * pages, for nodes that refuse to look for events. Those prove only that `count` agrees.
   */
  readonly via?: "events" | "pages";
  /** A file that `interdict export --snapshot` has written: only what came after it is fetched. */
  readonly snapshot?: SnapshotFile;
  /**
   * The seal that the command printed, or `signedBy([…])` of `@interdict/sdk/signed`. With it the
   * file needs no node.
   */
  readonly seal?: string | ((file: SnapshotFile, list: List) => string);
  /** How old the copy may be before the chain is asked for new acts: 12 seconds. */
  readonly followSeconds?: number;
  /** How long fetching the list may take: 120,000 milliseconds. */
  readonly loadTimeoutMs?: number;
}

/** A `Screener` that answers from a copy. */
export interface LocalScreener extends Screener {
  /** Brings the copy up to the newest block. Fails, with a reason, if it cannot be proved. */
  refresh(): Promise<void>;
  /** The state of the list that the copy has, if there is one. */
  readonly asOf: Copy["asOf"] | undefined;
}

/** After these the copy answers on, until its block is too old. After any other it does not. */
const PASSING = ["timeout", "rate-limited", "node-failed", "not-json"];

/**
 * Screens by a proved copy of the list. A node learns that the list is read, and never whom it is
 * asked about. Without a provider it answers by a sealed snapshot alone, as of its time.
 */
export const screenLocally = (
  provider: Provider | undefined,
  options: LocalOptions,
): LocalScreener => {
  const rules = rulesOf(options);
  const { snapshot, seal, via, followSeconds = FOLLOW_SECONDS } = options;
  if (!provider && !(snapshot && seal)) {
    throw new TypeError("interdict: without a provider, snapshot and seal are needed");
  }
  let copy: Copy | undefined;
  let [at, refreshing]: [number, Promise<void> | undefined] = [-Infinity, undefined];

  const next = async (): Promise<Copy> => {
    const file = snapshot && !copy?.ledger ? snapshotIn(snapshot, rules.list) : undefined;
    const due = file && typeof seal === "function" ? seal(snapshot as never, rules.list) : seal;
    if (file && due && file.seal !== due) throw new Unanswered("snapshot-refused", "another seal");
    if (!provider) return copy ?? sealedCopy(file as NonNullable<typeof file>, rules);
    const ask = askOf(provider);
    if (file) return fromSnapshot(ask, rules, file);
    return via === "pages" ? byPages(ask, rules, copy) : byEvents(ask, rules, copy);
  };
  const refresh = (): Promise<void> => {
    const started = rules.seconds();
    refreshing ??= within(options.loadTimeoutMs ?? LOAD_TIMEOUT_MS, next)
      .then((found) => {
        copy = found;
        at = started;
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };
  const current = async (): Promise<Copy> => {
    if (copy && Math.abs(rules.seconds() - at) < followSeconds) return copy;
    try {
      await refresh();
    } catch (error) {
      const known = unansweredBy(error);
      const age = rules.seconds() - (copy?.asOf.blockTime ?? -Infinity);
      if (!PASSING.includes(known.reason) || age > rules.maxBlockAge) throw known;
    }
    return copy as Copy;
  };
  const screening = ({ asOf, get, why }: Copy, address: string): Screening => {
    if (!isAddress(address)) return unknownFor(`${address}`, "bad-address");
    const stands = get(address.toLowerCase());
    const isListed = stands && stands.until > asOf.blockTime && stands.sources & rules.mask;
    return isListed ? listedAs(address, why(stands), asOf) : clearAsOf(address, asOf, rules);
  };
  return {
    refresh,
    async screen(addresses) {
      const asked = listOf(addresses);
      const found = await current().then(
        (proved) => asked.map((address) => screening(proved, address)),
        (error) => screenings(asked, () => Promise.reject(error)),
      );
      return decide(found, rules.onUnknown);
    },
    forget() {
      at = -Infinity;
    },
    get asOf() {
      return copy?.asOf;
    },
  };
};
