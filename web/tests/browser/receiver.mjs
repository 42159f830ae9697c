// Somebody who is told: a real HTTP server, with the reference library of Standard Webhooks' own way
// of signing written out, so that what is sent is checked and not believed.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const signed = (secret, id, at, body) => {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")}`;
};

/** A receiver; `answers` is the status that it gives from now on, `got` all that came. */
export const receiver = async () => {
  const got = [];
  const waiting = [];
  const state = { answers: 204 };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    got.push({ headers: request.headers, body, said: JSON.parse(body), answered: state.answers });
    response.writeHead(state.answers).end();
    for (const look of waiting.splice(0)) look();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  /** The first that fits, as soon as it is there. */
  const until = async (fits) => {
    for (;;) {
      const one = got.find(fits);
      if (one) return one;
      await new Promise((look) => waiting.push(look));
    }
  };
  /** Fails unless each of these secrets has signed it, and no other. */
  const check = ({ headers, body }, ...secrets) => {
    const [id, at] = [headers["webhook-id"], headers["webhook-timestamp"]];
    const expected = secrets.map((secret) => signed(secret, id, at, body));
    assert.deepEqual(headers["webhook-signature"].split(" ").sort(), expected.sort());
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  return { url, got, state, until, check, close };
};
