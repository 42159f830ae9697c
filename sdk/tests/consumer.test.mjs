// A page that asks the Chainalysis oracle asks the list by changing one address.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Interface } from "ethers";
import { build } from "esbuild";

import { browser, serve, walletIn } from "./world/browser.mjs";
import { batch, somebody, system } from "./world/system.mjs";

const [LISTED, DELISTED, CLEAR] = [1, 2, 3].map(somebody);
const entry = fileURLToPath(new URL("consumer/page.js", import.meta.url));
const HTML =
  '<!doctype html><form><input name="address"><button>Ask</button><output name="answer"></output></form><script src="page.js"></script>';

/** An oracle of that shape, as the contracts' tests have it; `forge build` makes it. */
const flagOracle = () => {
  const path = new URL("../../target/forge/Peers.sol/FlagOracle.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"));
};

let world;
let chrome;
let oracle;

before(async () => {
  world = await system();
  const { abi, bytecode } = flagOracle();
  const face = new Interface(abi);
  oracle = (await world.send(null, bytecode.object)).contractAddress;
  const tell = (name, accounts) => world.send(oracle, face.encodeFunctionData(name, [accounts]));
  await tell("addToSanctionsList", [LISTED, DELISTED]);
  await tell("removeFromSanctionsList", [DELISTED]);
  await world.act("list", batch(1, [LISTED, DELISTED]));
  await world.act("delist", batch(1, [DELISTED]));
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

const pageFor = async (address) => {
  const define = { "process.env.ORACLE": JSON.stringify(address) };
  const options = { bundle: true, write: false, format: "iife", logLevel: "error" };
  const { outputFiles } = await build({ entryPoints: [entry], define, ...options });
  return outputFiles[0].text;
};

const answers = async (script) => {
  const site = await serve("/nowhere", { "/index.html": () => HTML, "/page.js": () => script });
  const page = await chrome.newPage();
  try {
    await walletIn(page, { 31337: world.url }, CLEAR, 31337);
    await page.goto(site.url);
    const found = [];
    for (const address of [LISTED, DELISTED, CLEAR]) {
      await page.evaluate(() => (document.forms[0].elements.answer.value = ""));
      await page.fill("input", address);
      await page.click("button");
      await page.waitForFunction(() => document.forms[0].elements.answer.value);
      found.push(await page.inputValue("output").catch(() => page.textContent("output")));
    }
    return found;
  } finally {
    await page.close();
    await site.close();
  }
};

test("the page is the same but for one address, and so are its answers", async () => {
  const [before, now] = [await pageFor(oracle), await pageFor(world.list.address)];
  assert.notEqual(before, now);
  assert.equal(before.replaceAll(oracle, world.list.address), now);
  const expected = ["refused", "welcome", "welcome"];
  assert.deepEqual(await answers(before), expected);
  assert.deepEqual(await answers(now), expected);
});
