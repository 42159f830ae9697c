// The real contracts on that chain, deployed with the roles of `contracts/Roles.sol`, and acts in
// the name of whoever holds the role.
import { readFileSync } from "node:fs";

import { AbiCoder, getCreateAddress, Interface, sha256, toUtf8Bytes } from "ethers";

import { anvil } from "./anvil.mjs";

const artifact = (name) =>
  JSON.parse(
    readFileSync(new URL(`../../../contracts/artifacts/${name}.json`, import.meta.url), "utf8"),
  );

const ROLES = { LISTER: 1n, DELISTER: 2n, EMERGENCY: 3n, PROTECTOR: 5n, KEEPER: 7n };
const DAY = 24 * 3600;
export const TERM = 7 * DAY;
const GAS = "0x1c9c380";

/** An address that belongs to nobody. */
export const somebody = (n) => `0x${(0x5eed0000n + BigInt(n)).toString(16).padStart(40, "1")}`;

export const manifest = (text) => sha256(toUtf8Bytes(text));

export const batch = (sources, accounts, dataAsOf = 1_700_000_000, uid = 7n) => ({
  manifest: manifest(`${accounts}`),
  sources,
  dataAsOf,
  entries: accounts.map((account, i) => ({
    account,
    uid: uid + BigInt(i),
    designatedOn: 1_600_041_600,
  })),
});

/** Deploys the manager and the list, and gives every role to one account without a delay. */
export const system = async () => {
  const chain = await anvil();
  const { rpc } = chain;
  const [owner] = await rpc("eth_accounts");
  const send = async (to, data) => {
    const call = { from: owner, data, gas: GAS, ...(to ? { to } : {}) };
    const receipt = await rpc("eth_sendTransactionSync", call);
    if (receipt.status !== "0x1") throw new Error(`${receipt.transactionHash} reverted`);
    return receipt;
  };
  const create = async (name, types, values) => {
    const nonce = Number(await rpc("eth_getTransactionCount", owner, "latest"));
    const built = AbiCoder.defaultAbiCoder().encode(types, values).slice(2);
    await send(null, artifact(name).bytecode + built);
    return getCreateAddress({ from: owner, nonce }).toLowerCase();
  };
  const manager = await create("AccessManager", ["address"], [owner]);
  const block = Number(await rpc("eth_blockNumber"));
  const types = ["address", "uint40", "uint24"];
  const address = await create("Blocklist", types, [manager, TERM, 10_000]);
  const roles = new Interface(artifact("AccessManager").abi);
  const face = new Interface(artifact("Blocklist").abi);
  const of = {
    list: "LISTER",
    delist: "DELISTER",
    delistMany: "DELISTER",
    listProvisional: "EMERGENCY",
    retract: "EMERGENCY",
    protect: "PROTECTOR",
    unprotect: "PROTECTOR",
    attest: "KEEPER",
  };
  for (const role of Object.values(ROLES)) {
    await send(manager, roles.encodeFunctionData("grantRole", [role, owner, 0]));
  }
  for (const [name, role] of Object.entries(of)) {
    const values = [address, [face.getFunction(name).selector], ROLES[role]];
    await send(manager, roles.encodeFunctionData("setTargetFunctionRole", values));
  }
  const act = (name, ...values) => send(address, face.encodeFunctionData(name, values));
  await act("protect", [manager]);
  const list = { chainId: 31337, address, block };
  const now = async () => Number((await rpc("eth_getBlockByNumber", "latest", false)).timestamp);
  /** The keeper's word on some sources, as of now. */
  const attest = async (sources) => {
    // A source is attested at most every ten minutes.
    await rpc("evm_increaseTime", 601);
    await rpc("evm_mine");
    await act("attest", sources, await now(), manifest("attested"));
  };
  return { ...chain, list, manager, owner, act, send, create, face, now, attest };
};
