// The same questions by each way: what is listed, what is clear, and every way of not knowing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { proxy } from "./world/proxy.mjs";
import { batch, manifest, somebody, system } from "./world/system.mjs";
import { WAYS } from "./world/ways.mjs";

const [OFAC, UK] = [1, 2];
const LISTED = somebody(1);
const HELD = somebody(2);
const DELISTED = somebody(3);
const BRITISH = somebody(4);
const CLEAR = somebody(5);
const HOUR = 3600;

let world;
let between;
let now;

before(async () => {
  world = await system();
  between = await proxy(world.url);
  await world.attest(OFAC);
  await world.act("list", batch(OFAC, [LISTED, DELISTED]));
  await world.act("delist", batch(OFAC, [DELISTED]));
  await world.act("listProvisional", batch(OFAC, [HELD]));
  await world.act("list", batch(UK, [BRITISH]));
  await world.attest(UK);
  const time = await world.now();
  now = () => time * 1000;
});
after(async () => {
  await between.close();
  await world.close();
});

const rules = (more = {}) => ({
  list: world.list,
  sources: ["OFAC-SDN"],
  onUnknown: "block",
  now,
  ...more,
});

/** A node that says something else to some questions. */
const lie = (method, says) => (asked, answer) => {
  const at = asked.method === method && says(asked.params, answer);
  return at ? { ...answer, ...at } : answer;
};
const SELECTOR = { areSanctioned: "0x74f3176a", freshness: "0x5d8fd14a", head: "0x8f7dcfa3" };
const inCall = (name, says) =>
  lie("eth_call", ([{ data, input }], answer) =>
    (data ?? input).startsWith(SELECTOR[name]) ? says(answer.result) : undefined,
  );

/** Every way of not knowing: what is wrong, and which reason must come out. */
const UNKNOWN = {
  "another list's address": {
    more: () => ({ list: { ...world.list, address: world.manager } }),
    reason: "reverted",
  },
  "an address without code": {
    more: () => ({ list: { ...world.list, address: CLEAR } }),
    reason: "no-code",
  },
  "a wrong chain": { more: () => ({ list: { ...world.list, chainId: 1 } }), reason: "wrong-chain" },
  "a chain that changes on the way": {
    answer: () => {
      let asked = 0;
      return lie("eth_chainId", () => (asked++ ? { result: "0x1" } : undefined));
    },
    reason: "wrong-chain",
  },
  "0x from code": {
    answer: () => inCall("areSanctioned", () => ({ result: "0x" })),
    reason: "empty-answer",
  },
  "a revert": {
    answer: () =>
      inCall("areSanctioned", () => ({
        result: undefined,
        error: { code: 3, message: "execution reverted", data: "0x" },
      })),
    reason: "reverted",
  },
  "no answer": { fault: "silent", more: () => ({ timeoutMs: 300 }), reason: "timeout" },
  "a rate limit in JSON": { fault: "limited", reason: "rate-limited" },
  "a rate limit in HTTP": { fault: "tooMany", reason: "rate-limited" },
  "a web page": { fault: "html", reason: "not-json" },
  "a gateway's page": { fault: "gateway", reason: "not-json" },
  "a web page as the result": {
    answer: () => inCall("areSanctioned", () => ({ result: "<html>" })),
    reason: "not-json",
  },
  "a node that is down": { fault: "down", reason: "node-failed" },
  "one answer too few": {
    answer: () => inCall("areSanctioned", (result) => ({ result: result.slice(0, -64) })),
    reason: "bad-answer",
  },
  "one answer too many": {
    answer: () => inCall("areSanctioned", (result) => ({ result: result + "0".repeat(64) })),
    reason: "bad-answer",
  },
  "a length that lies": {
    answer: () =>
      inCall("areSanctioned", (r) => ({ result: `${r.slice(0, 129)}3${r.slice(130)}` })),
    reason: "bad-answer",
  },
  "neither yes nor no": {
    answer: () => inCall("areSanctioned", (r) => ({ result: `${r.slice(0, -1)}2` })),
    reason: "bad-answer",
  },
  "a word too many": {
    answer: () => inCall("freshness", (r) => ({ result: r + "0".repeat(64) })),
    reason: "bad-answer",
  },
  "a head of two words": {
    answer: () => inCall("head", (r) => ({ result: r + "0".repeat(64) })),
    reason: "bad-answer",
  },
  "half a word": {
    answer: () => inCall("freshness", (r) => ({ result: r.slice(0, -2) })),
    reason: "bad-answer",
  },
  "no head": {
    answer: () => inCall("head", (r) => ({ result: `0x${"0".repeat(r.length - 2)}` })),
    reason: "not-a-list",
  },
  "no newest block": {
    answer: () => lie("eth_getBlockByNumber", () => ({ result: null })),
    reason: "bad-answer",
  },
  "a stale node": { more: () => ({ now: () => now() + 1000 * HOUR }), reason: "stale-node" },
  "a node of the future": {
    more: () => ({ now: () => now() - 1000 * HOUR }),
    reason: "clock-skew",
  },
  "a clock that has none": { more: () => ({ now: () => NaN }), reason: "stale-node" },
  "an age that is no number": { more: () => ({ maxAgeSeconds: NaN }), reason: "stale-list" },
  "a list that nobody looks after": { more: () => ({ sources: ["EU"] }), reason: "never-checked" },
  "a list that is too old": {
    more: () => ({ now: () => now() + 100_000, maxAgeSeconds: 60 }),
    reason: "stale-list",
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  describe(`through ${name}`, () => {
    const ask = (addresses, more) => way.screen(way.open(between.url), addresses, rules(more));
    const outcomes = async (addresses, more) => {
      const { screenings } = await ask(addresses, more);
      return screenings.map(({ outcome }) => outcome);
    };

    test("who is listed, says why", async () => {
      const decision = await ask(LISTED.toUpperCase().replace("0X", "0x"));
      assert.equal(decision.outcome, "listed");
      assert.equal(decision.proceed, false);
      const [{ address, listing, asOf }] = decision.listed;
      assert.equal(address, LISTED.toUpperCase().replace("0X", "0x"));
      assert.deepEqual(listing.sources, ["OFAC-SDN"]);
      assert.deepEqual(listing.entries, [{ uid: "7", designatedOn: 1_600_041_600 }]);
      assert.equal(listing.act, 3);
      assert.equal(listing.until, null);
      assert.equal(listing.provisional, false);
      assert.equal(listing.manifest, manifest(`${[LISTED, DELISTED]}`).slice(0, 54));
      assert.equal(asOf.block, Number(await world.rpc("eth_blockNumber")));
      assert.ok(asOf.checkedAt > 0 && asOf.dataAsOf > 0);
    });

    test("a hold says until when", async () => {
      const [{ listing }] = (await ask(HELD)).screenings;
      assert.equal(listing.provisional, true);
      assert.equal(listing.until - listing.since, 7 * 24 * HOUR);
    });

    test("both parties, a batch, and the delisted are as the list says", async () => {
      const both = await ask([CLEAR, LISTED]);
      assert.equal(both.outcome, "listed");
      assert.equal(both.listed.length, 1);
      assert.equal((await ask([CLEAR, DELISTED])).outcome, "clear");
      assert.equal((await ask([CLEAR, DELISTED])).proceed, true);
      const found = await outcomes([LISTED, CLEAR, LISTED, DELISTED, HELD]);
      assert.deepEqual(found, ["listed", "clear", "listed", "clear", "listed"]);
      const many = Array.from({ length: 1201 }, (_, i) => somebody(5 + i));
      assert.deepEqual(new Set(await outcomes([...many, LISTED])), new Set(["clear", "listed"]));
    });

    test("a site obeys the sources that it names", async () => {
      assert.deepEqual(await outcomes([BRITISH, LISTED]), ["clear", "listed"]);
      assert.deepEqual(await outcomes([BRITISH, LISTED], { sources: ["UK"] }), ["listed", "clear"]);
      const any = await ask([BRITISH, LISTED, CLEAR], { sources: undefined });
      assert.deepEqual(
        any.screenings.map(({ outcome }) => outcome),
        ["listed", "listed", "clear"],
      );
    });

    test("what is no address is unknown, whatever the policy", async () => {
      for (const wrong of ["", "0x12", "vitalik.eth", `${CLEAR}0`, undefined, null, 7]) {
        const decision = await ask([CLEAR, wrong], { onUnknown: "allow" });
        assert.equal(decision.outcome, "unknown", `${wrong}`);
        assert.equal(decision.reason, "bad-address");
        assert.equal(decision.proceed, false);
      }
      for (const nobody of [[], undefined, null]) {
        const decision = await ask(nobody, { onUnknown: "allow" });
        assert.equal(decision.reason, "no-address");
        assert.equal(decision.proceed, false);
      }
    });

    for (const [what, { more = () => ({}), answer, fault = "none", reason }] of Object.entries(
      UNKNOWN,
    )) {
      test(`${what} is unknown: ${reason}`, async () => {
        Object.assign(between.state, { fault, answer: answer?.() });
        try {
          for (const onUnknown of ["block", "allow"]) {
            between.state.answer = answer?.();
            const decision = await ask([CLEAR, DELISTED], { ...more(), onUnknown });
            assert.equal(decision.outcome, "unknown");
            assert.equal(decision.reason, reason, JSON.stringify(decision.screenings));
            assert.equal(decision.proceed, onUnknown === "allow");
            assert.deepEqual(
              decision.screenings.map(({ outcome }) => outcome),
              ["unknown", "unknown"],
            );
          }
        } finally {
          Object.assign(between.state, { fault: "none", answer: undefined });
        }
      });
    }
  });
}
