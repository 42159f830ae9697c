// The three ways to a node, each of which must come to the same answers.
import { FetchRequest, JsonRpcProvider } from "ethers";
import { createClient, http as transport } from "viem";

import { fromEthers, screen as throughEthers } from "@interdict/sdk/ethers";
import { http } from "@interdict/sdk/http";
import { screen } from "@interdict/sdk";
import { fromViem, screen as throughViem } from "@interdict/sdk/viem";

const ethersOf = (url) => {
  const request = new FetchRequest(url);
  // Left alone, ethers asks a node that has had enough twelve times more.
  request.setThrottleParams({ maxAttempts: 1 });
  return new JsonRpcProvider(request, 31337, { staticNetwork: true });
};
const viemOf = (url) => createClient({ transport: transport(url, { retryCount: 0 }) });

/** `screen` by each way, as a site would call it, and the same node as a `request` function. */
export const WAYS = {
  raw: { open: http, screen, request: (provider) => provider },
  ethers: { open: ethersOf, screen: throughEthers, request: fromEthers },
  viem: { open: viemOf, screen: throughViem, request: fromViem },
};
