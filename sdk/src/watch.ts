// A screening that keeps up: looked at again when its time is over, when the visitor comes back to
// the page, when the network does, and when the wallet goes to another chain.

import type { Decision, Screener } from "./types.js";

export { screener, type ScreenerOptions } from "./screener.js";

/** What a page shows. Whoever reads only `proceed` is never wrong. */
export type ScreeningState =
  | { readonly status: "idle"; readonly proceed: false }
  | { readonly status: "loading"; readonly proceed: false }
  /** The last answer is too old to count, and the next one is not there yet. */
  | { readonly status: "stale"; readonly proceed: false; readonly last: Decision }
  | { readonly status: "clear"; readonly proceed: true; readonly decision: Decision }
  | { readonly status: "listed"; readonly proceed: false; readonly decision: Decision }
  | { readonly status: "unknown"; readonly proceed: boolean; readonly decision: Decision };

/** What tells of changes: an EIP-1193 provider's own events. */
export interface Emitter {
  on?(event: string, listener: () => void): unknown;
  removeListener?(event: string, listener: () => void): unknown;
}

/** Where a page's events come from; `window`, unless told otherwise. */
export type Page = Pick<EventTarget, "addEventListener" | "removeEventListener">;

export interface WatchOptions {
  /** When an answer is asked for again: after 60 seconds. After twice that it no longer counts. */
  readonly recheckSeconds?: number;
  /** Tells when the wallet's chain changes. */
  readonly wallet?: Emitter | undefined;
  readonly page?: Page | undefined;
}

const RECHECK_SECONDS = 60;
const LOOK_AGAIN = ["focus", "online", "pageshow"] as const;

const stateOf = (decision: Decision): ScreeningState =>
  ({ status: decision.outcome, proceed: decision.proceed, decision }) as ScreeningState;

export interface Watching {
  /** Asks anew at once; until then the last answer does not count. */
  recheck(): void;
  end(): void;
}

/** Tells a listener how the addresses stand, now and after each change, until its end. */
export const watch = (
  screener: Screener,
  addresses: string | readonly string[],
  listener: (state: ScreeningState) => void,
  options: WatchOptions = {},
): Watching => {
  const { wallet, page = globalThis.window as Page | undefined } = options;
  const recheckMs = (options.recheckSeconds ?? RECHECK_SECONDS) * 1000;
  let last: { readonly decision: Decision; readonly at: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [turn, done] = [0, 0];

  const check = async () => {
    const mine = ++turn;
    clearTimeout(timer);
    screener.forget();
    const decision = await screener.screen(addresses);
    // An answer to an older question, or to one that nobody has any more, is none.
    if (mine !== turn) return;
    done = turn;
    last = { decision, at: Date.now() };
    timer = setTimeout(again, recheckMs);
    listener(stateOf(decision));
  };
  const recheck = () => {
    const waiting = { status: "loading", proceed: false } as const;
    listener(last ? { status: "stale", proceed: false, last: last.decision } : waiting);
    void check();
  };
  // A timer sleeps when the page does, so that the clock is looked at, and not only the timer.
  const again = () => {
    if (last && Date.now() - last.at > 2 * recheckMs) recheck();
    else if (turn === done) void check();
  };
  for (const event of LOOK_AGAIN) page?.addEventListener(event, again);
  wallet?.on?.("chainChanged", recheck);
  recheck();
  const end = () => {
    turn = NaN;
    clearTimeout(timer);
    for (const event of LOOK_AGAIN) page?.removeEventListener(event, again);
    wallet?.removeListener?.("chainChanged", recheck);
  };
  return { recheck, end };
};
