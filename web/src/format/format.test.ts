import { describe, expect, test } from "vitest";

import type { Amount } from "../api/types";
import { moved } from "./amount";
import { addressesIn, groups, isAddress } from "./hex";
import { count, grouped } from "./number";
import { capital, cut, FOREIGN_MAX_CHARACTERS, spoken } from "./text";
import { ago, left, local, utc, utcMinute } from "./time";

const ADDRESS = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";

describe("times", () => {
  test("are said in UTC, whatever the zone of the reader", () => {
    expect(utc("2022-08-08T14:03:11Z")).toBe("2022-08-08 14:03:11");
    expect(utc("2022-08-08T00:03:11+02:00")).toBe("2022-08-07 22:03:11");
    expect(utcMinute("2022-08-08T14:03:11Z")).toBe("2022-08-08 14:03");
    expect(local("2022-08-08T14:03:11Z")).toContain("(your time)");
  });

  test("what is no time is shown as it is", () => {
    expect(utc("9223372036854775807")).toBe("9223372036854775807");
    expect(local("soon")).toBe("soon");
  });

  test.each([
    [0, "0 s ago"],
    [59, "59 s ago"],
    [60, "1 min ago"],
    [7199, "1 h ago"],
    [86_400, "1 day ago"],
    [5 * 86_400, "5 days ago"],
    [-30, "just now"],
  ])("%i seconds", (seconds, expected) => {
    const then = Date.parse("2026-01-01T00:00:00Z");
    expect(ago("2026-01-01T00:00:00Z", then + seconds * 1000)).toBe(expected);
  });

  test.each([
    [10, "10 business days left"],
    [1, "1 business day left"],
    [0, "due today"],
    [-1, "1 business day overdue"],
    [-4, "4 business days overdue"],
  ])("%i days left", (days, expected) => {
    expect(left(days)).toBe(expected);
  });
});

describe("figures", () => {
  test("have a narrow space at each third digit, and none in the fraction", () => {
    expect(grouped("1234567.123456")).toBe("1\u202f234\u202f567.123456");
    expect(grouped(999)).toBe("999");
    expect(count(1, "finding")).toBe("1 finding");
    expect(count(2, "address", "addresses")).toBe("2 addresses");
  });
});

describe("hashes and addresses", () => {
  test("their groups together are the whole", () => {
    expect(groups(ADDRESS)).toHaveLength(10);
    expect(groups(ADDRESS).join("")).toBe(ADDRESS);
    expect(groups("abcde")).toEqual(["abcd", "e"]);
  });

  test("nothing is cut or repaired to be one", () => {
    expect(isAddress(ADDRESS)).toBe(true);
    for (const other of [
      ADDRESS.slice(0, -1),
      `${ADDRESS}0`,
      ADDRESS.slice(2),
      ` ${ADDRESS}`,
      "",
    ]) {
      expect(isAddress(other)).toBe(false);
    }
  });

  test("a pasted text gives each once, in its order, and loses nothing", () => {
    const other = "TXEsK1s8bGS7Dh1oyHTZcLBFWcWxzFeVyr";
    const text = `${ADDRESS}, ${other};\n${ADDRESS.toLowerCase()}\t0x12`;
    expect(addressesIn(text)).toEqual({ addresses: [ADDRESS], others: [other, "0x12"] });
    expect(addressesIn("  \n")).toEqual({ addresses: [], others: [] });
  });
});

describe("foreign text", () => {
  test("is cut by whole characters", () => {
    const flags = "🇺🇦".repeat(50);
    expect([...cut(flags)].length).toBe(FOREIGN_MAX_CHARACTERS + 1);
    expect(cut(flags)).not.toContain("\ufffd");
    expect(cut("short")).toBe("short");
  });

  test("controls nothing around it", () => {
    expect(cut("a\u202eb\u2066c\u0000d\u2028e\u200bf\r\ng")).toBe("abcdefg");
  });

  test("words of the indexer are read as words", () => {
    expect(spoken("blocked_in_error")).toBe("Blocked in error");
    expect(capital("")).toBe("");
  });
});

describe("amounts", () => {
  const amount = (more: Partial<Amount>): Amount => ({
    kind: "erc20",
    token: ADDRESS,
    symbol: null,
    decimal: null,
    raw: "0",
    token_id: null,
    token_says: null,
    ...more,
  });

  test("of the asset table are whole units", () => {
    const { figure, unit, note } = moved(amount({ decimal: "1250.5", symbol: "USDT" }));
    expect([figure, unit, note]).toEqual(["1\u202f250.5", "USDT", ""]);
  });

  test("of a token unknown here are never shown as if they meant something", () => {
    const says = { symbol: "USDC\u202e", name: null, decimals: null };
    const said = moved(amount({ raw: "1".repeat(30), token_says: says }));
    expect(said.figure).toBe("1111… (30 digits)");
    expect(said.unit).toBe("");
    expect(said.claimed).toBe("USDC");
    expect(said.note).toBe("smallest units of an unknown token");
  });

  test("there is none of a call", () => {
    expect(moved(amount({ kind: "call" })).figure).toBe("–");
  });

  test("a thing with an id is counted", () => {
    const one = moved(amount({ kind: "erc721", raw: "1", token_id: "12345678901234567890" }));
    expect([one.figure, one.unit, one.note]).toEqual(["1", "token", "id 123456789012…"]);
  });
});
