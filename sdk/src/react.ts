// A React hook over `watch`. An answer about one account is never shown for another, not for a
// single render.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { screener } from "./screener.js";
import type { Decision, Options, Provider, Screener, Unknown } from "./types.js";
import { watch, type Emitter, type ScreeningState, type Watching } from "./watch.js";

export type { ScreeningState } from "./watch.js";

export interface HookOptions extends Options {
  /** For how long an answer counts: 60 seconds. */
  readonly recheckSeconds?: number;
}

/** What a component shows, and a way to ask anew. */
export type HookState = ScreeningState & { readonly recheck: () => void };

const IDLE: ScreeningState = { status: "idle", proceed: false };
const LOADING: ScreeningState = { status: "loading", proceed: false };

/** What of the options makes another question; callbacks are looked at when they are called. */
const keyOf = ({ list, sources, ...rest }: HookOptions): string =>
  JSON.stringify([list, sources, rest]);

/** A screener whose callbacks are always those of the last render. */
const useScreener = (asked: Provider | Screener | undefined, options: HookOptions, key: string) => {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the options.
  return useMemo(() => {
    if (!asked) return undefined;
    if (typeof asked === "object" && "screen" in asked) return asked;
    const { onUnknown } = options;
    const current = async (unknown: Unknown) => {
      const now = latest.current.onUnknown;
      return typeof now === "function" ? now(unknown) : now;
    };
    const policy = typeof onUnknown === "function" ? current : onUnknown;
    return screener(asked, { ...options, onUnknown: policy });
  }, [asked, key]);
};

/**
 * How the addresses stand, kept up to date: `idle` while a party is not named yet, `loading` before
 * the first answer, then `clear`, `listed` or `unknown`, and `stale` while an old one is asked anew.
 */
export const useScreening = (
  asked: Provider | Screener | undefined,
  addresses: string | readonly (string | undefined)[] | undefined,
  options: HookOptions,
): HookState => {
  const named = typeof addresses === "string" ? [addresses] : (addresses ?? []);
  const key = keyOf(options);
  // Of two parties, one alone must not pass for both.
  const who = named.every((one) => one) ? named.join() : "";
  const source = useScreener(asked, options, key);
  const [told, tell] = useState<{ of: unknown; who: string; state: ScreeningState }>();
  const watching = useRef<Watching>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options make another source.
  useEffect(() => {
    if (!source || !who) return undefined;
    const wallet = typeof asked === "object" ? (asked as Emitter) : undefined;
    const { recheckSeconds } = options;
    const now = watch(source, who.split(","), (state) => tell({ of: source, who, state }), {
      wallet,
      ...(recheckSeconds === undefined ? {} : { recheckSeconds }),
    });
    watching.current = now;
    return () => now.end();
  }, [source, who, asked]);
  const recheck = useCallback(() => watching.current?.recheck(), []);
  const isTold = told?.of === source && told?.who === who;
  const state = !source || !who ? IDLE : isTold && told ? told.state : LOADING;
  return { ...state, recheck };
};

export type { Decision };
