// A node between: it passes questions on, or answers as bad nodes do.
import { createServer } from "node:http";
import { once } from "node:events";

const PAGE = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>";

const json = (response, id, part, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, ...part }));
};

/** Each fault: whether it concerns a question, and what it does to the answer. */
export const FAULTS = {
  none: () => undefined,
  html: ({ response }) => response.writeHead(200, { "content-type": "text/html" }).end(PAGE),
  gateway: ({ response }) => response.writeHead(502, { "content-type": "text/html" }).end(PAGE),
  tooMany: ({ response }) => response.writeHead(429).end("slow down"),
  limited: ({ response, id }) =>
    json(response, id, { error: { code: -32005, message: "rate limit exceeded" } }),
  down: ({ response }) => response.destroy(),
  endless: ({ response }) => {
    response.writeHead(200, { "content-type": "application/json" });
    const part = Buffer.alloc(1 << 20, " ");
    const more = () => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
    return true;
  },
  silent: () => true,
};

export const proxy = async (url) => {
  const state = { fault: "none", calls: [], answer: undefined };
  const server = createServer(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "*");
    if (request.method === "OPTIONS") return response.end();
    let body = "";
    for await (const part of request) body += part;
    const asked = JSON.parse(body);
    // Libraries ask several questions in one body.
    const all = Array.isArray(asked) ? asked : [asked];
    state.calls.push(...all);
    const [{ id }] = all;
    if (FAULTS[state.fault]({ response, id })) return undefined;
    if (response.writableEnded || response.destroyed) return undefined;
    const answered = await Promise.all(
      all.map(async (one) => {
        const passed = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(one),
        });
        const answer = await passed.json();
        return state.answer ? await state.answer(one, answer) : answer;
      }),
    );
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify(Array.isArray(asked) ? answered : answered[0]));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${server.address().port}`, state, close };
};
