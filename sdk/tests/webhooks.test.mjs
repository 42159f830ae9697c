// What the indexer sends is verified by the reference library of Standard Webhooks, which shares no
// code with what signs it. The deliveries are what a real receiver got, at a time that stands still;
// a test of the indexer (`what_the_reference_library_verifies_is_what_is_sent`) holds them to it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";

import { Webhook } from "standardwebhooks";

const { now, secrets, deliveries } = JSON.parse(
  readFileSync(new URL("./world/deliveries.json", import.meta.url)),
);
const TOLERANCE_SECONDS = 300;

const at = (seconds) => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now: seconds * 1000 });
};

test("the reference library verifies every delivery, by each secret that signs it", () => {
  at(now);
  assert.ok(deliveries.length >= 5);
  for (const { headers, body, by } of deliveries) {
    for (const [name, secret] of Object.entries(secrets)) {
      const verify = () => new Webhook(secret).verify(body, headers);
      if (by.includes(name)) {
        assert.deepEqual(verify(), JSON.parse(body));
      } else {
        assert.throws(verify, /No matching signature/);
      }
    }
  }
  assert.ok(
    deliveries.some(({ by }) => by.length === 2),
    "one was sent during a rotation",
  );
  assert.ok(deliveries.some(({ body }) => JSON.parse(body).type === "endpoint.test"));
});

test("what was altered, is old, or is from the future does not verify", () => {
  for (const { headers, body, by } of deliveries) {
    const webhook = new Webhook(secrets[by[0]]);
    at(now);
    assert.throws(() => webhook.verify(`${body} `, headers));
    assert.throws(() => webhook.verify(body, { ...headers, "webhook-id": "msg_other" }));
    for (const off of [TOLERANCE_SECONDS + 1, -TOLERANCE_SECONDS - 1]) {
      at(Number(headers["webhook-timestamp"]) + off);
      assert.throws(() => webhook.verify(body, headers), /timestamp/i);
    }
  }
});

test("ids are of the news and not of the attempt, and bodies are small", () => {
  const ids = deliveries.map(({ headers }) => headers["webhook-id"]);
  assert.equal(new Set(ids).size, ids.length);
  for (const { headers, body } of deliveries) {
    const { type, timestamp, data } = JSON.parse(body);
    assert.ok(Buffer.byteLength(body) < 20_000, "as Standard Webhooks asks for");
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    if (type.startsWith("alert.")) {
      assert.equal(headers["webhook-id"], `msg_${data.alert.id}_${data.seq}`);
    }
  }
});
