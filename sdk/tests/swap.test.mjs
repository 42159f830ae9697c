// The example in a real browser: all three outcomes, another chain, another account, a node that
// goes away and comes back. SCREENSHOTS=<folder> keeps pictures of each.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { anvil } from "./world/anvil.mjs";
import { browser, serve, walletIn } from "./world/browser.mjs";
import { proxy } from "./world/proxy.mjs";
import { batch, manifest, somebody, system } from "./world/system.mjs";

const [OFAC, UK, EU] = [1, 2, 4];
const [CLEAR, FRIEND, LISTED, BRITISH, CHANGING] = [1, 2, 3, 4, 5].map(somebody);
const ELSEWHERE = 8453;
const TIMEOUT_MS = 15_000;
const PICTURES = process.env.SCREENSHOTS;
const SIZES = { desk: { width: 1180, height: 820 }, phone: { width: 390, height: 844 } };

let world;
let elsewhere;
let between;
let chrome;
let site;
let folder;
let onUnknown = "block";

before(async () => {
  world = await system();
  elsewhere = await anvil(ELSEWHERE);
  between = await proxy(world.url);
  await world.act("list", batch(OFAC, [LISTED]));
  await world.act("listProvisional", batch(UK, [BRITISH]));
  await world.act("attest", OFAC | UK | EU, await world.now(), manifest("attested"));
  folder = mkdtempSync(join(tmpdir(), "swap-"));
  const root = fileURLToPath(new URL("../examples/swap", import.meta.url));
  await build({ root, logLevel: "warn", build: { outDir: folder, emptyOutDir: true } });
  const rules = () => ({
    list: world.list,
    sources: ["OFAC-SDN", "UK", "EU"],
    onUnknown,
    contact: "compliance@ferry.example",
  });
  site = await serve(folder, { "/site.json": () => JSON.stringify(rules()) });
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await site?.close();
  await between?.close();
  await elsewhere?.close();
  await world?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** A visitor with a wallet, and what is wrong with the page, which must be nothing. */
const visit = async (story, { account = CLEAR, policy = "block", ...view } = {}) => {
  onUnknown = policy;
  between.state.fault = "none";
  await world.rpc("evm_mine");
  const context = await chrome.newContext({ viewport: SIZES.desk, ...view });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const wrong = [];
  page.on("console", (line) => line.type() === "error" && wrong.push(line.text()));
  page.on("pageerror", (error) => wrong.push(`${error}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith("data:")) {
      wrong.push(`asked ${request.url()}`);
    }
  });
  const nodes = { 31337: between.url, [ELSEWHERE]: elsewhere.url };
  const wallet = await walletIn(page, nodes, account, 31337);
  await page.goto(site.url);
  const is = {
    status: (name, status) =>
      page.locator(`[data-testid="line-${name}"][data-status="${status}"]`).waitFor(),
    button: async () => {
      const button = page.getByTestId("swap");
      return { text: await button.textContent(), enabled: await button.isEnabled() };
    },
    back: () => page.evaluate(() => window.dispatchEvent(new Event("focus"))),
  };
  try {
    await page.getByTestId("connect").click();
    await story({ page, wallet, ...is });
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
};

test("clear: both sides are screened, and the swap is sent", () =>
  visit(async ({ page, wallet, status, button }) => {
    await status("You", "clear");
    assert.deepEqual(await button(), { text: "Swap", enabled: true });
    await page.getByTestId("recipient").fill("0x12");
    assert.deepEqual(await button(), { text: "Recipient is not an address", enabled: false });
    await page.getByTestId("recipient").fill(FRIEND);
    await status("Recipient", "clear");
    await page.getByTestId("swap").click();
    await page.getByText("Sent: 0x").waitFor();
    assert.deepEqual(
      wallet.state.sent.map(({ to }) => to),
      [FRIEND],
    );
  }));

test("listed recipient: refused, with the source, the act and the way to a review", () =>
  visit(async ({ page, wallet, status, button }) => {
    await status("You", "clear");
    await page.getByTestId("recipient").fill(LISTED);
    await status("Recipient", "listed");
    assert.deepEqual(await button(), { text: "Refused", enabled: false });
    const refusal = page.getByTestId("refusal");
    const text = await refusal.textContent();
    for (const part of ["this recipient", LISTED, "SDN list", "Entry7,", "act 2"]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    const link = await refusal
      .getByRole("link", { name: "a review of the listing" })
      .getAttribute("href");
    assert.match(link, /^https:\/\/ofac\.treasury\.gov\//);
    const mail = await refusal.getByRole("link", { name: "compliance@" }).getAttribute("href");
    assert.ok(mail.includes(LISTED));
    await page.getByTestId("recipient").fill("");
    assert.deepEqual(await button(), { text: "Swap", enabled: true });
    assert.deepEqual(wallet.state.sent, []);
  }));

test("another account: the answer of the one before is never its own", () =>
  visit(async ({ page, wallet, status, button }) => {
    await status("You", "clear");
    // While the node says nothing, nothing is known of the new account.
    between.state.fault = "silent";
    await wallet.account(BRITISH);
    await status("You", "loading");
    assert.deepEqual(await button(), { text: "Screening…", enabled: false });
    between.state.fault = "none";
    await wallet.account(LISTED);
    await status("You", "listed");
    await wallet.account(BRITISH);
    await page.getByText("UK Sanctions List").waitFor();
    assert.match(await page.getByTestId("refusal").textContent(), /held until \d{4}-\d\d-\d\d/);
    await wallet.account(FRIEND);
    await status("You", "clear");
    assert.deepEqual(await button(), { text: "Swap", enabled: true });
  }));

test("another chain: unknown, until the wallet is back", () =>
  visit(async ({ page, wallet, status, button }) => {
    await status("You", "clear");
    await wallet.chain(ELSEWHERE);
    await status("You", "unknown");
    assert.match(await page.getByTestId("doubt").textContent(), /on another chain/);
    assert.deepEqual(await button(), { text: "Waiting for an answer", enabled: false });
    await page.getByRole("button", { name: "Switch network" }).click();
    await status("You", "clear");
    assert.equal(wallet.state.chainId, 31337);
  }));

for (const [fault, says] of [
  ["down", /could not be reached/],
  ["limited", /answers no more questions/],
  ["html", /no node but a web page/],
]) {
  test(`a node that is ${fault}: unknown, and clear again when it is back`, () =>
    visit(async ({ page, status, button, back }) => {
      await status("You", "clear");
      between.state.fault = fault;
      await back();
      await status("You", "unknown");
      assert.match(await page.getByTestId("doubt").textContent(), says);
      assert.deepEqual(await button(), { text: "Waiting for an answer", enabled: false });
      await page.getByRole("button", { name: "Try again" }).click();
      await status("You", "unknown");
      between.state.fault = "none";
      await page.getByRole("button", { name: "Try again" }).click();
      await status("You", "clear");
      between.state.fault = fault;
      await back();
      await status("You", "unknown");
      between.state.fault = "none";
      await back();
      await status("You", "clear");
    }));
}

test("a site that chose to go on says so, and looks again before it sends", () =>
  visit(
    async ({ page, wallet, status, button, back }) => {
      await status("You", "clear");
      between.state.fault = "down";
      await back();
      await status("You", "unknown");
      assert.match(await page.getByTestId("doubt").textContent(), /goes on all the same/);
      assert.deepEqual(await button(), { text: "Swap", enabled: true });
      between.state.fault = "none";
      await world.act("list", batch(EU, [CHANGING]));
      await page.getByTestId("swap").click();
      await page.getByText(/is listed by EU/).waitFor();
      await status("You", "listed");
      assert.deepEqual(wallet.state.sent, []);
      await world.act("delistMany", batch(EU, [CHANGING]));
      await back();
      await status("You", "clear");
    },
    { account: CHANGING, policy: "allow" },
  ));

const pictures = async (name, view, story, options) => {
  for (const colorScheme of ["light", "dark"]) {
    const shot = async (said) => {
      await story(said);
      // Nothing reaches beyond the page's width.
      const wide = await said.page.evaluate(
        () => document.documentElement.scrollWidth - innerWidth,
      );
      assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
      if (!PICTURES) return;
      await said.page.screenshot({
        path: join(PICTURES, `${name}-${view}-${colorScheme}.png`),
        fullPage: true,
      });
    };
    await visit(shot, { viewport: SIZES[view], colorScheme, ...options });
  }
};
for (const view of Object.keys(SIZES)) {
  test(`it fits on a ${view}, light and dark, in each outcome`, async () => {
    await pictures("clear", view, async ({ page, status }) => {
      await page.getByTestId("recipient").fill(FRIEND);
      await status("You", "clear");
      await status("Recipient", "clear");
    });
    await pictures(
      "listed",
      view,
      async ({ page, status }) => {
        await page.getByTestId("recipient").fill(BRITISH);
        await status("You", "listed");
        await status("Recipient", "listed");
      },
      { account: LISTED },
    );
    await pictures("unknown", view, async ({ wallet, status }) => {
      await status("You", "clear");
      await wallet.chain(ELSEWHERE);
      await status("You", "unknown");
    });
  });
}
