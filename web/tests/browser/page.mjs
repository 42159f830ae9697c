// A page as somebody has it open: what it complains of is a failure of the test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A window of one's own, with cookies of one's own. */
export const open = async (chromium, { theme = "light", width = 1280, height = 860 } = {}) => {
  const context = await chromium.newContext({
    viewport: { width, height },
    colorScheme: theme,
    // The tests' machine has a locale that no browser of a person has.
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("console", (said) => {
    if (said.type() === "error") complaints.push(said.text());
  });
  /** What must not be there; what the network says by itself may. */
  const quiet = (...expected) => {
    const loud = complaints.filter((text) => !expected.some((one) => text.includes(one)));
    assert.deepEqual(loud, []);
  };
  return { page, context, quiet, close: () => context.close() };
};

/** What axe finds that is serious or worse. The policy of the page lets no script in but its own. */
export const axe = async (page) => {
  const found = await page.evaluate(
    `(() => { ${AXE}; return axe.run(document, { resultTypes: ["violations"] }); })()`,
  );
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`,
    );
};
