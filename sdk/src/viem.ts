// Through viem. Nothing of viem is imported: its clients are known by their shape.

import { screen as ask } from "./screen.js";
import type { Decision, Options, RequestFunction } from "./types.js";

/** What every client of viem has. */
export interface ViemClient {
  // biome-ignore lint/suspicious/noExplicitAny: each client of viem knows other methods.
  request(question: any): Promise<unknown>;
}

/** The client as an EIP-1193 `request` function. */
export const fromViem =
  (client: ViemClient): RequestFunction =>
  (question) =>
    client.request(question);

/** `screen` of the core, through a client of viem. */
export const screen = (
  client: ViemClient,
  addresses: string | readonly string[],
  options: Options,
): Promise<Decision> => ask(fromViem(client), addresses, options);
