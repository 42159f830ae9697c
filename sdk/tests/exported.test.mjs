// What `interdict export --snapshot` writes is what the local copy reads: the command's own file, of
// a system that the command deployed, and what every alteration of it does.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { screen } from "@interdict/sdk";
import { http } from "@interdict/sdk/http";
import { screenLocally } from "@interdict/sdk/local";
import { signedBy } from "@interdict/sdk/signed";
import { Interface } from "ethers";

import { addressesModule } from "../scripts/generate.mjs";
import { anvil } from "./world/anvil.mjs";
import { sealed, snapshotOf } from "./world/snapshot.mjs";
import { batch, manifest, somebody } from "./world/system.mjs";

const target = process.env.CARGO_TARGET_DIR ?? new URL("../../target", import.meta.url).pathname;
const BIN = process.env.INTERDICT_BIN ?? join(target, "debug", "interdict");
// The first account of every local chain.
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const face = new Interface(read("../../contracts/artifacts/Blocklist.json").abi);
const [OFAC, UK] = [1, 2];
const [LISTED, HELD, DELISTED, CLEAR] = [1, 2, 3, 4].map(somebody);

let chain;
let folder;
let book;
let said;
let text;

/** Acts in the name of who holds the role. */
const act = async (from, name, ...values) => {
  await chain.rpc("anvil_setBalance", from, "0xde0b6b3a7640000");
  await chain.rpc("anvil_impersonateAccount", from);
  const data = face.encodeFunctionData(name, values);
  const call = { from, to: book.blocklist.address, data, gas: "0x1c9c380" };
  assert.equal((await chain.rpc("eth_sendTransactionSync", call)).status, "0x1", name);
};

const interdict = async (...args) => {
  const env = { ...process.env, ETH_RPC_URL: chain.url, NO_COLOR: "1" };
  const { stdout } = await promisify(execFile)(BIN, [...args, "--json"], { cwd: folder, env });
  return JSON.parse(stdout).data;
};

before(async () => {
  chain = await anvil();
  folder = mkdtempSync(join(tmpdir(), "exported-"));
  writeFileSync(join(folder, "key"), KEY, { mode: 0o600 });
  const accounts = await chain.rpc("eth_accounts");
  const members = accounts.slice(1, 4).flatMap((member) => ["--member", member]);
  const keeper = ["--keeper", accounts[4], "--private-key-file", "key", "--yes"];
  await interdict("deploy", ...members, ...keeper);
  book = JSON.parse(readFileSync(join(folder, "deployments", "31337.json"), "utf8"));
  const { council, signed_act: signedAct } = book;
  await act(signedAct.address, "listProvisional", batch(OFAC, [LISTED, HELD]));
  await act(council.address, "list", batch(OFAC, [LISTED], 1_700_000_000, 2n ** 64n - 1n));
  await act(signedAct.address, "listProvisional", batch(UK, [DELISTED]));
  await act(signedAct.address, "retract", batch(UK, [DELISTED]));
  await act(accounts[4], "attest", OFAC, 1_700_000_000, manifest("attested"));
  said = await interdict("export", "--snapshot", "list.json");
  text = readFileSync(join(folder, "list.json"), "utf8");
});
after(async () => {
  await chain?.close();
  if (folder) rmSync(folder, { recursive: true });
});

const rules = (more = {}) => {
  const { chain_id: chainId, block, blocklist } = book;
  return { list: { chainId, address: blocklist.address, block }, onUnknown: "block", ...more };
};
const everybody = [LISTED, HELD, DELISTED, CLEAR];
const told = ({ screenings }) =>
  screenings.map(({ asOf, detail, ...rest }) => ({ ...rest, head: asOf?.head }));

test("the file is what the chain's events say, and the same each time", async () => {
  const own = await snapshotOf({ rpc: chain.rpc, list: rules().list, face });
  assert.deepEqual(JSON.parse(text), { ...own, blocklist: book.blocklist.address.toLowerCase() });
  await chain.rpc("evm_mine");
  await interdict("export", "--snapshot", "again.json");
  assert.equal(readFileSync(join(folder, "again.json"), "utf8"), text);
});

test("its answers are those of the contract, with a node and without", async () => {
  await chain.rpc("evm_mine");
  const node = http(chain.url);
  const far = told(await screen(node, everybody, rules()));
  assert.deepEqual(
    far.map(({ outcome }) => outcome),
    ["listed", "listed", "clear", "clear"],
  );
  const near = screenLocally(node, rules({ snapshot: text }));
  assert.deepEqual(told(await near.screen(everybody)), far);
  const offline = screenLocally(undefined, rules({ snapshot: text, seal: said.seal }));
  assert.deepEqual(told(await offline.screen(everybody)), far);
});

test("signed, it needs no node and nothing but the publisher's address", async () => {
  const signs = ["--sign", "--private-key-file", "key"];
  const { signer, seal } = await interdict("export", "--snapshot", "signed.json", ...signs);
  assert.equal(seal, said.seal, "the seal does not depend on who signs it");
  const file = readFileSync(join(folder, "signed.json"), "utf8");
  const { signature, signer: named, ...rest } = JSON.parse(file);
  assert.deepEqual([rest, named], [JSON.parse(text), signer.toLowerCase()]);
  const near = told(
    await screenLocally(http(chain.url), rules({ snapshot: text })).screen(everybody),
  );
  const offline = screenLocally(undefined, rules({ snapshot: file, seal: signedBy([signer]) }));
  assert.deepEqual(told(await offline.screen(everybody)), near);
  const strange = screenLocally(undefined, rules({ snapshot: file, seal: signedBy([CLEAR]) }));
  const { outcome, reason, detail } = (await strange.screen(CLEAR)).screenings[0];
  assert.deepEqual([outcome, reason], ["unknown", "snapshot-refused"]);
  assert.match(detail, new RegExp(`signed by ${named}, who is not named`));
});

test("with one entry removed, added or altered it is refused", async () => {
  const whole = JSON.parse(text);
  const entries = whole.acts.flatMap((one, i) => one[7].map((_, n) => [i, n]));
  assert.equal(entries.length, 9, "four of the system, and five");
  const refused = async (snapshot) => {
    for (const screener of [
      screenLocally(http(chain.url), rules({ snapshot })),
      screenLocally(undefined, rules({ snapshot, seal: said.seal })),
    ]) {
      const { outcome, reason } = await screener.screen(CLEAR);
      assert.deepEqual([outcome, reason], ["unknown", "snapshot-refused"]);
    }
  };
  for (const [i, n] of entries) {
    for (const change of [
      (all) => all.toSpliced(n, 1),
      (all) => all.toSpliced(n, 0, `${CLEAR.slice(2)} 1 0`),
      (all) => all.with(n, all[n].replace(/^\w{40}/, CLEAR.slice(2))),
      (all) => all.with(n, all[n].replace(/ \d+ /, " 12 ")),
    ]) {
      const acts = whole.acts.with(i, whole.acts[i].with(7, change(whole.acts[i][7])));
      await refused({ ...whole, acts });
      await refused(sealed(rules().list, acts));
    }
  }
});

test("the address book becomes a list that can be asked", () => {
  const other = { ...book, chain_id: 10 };
  const books = join(folder, "books");
  writeFileSync(join(folder, "10.json"), JSON.stringify(other));
  const { block, blocklist } = book;
  const list = { chainId: 10, address: blocklist.address, block };
  assert.ok(addressesModule(folder).includes(`  10: ${JSON.stringify(list)},`));
  assert.match(addressesModule(books), /lists = \{\}/);
});
