import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Problem, type ProblemKind } from "../../api/ask";
import type { Alert, AlertPage } from "../../api/types";
import { looks } from "./looks";

const alert = (id: string, version = 0) => ({ id, desk: { version } }) as unknown as Alert;
const problem = (kind: ProblemKind) => new Problem(kind, { error: kind });

/** An indexer whose answers come when they are let go, and all that the page has shown of them. */
const desk = () => {
  const asked: { what: string; answer: (said: unknown) => void; fail: (e: unknown) => void }[] = [];
  const shown: string[] = [];
  const known = new Set<string>();
  const ask = (what: string) =>
    new Promise<never>((answer, fail) => asked.push({ what, answer: answer as () => void, fail }));
  const looking = looks({
    page: () => ask("page"),
    one: (id) => ask(id),
    knows: (id) => known.has(id),
    taken: (way, { alerts }) => {
      for (const { id } of alerts) known.add(id);
      shown.push(`${way} ${alerts.map(({ id }) => id).join("")}`);
    },
    changed: ({ id, desk }) => shown.push(`${id}${desk?.version}`),
    failed: ({ kind }) => shown.push(kind),
  });
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  const next = () => asked.shift() ?? { what: "nothing", answer: () => {}, fail: () => {} };
  const answer = async (expected: string, said: AlertPage | Alert | ProblemKind) => {
    const { what, answer, fail } = next();
    expect(what).toBe(expected);
    if (typeof said === "string") fail(problem(said));
    else answer(said);
    await pass();
  };
  const page = (ids: string): AlertPage => ({
    alerts: [...ids].map((id) => alert(id)),
    next: null,
  });
  const opened = async (ids: string) => {
    looking.look("open");
    await pass();
    await answer("page", page(ids));
    shown.length = 0;
  };
  return { ...looking, asked, shown, pass, answer, page, opened };
};
const step = (id: string) => ({ kind: "step", id, version: 1 }) as const;
const found = (id: string) => ({ kind: "alert", id, told: "", severity: "" }) as const;

describe("looks", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("news that come while the page is being asked are asked about afterwards", async () => {
    const { look, news, answer, pass, page, shown, asked } = desk();
    look("open");
    await pass();
    news(step("a"));
    news(found("b"));
    await answer("page", page("a"));
    expect(asked).toHaveLength(0);
    await pass(250);
    await answer("page", page("ba"));
    // Both are on the page that was asked for after the news.
    expect(shown).toEqual(["open a", "refresh ba"]);
    await pass(60_000);
    expect(asked).toHaveLength(0);
  });

  test("a step that comes while the first page is being asked is not lost with it", async () => {
    const { look, news, answer, pass, page, shown } = desk();
    look("open");
    await pass();
    news(step("a"));
    await answer("page", page("a"));
    await pass(250);
    await answer("a", alert("a", 1));
    expect(shown).toEqual(["open a", "a1"]);
  });

  test("two steps of one finding: the second is asked for after the first was answered", async () => {
    const { opened, news, answer, pass, shown, asked } = desk();
    await opened("ab");
    news(step("a"));
    await pass(250);
    news(step("a"));
    await pass(5_000);
    expect(asked).toHaveLength(1);
    await answer("a", alert("a", 1));
    await pass(250);
    await answer("a", alert("a", 2));
    expect(shown).toEqual(["a1", "a2"]);
  });

  test.each<ProblemKind>(["offline", "busy", "failed"])(
    "%s passes: it is asked again",
    async (kind) => {
      const { opened, news, answer, pass, page, shown, asked } = desk();
      await opened("ab");
      news(step("b"));
      await pass(250);
      await answer("b", kind);
      await pass(2_999);
      expect(asked).toHaveLength(0);
      await pass(1);
      await answer("b", alert("b", 1));
      news(found("c"));
      await pass(250);
      await answer("page", kind);
      await pass(3_000);
      await answer("page", page("cab"));
      expect(shown).toEqual(["b1", kind, "refresh cab"]);
    },
  );

  test("what does not pass by itself is told, and not asked again and again", async () => {
    const { look, answer, pass, shown, asked } = desk();
    look("open");
    await pass();
    await answer("page", "forbidden");
    await pass(60_000);
    expect([shown, asked.length]).toEqual([["forbidden"], 0]);
  });

  test("of many that changed the page is asked for, and what is below it by itself", async () => {
    const { opened, news, answer, pass, page, shown } = desk();
    await opened("abcdefg");
    for (const id of "abcdefg") news(step(id));
    await pass(250);
    await answer("page", page("abcdef"));
    await answer("g", alert("g", 1));
    expect(shown).toEqual(["refresh abcdef", "g1"]);
  });

  test("news of what nobody sees ask nothing", async () => {
    const { opened, news, pass, asked } = desk();
    await opened("a");
    news(step("z"));
    news({ kind: "status" });
    await pass(60_000);
    expect(asked).toHaveLength(0);
  });

  test("after it was left, nothing is shown and nothing asked", async () => {
    const { opened, news, answer, pass, stop, shown, asked } = desk();
    await opened("a");
    news(step("a"));
    await pass(250);
    news(found("b"));
    stop();
    await answer("a", alert("a", 1));
    await pass(60_000);
    expect([shown, asked.length]).toEqual([[], 0]);
  });
});
