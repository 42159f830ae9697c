// Through ethers v6. Nothing of ethers is imported: its providers are known by their shape.

import { screen as ask } from "./screen.js";
import type { Decision, Options, RequestFunction } from "./types.js";

/** What every JSON-RPC provider of ethers v6 has: `BrowserProvider`, `JsonRpcProvider`. */
export interface EthersProvider {
  // biome-ignore lint/suspicious/noExplicitAny: whatever ethers calls it, arrays are taken.
  send(method: string, params: any[]): Promise<unknown>;
}

/** The provider as an EIP-1193 `request` function. */
export const fromEthers =
  (provider: EthersProvider): RequestFunction =>
  ({ method, params = [] }) =>
    provider.send(method, [...params]);

/** `screen` of the core, through a provider of ethers v6. */
export const screen = (
  provider: EthersProvider,
  addresses: string | readonly string[],
  options: Options,
): Promise<Decision> => ask(fromEthers(provider), addresses, options);
