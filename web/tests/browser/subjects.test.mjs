// Whose dealings are looked after: a file of them is looked at before it is taken in, and one is
// removed when that was asked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { getAddress } from "ethers";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { browser, somebody, world } from "./world.mjs";

let site;
let chromium;
let tokens;
let dora;
let page;

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  tokens = await people(site);
  dora = await open(chromium);
  page = dora.page;
  await enter(page, site.url, tokens.dora);
  await page.goto(`${site.url}/settings/subjects`);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const HEAD = "address,kind,reference";
const serious = async () => assert.deepEqual(await axe(page), []);
const csv = (...lines) => ({
  name: "customers.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(`${[HEAD, ...lines].join("\r\n")}\r\n`),
});
const line = (n, kind = "customer", reference = `K-${n}`) =>
  `${getAddress(somebody(n))},${kind},${reference}`;
const dialog = () => page.getByRole("dialog", { name: "Subjects from a CSV" });
const choose = (file) => dialog().getByLabel("File").setInputFiles(file);
const confirm = () => dialog().getByRole("button", { name: /^Take in/ });
const row = (n) => page.locator(".subjects li", { hasText: `K-${n}` });

test("which lines cannot be read is told by number and reason, and nothing is taken in", async () => {
  await page.getByText("There is none, so every counterparty").waitFor();
  await page.getByRole("button", { name: "From a CSV" }).click();
  await choose(csv(line(1), line(2, "friend"), "", "0x12,pool,", line(1, "pool"), line(3)));
  await dialog().getByText("3 lines cannot be read").waitFor();
  const told = await dialog().locator(".unread li").allTextContents();
  assert.match(told[0], /^Line 3.*the kind is "friend": write customer or pool/);
  assert.match(told[1], /^Line 5.*the address has 2 hex digits/);
  assert.match(told[2], /^Line 6.*is there twice: see line 2/);
  await dialog().getByText("2 new, 0 changed").waitFor();
  assert.ok(await confirm().isDisabled());
  await serious();
  assert.deepEqual((await site.get("/v1/subjects")).subjects, []);
});

test("a file that is none of subjects says what its first line has to be", async () => {
  await choose({ ...csv(), buffer: Buffer.from("address;kind\n0x12;pool\n") });
  await dialog().getByText("1 line cannot be read").waitFor();
  await dialog().getByText("the first line is address,kind,reference").waitFor();
  await choose({ ...csv(), buffer: Buffer.alloc(512 * 1024 + 1, "a") });
  await dialog()
    .getByText(/and a page takes/)
    .waitFor();
  assert.equal(await dialog().locator(".unread").count(), 0, "of the file before nothing is left");
  assert.ok(await confirm().isDisabled());
});

test("what it would change is seen, taken in when confirmed, and told", async () => {
  await choose(csv(line(1), line(2, "pool")));
  await dialog().getByText("2 new, 0 changed").waitFor();
  await confirm().click();
  await page.getByText("Taken in: 2 added, 0 changed, 0 as they were.").waitFor();
  await row(2).getByText("Pool").waitFor();

  await page.getByRole("button", { name: "From a CSV" }).click();
  await choose(csv(line(1), line(2, "customer", "K-2 again"), line(3)));
  await dialog().getByText("1 new, 1 changed").waitFor();
  const would = await dialog().locator("table.would tbody tr").allTextContents();
  assert.equal(would.length, 2, `${would}`);
  assert.match(would[0], /^3.*ChangedPool K-2 → Customer K-2 again/);
  assert.match(would[1], /^4.*NewCustomer K-3/);
  await serious();
  await confirm().click();
  await page.getByText("Taken in: 1 added, 1 changed, 1 as they were.").waitFor();
  await row("2 again").getByText("Customer").waitFor();
  await row(3).waitFor();
  await serious();
  const headers = { authorization: `Bearer ${tokens.erin}` };
  const answer = await fetch(`${site.url}/v1/audit?kind=subjects.`, { headers });
  const { rows } = await answer.json();
  assert.deepEqual(
    rows.map(({ person, detail: { added, changed } }) => [person, added, changed]),
    [
      ["dora", 1, 1],
      ["dora", 2, 0],
    ],
  );
});

test("of two files the one that was chosen last counts, whichever is answered first", async () => {
  await page.getByRole("button", { name: "From a CSV" }).click();
  let release;
  const gate = new Promise((open) => (release = open));
  await page.route("**/v1/subjects/check", async (route) => {
    // The first is answered when the second has been.
    if (route.request().postData().includes("K-5")) await gate;
    await route.continue();
  });
  const slow = page.waitForRequest("**/v1/subjects/check");
  const late = page.waitForResponse((answer) => answer.request().postData()?.includes("K-5"));
  await choose(csv(line(4), line(5)));
  await slow;
  await choose(csv(line(6)));
  await dialog().getByText("1 new, 0 changed").waitFor();
  release();
  await (await late).finished();
  // What came too late has been read, too, once the page has done something after it.
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
  assert.ok(await dialog().getByText("1 new, 0 changed").isVisible());
  await page.unroute("**/v1/subjects/check");
  await dialog().getByRole("button", { name: "Cancel" }).click();
});

test("one is removed when that was asked, and only then", async () => {
  await row(1).getByRole("button", { name: "Remove" }).click();
  const asked = page.getByRole("dialog", { name: "Remove a subject" });
  await asked.getByText("K-1").waitFor();
  await serious();
  await asked.getByRole("button", { name: "Cancel" }).click();
  assert.ok(await row(1).isVisible());
  await row(1).getByRole("button", { name: "Remove" }).click();
  await asked.getByRole("button", { name: "Remove it" }).click();
  await row(1).waitFor({ state: "detached" });
  await page.getByText("Removed.", { exact: true }).waitFor();
  assert.equal((await site.get("/v1/subjects")).subjects.length, 2);
});

test("below the first page, what is removed is gone as well", async () => {
  await page.getByRole("button", { name: "From a CSV" }).click();
  const many = Array.from({ length: 150 }, (_, n) => line(1000 + n));
  await choose(csv(...many));
  await confirm().click();
  await page.getByText("Taken in: 150 added").waitFor();
  await page.getByRole("button", { name: "Show more" }).click();
  const all = page.locator(".subjects li");
  await all.nth(151).waitFor();
  assert.equal(await all.count(), 152);
  await row(1149).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
  await row(1149).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Show more" }).click();
  await all.nth(150).waitFor();
  assert.equal(await all.count(), 151);
});

test("who is no admin sees them, and changes nothing", async () => {
  const alice = await open(chromium);
  await enter(alice.page, site.url, tokens.alice);
  await alice.page.goto(`${site.url}/settings/subjects`);
  await alice.page.locator(".subjects li").first().waitFor();
  for (const name of ["From a CSV", "Add a subject", "Remove"]) {
    assert.equal(await alice.page.getByRole("button", { name, exact: true }).count(), 0, name);
  }
  await alice.close();
  dora.quiet("Failed to load resource");
});
