import { describe, expect, test } from "vitest";

import type { Alert, Disposition, Role, Severity } from "../../api/types";
import { CLOSED, OPEN } from "../../words/alert";
import { offers } from "./steps";
import { needsTwo } from "./twoPeople";

const ALICE = { person: "alice", role: "analyst" as Role };

const alert = (disposition: Disposition, desk: object = {}, more: object = {}) =>
  ({
    confirmation: "confirmed",
    desk: {
      version: 1,
      disposition,
      assignee: null,
      snoozed_until: null,
      proposal: null,
      report: null,
      held: null,
      ...desk,
    },
    ...more,
  }) as unknown as Alert;
const kinds = (one: Alert, who: { person: string; role: Role } | null = ALICE) =>
  offers(one, who).map(({ kind }) => kind);
const proposal = (by: string) => ({
  proposal: { step: "close", disposition: "no_action", reason: "r", narrative: "n", by, at: "" },
});

describe("which steps are offered", () => {
  test("none to who takes none", () => {
    for (const role of ["viewer", "admin", "auditor"] as Role[]) {
      expect(kinds(alert("new"), { person: "x", role })).toEqual([]);
    }
    expect(kinds(alert("new"), null)).toEqual([]);
    expect(kinds({ ...alert("new"), desk: undefined } as unknown as Alert)).toEqual([]);
  });

  test("nobody approves their own, and nothing else is done before it is answered", () => {
    const always = ["note", "attach", "link"];
    expect(kinds(alert("assigned", proposal("alice")))).toEqual(["withdraw", ...always]);
    expect(kinds(alert("assigned", proposal("bob")))).toEqual(["approve", "decline", ...always]);
  });

  test("what is open can be closed, what is closed can be opened again", () => {
    for (const disposition of OPEN) {
      expect(kinds(alert(disposition))).toContain("close");
      expect(kinds(alert(disposition))).not.toContain("reopen");
    }
    for (const disposition of CLOSED) {
      expect(kinds(alert(disposition))).not.toContain("close");
      expect(kinds(alert(disposition))).toContain("reopen");
    }
  });

  test("only what is held is let go", () => {
    expect(kinds(alert("blocked"))).toEqual(
      expect.arrayContaining(["release", "blocked_in_error"]),
    );
    expect(kinds(alert("rejected"))).not.toContain("release");
  });

  test("one's own is not offered to oneself, and what sleeps can be woken", () => {
    expect(kinds(alert("assigned", { assignee: "alice" }))).not.toContain("to_me");
    expect(kinds(alert("assigned", { assignee: "bob" }))).toContain("to_me");
    expect(kinds(alert("new", { snoozed_until: "2026-01-01T00:00:00Z" }))).toContain("wake");
    expect(kinds(alert("new"))).toContain("snooze");
  });

  test("a report is asked for until it is made", () => {
    const report = (state: string) => ({ report: { state, days_left: 3, due_on: "2026-12-01" } });
    expect(kinds(alert("rejected", report("overdue")))).toContain("report");
    expect(kinds(alert("rejected", report("met")))).not.toContain("report");
  });

  test("what the chain took back can be noted and closed, and nothing else", () => {
    const gone = alert("new", {}, { confirmation: "retracted" });
    expect(kinds(gone)).toEqual(["close", "note", "attach", "link"]);
  });

  test("no key stands for two steps", () => {
    for (const disposition of [...OPEN, ...CLOSED]) {
      const keys = offers(alert(disposition), ALICE).flatMap(({ key }) => (key ? [key] : []));
      expect(new Set(keys).size, disposition).toBe(keys.length);
    }
  });
});

test.each([
  ["never", "critical", false],
  ["from_medium", "low", false],
  ["from_medium", "medium", true],
  ["from_medium", "critical", true],
  ["from_high", "medium", false],
  ["from_high", "high", true],
  ["always", "informational", true],
] as const)("%s, %s: two people %s", (when, severity, expected) => {
  expect(needsTwo(when, severity as Severity)).toBe(expected);
});
