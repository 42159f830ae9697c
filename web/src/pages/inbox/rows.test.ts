import { describe, expect, test } from "vitest";

import type { Alert } from "../../api/types";
import { changed, lengthened, NO_ROWS, opened, type Rows, refreshed, shown } from "./rows";

const alert = (id: string, version = 0) => ({ id, desk: { version } }) as unknown as Alert;
const page = (ids: string, next: string | null = null) => ({
  alerts: [...ids].map((id) => alert(id)),
  next,
});
const ids = (alerts: Alert[]) => alerts.map(({ id }) => id).join("");
const said = (rows: Rows) => `${ids(rows.waiting)}|${ids(rows.alerts)}`;

describe("rows", () => {
  test("new ones wait while somebody is at work, and are shown when asked for", () => {
    const before = opened(page("cba", "x"));
    const held = refreshed(before, page("edcb", "y"), "hold");
    expect(said(held)).toBe("ed|cba");
    expect(held.next).toBe("x");
    expect(said(shown(held))).toBe("|edcba");
    expect(said(refreshed(before, page("edcb"), "show"))).toBe("|edcba");
  });

  test("what waits is what is new now, each once", () => {
    const held = refreshed(opened(page("cba")), page("dcb"), "hold");
    expect(said(refreshed(held, page("edc"), "hold"))).toBe("ed|cba");
    expect(said(refreshed(held, page("cb"), "hold"))).toBe("|cba");
  });

  test("one that belongs between others is put there", () => {
    expect(said(refreshed(opened(page("eca")), page("edcba"), "show"))).toBe("|edcba");
    expect(said(refreshed(opened(page("ca")), page("cab"), "show"))).toBe("|cab");
  });

  test("a row that left the first page stays where it stands", () => {
    expect(said(refreshed(opened(page("cba")), page("ca"), "show"))).toBe("|cba");
  });

  test("an empty list shows what comes, whoever is at work", () => {
    expect(said(refreshed(NO_ROWS, page("ba", "n"), "hold"))).toBe("|ba");
    expect(refreshed(NO_ROWS, page("ba", "n"), "hold").next).toBe("n");
  });

  test("the next page brings none twice", () => {
    const more = lengthened(opened(page("dc", "x")), "x", page("cba", null));
    expect(said(more)).toBe("|dcba");
    expect(more.next).toBeNull();
    expect(said(lengthened(more, "x", page("z", null)))).toBe("|dcba");
  });

  test("one alert changes in place, shown or waiting", () => {
    const held = refreshed(opened(page("ba")), page("cba"), "hold");
    const after = changed(changed(held, alert("a", 7)), alert("c", 8));
    expect(said(after)).toBe("c|ba");
    expect(after.alerts[1]?.desk?.version).toBe(7);
    expect(after.waiting[0]?.desk?.version).toBe(8);
    expect(said(changed(held, alert("z")))).toBe("c|ba");
  });
});
