// A node by its address, for pages without a wallet, for servers, and for lists on another chain
// than the wallet's.

import { Unanswered } from "./reason.js";
import type { RequestFunction } from "./types.js";

const TIMEOUT_MS = 5000;
const HTTP_TOO_MANY = 429;
/** Twenty thousand events of a list; a range with more is asked for in halves. */
const BODY_MAX_BYTES = 16 * 1024 * 1024;

/** A body as text, given up when it is longer than any answer. */
const textOf = async (response: Response): Promise<string> => {
  const [reader, decoder] = [response.body?.getReader(), new TextDecoder()];
  let [text, bytes] = ["", 0];
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > BODY_MAX_BYTES) {
      await reader?.cancel();
      throw new Unanswered("node-failed", "an answer that is too long");
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
};

/** A `request` function that asks one node over HTTP, and gives up on each question in time. */
export const http = (url: string, timeoutMs = TIMEOUT_MS): RequestFunction => {
  let id = 0;
  return async ({ method, params = [] }) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status === HTTP_TOO_MANY) throw new Unanswered("rate-limited", "HTTP 429");
    const answer = JSON.parse(await textOf(response));
    if (answer?.error) throw answer.error;
    if (!answer || answer.result === undefined) {
      throw new Unanswered("bad-answer", `HTTP ${response.status} without a result`);
    }
    return answer.result;
  };
};
