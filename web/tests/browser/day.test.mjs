// The officer's day: a finding arrives, is understood, worked and closed by two people, and told to
// those outside. Each person has a window of their own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { browser, somebody, world } from "./world.mjs";

const LISTED = somebody(1);
let site;
let chromium;
let tokens;
let alice;
let bob;
let id;

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  tokens = await people(site);
  await site.list(LISTED);
  alice = await open(chromium);
  bob = await open(chromium, { theme: "dark" });
  await enter(alice.page, site.url, tokens.alice);
  await enter(bob.page, site.url, tokens.bob);
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const serious = async (page) => assert.deepEqual(await axe(page), []);
const panel = (page) => page.locator(".steps");

test("it arrives while the inbox is open, and nobody has it", async () => {
  const { page } = alice;
  await page.getByText("Nothing is open").waitFor();
  await serious(page);
  const paid = await site.pay(LISTED, 25_000);
  const row = page.locator("table.findings tbody tr");
  await row.getByText("25 000", { exact: true }).waitFor();
  assert.match(await row.textContent(), /Critical.*Sent to listed address.*New/s);
  await page
    .getByRole("button", { name: /^Unassigned/ })
    .getByText("1")
    .waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/alerts\/[0-9a-f]{32}$/);
  id = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByText(paid.transactionHash.slice(-4), { exact: true }).first().waitFor();
});

test("it is understood: why, both parties, and the history of the listed address", async () => {
  const { page } = alice;
  const card = (name) =>
    page.locator(".card", { has: page.getByRole("heading", { name, exact: true }) });
  assert.match(
    await card("Why").textContent(),
    /Rule.*direct\.outbound\.while_listed.*OFAC-SDN.*33151/s,
  );
  const parties = (await card("Parties").textContent()).toLowerCase();
  assert.ok(
    parties.includes(LISTED.toLowerCase()) && parties.includes(site.customer.toLowerCase()),
  );
  await card("List history of the listed address")
    .getByText("the dealing falls into this time")
    .waitFor();
  await card("Timeline").getByText("Found").waitFor();
  await serious(page);
});

test("it is assigned and escalated, with a reason", async () => {
  const { page } = alice;
  await page.keyboard.press("a");
  await panel(page).getByText("Assigned", { exact: true }).waitFor();
  await panel(page).getByText("alice", { exact: true }).waitFor();
  await page.keyboard.press("e");
  const dialog = page.getByRole("dialog", { name: "Escalate" });
  await dialog.getByLabel("Reason").selectOption("true_match");
  await dialog.getByLabel("Narrative").fill("The customer knew the address; see the ticket.");
  await serious(page);
  await dialog.getByRole("button", { name: "Escalate" }).click();
  await panel(page).getByText("Escalated", { exact: true }).waitFor();
});

test("closing it takes two: one proposes and cannot approve", async () => {
  const { page } = alice;
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog", { name: "Close", exact: true });
  await dialog.getByText("No action", { exact: true }).click();
  await dialog.getByText("This is a proposal").waitFor();
  await dialog.getByLabel("Reason").selectOption("no_property");
  await dialog.getByLabel("Narrative").fill("Nothing is held here, and nothing was to be refused.");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await panel(page).getByText("alice proposes: No action").waitFor();
  await panel(page).getByText("You cannot approve what you proposed").waitFor();
  assert.equal(await panel(page).getByRole("button", { name: "Approve" }).count(), 0);
  await page.keyboard.press("y");
  assert.equal(await page.getByRole("dialog").count(), 0);
});

test("another approves, and the first sees it without asking", async () => {
  const { page } = bob;
  await page.getByRole("button", { name: /^Second person/ }).click();
  await page.locator("table.findings tbody tr").getByText("awaits approval").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await panel(page).getByText("alice proposes: No action").waitFor();
  await serious(page);
  await page.keyboard.press("y");
  const dialog = page.getByRole("dialog", { name: "Approve, as the second person" });
  await dialog.getByRole("button", { name: "Approve" }).click();
  await panel(page).getByText("No action", { exact: true }).first().waitFor();
  await panel(alice.page).getByText("with bob").waitFor();
  await alice.page.locator(".timeline").getByText("Approved").first().waitFor();
});

test("it is exported, and its case prints", async () => {
  const { page } = bob;
  await page.goto(`${site.url}/?stage=all`);
  await page.locator("table.findings tbody tr").first().waitFor();
  const wait = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const text = readFileSync(await (await wait).path(), "utf8");
  const [head, ...rows] = text.trim().split("\n");
  assert.match(head, /remitter.*beneficiary.*tx_hash/);
  assert.ok(
    rows.some((row) => row.includes(id)),
    text,
  );
  await page.goto(`${site.url}/v1/alerts/${id}/case.html`);
  await page.getByRole("heading", { name: "Why" }).waitFor();
  await serious(page);
});

test("the auditor finds every step, and the chain whole", async () => {
  const erin = await open(chromium);
  await enter(erin.page, site.url, tokens.erin);
  await erin.page.goto(`${site.url}/audit?alert=${id}`);
  const rows = erin.page.locator("table.audit tbody tr");
  await rows.first().waitFor();
  const said = await rows.allTextContents();
  for (const [person, step] of [
    ["bob", "approve"],
    ["alice", "close"],
    ["alice", "escalate"],
    ["alice", "assign"],
  ]) {
    assert.ok(
      said.some((row) => row.includes(person) && row.toLowerCase().includes(step)),
      `${person} ${step}: ${said}`,
    );
  }
  await erin.page.getByRole("button", { name: "Verify the chain" }).click();
  await erin.page.getByText("Whole", { exact: true }).waitFor();
  await serious(erin.page);
  await erin.close();
});
