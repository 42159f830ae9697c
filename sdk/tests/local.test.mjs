// The local copy gives the answers of the contract, tells nobody whom it is asked about, follows the
// list through reorgs, and is never made of less or other than the whole list.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { screen } from "@interdict/sdk";
import { screenLocally } from "@interdict/sdk/local";

import { EU, life, OFAC, UK, WHO } from "./world/life.mjs";
import { proxy } from "./world/proxy.mjs";
import { sealed, snapshotOf } from "./world/snapshot.mjs";
import { batch, somebody, system } from "./world/system.mjs";
import { WAYS } from "./world/ways.mjs";

let world;
let between;
let file;
let time;

before(async () => {
  world = await system();
  between = await proxy(world.url);
  await life(world);
  file = await snapshotOf(world);
  time = await world.now();
});
after(async () => {
  await between.close();
  await world.close();
});

const rules = (more = {}) => ({
  list: world.list,
  onUnknown: "block",
  followSeconds: 0,
  now: () => time * 1000,
  ...more,
});
const addresses = Object.values(WHO);
const open = (way = "raw") => WAYS[way].request(WAYS[way].open(between.url));

/** What of two answers must be the same: the block may have gone on. */
const told = ({ screenings }) =>
  screenings.map(({ asOf, detail, ...rest }) => ({ ...rest, head: asOf?.head }));
const outcomes = ({ screenings }) =>
  Object.fromEntries(screenings.map(({ address, outcome }) => [address, outcome]));
const reasonOf = async (screener) => {
  const decision = await screener.screen(WHO.never);
  assert.equal(decision.outcome, "unknown", JSON.stringify(decision));
  assert.equal(decision.proceed, false);
  return decision.reason;
};
const masks = [undefined, ["OFAC-SDN"], ["UK"], ["EU", "UK"]];

const EVERYONE = {
  events: () => ({}),
  snapshot: () => ({ snapshot: JSON.stringify(file) }),
  "sealed snapshot": () => ({ snapshot: file, seal: file.seal }),
};

for (const way of Object.keys(WAYS)) {
  for (const [name, more] of Object.entries(EVERYONE)) {
    test(`by ${name}, through ${way}, the answers are those of the contract`, async () => {
      for (const sources of masks) {
        const far = await screen(open(way), addresses, rules({ sources }));
        const near = screenLocally(open(way), rules({ sources, ...more() }));
        assert.deepEqual(told(await near.screen(addresses)), told(far), `${sources}`);
      }
    });
  }
}

test("the life has every outcome, and nobody is what they are not", async () => {
  const found = outcomes(await screenLocally(open(), rules()).screen(addresses));
  const clear = ["lapsed", "retracted", "delisted", "protectedOnly", "never"];
  for (const [name, address] of Object.entries(WHO)) {
    assert.equal(found[address], clear.includes(name) ? "clear" : "listed", name);
  }
});

test("by pages the answers are the same, without the persons", async () => {
  const far = await screen(open(), addresses, rules());
  const near = await screenLocally(open(), rules({ via: "pages" })).screen(addresses);
  const bare = (decision) =>
    told(decision).map(({ listing, ...rest }) => ({
      ...rest,
      listing: listing && { ...listing, entries: null, manifest: null },
    }));
  assert.deepEqual(bare(near), bare(far));
});

test("nobody is told whom it is asked about", async () => {
  const screener = screenLocally(open(), rules());
  between.state.calls = [];
  await screener.screen(addresses);
  const asked = JSON.stringify(between.state.calls).toLowerCase();
  for (const address of addresses) assert.ok(!asked.includes(address.slice(2)), address);
  assert.ok(asked.includes("eth_getlogs"));
});

test("a copy that is up to date asks for no events", async () => {
  const screener = screenLocally(open(), rules());
  await screener.refresh();
  between.state.calls = [];
  await screener.screen(WHO.never);
  const methods = between.state.calls.map(({ method }) => method);
  assert.ok(methods.length > 0 && !methods.includes("eth_getLogs"), `${methods}`);
  const patient = screenLocally(open(), rules({ followSeconds: 12 }));
  await patient.refresh();
  between.state.calls = [];
  await patient.screen(WHO.never);
  assert.deepEqual(between.state.calls, []);
});

describe("what is missing or altered", () => {
  // The fifth log is the first of the three that act 3 has.
  const cases = {
    "an event less": (logs) => logs.toSpliced(4, 1),
    "an event twice": (logs) => logs.toSpliced(4, 0, logs[4]),
    "the last act less": (logs) => logs.slice(0, -2),
    "two events in each other's place": (logs) => {
      const swapped = [...logs];
      [swapped[4].logIndex, swapped[5].logIndex] = [swapped[5].logIndex, swapped[4].logIndex];
      return swapped;
    },
    "another address": (logs) => {
      const topics = [logs[4].topics[0], `0x${"0".repeat(24)}${WHO.never.slice(2)}`];
      return logs.with(4, { ...logs[4], topics });
    },
    "no events": () => [],
  };
  for (const [name, alter] of Object.entries(cases)) {
    test(`${name} in the events: nothing is known`, async () => {
      between.state.answer = ({ method }, answer) =>
        method === "eth_getLogs" ? { ...answer, result: alter(answer.result) } : answer;
      try {
        assert.equal(await reasonOf(screenLocally(open(), rules())), "unproved");
      } finally {
        between.state.answer = undefined;
      }
    });
  }

  test("a count that does not agree", async () => {
    for (const via of ["events", "pages"]) {
      between.state.answer = ({ params }, answer) =>
        params[0]?.data === "0x06661abd"
          ? { ...answer, result: `0x${"9".padStart(64, "0")}` }
          : answer;
      try {
        assert.equal(await reasonOf(screenLocally(open(), rules({ via }))), "unproved");
      } finally {
        between.state.answer = undefined;
      }
    }
  });
});

describe("a snapshot that was altered", () => {
  const act = (acts, i, change) => acts.with(i, change([...acts[i]]));
  const entry = (acts, change) => act(acts, 2, (one) => one.with(7, change([...one[7]])));
  // Act 3 holds three addresses.
  const ALTERED = {
    "one entry removed": (acts) => entry(acts, (entries) => entries.slice(1)),
    "one entry added": (acts) => entry(acts, (all) => [...all, `${WHO.never.slice(2)} 9 0`]),
    "one entry altered": (acts) =>
      entry(acts, ([first, ...rest]) => [
        first.replace(WHO.ratified.slice(2), WHO.never.slice(2)),
        ...rest,
      ]),
    "one person altered": (acts) =>
      entry(acts, ([first, ...rest]) => [first.replace(" 7 ", " 8 "), ...rest]),
    "one day altered": (acts) =>
      entry(acts, ([first, ...rest]) => [first.replace(/\d+$/, "0"), ...rest]),
    "two entries swapped": (acts) => entry(acts, ([a, b, ...rest]) => [b, a, ...rest]),
    "a source altered": (acts) => act(acts, 2, (one) => one.with(1, UK)),
    "a deadline altered": (acts) => act(acts, 2, (one) => one.with(2, one[2] + 1)),
    "a kind altered": (acts) => act(acts, 2, (one) => one.with(0, 1)),
    "one act removed": (acts) => acts.toSpliced(4, 1),
    "the time altered by which a hold was ratified": (acts) =>
      act(acts, 7, (one) => one.with(4, acts[6][4] + 1)),
  };
  for (const [name, alter] of Object.entries(ALTERED)) {
    test(`${name}: refused, whether or not it was made whole again`, async () => {
      const acts = alter(file.acts);
      assert.notDeepEqual(acts, file.acts);
      const naive = { ...file, acts };
      // Whoever alters it knowingly makes head and seal fit again.
      const forged = sealed(world.list, acts);
      for (const [snapshot, more] of [
        [naive, {}],
        [forged, {}],
      ]) {
        const online = screenLocally(open(), rules({ snapshot, ...more }));
        assert.equal(await reasonOf(online), "snapshot-refused");
        const offline = screenLocally(undefined, rules({ snapshot, seal: file.seal }));
        assert.equal(await reasonOf(offline), "snapshot-refused");
      }
    });
  }

  test("of another list, chain or format, or damaged: refused", async () => {
    for (const snapshot of [
      { ...file, blocklist: WHO.never },
      { ...file, chain_id: 1 },
      { ...file, schema: "interdict.snapshot/2" },
      { ...file, seal: file.head },
      { ...file, head: file.seal },
      { ...file, acts: [] },
      { ...file, acts: null },
      JSON.stringify(file).slice(0, -5),
      "<html>",
      new TextEncoder().encode("[]"),
    ]) {
      assert.equal(await reasonOf(screenLocally(open(), rules({ snapshot }))), "snapshot-refused");
    }
  });
});

test("a sealed snapshot answers without a node, and not for ever", async () => {
  const seal = { snapshot: file, seal: file.seal };
  const offline = screenLocally(undefined, rules(seal));
  const far = await screen(open(), addresses, rules());
  assert.deepEqual(outcomes(await offline.screen(addresses)), outcomes(far));
  const later = screenLocally(undefined, rules({ ...seal, now: () => (time + 30 * 3600) * 1000 }));
  assert.equal(await reasonOf(later), "stale-list");
  assert.throws(() => screenLocally(undefined, rules({ snapshot: file })), TypeError);
});

describe("as the chain goes on", () => {
  // Each begins where the chain was, so that none sees what another did.
  const branch = async (story) => {
    const id = await world.rpc("evm_snapshot");
    try {
      await story();
    } finally {
      await world.rpc("evm_revert", id);
    }
  };
  const now = async () => (await world.now()) * 1000;
  const later = (more) => {
    let clock = time * 1000;
    const options = rules({ ...more, now: () => clock });
    return { options, tick: async () => (clock = await now()) };
  };

  for (const [name, more] of [...Object.entries(EVERYONE), ["pages", () => ({ via: "pages" })]]) {
    test(`by ${name}: a listing and a delisting are followed`, () =>
      branch(async () => {
        const { options, tick } = later(more());
        const screener = screenLocally(open(), options);
        assert.equal((await screener.screen(WHO.never)).outcome, "clear");
        await world.act("list", batch(OFAC, [WHO.never]));
        await tick();
        assert.equal((await screener.screen(WHO.never)).outcome, "listed");
        await world.act("delist", batch(OFAC, [WHO.never]));
        await tick();
        assert.equal((await screener.screen(WHO.never)).outcome, "clear");
      }));

    test(`by ${name}: what a reorg takes away is gone, what it brings is there`, () =>
      branch(async () => {
        const { options, tick } = later(more());
        const screener = screenLocally(open(), options);
        await screener.refresh();
        const [first, second] = [somebody(50), somebody(51)];
        await world.act("list", batch(OFAC, [first]));
        await tick();
        assert.equal((await screener.screen(first)).outcome, "listed");
        const call = (accounts) => [
          {
            from: world.owner,
            to: world.list.address,
            data: world.face.encodeFunctionData("list", [batch(EU, accounts)]),
            gas: "0x1c9c380",
          },
          0,
        ];
        await world.rpc("anvil_reorg", 1, [call([second])]);
        await tick();
        const after = outcomes(await screener.screen([first, second]));
        assert.deepEqual(after, { [first]: "clear", [second]: "listed" });
        const far = await screen(open(), [...addresses, first, second], options);
        const near = await screener.screen([...addresses, first, second]);
        assert.deepEqual(outcomes(near), outcomes(far));
      }));
  }

  test("an act that a reorg takes away without another is gone", () =>
    branch(async () => {
      const { options, tick } = later();
      const screener = screenLocally(open(), options);
      await world.act("list", batch(OFAC, [WHO.never]));
      await tick();
      assert.equal((await screener.screen(WHO.never)).outcome, "listed");
      await world.rpc("anvil_reorg", 1, []);
      await world.rpc("evm_mine");
      await tick();
      assert.equal((await screener.screen(WHO.never)).outcome, "clear");
    }));

  test("a hold ends by itself", () =>
    branch(async () => {
      const { options, tick } = later({ maxAgeSeconds: 1e9 });
      const screener = screenLocally(open(), options);
      assert.equal((await screener.screen(WHO.held)).outcome, "listed");
      await world.rpc("evm_increaseTime", 8 * 24 * 3600);
      await world.rpc("evm_mine");
      await tick();
      assert.equal((await screener.screen(WHO.held)).outcome, "clear");
    }));
});

test("a node that is away for a moment takes nothing away, and for longer it does", async () => {
  let clock = time;
  const screener = screenLocally(open(), rules({ now: () => clock * 1000 }));
  await screener.refresh();
  between.state.fault = "down";
  try {
    clock += 60;
    assert.equal((await screener.screen(WHO.never)).outcome, "clear");
    assert.equal((await screener.screen(WHO.held)).outcome, "listed");
    clock += 180;
    assert.equal(await reasonOf(screener), "node-failed");
  } finally {
    between.state.fault = "none";
  }
});
