import { describe, expect, test } from "vitest";

import {
  type Filter,
  NO_FILTER,
  narrowed,
  parse,
  question,
  search,
  standsIn,
  views,
} from "./filter";

const ADDRESS = "0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C";

const FULL: Filter = {
  severity: ["critical", "low"],
  phase: ["while", "after"],
  confirmation: ["retracted"],
  stage: ["escalated", "blocked"],
  assignee: "alice",
  listed: ADDRESS,
  counterparty: ADDRESS.toLowerCase(),
  rule: "direct.outbound.while_listed",
  direction: "outbound",
  since: "2026-01-01",
  until: "2026-02-01",
  waiting: true,
  due: true,
  snoozed: "only",
  order: "heaviest",
  behind: "0".repeat(32),
};

describe("the address says the filter", () => {
  test("what is written is read again, and nothing is written of nothing", () => {
    expect(parse(search(FULL))).toEqual(FULL);
    expect(search(NO_FILTER)).toBe("");
    expect(parse("")).toEqual(NO_FILTER);
    for (const { filter } of views("alice")) expect(parse(search(filter))).toEqual(filter);
  });

  test("each part by itself is read again", () => {
    for (const [name, value] of Object.entries(FULL)) {
      const filter = { ...NO_FILTER, [name]: value };
      expect(parse(search(filter)), name).toEqual(filter);
      expect(search(filter), name).not.toBe("");
    }
  });

  test("an order of its own is always the same, so that equal views are equal links", () => {
    expect(parse("?severity=low,critical")).toEqual(parse("?severity=critical,low"));
    expect(search(parse("?severity=low,critical"))).toBe("?severity=critical,low");
  });

  test("what it does not know it leaves out", () => {
    const odd =
      "?severity=huge,high&stage=won&snoozed=maybe&order=&cursor=1&direction=up&waiting=1";
    expect(parse(odd)).toEqual({ ...NO_FILTER, severity: ["high"] });
  });
});

describe("what the indexer is asked", () => {
  test("nothing chosen is what is open", () => {
    expect(question(NO_FILTER, true).disposition).toBe("new,assigned,escalated");
    expect(question({ ...NO_FILTER, stage: "all" }, true).disposition).toBe("");
    expect(question({ ...NO_FILTER, waiting: true }, true).disposition).toBe("");
  });

  test("one without a desk is asked nothing of people", () => {
    const asked = question(FULL, false);
    for (const name of ["disposition", "assignee", "waiting", "due", "snoozed", "order"]) {
      expect(asked, name).not.toHaveProperty(name);
    }
  });

  test("behind the first of a flood each is shown", () => {
    expect(question(NO_FILTER, true).shown).toBe("floods");
    expect(question({ ...NO_FILTER, behind: "1" }, true).shown).toBe("each");
  });
});

test("a view stays the view when it is narrowed", () => {
  for (const view of views("alice")) {
    const narrow: Filter = { ...view.filter, severity: ["high"], listed: ADDRESS };
    expect(narrowed(narrow)).toBe(2);
    const stands = views("alice").filter((other) => standsIn(narrow, other.filter));
    expect(stands.map(({ name }) => name)).toEqual([view.name]);
  }
});
