// Every page in both themes and at both widths: nothing serious for axe, nothing that complains,
// nothing that must be pushed sideways.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axe, open } from "./page.mjs";
import { browser, somebody, world } from "./world.mjs";

let site;
let chromium;
let pages;

before(async () => {
  [site, chromium] = await Promise.all([world(), browser()]);
  await site.list(somebody(1));
  await site.pay(somebody(1), 250);
  await site.payEther(somebody(1), 1.5);
  const { alerts } = await site.until("/v1/alerts", ({ alerts }) => alerts.length === 2);
  pages = {
    inbox: "/",
    "an empty inbox": `/?listed=${somebody(7)}`,
    case: `/alerts/${alerts[0].id}`,
    "a case that is not there": `/alerts/${"0".repeat(32)}`,
    address: `/addresses/${somebody(1)}`,
    "no address": "/addresses/0x12",
    health: "/health",
    "sign in": "/sign-in",
  };
});
after(async () => {
  await chromium?.close();
  await site?.close();
});

for (const theme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`every page, ${theme}, ${width} pixels`, async () => {
      const { page, quiet, close } = await open(chromium, { theme, width });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(`${site.url}${path}`);
        await page.locator("main h1, main .state").first().waitFor();
        await page
          .locator(".loading")
          .waitFor({ state: "detached" })
          .catch(() => undefined);
        assert.deepEqual(await axe(page), [], name);
        const [wide, seen] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        assert.ok(wide <= seen, `${name} is ${wide} wide in ${seen}`);
        assert.match(await page.title(), / · Interdict$/, name);
      }
      quiet("404 (Not Found)");
      await close();
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
