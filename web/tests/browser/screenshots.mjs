// `npm run screenshots`: every page of the real indexer at two widths and in two themes, kept small
// in `web/screenshots`; after `--`, only the pages named. Look at them when you change a page.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { csv, givenUp, many, screened } from "./acts.mjs";
import { open } from "./page.mjs";
import { enter, people } from "./people.mjs";
import { receiver } from "./receiver.mjs";
import { CAST, lookedAfter, story, told, worked } from "./story.mjs";
import { browser, world } from "./world.mjs";

const FOLDER = fileURLToPath(new URL("../../screenshots/", import.meta.url));
/** The first that makes a file small enough is taken. */
const QUALITIES = [60, 45, 30];
const FILE_MAX_BYTES = 60_000;
const ALL_MAX_BYTES = 2_000_000;
const SIZES = [
  { width: 1280, height: 860 },
  { width: 390, height: 844 },
];

const [site, chromium] = await Promise.all([world(), browser()]);
const alerts = await story(site);
const tokens = await people(site);
const shown = await worked(site, tokens, alerts);
const named = process.argv.slice(2);
const receivers = { well: await receiver(), down: await receiver() };
receivers.down.state.answers = 503;
await told(site, tokens, receivers);
await lookedAfter(site, tokens);

/** A page, who sees it, and what is done on it before its picture is taken. */
const all = [
  ["inbox", "/", "alice"],
  ["many", "/", "alice", many],
  ["case", `/alerts/${shown.id}`, "bob"],
  ["address", `/addresses/${CAST.listed}`, "alice"],
  ["list", "/list", "alice"],
  ["screen", "/screen", "alice", screened],
  ["health", "/health", "alice"],
  ["audit", "/audit", "erin"],
  ["webhooks", "/settings/webhooks", "dora"],
  ["deliveries", "/settings/webhooks", "dora", givenUp],
  ["tokens", "/settings/tokens", "dora"],
  ["subjects", "/settings/subjects", "dora"],
  ["subjects-csv", "/settings/subjects", "dora", csv],
  ["policy", "/settings/policy", "dora"],
  ["sign-in", "/sign-in", null],
];

const pages = all.filter(([name]) => named.length === 0 || named.includes(name));
mkdirSync(FOLDER, { recursive: true });
if (named.length === 0) for (const name of readdirSync(FOLDER)) rmSync(`${FOLDER}${name}`);
for (const theme of ["light", "dark"]) {
  for (const size of SIZES) {
    for (const [name, path, person, act] of pages) {
      const { page, context, close } = await open(chromium, { theme, ...size });
      if (person && tokens[person]) await enter(page, site.url, tokens[person]);
      await page.goto(`${site.url}${path}`);
      await page.locator("main h1, main .state").first().waitFor();
      await page.waitForFunction(() => !document.querySelector(".loading"));
      await act?.(page);
      await page.evaluate(() => document.fonts.ready);
      const session = await context.newCDPSession(page);
      let picture;
      for (const quality of QUALITIES) {
        const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
        picture = Buffer.from(data, "base64");
        if (picture.length <= FILE_MAX_BYTES) break;
      }
      const file = `${FOLDER}${name}-${theme}-${size.width}.webp`;
      if (picture.length > FILE_MAX_BYTES) throw new Error(`${file} is too big`);
      writeFileSync(file, picture);
      await close();
    }
  }
}
const sizes = readdirSync(FOLDER).map((name) => statSync(`${FOLDER}${name}`).size);
const sum = sizes.reduce((whole, size) => whole + size, 0);
await chromium.close();
await site.close();
for (const one of Object.values(receivers)) await one.close();
if (sum > ALL_MAX_BYTES) throw new Error(`${sum} bytes of screenshots are too many`);
console.log(`${sizes.length} screenshots, ${sum} bytes`);
