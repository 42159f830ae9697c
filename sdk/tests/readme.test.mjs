// Every snippet of the README, run as it stands; only whose list it is gets replaced.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { Wallet } from "ethers";

import { http } from "@interdict/sdk/http";

import { browser, serve, walletIn } from "./world/browser.mjs";
import { snapshotOf } from "./world/snapshot.mjs";
import { batch, manifest, somebody, system } from "./world/system.mjs";

const [OFAC, EU] = [1, 4];
const [CLEAR, LISTED] = [somebody(1), somebody(2)];
const LINES_MAX = 10;
const YOURS = /^const list = .*\/\/ yours$/m;
const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");

/** By the word in their first line. */
const snippets = new Map(
  [...readme.matchAll(/^```jsx?\n\/\/ (\w+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [
    name,
    code,
  ]),
);
const run = new Set();
const snippet = (name) => {
  run.add(name);
  return snippets.get(name);
};

let world;
let chrome;

before(async () => {
  world = await system();
  await world.act("list", batch(OFAC, [LISTED]));
  await world.act("attest", OFAC | EU, await world.now(), manifest("attested"));
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await world?.close();
});

const bundled = async (contents, format = "esm", loader = "jsx") => {
  const stdin = { contents, resolveDir: root, loader };
  const define = { "process.env.NODE_ENV": '"production"' };
  const options = { bundle: true, write: false, logLevel: "error", jsx: "automatic", define };
  const { outputFiles } = await build({ stdin, format, ...options });
  return outputFiles[0].text;
};

/** A page with a button and a script, and a wallet with an account. */
const onPage = async (script, account, story) => {
  const html =
    '<!doctype html><div id="root"></div><button id="button">Connect</button><script src="page.js"></script>';
  const site = await serve("/nowhere", { "/index.html": () => html, "/page.js": () => script });
  const page = await chrome.newPage();
  try {
    await world.rpc("evm_mine");
    const wallet = await walletIn(page, { 31337: world.url }, account, 31337);
    await page.goto(site.url);
    await story(page, wallet);
  } finally {
    await page.close();
    await site.close();
  }
};

for (const name of ["ethers", "viem"]) {
  test(`${name}: a screened connect button in ${LINES_MAX} lines`, async () => {
    const code = snippet(name);
    assert.equal(code.trim().split("\n").length, LINES_MAX);
    assert.match(code, YOURS);
    const own = code.replace(YOURS, `const list = ${JSON.stringify(world.list)};`);
    const script = await bundled(own, "iife");
    await onPage(script, CLEAR, async (page) => {
      await page.click("#button");
      await page.getByText(/^Connected 0x/).waitFor();
    });
    await onPage(script, LISTED, async (page) => {
      await page.click("#button");
      await page.getByText(/is listed by OFAC-SDN since/).waitFor();
    });
    // As it stands, with a list that is not there, it connects nobody.
    await onPage(await bundled(code, "iife"), CLEAR, async (page) => {
      await page.click("#button");
      await page.getByText(/could not be screened/).waitFor();
    });
  });
}

test("react: a button that is enabled for whom the site goes on with", async () => {
  const script = await bundled(
    `import { createRoot } from "react-dom/client";
    ${snippet("react")}
    const list = ${JSON.stringify(world.list)};
    const root = createRoot(document.getElementById("root"));
    window.show = (recipient) => root.render(
      <Pay wallet={window.ethereum} account="${CLEAR}" recipient={recipient} list={list} />);`,
    "iife",
  );
  await onPage(script, CLEAR, async (page) => {
    const show = (recipient) => page.evaluate((to) => window.show(to), recipient);
    await show(somebody(3));
    await page.locator("button:enabled", { hasText: "Pay" }).waitFor();
    await show(LISTED);
    await page.locator('button:disabled[title*="listed by OFAC-SDN"]').waitFor();
    // Nobody is named yet: one party alone does not pass for both.
    await show(undefined);
    await page.locator('button:disabled[title="idle"]').waitFor();
    await show(somebody(4));
    await page.locator('button:enabled[title="clear"]').waitFor();
  });
});

/** What a snippet for a server exports, with the names that it takes from its surroundings. */
const onServer = async (code, names) => {
  const given = Object.entries(names).map(([name, value]) => `const ${name} = ${value};`);
  const text = await bundled(`${given.join("\n")}\n${code}`);
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
};

test("local: nobody is told whom it is about", async () => {
  await world.rpc("evm_mine");
  globalThis.provider = http(world.url);
  const names = {
    provider: "globalThis.provider",
    list: JSON.stringify(world.list),
    account: JSON.stringify(CLEAR),
    recipient: JSON.stringify(LISTED),
  };
  const code = `${snippet("local")}\nexport { decision };`;
  const { decision, screener } = await onServer(code, names);
  assert.equal(decision.outcome, "listed");
  assert.equal((await screener.screen(CLEAR)).outcome, "clear");
});

test("signed: a file that its publisher has signed, and no node", async () => {
  const publisher = Wallet.createRandom();
  const { seal, ...rest } = await snapshotOf(world);
  const domain = { name: "Interdict Snapshot", version: "1", chainId: world.list.chainId };
  const signature = await publisher.signTypedData(
    { ...domain, verifyingContract: world.list.address },
    { Snapshot: [{ name: "seal", type: "bytes32" }] },
    { seal },
  );
  globalThis.signed = JSON.stringify({ ...rest, seal, signature });
  const names = {
    fetch: "async () => new Response(globalThis.signed)",
    list: JSON.stringify(world.list),
    publisher: JSON.stringify(publisher.address),
  };
  const { screener } = await onServer(snippet("signed"), names);
  assert.equal((await screener.screen(LISTED)).outcome, "listed");
});

test("server: 451 for the listed, and a welcome", async () => {
  const names = { url: JSON.stringify(world.url), list: JSON.stringify(world.list) };
  const { default: handler } = await onServer(snippet("server"), names);
  const ask = (account) =>
    handler(new Request("http://site/", { method: "POST", body: JSON.stringify({ account }) }));
  await world.rpc("evm_mine");
  assert.equal(await (await ask(CLEAR)).text(), "welcome");
  assert.equal((await ask(LISTED)).status, 451);
});

test("every snippet is run", () => {
  assert.deepEqual([...run].sort(), [...snippets.keys()].sort());
  assert.equal(readme.match(/^```/gm).length, 2 * (snippets.size + 1), "and one that installs");
});

test("every reason stands in the table", () => {
  const reasons = [
    ...readFileSync(`${root}src/reason.ts`, "utf8").matchAll(/^ {2}\| "([\w-]+)"/gm),
  ];
  assert.equal(reasons.length, 18);
  for (const [, reason] of reasons) assert.ok(readme.includes(`\`${reason}\``), reason);
});
