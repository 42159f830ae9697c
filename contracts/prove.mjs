#!/usr/bin/env node
// Proves that a node's events of a list are all there are, unaltered and in order: rebuilds the list
// from nothing but them, and compares it with `head` and with the paged list of the same block.
//   node contracts/prove.mjs <rpc url> <the list's address> [first block]
import { readFileSync } from "node:fs";
import { AbiCoder, Contract, JsonRpcProvider, keccak256, ZeroAddress, ZeroHash } from "ethers";

const [url, address, first = "0"] = process.argv.slice(2);
if (!address) { console.error("usage: node contracts/prove.mjs <rpc url> <the list's address> [first block]"); process.exit(2); }
const { abi } = JSON.parse(readFileSync(new URL("artifacts/Blocklist.json", import.meta.url)));
const node = new JsonRpcProvider(url, undefined, { batchMaxCount: 1 });
const list = new Contract(address, abi, node);
const [RANGE_BLOCKS, PAGE] = [10_000, 200];
const KINDS = "ListProvisional List Delist Protect Unprotect Retract DelistMany Attest".split(" ");
const EVENTS = "Listed Listed Delisted Protected Unprotected Delisted Delisted".split(" ");
const NEW = { episode: 0, sources: 0, act: 0, until: 0, provisional: false, isProtected: false };
const fold = (types, ...values) => keccak256(AbiCoder.defaultAbiCoder().encode(types.split(" "), values));
const fail = (why) => { console.error(`not proved: ${why}`); process.exit(1); };

const block = await node.getBlock("latest");
const [listings, newestFirst, at] = [new Map(), [], { blockTag: block.number }];
let [head, acts, waiting] = [ZeroHash, 0, []];
const change = (kind, now, act, sources, until, account) => {
  const was = listings.get(account) ?? NEW, active = was.until > now, left = was.sources & ~sources;
  if (kind.endsWith("rotect")) return { ...was, isProtected: kind === "Protect" };
  if (kind.startsWith("List") && !active) {
    if (was.episode === 0) newestFirst.unshift(account);
    return { ...was, episode: was.episode + 1, act, sources, until, provisional: kind !== "List" };
  }
  if (kind === "List") return { ...was, sources: was.sources | sources, until, provisional: false };
  if (kind === "ListProvisional" || !active) return was; // a second uid in the same act
  const provisional = was.provisional && (left > 0 || kind === "Retract");
  return { ...was, provisional, ...(left ? { sources: left } : { until }) };
};
const take = async ({ eventName, args: a, blockNumber }) => {
  if (eventName === "AuthorityUpdated") return; // not of the list, but of who may change it
  if (eventName !== "Acted") {
    if (!EVENTS.includes(eventName)) fail("there is an event that no list has");
    head = fold("bytes32 address uint64 uint40", head, a.account, a.uid ?? 0, a.designatedOn ?? 0);
    return waiting.push({ eventName, account: a.account, act: a.act });
  }
  const acted = "bytes32 uint24 uint8 uint16 uint40 uint40 bytes32";
  head = fold(acted, head, a.act, a.kind, a.sources, a.until, a.dataAsOf, a.manifest);
  const alien = waiting.some((e) => e.eventName !== EVENTS[a.kind] || e.act !== a.act);
  if (head !== a.head || Number(a.act) !== ++acts || alien) fail(`act ${a.act} does not follow from the events`);
  const now = (await node.getBlock(blockNumber)).timestamp;
  for (const { account } of waiting.splice(0))
    listings.set(account, change(KINDS[a.kind], now, acts, Number(a.sources), Number(a.until), account));
};
for (let from = Number(first); from <= block.number; from += RANGE_BLOCKS)
  for (const log of await list.queryFilter("*", from, Math.min(from + RANGE_BLOCKS - 1, block.number))) await take(log);
if (waiting.length > 0 || head !== (await list.head(at))) fail("the events do not fold to the list's head");

const isListed = (e) => e.until > block.timestamp, seen = [];
const shown = (e) => `${[isListed(e), isListed(e) && e.provisional, e.isProtected, e.episode, e.sources, e.act, e.until]}`;
for (let next, accounts, said; next !== ZeroAddress; seen.push(...accounts)) {
  [accounts, said, next] = await list.page(next ?? ZeroAddress, PAGE, at);
  const wrong = (account, i) => shown(listings.get(account) ?? NEW) !== `${said[i].toArray().toSpliced(6, 1)}`;
  const other = accounts.find(wrong);
  if (other) fail(`${other} is another in the paged list`);
}
if (`${seen}` !== `${newestFirst}`) fail("the paged list has other addresses than the events");
console.log(`proved at block ${block.number}: ${acts} acts, ${seen.length} addresses ever listed,`
  + ` ${[...listings.values()].filter(isListed).length} listed now; head ${head}`);
