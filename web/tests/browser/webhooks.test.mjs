// Those who are told: added, tried, paused, given a new secret, told again and removed, by the page,
// with a real receiver at the other end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { receiver } from "./receiver.mjs";
import { browser, somebody, world } from "./world.mjs";

const LISTED = somebody(1);
/** Attempts that are behind a delivery of which only the last is left. */
const ATTEMPTS_BEFORE_LAST = 9;
let site;
let chromium;
let tokens;
let hook;
let dora;
let page;
let secret;

before(async () => {
  [site, chromium, hook] = await Promise.all([world(), browser(), receiver()]);
  tokens = await people(site);
  await site.list(LISTED);
  dora = await open(chromium);
  page = dora.page;
  await dora.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await enter(page, site.url, tokens.dora);
  await page.goto(`${site.url}/settings/webhooks`);
});
after(async () => {
  await chromium?.close();
  await site?.close();
  await hook?.close();
});

const endpoint = (of = page) => of.getByRole("listitem", { name: "Case desk", exact: true });
const press = (name, of = page) => endpoint(of).getByRole("button", { name, exact: true }).click();
const fact = (name, text) =>
  endpoint()
    .locator(".fact", { has: page.getByText(name, { exact: true }) })
    .locator("dd")
    .getByText(text, { exact: true })
    .waitFor();
const serious = async () => assert.deepEqual(await axe(page), []);
const isTest = ({ said }) => said.type === "endpoint.test";
const numbers = () => hook.got.filter((one) => !isTest(one)).map(({ said }) => said.data.seq);

test("an address inside is refused, and the page says why", async () => {
  await page.getByText("Nobody is told").waitFor();
  await page.getByRole("button", { name: "Add a receiver" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a receiver" });
  await dialog.getByLabel("Name").fill("Case desk");
  await dialog.getByLabel("URL").fill("https://10.0.0.7/hook");
  await dialog.getByRole("button", { name: "Add it" }).click();
  await dialog.getByRole("alert").getByText("leads to this machine, its network").waitFor();
  await serious();
});

test("one is added, and its secret is shown once, to copy", async () => {
  const dialog = page.getByRole("dialog", { name: "Add a receiver" });
  await dialog.getByLabel("URL").fill(hook.url);
  await dialog.getByRole("button", { name: "Add it" }).click();
  const shown = page.getByRole("dialog", { name: "The secret of Case desk" });
  secret = await shown.locator("code").textContent();
  assert.match(secret, /^whsec_/);
  await shown.getByRole("button", { name: "Copy the secret" }).click();
  await shown.getByText("Copied").waitFor({ state: "attached" });
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await serious();
  await shown.getByRole("button", { name: "I have kept it" }).click();
  await endpoint().getByText("Active", { exact: true }).waitFor();
  const told = await page.locator("main").textContent();
  assert.ok(!told.includes(secret) && !told.includes("/hook"), "of the address only the host");
});

test("a test is sent, signed, and the page says that it was taken", async () => {
  await press("Send a test");
  await endpoint().getByText("It took the test").waitFor();
  const [one] = hook.got;
  assert.ok(isTest(one), one.body);
  hook.check(one, secret);
  hook.state.answers = 503;
  await press("Send a test");
  await endpoint().getByText("Not taken").waitFor();
  await endpoint().getByText("HTTP status 503").first().waitFor();
  await serious();
  hook.state.answers = 204;
});

test("a finding is told, and the page follows", async () => {
  await site.pay(LISTED, 25_000);
  const one = await hook.until((one) => !isTest(one));
  hook.check(one, secret);
  await fact("Pending", "0");
  await fact("Last number given", "1");
  await endpoint().getByText("Deliveries").click();
  const line = endpoint().locator(".deliveries li");
  await line.getByText("Delivered", { exact: true }).waitFor();
  assert.match(await line.textContent(), /No\. 1.*A finding is made/);
  await serious();
});

test("with a new secret both sign, and until when is told", async () => {
  await press("New secret");
  const dialog = page.getByRole("dialog", { name: "A new secret for Case desk" });
  await dialog.getByLabel("Hours that the secret before signs as well").fill("2");
  await serious();
  await dialog.getByRole("button", { name: "Make a new secret" }).click();
  const shown = page.getByRole("dialog", { name: "The secret of Case desk" });
  await shown.getByText("The secret before it signs as well until").waitFor();
  const next = await shown.locator("code").textContent();
  assert.notEqual(next, secret);
  await shown.getByRole("button", { name: "I have kept it" }).click();
  const { webhooks } = await asDora("/v1/webhooks");
  const until = webhooks[0].both_until.slice(0, 16).replace("T", " ");
  await endpoint().getByText("Secret before signs until").waitFor();
  assert.ok((await endpoint().textContent()).includes(until), until);
  hook.got.length = 0;
  await press("Send a test");
  hook.check(await hook.until(isTest), next, secret);
  secret = [next, secret];
});

test("what comes while it is paused waits, and is told when it goes on", async () => {
  await press("Pause");
  await endpoint().getByText("Paused", { exact: true }).waitFor();
  await site.pay(LISTED, 31_000);
  await fact("Pending", "1");
  await endpoint().getByText("What is pending waits").waitFor();
  assert.deepEqual(numbers(), []);
  await serious();
  await press("Go on");
  await fact("Pending", "0");
  hook.check(await hook.until((one) => !isTest(one)), ...secret);
  await fact("Last number given", "2");
});

test("what was given up is seen with its reason, and is told when it is tried again", async () => {
  hook.state.answers = 500;
  hook.got.length = 0;
  await site.pay(LISTED, 42_000);
  await hook.until((one) => one.answered === 500);
  await endpoint().locator(".deliveries").getByText("tried 1 time").waitFor();
  await endpoint().getByText("HTTP status 500").first().waitFor();
  // Days go by, in which it is tried again and again.
  await site.program.edit(
    `UPDATE deliveries SET attempts = ${ATTEMPTS_BEFORE_LAST}, due_at = 1 WHERE state = 'pending'`,
  );
  await fact("Given up", "1");
  await page.reload();
  await endpoint().getByText("Deliveries, 1 given up").click();
  const line = endpoint().locator(".deliveries li");
  await line.getByText("HTTP status 500").waitFor();
  assert.match(await line.textContent(), /No\. 3.*Given up.*tried 10 times/);
  await serious();

  hook.state.answers = 204;
  hook.got.length = 0;
  await line.getByRole("button", { name: "Try again" }).click();
  const one = await hook.until(() => true);
  assert.deepEqual([one.said.data.seq, one.answered], [3, 204]);
  await fact("Given up", "0");
  await fact("Pending", "0");
  await endpoint().getByText("There is none.").waitFor();
});

test("all of it is told again from a number on, under the same numbers", async () => {
  hook.got.length = 0;
  await endpoint().getByLabel("Tell it again from No.").fill("2");
  await endpoint().getByRole("button", { name: "Replay" }).click();
  await endpoint().getByText("2 told again, up to No. 3.").waitFor();
  await hook.until(({ said }) => said.data.seq === 2);
  await hook.until(({ said }) => said.data.seq === 3);
  assert.deepEqual(numbers().sort(), [2, 3]);
});

test("it is changed: another name, and only what is critical", async () => {
  await press("Change");
  const dialog = page.getByRole("dialog", { name: "Change Case desk" });
  await dialog.getByLabel("From severity").selectOption("critical");
  await dialog.getByLabel("The chain takes a finding back").uncheck();
  await serious();
  await dialog.getByRole("button", { name: "Change it" }).click();
  await fact("Told of", /^Critical/);
  const { webhooks } = await asDora("/v1/webhooks");
  assert.deepEqual(webhooks[0].kinds, ["alert.created", "alert.reevaluated", "alert.updated"]);
});

test("it takes two to remove it, and one may take it back", async () => {
  await press("Remove");
  await page
    .getByRole("dialog", { name: "Remove Case desk" })
    .getByRole("button", { name: "Propose to remove it" })
    .click();
  await endpoint().getByText("dora proposes to remove it").waitFor();
  assert.equal(
    await endpoint()
      .getByRole("button", { name: /^(Confirm r|R)emov/ })
      .count(),
    0,
  );
  await serious();
  await press("Keep it");
  await endpoint().getByText("dora proposes to remove it").waitFor({ state: "detached" });
  await press("Remove");
  await page.getByRole("dialog").getByRole("button", { name: "Propose to remove it" }).click();
  await endpoint().getByText("dora proposes to remove it").waitFor();

  const gwen = await open(chromium, { theme: "dark", width: 390 });
  await enter(gwen.page, site.url, tokens.gwen);
  await gwen.page.goto(`${site.url}/settings/webhooks`);
  await press("Confirm removal", gwen.page);
  const dialog = gwen.page.getByRole("dialog", { name: "Remove Case desk" });
  await dialog.getByText("dora proposed it. You are the second person").waitFor();
  assert.deepEqual(await axe(gwen.page), []);
  await dialog.getByRole("button", { name: "Remove it" }).click();
  await gwen.page.getByText("Nobody is told").waitFor();
  await gwen.close();
});

test("the audit log has each of these changes, and nothing secret", async () => {
  const erin = await open(chromium);
  await enter(erin.page, site.url, tokens.erin);
  await erin.page.goto(`${site.url}/audit?kind=webhook.`);
  const rows = erin.page.locator("table.audit tbody tr");
  await rows.first().waitFor();
  const said = (await rows.allTextContents()).reverse();
  const expected = [
    ["dora", "created"],
    ["dora", "tested"],
    ["dora", "tested"],
    ["dora", "rotated"],
    ["dora", "tested"],
    ["dora", "changed"],
    ["dora", "changed"],
    ["dora", "retried"],
    ["dora", "replayed"],
    ["dora", "changed"],
    ["dora", "removal_proposed"],
    ["dora", "changed"],
    ["dora", "removal_proposed"],
    ["gwen", "removed"],
  ];
  assert.equal(said.length, expected.length, said.join("\n"));
  for (const [at, [person, kind]] of expected.entries()) {
    const row = said[at].toLowerCase().replaceAll(" ", "_");
    assert.ok(row.includes(person) && row.includes(kind), `${at}: ${said[at]}`);
  }
  assert.ok(!said.join("").includes("whsec_") && !said.join("").includes("/hook"));
  await erin.close();
  dora.quiet("400 (Bad Request)", "Failed to load resource", "ERR_CONNECTION_REFUSED");
});

const asDora = async (path) => {
  const headers = { authorization: `Bearer ${tokens.dora}` };
  return (await fetch(`${site.url}${path}`, { headers })).json();
};
