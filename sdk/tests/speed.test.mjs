// 10,000 addresses by a local copy of a list of 10,000, beside 10,000 `eth_call`s, in the same run.
import assert from "node:assert/strict";
import { test } from "node:test";

import { http } from "@interdict/sdk/http";
import { screenLocally } from "@interdict/sdk/local";

import { batch, somebody, system } from "./world/system.mjs";

const LISTED = 10_000;
const ASKED = 10_000;
const AN_ACT = 500;
/** How many questions are under way at once: the node has two cores. */
const AT_ONCE = 16;
const SHARE_MAX = 0.01;
/** A machine that others use too takes milliseconds away: the median of so many is looked at. */
const RUNS = 5;
const IS_SANCTIONED = "0xdf592f7d";

const timed = async (work) => {
  const start = performance.now();
  const value = await work();
  return [value, performance.now() - start];
};

test(`local screening takes under ${SHARE_MAX * 100} % of the time of as many calls`, async (t) => {
  const world = await system();
  try {
    for (let i = 0; i < LISTED; i += AN_ACT) {
      await world.act(
        "list",
        batch(
          1,
          Array.from({ length: AN_ACT }, (_, n) => somebody(i + n)),
        ),
      );
    }
    await world.attest(1);
    const time = await world.now();
    const provider = http(world.url);
    // Every other one is listed.
    const asked = Array.from({ length: ASKED }, (_, n) => somebody(LISTED / 2 + n));

    const one = async (address) => {
      const data = IS_SANCTIONED + address.slice(2).padStart(64, "0");
      const call = { to: world.list.address, data };
      return Number(await provider({ method: "eth_call", params: [call, "latest"] })) === 1;
    };
    const [calls, callsMs] = await timed(async () => {
      const found = [];
      for (let i = 0; i < ASKED; i += AT_ONCE) {
        found.push(...(await Promise.all(asked.slice(i, i + AT_ONCE).map(one))));
      }
      return found;
    });

    const list = world.list;
    const rules = { list, onUnknown: "block", now: () => time * 1000, maxAgeSeconds: 1e9 };
    const screener = screenLocally(provider, rules);
    const [, loadMs] = await timed(() => screener.refresh());
    const times = [];
    for (let run = 0; run < RUNS; run++) {
      const [{ screenings }, took] = await timed(() => screener.screen(asked));
      assert.deepEqual(
        screenings.map(({ outcome }) => outcome === "listed"),
        calls,
      );
      times.push(took);
    }
    const [first] = times;
    const localMs = times.sort((a, b) => a - b)[Math.floor(RUNS / 2)];
    assert.equal(calls.filter(Boolean).length, LISTED / 2);
    const share = localMs / callsMs;
    const ms = (value) => `${value.toFixed(0)} ms`;
    t.diagnostic(
      `${ASKED} eth_calls, ${AT_ONCE} at once: ${ms(callsMs)}; local: ${ms(localMs)} (at first ${ms(first)}), ` +
        `${(share * 100).toFixed(2)} %; to load and prove the list once: ${ms(loadMs)}`,
    );
    assert.ok(share < SHARE_MAX, `${share}`);
  } finally {
    await world.close();
  }
});
