import { describe, expect, test } from "vitest";

import { type Kept, lengthened, NONE, refreshed } from "./pages";

const key = (row: string) => row.charAt(0);
const page = (rows: string, next: string | null): Kept<string> => ({
  rows: rows ? rows.split(" ") : [],
  next,
});
const said = ({ rows, next }: Kept<string>) => `${rows.join(" ")} | ${next}`;

describe("the first page again", () => {
  test.each([
    ["is all there is", page("a b c", null), page("b d", null), "b d | null"],
    ["stands above what is below", page("c d e f", "f"), page("b c d", "d"), "b c d e f | f"],
    ["brings rows up to date", page("a1 b1 c1", "c"), page("a2 b2", "b"), "a2 b2 c1 | c"],
    ["drops what is gone from it", page("a b c d", "d"), page("a c", "c"), "a c d | d"],
    ["keeps what it pushed down", page("b c d", "d"), page("a b", "b"), "a b c d | d"],
    ["does not bridge what nobody read", page("c d e", "e"), page("x y", "y"), "x y | y"],
    ["may be empty", page("a b", "b"), page("", null), " | null"],
    ["is the first", page("", null), page("a b", "b"), "a b | b"],
    ["goes on where it ends", page("a b", "old"), page("a b", "b"), "a b | b"],
  ])("%s", (_, kept, first, expected) => {
    const once = refreshed(kept, first, key);
    expect(said(once)).toBe(expected);
    expect(said(refreshed(once, first, key))).toBe(expected);
  });

  test("rows that come and are pushed down between two looks are all kept", () => {
    let kept = page("c d e f", "f");
    for (const [rows, next] of [
      ["b c", "c"],
      ["a b", "b"],
    ] as const) {
      kept = refreshed(kept, page(rows, next), key);
    }
    expect(said(kept)).toBe("a b c d e f | f");
  });
});

describe("the page below", () => {
  test("is added once, however often one asks", () => {
    const once = lengthened(page("a b", "b"), "b", page("c d", "d"), key);
    expect(said(once)).toBe("a b c d | d");
    expect(said(lengthened(once, "b", page("c d", "d"), key))).toBe("a b c d | d");
  });

  test("is not added to a list that begins anew meanwhile: there would be a gap", () => {
    expect(said(lengthened(page("x y", "y"), "b", page("c d", "d"), key))).toBe("x y | y");
    expect(said(lengthened(NONE, "b", page("c", null), key))).toBe(" | null");
  });
});
