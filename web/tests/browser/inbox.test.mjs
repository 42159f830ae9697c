// The inbox of the real indexer, in a real browser, with the keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { open } from "./page.mjs";
import { liar, logTransfer } from "./token.mjs";
import { browser, somebody, world } from "./world.mjs";

const HOSTILE = `Visit \u202eevil.example <img src=x onerror="document.title='taken'"> ${"x".repeat(300)}`;
const LISTED = somebody(1);
const DEALT = 6;

let site;
let chromium;

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  await site.list(LISTED, somebody(2));
  for (let n = 1; n <= DEALT; n += 1) await site.pay(LISTED, 100 * n);
  await site.until("/v1/alerts", ({ alerts }) => alerts.length === DEALT);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const rows = (page) => page.locator("table.findings tbody tr");
const at = (page) => page.evaluate(() => document.activeElement?.getAttribute("data-row"));

test("a finding arrives by itself, at the top", async () => {
  const { page, quiet, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page)
    .nth(DEALT - 1)
    .waitFor();
  await site.payEther(LISTED, 1.25);
  const first = rows(page).first();
  await first.getByText("1.25").waitFor();
  assert.equal(await rows(page).count(), DEALT + 1);
  assert.match(
    await first.textContent(),
    /Critical[\s\S]*Sent to listed address[\s\S]*While listed/,
  );
  quiet();
  await close();
});

test("the keyboard goes through the list, opens a case, and comes back to the place", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  await page.keyboard.press("j");
  const first = await at(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const third = await at(page);
  assert.notEqual(first, third);
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  assert.equal(await at(page), third);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${site.url}/alerts/${third}`);
  await page.getByRole("heading", { name: "Why", exact: true }).waitFor();
  await page.keyboard.press("k");
  await page.waitForURL((url) => !url.pathname.endsWith(third));
  const second = new URL(page.url()).pathname.split("/").at(-1);
  await page.keyboard.press("u");
  await page.waitForURL(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  assert.equal(await at(page), second);
  await close();
});

test("one comes back to where one had scrolled to", async () => {
  const { page, close } = await open(chromium, { height: 300 });
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  await page.keyboard.press("End");
  const down = await page.evaluate(() => window.scrollY);
  assert.ok(down > 100, `${down}`);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Why", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), 0);
  await page.goBack();
  await rows(page).nth(DEALT).waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), down);
  await close();
});

test("news move nothing under the hand of who works in the list", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const place = await at(page);
  const above = await rows(page).first().textContent();
  await site.pay(somebody(2), 77);
  const news = page.getByRole("button", { name: /Show 1 new finding/ });
  await news.waitFor();
  assert.equal(await at(page), place);
  assert.equal(await rows(page).first().textContent(), above);
  await page.keyboard.press(".");
  await rows(page).first().getByText("77", { exact: true }).waitFor();
  assert.equal(await news.count(), 0);
  await close();
});

test("news that were asked for before one began to work are held back too", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  let release;
  const gate = new Promise((open) => (release = open));
  await page.route("**/v1/alerts?*", async (route) => {
    await gate;
    await route.continue();
  });
  const asking = page.waitForRequest("**/v1/alerts?*");
  await site.pay(LISTED, 78);
  await asking;
  await page.keyboard.press("j");
  const place = await at(page);
  release();
  await page.getByRole("button", { name: /Show 1 new finding/ }).waitFor();
  assert.equal(await at(page), place);
  await close();
});

test("what is filtered stands in the address, and going back goes back", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(somebody(2));
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("listed") === somebody(2));
  await page.waitForFunction(() => document.querySelectorAll(".findings tbody tr").length === 1);
  await page.getByRole("button", { name: /^High/ }).click();
  await page.waitForURL((url) => url.searchParams.get("severity") === "high");
  await page.getByText("No finding fits these filters").waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.querySelectorAll(".findings tbody tr").length === 1);
  await page.goBack();
  await page.waitForURL(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();

  await page.keyboard.press("/");
  await page.keyboard.type("0x12");
  await page.keyboard.press("Enter");
  await page.getByText("That is neither an address").waitFor();
  await close();
});

test("a link to a view shows the same to whoever opens it", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/?listed=${somebody(2)}&severity=critical`);
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  const critical = page.getByRole("button", { name: /^Critical/ });
  assert.equal(await critical.getAttribute("aria-pressed"), "true");
  await close();
});

test("what a token says of itself is text, by itself, and cut", async () => {
  const token = await site.deployed(liar(HOSTILE));
  await site.from(site.customer, token, logTransfer(LISTED, somebody(9), 10n ** 24n));
  const isIt = ({ amount }) => amount.decimal === null && amount.token_says?.name;
  const { alerts } = await site.until("/v1/alerts", ({ alerts }) => alerts.some(isIt));
  const alert = alerts.find(isIt);
  const { page, quiet, close } = await open(chromium);
  for (const path of ["/", `/alerts/${alert.id}`]) {
    await page.goto(`${site.url}${path}`);
    const said = page.locator("bdi.foreign").first();
    await said.waitFor();
    const text = await said.textContent();
    assert.ok(text.startsWith("Visit") && [...text].length <= 41, text);
    assert.doesNotMatch(text, /\u202e/);
    assert.equal(await page.locator("img").count(), 0);
    assert.doesNotMatch(await page.title(), /taken/);
  }
  quiet();
  await close();
});

test("the keys are told, and the focus comes back to where it was", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await rows(page).nth(DEALT).waitFor();
  await page.keyboard.press("j");
  const place = await at(page);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await at(page), place);
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.waitForURL(`${site.url}/health`);
  await close();
});
