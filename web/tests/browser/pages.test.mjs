// Every page in both themes and at both widths: nothing serious for axe, nothing that complains,
// nothing that must be pushed sideways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { csv, givenUp, many, screened } from "./acts.mjs";
import { axe, open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { receiver } from "./receiver.mjs";
import { lookedAfter, told } from "./story.mjs";
import { browser, somebody, world } from "./world.mjs";

let site;
let chromium;
let tokens;
let pages;
let receivers;
/** What one comes to on a page by doing something there. */
const ACTS = [
  ["alice", "/screen", screened],
  ["alice", "/", many],
  ["dora", "/settings/webhooks", givenUp],
  ["dora", "/settings/subjects", csv],
];

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  await site.list(somebody(1));
  await site.pay(somebody(1), 250);
  await site.payEther(somebody(1), 1.5);
  const { alerts } = await site.until("/v1/alerts", ({ alerts }) => alerts.length === 2);
  tokens = await people(site);
  receivers = { well: await receiver(), down: await receiver() };
  receivers.down.state.answers = 503;
  await told(site, tokens, receivers);
  await lookedAfter(site, tokens);
  pages = {
    nobody: ["/", "/sign-in", "/health", "/list", "/audit"],
    alice: [
      "/",
      `/?listed=${somebody(7)}`,
      `/alerts/${alerts[0].id}`,
      `/alerts/${"0".repeat(32)}`,
      `/addresses/${somebody(1)}`,
      "/addresses/0x12",
      "/list",
      "/screen",
      "/health",
    ],
    dora: ["webhooks", "tokens", "subjects", "policy"].map((part) => `/settings/${part}`),
    erin: ["/audit", "/settings/webhooks"],
  };
});
after(async () => {
  await chromium?.close();
  await site?.close();
  for (const one of Object.values(receivers ?? {})) await one.close();
});

const look = async (page, path, name, act) => {
  await page.goto(`${site.url}${path}`);
  await page.locator("main h1, main .state").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".loading"));
  await act?.(page);
  assert.deepEqual(await axe(page), [], name);
  const [wide, seen] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(wide <= seen, `${name} is ${wide} wide in ${seen}`);
  assert.match(await page.title(), / · Interdict$/, name);
};

for (const theme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`every page, ${theme}, ${width} pixels`, async () => {
      for (const [person, paths] of Object.entries(pages)) {
        const { page, quiet, close } = await open(chromium, { theme, width });
        if (tokens[person]) await enter(page, site.url, tokens[person]);
        for (const path of paths) await look(page, path, `${path} for ${person}`);
        quiet("404 (Not Found)", "403 (Forbidden)", "401 (Unauthorized)");
        await close();
      }
    });

    test(`what one comes to by doing something, ${theme}, ${width} pixels`, async () => {
      for (const [person, path, act] of ACTS) {
        const { page, quiet, close } = await open(chromium, { theme, width });
        await enter(page, site.url, tokens[person]);
        await look(page, path, `${path} after ${act.name}`, act);
        quiet();
        await close();
      }
    });
  }
}

test("the colours that somebody chose stay chosen", async () => {
  const { page, close } = await open(chromium, { theme: "light" });
  await page.goto(`${site.url}/health`);
  await page.getByText("Dark", { exact: true }).click();
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colour();
  await page.reload();
  await page.getByRole("heading", { name: "Health" }).waitFor();
  assert.equal(await colour(), dark);
  await page.getByText("Auto", { exact: true }).click();
  assert.notEqual(await colour(), dark);
  await close();
});
