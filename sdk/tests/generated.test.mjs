// What is generated says what the contracts and the address books say, and the hand-written bytes too.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { Interface } from "ethers";
import { transformSync } from "esbuild";

import { abiModule, addressesModule } from "../scripts/generate.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const artifact = JSON.parse(read("../../contracts/artifacts/Blocklist.json"));
const face = new Interface(artifact.abi);

test("the ABI and the addresses are generated, and up to date", () => {
  const abi = abiModule(artifact);
  assert.equal(read("../src/abi.ts"), abi, "run `make bless`");
  const folder = new URL("../../deployments", import.meta.url).pathname;
  assert.equal(read("../src/addresses.ts"), addressesModule(folder), "run `make bless`");
});

test("the ABI that is shipped has every function, event and error of the list", async () => {
  const { blocklistAbi } = await import("@interdict/sdk/abi");
  assert.equal(blocklistAbi.length, artifact.abi.length - 1, "all but the constructor");
  const shipped = new Interface(blocklistAbi);
  assert.equal(shipped.getFunction("isSanctioned").selector, "0xdf592f7d");
  face.forEachEvent((event) => assert.ok(shipped.getEvent(event.topicHash), event.name));
});

/** The constants of a hand-written file, by their names. */
const constants = async (path) => {
  const { code } = transformSync(read(path), { loader: "ts", format: "esm" });
  const alone = code.replace(/^import[^;]*;$/gm, "");
  const listed = /const LISTED = "(\w+)"/.exec(read("../src/wire.ts"))[1];
  const text = `const LISTED = "${listed}", KIND = {};\n${alone.replace(/^const LISTED.*$/m, "")}`;
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
};

test("the hand-written selectors and topics are those of the contract", async () => {
  const wire = read("../src/wire.ts");
  const selectors = [...wire.matchAll(/^export const (\w+) = "(0x[0-9a-f]{8})";$/gm)];
  assert.equal(selectors.length, 7);
  for (const [, constant, selector] of selectors) {
    const name = constant.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
    assert.equal(face.getFunction(name).selector, selector, name);
  }
  const listed = /const LISTED = "(\w+)"/.exec(wire)[1];
  assert.equal(face.getEvent("Listed").topicHash, listed);
  const { TOPICS } = await constants("../src/local/logs.ts");
  const names = [];
  face.forEachEvent(({ name, topicHash }) => {
    names.push(name);
    assert.equal(TOPICS[name], topicHash, name);
  });
  assert.deepEqual(Object.keys(TOPICS).sort(), names.sort());
});

test("the source lists and the kinds of acts are those of the Rust side", () => {
  const rust = read("../../core/src/source.rs");
  const codes = new Map([...rust.matchAll(/Self::(\w+) => "([\w-]+)"/g)].map(([, a, b]) => [a, b]));
  const bits = [...rust.matchAll(/^ {4}(\w+) = (\d+),$/gm)].map(([, a, bit]) => [
    codes.get(a),
    +bit,
  ]);
  const ours = [...read("../src/source.ts").matchAll(/^ {2}"?([\w-]+)"?: (\d+),$/gm)];
  assert.equal(bits.length, 8);
  assert.deepEqual(
    ours.map(([, code, bit]) => [code, +bit]),
    bits,
  );
  const kinds = [...read("../../core/src/ledger/act.rs").matchAll(/^ {4}(\w+) = (\d),$/gm)];
  const lower = (name) => name[0].toLowerCase() + name.slice(1);
  const here = [...read("../src/local/act.ts").matchAll(/^ {2}(\w+): (\d),$/gm)];
  assert.equal(kinds.length, 8);
  assert.deepEqual(
    here.map(([, a, n]) => [a, n]),
    kinds.map(([, a, n]) => [lower(a), n]),
  );
});

test("address books become lists, those of other machines do not", () => {
  const folder = mkdtempSync(join(tmpdir(), "deployments-"));
  const book = (chain_id, more = {}) =>
    JSON.stringify({
      schema: "interdict.deployment/1",
      chain_id,
      block: 7,
      blocklist: { address: `0x${"ab".repeat(20)}`, code_hash: `0x${"00".repeat(32)}` },
      ...more,
    });
  try {
    assert.match(addressesModule(folder), /lists = \{\} as const/);
    assert.match(addressesModule(join(folder, "nowhere")), /lists = \{\} as const/);
    writeFileSync(join(folder, "31337.json"), book(31337));
    writeFileSync(join(folder, "10.json"), book(10));
    writeFileSync(join(folder, "1.json"), book(1));
    writeFileSync(join(folder, "README.md"), "");
    const text = addressesModule(folder);
    const lines = text.split("\n").filter((line) => /^ {2}\d/.test(line));
    const address = `"address":"0x${"ab".repeat(20)}"`;
    assert.deepEqual(
      lines,
      [1, 10].map((id) => `  ${id}: {"chainId":${id},${address},"block":7},`),
    );
    for (const wrong of [
      book(2),
      book(3, { schema: "interdict.deployment/2" }),
      book(3, { blocklist: {} }),
    ]) {
      writeFileSync(join(folder, "3.json"), wrong);
      assert.throws(() => addressesModule(folder), /3\.json/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
