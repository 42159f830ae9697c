// What remembers, what looks again, what a server does; and that no mistake on the way is a yes.
import assert from "node:assert/strict";
import { after, before, describe, mock, test } from "node:test";

import { screen } from "@interdict/sdk";
import { screenLocally } from "@interdict/sdk/local";
import { http, screened } from "@interdict/sdk/server";
import { screener, watch } from "@interdict/sdk/watch";
import { explain, sentenceOf } from "@interdict/sdk/words";

import { proxy } from "./world/proxy.mjs";
import { batch, somebody, system } from "./world/system.mjs";

const OFAC = 1;
const [LISTED, CLEAR] = [somebody(1), somebody(2)];

let world;
let between;
let time;

before(async () => {
  world = await system();
  between = await proxy(world.url);
  await world.attest(OFAC);
  await world.act("list", batch(OFAC, [LISTED]));
  time = await world.now();
});
after(async () => {
  await between.close();
  await world.close();
});

const rules = (more = {}) => ({
  list: world.list,
  onUnknown: "block",
  sources: ["OFAC-SDN"],
  now: () => time * 1000,
  ...more,
});
const failing = async (fault, story) => {
  between.state.fault = fault;
  try {
    return await story();
  } finally {
    between.state.fault = "none";
  }
};

describe("policy", () => {
  const down = (onUnknown) =>
    failing("down", () => screen(http(between.url), CLEAR, rules({ onUnknown })));

  test("it is asked about each that is unknown, and only then", async () => {
    const seen = [];
    const onUnknown = async (unknown) => {
      seen.push(unknown);
      return "allow";
    };
    assert.equal((await screen(http(between.url), CLEAR, rules({ onUnknown }))).proceed, true);
    assert.equal((await screen(http(between.url), LISTED, rules({ onUnknown }))).proceed, false);
    assert.deepEqual(seen, []);
    assert.equal((await down(onUnknown)).proceed, true);
    assert.deepEqual(
      seen.map(({ address, reason }) => [address, reason]),
      [[CLEAR, "node-failed"]],
    );
  });

  test("of two that are unknown, one that is allowed does not let both through", async () => {
    const onUnknown = async ({ address }) => (address === CLEAR ? "allow" : "block");
    const ask = (addresses) => screen(http(between.url), addresses, rules({ onUnknown }));
    const both = await failing("down", () => ask([CLEAR, somebody(3)]));
    assert.deepEqual([both.outcome, both.proceed], ["unknown", false]);
    assert.equal((await failing("down", () => ask([CLEAR]))).proceed, true);
  });

  test("whatever is not allow blocks, and so does a failure of it", async () => {
    const odd = [
      async () => "block",
      async () => true,
      async () => undefined,
      async () => Promise.reject(new Error("no")),
      () => {
        throw new Error("no");
      },
    ];
    for (const onUnknown of odd) assert.equal((await down(onUnknown)).proceed, false);
  });

  test("without it nothing is screened", async () => {
    for (const onUnknown of [undefined, null, true, "ALLOW", "ignore", "allow "]) {
      await assert.rejects(screen(http(between.url), CLEAR, rules({ onUnknown })), TypeError);
      assert.throws(() => screener(http(between.url), rules({ onUnknown })), TypeError);
      assert.throws(() => screenLocally(http(between.url), rules({ onUnknown })), TypeError);
    }
    for (const list of [undefined, {}, { chainId: 1 }, { chainId: "1", address: CLEAR }]) {
      await assert.rejects(screen(http(between.url), CLEAR, rules({ list })), TypeError);
    }
    for (const sources of [[], ["OFAC"], ["toString"]]) {
      await assert.rejects(screen(http(between.url), CLEAR, rules({ sources })), TypeError);
    }
  });
});

describe("memory", () => {
  test("an answer is remembered for its time, and asked for once", async () => {
    let now = time;
    const remembering = screener(
      http(between.url),
      rules({ now: () => now * 1000, keepSeconds: 30 }),
    );
    between.state.calls = [];
    await Promise.all([remembering.screen([CLEAR, LISTED]), remembering.screen(CLEAR)]);
    const first = between.state.calls.length;
    assert.equal(
      between.state.calls.filter(({ method }) => method === "eth_getBlockByNumber").length,
      1,
    );
    now += 29;
    const again = await remembering.screen([LISTED, CLEAR]);
    assert.deepEqual(
      again.screenings.map(({ outcome }) => outcome),
      ["listed", "clear"],
    );
    assert.equal(between.state.calls.length, first);
    now += 2;
    await remembering.screen(CLEAR);
    assert.ok(between.state.calls.length > first);
    const second = between.state.calls.length;
    remembering.forget();
    await remembering.screen(CLEAR);
    assert.ok(between.state.calls.length > second);
  });

  test("what is unknown is not remembered", async () => {
    const remembering = screener(http(between.url), rules());
    const down = await failing("down", () => remembering.screen(CLEAR));
    assert.equal(down.outcome, "unknown");
    assert.equal((await remembering.screen(CLEAR)).outcome, "clear");
  });
});

/** A wallet's or a page's events. */
const emitter = () => {
  const target = new EventTarget();
  return {
    target,
    on: (name, listener) => target.addEventListener(name, listener),
    removeListener: (name, listener) => target.removeEventListener(name, listener),
    tell: (name) => target.dispatchEvent(new Event(name)),
  };
};

/** A screener whose answers are given by hand. */
const byHand = () => {
  const waiting = [];
  const decision = (outcome) => ({ outcome, proceed: outcome === "clear", screenings: [] });
  return {
    forgotten: 0,
    forget() {
      this.forgotten++;
    },
    screen: () => new Promise((done) => waiting.push(done)),
    waiting,
    async answer(outcome, which = 0) {
      waiting.splice(which, 1)[0](decision(outcome));
      await new Promise(setImmediate);
    },
  };
};

describe("watching", () => {
  const open = (recheckSeconds = 60) => {
    const [hand, wallet, page] = [byHand(), emitter(), emitter()];
    const states = [];
    const tell = (state) => states.push([state.status, state.proceed]);
    const options = { wallet, page: page.target, recheckSeconds };
    const watching = watch(hand, CLEAR, tell, options);
    return { hand, wallet, page, states, ...watching };
  };
  const { timers } = mock;
  const started = (story) => async () => {
    timers.enable({ apis: ["setTimeout", "Date"] });
    try {
      await story();
    } finally {
      timers.reset();
    }
  };

  test(
    "it loads, and then says what is",
    started(async () => {
      const { hand, states, end } = open();
      await hand.answer("clear");
      assert.deepEqual(states, [
        ["loading", false],
        ["clear", true],
      ]);
      end();
    }),
  );

  test(
    "who comes back to the page is looked at again, without a flicker",
    started(async () => {
      const { hand, page, states, end } = open();
      await hand.answer("clear");
      for (const event of ["focus", "online", "pageshow"]) page.tell(event);
      assert.equal(hand.waiting.length, 1, "one question for all three");
      await hand.answer("listed");
      assert.deepEqual(states.slice(1), [
        ["clear", true],
        ["listed", false],
      ]);
      end();
    }),
  );

  test(
    "on another chain the old answer is stale at once",
    started(async () => {
      const { hand, wallet, states, end } = open();
      await hand.answer("clear");
      wallet.tell("chainChanged");
      assert.deepEqual(states.at(-1), ["stale", false]);
      assert.ok(hand.forgotten >= 2);
      await hand.answer("unknown");
      assert.deepEqual(states.at(-1), ["unknown", false]);
      end();
    }),
  );

  test(
    "an answer of the chain before is none",
    started(async () => {
      const { hand, wallet, states, end } = open();
      wallet.tell("chainChanged");
      await hand.answer("unknown", 1);
      await hand.answer("clear", 0);
      assert.deepEqual(states.at(-1), ["unknown", false]);
      end();
    }),
  );

  test(
    "an answer is asked for again in time, and after twice the time it is stale",
    started(async () => {
      const { hand, page, states, end } = open(60);
      await hand.answer("clear");
      timers.tick(60_000);
      assert.equal(hand.waiting.length, 1);
      await hand.answer("clear");
      // A page that slept: its timers did not run, the clock did.
      timers.setTime(Date.now() + 121_000);
      page.tell("focus");
      assert.ok(
        states.some(([status]) => status === "stale"),
        `${states}`,
      );
      await hand.answer("clear");
      assert.deepEqual(states.at(-1), ["clear", true]);
      end();
    }),
  );

  test(
    "asked to look again, it no longer counts what it said",
    started(async () => {
      const { hand, states, recheck, end } = open();
      await hand.answer("clear");
      recheck();
      assert.deepEqual(states.at(-1), ["stale", false]);
      await hand.answer("clear");
      assert.deepEqual(states.at(-1), ["clear", true]);
      end();
    }),
  );

  test(
    "after the end nothing is said and nothing is asked",
    started(async () => {
      const { hand, wallet, page, states, end } = open();
      const before = states.length;
      end();
      await hand.answer("clear");
      wallet.tell("chainChanged");
      page.tell("focus");
      timers.tick(600_000);
      assert.equal(states.length, before);
      assert.equal(hand.waiting.length, 0);
    }),
  );
});

describe("server", () => {
  const addresses = async (request) => (await request.json()).parties;
  const ask = async (parties, more = {}, from = http(between.url)) => {
    const handler = async (request) => Response.json({ body: await request.json() });
    const serve = screened(from, rules({ addresses, ...more }), handler);
    const body = typeof parties === "string" ? parties : JSON.stringify({ parties });
    const response = await serve(new Request("http://site/", { method: "POST", body }));
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  test("the handler sees whom the site goes on with, and the whole request", async () => {
    const { status, body } = await ask([CLEAR]);
    assert.deepEqual([status, body], [200, { body: { parties: [CLEAR] } }]);
  });

  test("a listed party is refused with 451 and the reason", async () => {
    const { status, body, headers } = await ask([CLEAR, LISTED]);
    assert.equal(status, 451);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(body.outcome, "listed");
    assert.deepEqual(
      body.listed.map(({ address }) => address),
      [LISTED],
    );
    assert.deepEqual(body.listed[0].listing.sources, ["OFAC-SDN"]);
    assert.match(body.title, /listed by OFAC-SDN since \d{4}-\d\d-\d\d/);
  });

  test("where nothing is known the policy decides: 503, or on", async () => {
    const blocked = await failing("down", () => ask([CLEAR]));
    assert.deepEqual([blocked.status, blocked.body.reason], [503, "node-failed"]);
    assert.equal(blocked.headers.get("retry-after"), "10");
    const allowed = await failing("down", () => ask([CLEAR], { onUnknown: "allow" }));
    assert.equal(allowed.status, 200);
  });

  test("who names nobody, or cannot be read, is refused under every policy", async () => {
    for (const parties of [[], undefined, ["0x12"], "no json", "{}"]) {
      const { status, body } = await ask(parties, { onUnknown: "allow" });
      assert.equal(status, 400, `${parties}`);
      assert.equal(body.outcome, "unknown");
    }
  });

  test("a proved copy answers as well", async () => {
    const copy = screenLocally(http(between.url), rules());
    assert.equal((await ask([LISTED], {}, copy)).status, 451);
    assert.equal((await ask([CLEAR], {}, copy)).status, 200);
  });
});

test("a body without end is given up, and no URL is told", async () => {
  const endless = await failing("endless", () => screen(http(between.url), CLEAR, rules()));
  assert.deepEqual([endless.outcome, endless.reason], ["unknown", "node-failed"]);
  assert.equal(endless.screenings[0].detail, "an answer that is too long");
  const secret = () => Promise.reject(new Error("failed: https://node.example/v2/S3CRET and more"));
  const { screenings } = await screen(secret, CLEAR, rules());
  assert.match(screenings[0].detail, /failed: … and more/);
  assert.doesNotMatch(JSON.stringify(screenings), /S3CRET/);
});

test("there is a sentence for what came out", async () => {
  const clear = await screen(http(between.url), CLEAR, rules());
  assert.match(explain(clear), new RegExp(`^${CLEAR} is not listed, as of block \\d+\\.$`));
  const both = await screen(http(between.url), [CLEAR, LISTED], rules());
  assert.match(
    explain(both),
    new RegExp(`^${LISTED} is listed by OFAC-SDN since [\\d-]+, act 3\\.$`),
  );
  const nobody = await screen(http(between.url), [], rules());
  assert.equal(explain(nobody), sentenceOf("no-address"));
  assert.match(sentenceOf("timeout"), /did not answer in time/);
});

test("a node that turns out to say no more of whom it said is listed: listed all the same", async () => {
  between.state.answer = ({ method, params }, answer) =>
    method === "eth_getLogs" || params[0]?.data?.startsWith("0xbdc7d1ff")
      ? { ...answer, result: undefined, error: { code: -32000, message: "no" } }
      : answer;
  try {
    const { listed } = await screen(http(between.url), LISTED, rules());
    assert.deepEqual([listed[0].listing.manifest, listed[0].listing.entries], [null, null]);
    // Nor does it matter that the node is slow to say no more.
    between.state.answer = ({ method }, answer) =>
      method === "eth_getLogs" ? new Promise(() => {}) : answer;
    const slow = await screen(http(between.url), LISTED, rules({ timeoutMs: 800 }));
    assert.deepEqual([slow.outcome, slow.listed?.[0].listing.entries], ["listed", null]);
    between.state.answer = ({ params }, answer) =>
      params[0]?.data?.startsWith("0xb0f7efce") ? { ...answer, result: "0x" } : answer;
    const any = await screen(http(between.url), LISTED, rules({ sources: undefined }));
    assert.deepEqual([any.outcome, any.listed?.[0].listing], ["listed", null]);
    // Whether the site obeys the source that lists it cannot be said then.
    const some = await screen(http(between.url), LISTED, rules());
    assert.deepEqual([some.outcome, some.reason], ["unknown", "empty-answer"]);
  } finally {
    between.state.answer = undefined;
  }
});
