// What the list says of an address: on its own page, in the screening box, and act by act.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { browser, somebody, world } from "./world.mjs";

const LISTED = somebody(1);
let site;
let chromium;
let tokens;
before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  tokens = await people(site);
  await site.chain.attest(1);
  await site.list(LISTED);
  await site.until("/readyz", ({ listed_addresses: listed }) => listed === 1);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const serious = async (page) => assert.deepEqual(await axe(page), []);

test("three answers, and what cannot be read is unknown, never clear", async () => {
  const { page, quiet, close } = await open(chromium);
  await page.goto(`${site.url}/screen`);
  const other = "TXEsK1s8bGS7Dh1oyHTZcLBFWcWxzFeVyr";
  await page.getByLabel("Addresses").fill(`${LISTED}, ${somebody(5)}\n${other}`);
  await page.getByText("2 addresses, and 1 that cannot be read").waitFor();
  await page.getByRole("button", { name: /^Screen/ }).click();
  await page.getByRole("heading", { name: "1 listed, 1 unknown, 1 clear" }).waitFor();
  const said = (await page.locator("table.answers tbody tr").allTextContents()).map((text) =>
    text.replaceAll(/\s/g, ""),
  );
  assert.match(said[0], /^Listed.*OFAC-SDN.*33151/);
  assert.ok(said[1].startsWith(`Unknown${other}`), said[1]);
  assert.match(said[2], /^Clear/);
  await serious(page);
  quiet();
  await close();
});

test("an address has both of its dates", async () => {
  const { page, quiet, close } = await open(chromium);
  await page.goto(`${site.url}/addresses/${LISTED}`);
  const verdict = page.locator(".verdict");
  await verdict.getByText("Listed", { exact: true }).waitFor();
  const text = await page.locator("main").textContent();
  assert.match(text, /designated on 2020-09-14/);
  assert.match(text, /On the list from\d{4}-\d\d-\d\d \d\d:\d\d/);
  await serious(page);
  await page.goto(`${site.url}/addresses/${somebody(6)}`);
  await page.getByText("It was never on this list.").waitFor();
  await serious(page);
  quiet();
  await close();
});

test("the list tells its acts, and how fresh its sources are", async () => {
  const { page, quiet, close } = await open(chromium);
  await page.goto(`${site.url}/list`);
  await page.getByRole("row", { name: /OFAC-SDN.*Fresh/ }).waitFor();
  await page.locator(".acts").getByText("List", { exact: true }).waitFor();
  await serious(page);
  await site.list(somebody(4));
  await page.locator(".acts .address a").nth(1).waitFor();
  quiet();
  await close();
});

test("an admin looks after a subject, and everybody reads the policy", async () => {
  const { page, quiet, close } = await open(chromium);
  await enter(page, site.url, tokens.dora);
  await page.goto(`${site.url}/settings/subjects`);
  await page.getByRole("button", { name: "Add a subject" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("0x12");
  await dialog.getByRole("button", { name: "Add it" }).click();
  await dialog.getByText("An address is 0x and 40 hex digits").waitFor();
  await dialog.getByLabel("Address").fill(somebody(8));
  await dialog.getByLabel("Reference").fill("account 4401");
  await dialog.getByRole("button", { name: "Add it" }).click();
  await page.locator(".subjects").getByText("account 4401").waitFor();
  await serious(page);
  await page.goto(`${site.url}/settings/policy`);
  await page.getByText("direct.outbound.while_listed", { exact: true }).waitFor();
  await serious(page);
  quiet();
  await close();
});
