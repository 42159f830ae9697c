import { createConfig } from "ponder";
import { parseAbi } from "viem";

const url = process.env.BENCH_CHAIN_URL;
if (url === undefined) throw new Error("BENCH_CHAIN_URL is not set");

/// Ponder limits how often it asks each address: under so many names the node is asked as often as
/// it can answer.
const NAMES = 40;

export default createConfig({
  chains: {
    bench: {
      id: 31337,
      rpc: Array.from({ length: NAMES }, (_, name) => `${url}/?name=${name}`),
    },
  },
  contracts: {
    Token: {
      chain: "bench",
      abi: parseAbi(["event Transfer(address indexed from, address indexed to, uint256 value)"]),
      address: "0xdAC17F958D2ee523a2206206994597C13D831ec7",
      startBlock: 1,
    },
  },
});
