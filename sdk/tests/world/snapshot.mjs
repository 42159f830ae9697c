// Writes what `interdict export --snapshot` writes, from the chain's events, by ethers alone.
import { AbiCoder, concat, keccak256, toBeHex, ZeroHash } from "ethers";

const coder = AbiCoder.defaultAbiCoder();
const word = (value) => toBeHex(value, 32);

/** Folds acts as the contract does, and seals them. */
export const sealed = (list, acts, end = acts.at(-1)) => {
  let head = ZeroHash;
  acts.forEach((act, i) => {
    const [kind, sources, until, dataAsOf, , , manifest, entries] = act;
    for (const entry of entries) {
      const [account, uid, day] = entry.split(" ");
      const types = ["bytes32", "address", "uint64", "uint40"];
      head = keccak256(coder.encode(types, [head, `0x${account}`, uid, day]));
    }
    const types = ["bytes32", "uint24", "uint8", "uint16", "uint40", "uint40", "bytes32"];
    const values = [head, i + 1, kind, sources, until, dataAsOf, `0x${manifest}`];
    head = keccak256(coder.encode(types, values));
  });
  const [, , , , time, block] = end;
  const places = acts.flatMap((act) => [word(act[4]), word(act[5])]);
  const parts = [head, word(list.chainId), word(list.address), word(block), word(time), ...places];
  return {
    schema: "interdict.snapshot/1",
    chain_id: list.chainId,
    blocklist: list.address,
    block,
    time,
    head,
    seal: keccak256(concat(parts)),
    acts,
  };
};

export const snapshotOf = async ({ rpc, list, face }) => {
  const logs = await rpc("eth_getLogs", { address: list.address, fromBlock: "0x0" });
  const acts = [];
  let entries = [];
  for (const log of logs) {
    const { name, args } = face.parseLog(log);
    if (name === "AuthorityUpdated") continue;
    if (name !== "Acted") {
      const account = args.account.slice(2).toLowerCase();
      entries.push(`${account} ${args.uid ?? 0} ${args.designatedOn ?? 0}`);
      continue;
    }
    const block = await rpc("eth_getBlockByNumber", log.blockNumber, false);
    const [kind, sources, until, dataAsOf] = [args.kind, args.sources, args.until, args.dataAsOf];
    const numbers = [kind, sources, until, dataAsOf, block.timestamp, block.number].map(Number);
    acts.push([...numbers, args.manifest.slice(2), entries]);
    entries = [];
  }
  return sealed(list, acts);
};
