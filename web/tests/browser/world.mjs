// The real thing: a list on a real chain, the indexer's binary beside it, a Chromium before it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Interface, keccak256, parseUnits } from "ethers";
import sqlite from "sql.js";
import { batch, somebody, system } from "../../../sdk/tests/world/system.mjs";

export { browser } from "../../../sdk/tests/world/browser.mjs";
export { somebody };

const root = fileURLToPath(new URL("../../../", import.meta.url));
const BINARY = process.env.INTERDICT_INDEXER ?? join(root, "target/debug/interdict-indexer");
const ETHER = 10n ** 18n;

const DEMO = JSON.parse(
  readFileSync(join(root, "tests/contracts/artifacts/DemoToken.json"), "utf8"),
);
export const OFAC = 1;

const book = async (chain) => {
  const code = async (address) => keccak256(await chain.rpc("eth_getCode", address, "latest"));
  const genesis = await chain.rpc("eth_getBlockByNumber", "0x0", false);
  const one = async (address) => ({ address, code_hash: await code(address) });
  const manager = await one(chain.manager);
  return {
    schema: "interdict.deployment/1",
    chain_id: 31337,
    genesis_hash: genesis.hash,
    block: chain.list.block,
    access_manager: manager,
    seats: manager,
    council: manager,
    signed_act: manager,
    blocklist: await one(chain.list.address),
    parameters: {
      members: [chain.owner],
      guardian: null,
      keeper: null,
      term_seconds: 604_800,
      holds_per_day: 100,
      voting_period_seconds: 86_400,
      vote_quorum_percent: 50,
      signature_quorum_percent: 50,
      delays: {
        delist_seconds: 86_400,
        mass_delist_seconds: 259_200,
        membership_seconds: 259_200,
        protection_seconds: 604_800,
        rules_seconds: 604_800,
      },
    },
  };
};

const config = (chain, token) => `chain_id = 31337
rpc_url = "${chain.url}"
deployment = "deployment.json"
database = "interdict.sqlite"
bind = "127.0.0.1:0"
poll_ms = 50

[webhooks]
key_file = "webhooks.key"
allow = ["127.0.0.0/8"]

[native]
symbol = "ETH"
decimals = 18
dust_below = "0.004"

[[token]]
address = "${token}"
symbol = "USDT"
decimals = 6
dust_below = "10"
`;

/** The indexer as an operator starts it; `stop` ends it, `start` again goes on on the same port. */
const indexer = (folder) => {
  const file = join(folder, "indexer.toml");
  const log = join(folder, "indexer.log");
  let child;
  const start = async () => {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run make build`);
    const env = { ...process.env };
    delete env.DATABASE_URL;
    child = spawn(BINARY, ["--config", file], {
      stdio: ["ignore", "pipe", openSync(log, "a")],
      env,
    });
    const started = child;
    process.once("exit", () => started.kill("SIGKILL"));
    const url = await new Promise((found, fail) => {
      child.once("exit", () => fail(new Error(readFileSync(log, "utf8").slice(-3000))));
      child.stdout.on("data", (part) => {
        const said = /listening on (\S+)/.exec(`${part}`);
        if (said) found(said[1].replace(/\/$/, ""));
      });
    });
    child.removeAllListeners("exit");
    // The next start listens where this one did, as it would for whoever has the page open.
    const port = new URL(url).port;
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/127\.0\.0\.1:\d+"\npoll/, `127.0.0.1:${port}"\npoll`));
    return url;
  };
  const stop = async () => {
    const gone = once(child, "exit");
    child.kill();
    await gone;
  };
  /** One of its verbs; its output. */
  const verb = async (...words) => {
    const run = spawn(BINARY, ["--config", file, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    let [out, said] = ["", ""];
    run.stdout.on("data", (part) => (out += part));
    run.stderr.on("data", (part) => (said += part));
    const [code] = await once(run, "close");
    if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${said}`);
    return out.trim();
  };
  /** Its database, changed while it stands still. */
  const edit = async (sql) => {
    await stop();
    const name = join(folder, "interdict.sqlite");
    assert.ok(!existsSync(`${name}-wal`), "it left its journal behind");
    const bytes = readFileSync(name);
    // Two bytes of the header ask for shared memory, which there is none of here. The indexer sets
    // them again (sqlite.org/fileformat2, 1.3.3).
    bytes.fill(1, 18, 20);
    const database = new (await sqlite()).Database(bytes);
    database.run(sql);
    writeFileSync(name, database.export());
    database.close();
    await start();
  };
  return { start, stop, verb, edit };
};

/** Everything before the story begins: a list, a token, an indexer that follows. */
export const world = async () => {
  const chain = await system();
  const folder = mkdtempSync(join(tmpdir(), "interdict-web-"));
  const demo = new Interface(DEMO.abi);
  const deployed = async (code) => (await chain.send(null, code)).contractAddress;
  const token = await deployed(DEMO.bytecode);
  writeFileSync(join(folder, "deployment.json"), JSON.stringify(await book(chain)));
  writeFileSync(join(folder, "indexer.toml"), config(chain, token));
  const program = indexer(folder);
  const url = await program.start();
  const [, customer] = await chain.rpc("eth_accounts");

  const from = async (who, to, data, value = 0n) => {
    const call = { from: who, to, data, gas: "0x1c9c380", value: `0x${value.toString(16)}` };
    const receipt = await chain.rpc("eth_sendTransactionSync", call);
    if (receipt.status !== "0x1") throw new Error(`${receipt.transactionHash} reverted`);
    return receipt;
  };
  const list = (...addresses) => chain.act("list", batch(OFAC, addresses, undefined, 33_151n));
  const payEther = (to, ether) =>
    from(customer, to, "0x", BigInt(Math.round(ether * 1e6)) * (ETHER / 1_000_000n));
  const pay = async (to, amount) => {
    const units = parseUnits(`${amount}`, 6);
    await from(customer, token, demo.encodeFunctionData("mint", [customer, units]));
    return from(customer, token, demo.encodeFunctionData("transfer", [to, units]));
  };
  const get = async (path, token) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    return (await fetch(`${url}${path}`, { headers })).json();
  };
  /** Looks until a document fits; what another process reaches by itself is waited for so. */
  const until = async (path, fits, token) => {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const said = await get(path, token);
      if (fits(said)) return said;
      if (Date.now() > deadline) throw new Error(`${path} stays ${JSON.stringify(said)}`);
      await new Promise((wake) => setTimeout(wake, 25));
    }
  };
  const close = async () => {
    await program.stop().catch(() => undefined);
    await chain.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  return { chain, url, customer, list, pay, payEther, from, deployed, get, until, program, close };
};
