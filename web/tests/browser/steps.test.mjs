// Each step that asks something, and steps on many findings at once: what the dialog says, what it
// comes to on the case's timeline, and what the audit log has of it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { browser, somebody, world } from "./world.mjs";

const LISTED = somebody(1);
const DEALT = 6;
let site;
let chromium;
let tokens;
let alice;
let page;
/** The findings, the newest first, as the inbox shows them. */
let ids;

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  tokens = await people(site);
  await site.list(LISTED);
  for (let n = 1; n <= DEALT; n += 1) await site.pay(LISTED, 1000 * n);
  await site.until("/v1/alerts", ({ alerts }) => alerts.length === DEALT);
  alice = await open(chromium);
  page = alice.page;
  await enter(page, site.url, tokens.alice);
  await rows()
    .nth(DEALT - 1)
    .waitFor();
  ids = await rows().evaluateAll((all) =>
    all.map((row) => row.querySelector("[data-row]").getAttribute("data-row")),
  );
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

const rows = () => page.locator("table.findings tbody tr");
const row = (id) => rows().filter({ has: page.locator(`[data-row="${id}"]`) });
const serious = async (of = page) => assert.deepEqual(await axe(of), []);
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const bar = () => page.getByRole("region", { name: "Steps on what is picked" });
const dialog = (name, of = page) => of.getByRole("dialog", { name, exact: true });
const send = (of, name) => of.getByRole("button", { name, exact: true }).click();
const latest = (of = page) =>
  of
    .locator(".card", { has: of.getByRole("heading", { name: "Timeline", exact: true }) })
    .locator(".timeline li")
    .first();
const panel = (of = page) => of.locator(".steps");

const inbox = async () => {
  await page.goto(`${site.url}/`);
  await rows().first().waitFor();
};
const caseOf = async (id, of = page) => {
  await of.goto(`${site.url}/alerts/${id}`);
  await panel(of).waitFor();
  await latest(of).waitFor();
};
/** Picks findings by the keyboard: down to each, and x. */
const pick = async (...wanted) => {
  await press("Escape", "Home");
  for (const [at, id] of ids.entries()) {
    if (at > 0) await press("j");
    if (wanted.includes(id)) await press("x");
  }
  await bar()
    .getByText(`${wanted.length} finding${wanted.length === 1 ? "" : "s"}`, { exact: true })
    .waitFor();
};
/** What the audit log has of steps on a finding, the newest first. */
const audited = async (id) => {
  const headers = { authorization: `Bearer ${tokens.erin}` };
  const answer = await fetch(`${site.url}/v1/audit?alert=${id}`, { headers });
  const { rows } = await answer.json();
  return rows.map(({ person, kind, detail }) => ({ person, kind, step: detail.step }));
};

test("several are assigned at once", async () => {
  const [first, second, third] = ids;
  await pick(first, second, third);
  await serious();
  await press("a");
  for (const id of [first, second, third]) await row(id).getByText("alice").waitFor();
  await bar().waitFor({ state: "detached" });
  await caseOf(second);
  await latest().getByText("Assigned", { exact: true }).waitFor();
  for (const id of [first, second, third]) {
    const [{ person, kind, step }] = await audited(id);
    assert.deepEqual([person, kind, step.assignee], ["alice", "step.assign", "alice"]);
  }
});

test("of several that are escalated, the one that fails is told and stays picked", async () => {
  const [first, second, third] = ids;
  await caseOf(second);
  await press("e");
  const one = dialog("Escalate");
  await one.getByLabel("Reason").selectOption("true_match");
  await one.getByLabel("Narrative").fill("It goes before the others.");
  await send(one, "Escalate");
  await panel().getByText("Escalated", { exact: true }).waitFor();

  await inbox();
  await pick(first, second, third);
  await press("e");
  const many = dialog("Escalate 3 findings");
  await many.getByLabel("Reason").selectOption("true_match");
  await many.getByLabel("Narrative").fill("All of one customer.");
  await serious();
  await send(many, "Escalate 3 findings");
  const told = dialog("1 step not taken");
  await told.getByText("2 findings done. This one stands as it stood, and stays picked.").waitFor();
  const link = told.getByRole("link", { name: new RegExp(second.slice(0, 8)) });
  assert.equal(await link.getAttribute("href"), `/alerts/${second}`);
  await told.getByText("Escalate is no step from escalated.").waitFor();
  await serious();
  await send(told, "Go on");
  await bar().getByText("1 finding", { exact: true }).waitFor();
  for (const id of [first, third]) await row(id).getByText("Escalated").waitFor();
  await press("Escape");
  await bar().waitFor({ state: "detached" });
  assert.equal((await audited(second)).length, 2, "assigned and escalated, each once");
  assert.equal((await audited(first))[0].step.narrative, "All of one customer.");
});

test("several are closed at once; what takes two is said before", async () => {
  const [first, , third] = ids;
  await pick(first, third);
  await press("c");
  const many = dialog("Close 2 findings");
  await many.getByText("No action", { exact: true }).click();
  await many.getByText("This is a proposal").waitFor();
  await many.getByText("Rejected", { exact: true }).click();
  await many.getByText("This is a proposal").waitFor({ state: "detached" });
  await many.getByLabel("Reason").selectOption({ index: 1 });
  await many.getByLabel("Narrative").fill("Both were refused before anything was credited.");
  await serious();
  await send(many, "Close 2 findings");
  for (const id of [first, third]) await row(id).getByText("Rejected").waitFor();
  await caseOf(third);
  await latest().getByText("Closed", { exact: true }).waitFor();
  await latest().getByText("Escalated → Rejected").waitFor();
  for (const id of [first, third]) {
    const [{ kind, step }] = await audited(id);
    assert.deepEqual([kind, step.disposition], ["step.close", "rejected"]);
  }
});

test("several are snoozed at once, and stand where the snoozed ones are", async () => {
  const [, , , fourth, fifth] = ids;
  await inbox();
  ids = await rows().evaluateAll((all) =>
    all.map((one) => one.querySelector("[data-row]").getAttribute("data-row")),
  );
  await pick(fourth, fifth);
  await press("z");
  const many = dialog("Snooze 2 findings");
  await many.getByLabel("Reason").fill("The bank answers tomorrow");
  await serious();
  await send(many, "Snooze 2 findings");
  await bar().waitFor({ state: "detached" });
  const view = page.getByRole("button", { name: /^Snoozed/ });
  await view.getByText("2", { exact: true }).waitFor();
  await view.click();
  await row(fifth).waitFor();
  assert.equal(await rows().count(), 2);
  await caseOf(fifth);
  await latest().getByText("Snoozed", { exact: true }).waitFor();
  await latest().getByText("The bank answers tomorrow").waitFor();
  const [{ kind, step }] = await audited(fifth);
  const until = step.until.slice(0, 16).replace("T", " ");
  assert.equal(kind, "step.snooze");
  assert.ok((await latest().textContent()).includes(`until ${until}`), until);
  await panel().getByText("Snoozed until").waitFor();
  await send(panel(), "Wake");
  await latest().getByText("Woken").waitFor();
});

test("a dialog is worked with the keyboard alone, and gives the focus back", async () => {
  const id = ids.at(-1);
  await caseOf(id);
  const offer = panel().getByRole("button", { name: /^Snooze/ });
  await offer.focus();
  await press("Enter");
  const one = dialog("Snooze");
  await one.waitFor();
  const where = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      if (at === document.body) return "browser";
      return at.closest("dialog") ? (at.getAttribute("name") ?? at.tagName) : "behind";
    });
  const seen = new Set();
  for (let n = 0; n < 14; n += 1) {
    await press("Tab");
    seen.add(await where());
  }
  assert.ok(!seen.has("behind") && seen.has("until") && seen.has("reason"), [...seen].join());
  await press("Escape");
  await one.waitFor({ state: "detached" });
  assert.ok(await offer.evaluate((button) => button === document.activeElement));

  await press("z");
  await one.waitFor();
  while ((await where()) !== "reason") await press("Tab");
  await page.keyboard.type("Nobody is there today");
  await press("Enter");
  await one.waitFor({ state: "detached" });
  await latest().getByText("Nobody is there today").waitFor();
  assert.deepEqual(
    (await audited(id)).map(({ kind }) => kind),
    ["step.snooze"],
  );
});

test("a file is attached by its hash, and stays where it is", async () => {
  const id = ids.at(-1);
  const invoice = Buffer.from("%PDF-1.7 an invoice");
  const sha256 = createHash("sha256").update(invoice).digest("hex");
  const grouped = sha256.match(/.{4}/g).join("");
  await send(panel(), "Attach");
  const one = dialog("Attach a file by its hash");
  const file = { name: "invoice.pdf", mimeType: "application/pdf", buffer: invoice };
  await one.getByLabel("File").setInputFiles(file);
  await one.getByText("19 bytes, SHA-256").waitFor();
  assert.ok((await one.textContent()).includes(grouped));
  await serious();
  let sent = "";
  page.on("request", (request) => (sent += request.postData() ?? ""));
  await send(one, "Attach");
  await latest().getByText("invoice.pdf").waitFor();
  assert.ok((await latest().textContent()).includes(grouped));
  assert.ok(sent.includes(sha256) && !sent.includes("an invoice"), sent);
  const [{ kind, step }] = await audited(id);
  const { name, bytes, media_type } = step;
  assert.equal(kind, "step.attach");
  assert.deepEqual(
    [name, step.sha256, bytes, media_type],
    ["invoice.pdf", `0x${sha256}`, 19, "application/pdf"],
  );
});

test("a case is linked to another, and to nothing that is no case or https address", async () => {
  const [id, other] = [ids.at(-1), ids.at(-2)];
  await send(panel(), "Link");
  const one = dialog("Link");
  await one.getByLabel("To").fill("javascript:alert(1)");
  await one.getByLabel("What it says").fill("The same customer");
  await send(one, "Link");
  await one.getByRole("alert").waitFor();
  await serious();
  await one.getByLabel("To").fill(other);
  await send(one, "Link");
  await latest().getByText("The same customer").waitFor();
  const [{ kind, step }] = await audited(id);
  assert.deepEqual([kind, step.to], ["step.link", other]);
  await latest().getByRole("link", { name: other }).click();
  await page.waitForURL(`${site.url}/alerts/${other}`);
});

test("a report is recorded, and until when it was due is said", async () => {
  const id = ids.at(-2);
  await caseOf(id);
  await press("c");
  const close = dialog("Close");
  await close.getByText("Blocked", { exact: true }).click();
  await close.getByLabel("Reason").selectOption({ index: 1 });
  await close.getByLabel("Wallet it is held in").fill(somebody(21));
  await close.getByLabel("Narrative").fill("Held in the omnibus wallet.");
  await serious();
  await send(close, "Close");
  await panel().getByText("10 business days left").waitFor();
  const due = await panel()
    .getByText(/^due on /)
    .textContent();
  const day = /\d{4}-\d\d-\d\d/.exec(due)[0];

  await send(panel(), "Record the report");
  const one = dialog("Record the report");
  await one.getByText(`Due on ${day}, New York: 10 business days left.`).waitFor();
  assert.equal(await one.getByLabel("Kind").inputValue(), "blocking");
  await one.getByLabel("Reference").fill("OFAC-2026-0117");
  await serious();
  await send(one, "Reported");
  await panel().getByText("Reported on").waitFor();
  await latest().getByText("Reported", { exact: true }).waitFor();
  await latest().getByText("OFAC-2026-0117").waitFor();
  const [{ kind, step }] = await audited(id);
  assert.deepEqual(
    [kind, step.report, step.reference],
    ["step.report", "blocking", "OFAC-2026-0117"],
  );
  assert.ok((await latest().textContent()).includes(`on ${step.reported_on}`));
  assert.equal(await panel().getByRole("button", { name: "Record the report" }).count(), 0);
});

test("what is held is released by two", async () => {
  const id = ids.at(-2);
  await send(panel(), "Release");
  const one = dialog("Release what is held");
  await one.getByLabel("Reason").selectOption({ index: 1 });
  await one.getByLabel("Narrative").fill("The authority licensed it.");
  await one.getByText("This is a proposal").waitFor();
  await serious();
  await send(one, "Release");
  await panel().getByText("alice proposes: Released").waitFor();
  await latest().getByText("Proposed to release").waitFor();

  const bob = await open(chromium, { theme: "dark", width: 390 });
  await enter(bob.page, site.url, tokens.bob);
  await caseOf(id, bob.page);
  await serious(bob.page);
  await panel(bob.page)
    .getByRole("button", { name: /^Approve/ })
    .click();
  await send(dialog("Approve, as the second person", bob.page), "Approve");
  await panel(bob.page).getByText("Released", { exact: true }).first().waitFor();
  await bob.close();

  await panel().getByText("with bob").waitFor();
  await latest().getByText("Approved").waitFor();
  await latest().getByText("Blocked → Released").waitFor();
  assert.deepEqual(
    (await audited(id)).slice(0, 2).map(({ person, kind }) => [person, kind]),
    [
      ["bob", "step.approve"],
      ["alice", "step.release"],
    ],
  );
  alice.quiet("400 (Bad Request)");
});
