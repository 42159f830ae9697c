import { afterEach, describe, expect, test, vi } from "vitest";

import { change, get, kindOf, Problem, withQuery } from "./ask";
import { newsOf } from "./live";

const answering = (status: number, body: string) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(status === 204 ? null : body, { status })),
  );
afterEach(() => vi.unstubAllGlobals());

const problem = async (asked: Promise<unknown>): Promise<Problem> => {
  const error = await asked.then(
    () => undefined,
    (error) => error,
  );
  if (!(error instanceof Problem)) throw new Error(`no problem, but ${error}`);
  return error;
};

describe("questions", () => {
  test("what is empty is not asked", () => {
    expect(withQuery("/v1/alerts", { a: "", b: null, c: undefined, d: 0, e: "x,y" })).toBe(
      "/v1/alerts?d=0&e=x%2Cy",
    );
    expect(withQuery("/v1/alerts", {})).toBe("/v1/alerts");
  });

  test.each([
    [401, "unauthenticated", "signed_out"],
    [403, "forbidden", "forbidden"],
    [404, "no_page", "not_served"],
    [404, "no_alert", "missing"],
    [409, "stale_version", "overtaken"],
    [400, "bad_parameter", "refused"],
    [429, "too_many", "busy"],
    [500, "database", "failed"],
    [503, "too_slow", "failed"],
  ])("%i %s is %s", (status, code, kind) => {
    expect(kindOf(status, code)).toBe(kind);
  });

  test("a refusal says what, what to do, and under which id the log speaks of it", async () => {
    answering(
      400,
      JSON.stringify({
        error: "limit is 0",
        code: "bad_parameter",
        next: "use 1",
        request_id: "r1",
      }),
    );
    const { message, next, code, requestId, kind } = await problem(get("/v1/alerts"));
    expect([message, next, code, requestId, kind]).toEqual([
      "limit is 0",
      "use 1",
      "bad_parameter",
      "r1",
      "refused",
    ]);
  });

  test("who was overtaken gets what stands now", async () => {
    answering(
      409,
      JSON.stringify({ error: "faster", code: "stale_version", next: "look", alert: { id: "a" } }),
    );
    expect((await problem(change("POST", "/v1/steps", {}))).beside.alert).toEqual({ id: "a" });
  });

  test("an answer of somebody in between is a failure, not a page", async () => {
    answering(502, "<html>bad gateway</html>");
    expect((await problem(get("/v1/alerts"))).message).toBe("The indexer answered 502");
    answering(200, "<html>log in to the wifi</html>");
    expect((await problem(get("/v1/alerts"))).kind).toBe("failed");
  });

  test("no answer is told apart from a bad one", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    expect((await problem(get("/v1/alerts"))).kind).toBe("offline");
  });

  test("a change carries the header that no other site can send, and may answer nothing", async () => {
    answering(204, "");
    expect(await change("DELETE", "/v1/session")).toBeUndefined();
    const [, init] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(init?.headers).toMatchObject({ "x-interdict": "1" });
  });
});

describe("news", () => {
  test("are read, and what cannot be read says that anything may have changed", () => {
    expect(newsOf("alert", '{"id":"a","kind":"created","severity":"high"}')).toEqual({
      kind: "alert",
      id: "a",
      told: "created",
      severity: "high",
    });
    expect(newsOf("step", '{"alert":"a","version":3}')).toEqual({
      kind: "step",
      id: "a",
      version: 3,
    });
    for (const [kind, data] of [
      ["alert", "{"],
      ["alert", "{}"],
      ["odd", "{}"],
    ] as const) {
      expect(newsOf(kind, data)).toEqual({ kind: "back" });
    }
  });
});
