// A fetch-style middleware: the handler sees only requests of parties with whom the site goes on.

import { http } from "./http.js";
import { screener, type ScreenerOptions } from "./screener.js";
import type { Decision, Provider, Screener } from "./types.js";
import { explain, sentenceOf } from "./words.js";

export { http };

/** RFC 7725: unavailable for legal reasons. */
const LISTED_STATUS = 451;
const UNKNOWN_STATUS = 503;
const NOT_NAMED_STATUS = 400;
const RETRY_AFTER_SECONDS = 10;

export interface ServerOptions extends ScreenerOptions {
  /** Whom a request is about. To name nobody is refused, not let through. */
  readonly addresses: (request: Request) => readonly string[] | Promise<readonly string[]>;
}

export type Handler<Rest extends unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/** RFC 9457: a refusal that programs can read. It says nothing that the visitor did not send. */
const refusal = (status: number, title: string, more: object = {}): Response =>
  new Response(JSON.stringify({ title, status, ...more }), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === UNKNOWN_STATUS ? { "retry-after": `${RETRY_AFTER_SECONDS}` } : {}),
    },
  });

const refused = (decision: Decision): Response => {
  if (decision.outcome === "listed") {
    const listed = decision.listed.map(({ address, listing }) => ({ address, listing }));
    return refusal(LISTED_STATUS, explain(decision), { outcome: "listed", listed });
  }
  const { reason } = decision as Extract<Decision, { outcome: "unknown" }>;
  const isNamed = reason !== "no-address" && reason !== "bad-address";
  const status = isNamed ? UNKNOWN_STATUS : NOT_NAMED_STATUS;
  return refusal(status, sentenceOf(reason), { outcome: "unknown", reason });
};

/**
 * Wraps a handler of fetch-style requests: 451 for listed parties, 503 where nothing is known and
 * the site blocks then, 400 where nobody is named. `from` is a node, or a proved copy of the list.
 */
export const screened = <Rest extends unknown[]>(
  from: Provider | Screener,
  options: ServerOptions,
  handler: Handler<Rest>,
): ((request: Request, ...rest: Rest) => Promise<Response>) => {
  const asked = typeof from === "object" && "screen" in from ? from : screener(from, options);
  return async (request, ...rest) => {
    let addresses: readonly string[];
    try {
      // The handler reads the body too: this looks at a copy.
      addresses = await options.addresses(request.clone());
    } catch {
      addresses = [];
    }
    const decision = await asked.screen(addresses);
    return decision.proceed ? handler(request, ...rest) : refused(decision);
  };
};
