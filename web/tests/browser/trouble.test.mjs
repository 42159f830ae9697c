// When something is wrong, the page that one has open says what, and what to do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { browser, somebody, world } from "./world.mjs";

let site;
let chromium;
before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  await site.list(somebody(1));
  await site.pay(somebody(1), 250);
  await site.until("/v1/alerts", ({ alerts }) => alerts.length === 1);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const row = (page) => page.locator("table.findings tbody tr");

test("an indexer that ends is told, what was known stays, and it goes on by itself", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await row(page).first().waitFor();
  await site.program.stop();
  await page.getByText("The indexer does not answer.").waitFor();
  assert.equal(await row(page).count(), 1);
  assert.deepEqual(await axe(page), []);

  const other = await open(chromium);
  await assert.rejects(other.page.goto(`${site.url}/`));
  await other.close();

  assert.equal(await site.program.start(), site.url);
  await page.getByText("The indexer does not answer.").waitFor({ state: "detached" });
  await site.pay(somebody(1), 333);
  await row(page).first().getByText("333", { exact: true }).waitFor();
  await close();
});

test("a chain that is not followed is told on every page with its reason", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/`);
  await row(page).first().waitFor();
  await site.chain.close();
  const banner = page.getByRole("alert").filter({ hasText: "Findings may be missing" });
  await banner.waitFor({ timeout: 90_000 });
  const { reason } = await site.get("/readyz");
  assert.ok((await banner.textContent()).includes(reason.slice(0, 20)), reason);
  assert.deepEqual(await axe(page), []);
  await page.goto(`${site.url}/health`);
  await page.getByText("The chain is not followed", { exact: true }).waitFor();
  await close();
});
