// The libraries' own types fit, without a cast.

import { BrowserProvider, JsonRpcProvider, type Eip1193Provider } from "ethers";
import { createPublicClient, createWalletClient, custom, http, type EIP1193Provider } from "viem";

import { screen } from "@interdict/sdk";
import { blocklistAbi } from "@interdict/sdk/abi";
import { fromEthers, screen as throughEthers } from "@interdict/sdk/ethers";
import { screenLocally } from "@interdict/sdk/local";
import { useScreening } from "@interdict/sdk/react";
import { screened } from "@interdict/sdk/server";
import { screen as throughViem } from "@interdict/sdk/viem";

declare const ethereum: EIP1193Provider;
declare const wallet: Eip1193Provider;
const options = { list: { chainId: 1, address: "0x" }, onUnknown: "block" } as const;

void throughEthers(new BrowserProvider(wallet), "0x", options);
void throughEthers(new JsonRpcProvider(""), "0x", options);
void throughViem(createPublicClient({ transport: http() }), "0x", options);
void throughViem(createWalletClient({ transport: custom(ethereum) }), "0x", options);
void screen(wallet, "0x", options);
void screen({ request: (asked) => ethereum.request(asked as never) }, "0x", options);

const copy = screenLocally(fromEthers(new JsonRpcProvider("")), options);
export const Guard = () => useScreening(copy, "0x", options).status;
export const handler = screened(
  copy,
  { ...options, addresses: () => ["0x"] },
  () => new Response(),
);

const client = createPublicClient({ transport: http() });
export const sanctioned: Promise<boolean> = client.readContract({
  address: "0x",
  abi: blocklistAbi,
  functionName: "isSanctioned",
  args: ["0x"],
});
