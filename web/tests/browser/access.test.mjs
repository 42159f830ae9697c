// Who may come in, and what each may see: by the page, as people do it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { browser, world } from "./world.mjs";

let site;
let chromium;
let tokens;
before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  tokens = await people(site);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const who = (page) => page.locator(".person");

test("a token becomes a session that lasts, and ends when one signs out", async () => {
  const { page, context, quiet, close } = await open(chromium);
  await page.goto(`${site.url}/sign-in`);
  await page.getByLabel("Token").fill("idx_0000_nobody");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page
    .getByRole("alert")
    .getByText(/credentials/)
    .waitFor();
  assert.deepEqual(await axe(page), []);

  await enter(page, site.url, tokens.alice);
  await who(page).getByText("alice").waitFor();
  await page.reload();
  await who(page).getByText("alice").waitFor();
  const [cookie] = await context.cookies();
  const { httpOnly, secure, sameSite, name } = cookie;
  assert.deepEqual([httpOnly, secure, sameSite], [true, true, "Lax"], name);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, document.cookie]));
  assert.ok(!kept.includes("idx_"), kept);

  await who(page).getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${site.url}/sign-in`);
  await who(page).getByText("Not signed in").waitFor();
  quiet("401 (Unauthorized)");
  await close();
});

test("one comes back to the page that asked for it", async () => {
  const { page, close } = await open(chromium);
  await page.goto(`${site.url}/sign-in?to=${encodeURIComponent("/health")}`);
  await page.getByLabel("Token").fill(tokens.bob);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${site.url}/health`);
  await close();
});

test("an admin makes a token, which is shown once and lets in, and takes it back", async () => {
  const { page, close } = await open(chromium);
  await enter(page, site.url, tokens.dora);
  await page.goto(`${site.url}/settings/tokens`);
  await page.getByRole("button", { name: "Make a token" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Person").fill("frank");
  await dialog.getByLabel("Role").selectOption("viewer");
  await dialog.getByRole("button", { name: "Make it" }).click();
  const made = await dialog.locator(".secret code").textContent();
  assert.match(made, /^idx_/);
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  const row = page.getByRole("row", { name: /frank/ });
  await row.getByText("Valid").waitFor();
  assert.ok(!(await page.locator("main").textContent()).includes(made));

  const frank = await open(chromium);
  await enter(frank.page, site.url, made);
  await who(frank.page).getByText("frank").waitFor();
  await frank.page.goto(`${site.url}/settings/tokens`);
  await frank.page.locator("main h1, main .state").first().waitFor();
  assert.equal(await frank.page.getByRole("heading", { name: "Tokens" }).count(), 0);

  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke it" }).click();
  await row.getByText("Revoked").waitFor();
  await frank.page.goto(`${site.url}/`);
  await who(frank.page).getByText("Not signed in").waitFor();
  await frank.close();
  await close();
});
