import { describe, expect, test } from "vitest";

import { AT_NONE, type ListState, picked, pressed, ranged } from "./list";

const ROWS = ["a", "b", "c", "d"];
const press = (keys: string, rows = ROWS, from: ListState = AT_NONE) =>
  keys.split(" ").reduce((state, key) => pressed(state, key, rows) ?? state, from);
const said = ({ at, picked }: ListState) => `${at} ${[...picked].sort().join("")}`;

describe("keys of a list", () => {
  test.each([
    ["j", "a "],
    ["k", "d "],
    ["j j j", "c "],
    ["j j j j j j", "d "],
    ["j k k", "a "],
    ["ArrowDown ArrowDown ArrowUp", "a "],
    ["End", "d "],
    ["j j Home", "a "],
    ["x", "a "],
    ["j x", "a a"],
    ["j x x", "a "],
    ["j x j j X", "c abc"],
    ["End x k k X", "b bcd"],
    ["j *", "a abcd"],
    ["j x * *", "a "],
    ["j x j x Escape", "b "],
  ])("%s", (keys, expected) => {
    expect(said(press(keys))).toBe(expected);
  });

  test("other keys, and Escape with nothing to leave, are somebody else's", () => {
    expect(pressed(AT_NONE, "q", ROWS)).toBeNull();
    expect(pressed(AT_NONE, "Escape", ROWS)).toBeNull();
  });

  test("an empty list stays empty", () => {
    for (const key of ["j", "k", "x", "X", "*", "Home", "End"]) {
      expect(said(press(key, []))).toBe("null ");
    }
  });

  test("a row that is gone is no place: one begins at the top again", () => {
    expect(said(press("j", ROWS, { ...AT_NONE, at: "z" }))).toBe("a ");
  });

  test("a range from a row that is gone is the row itself", () => {
    const state = { at: "z", from: "z", picked: new Set<string>() };
    expect(said(ranged(state, ROWS, "b"))).toBe("b b");
    expect(said(picked(AT_NONE, "c"))).toBe("c c");
  });
});
