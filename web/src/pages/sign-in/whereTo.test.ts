import { expect, test } from "vitest";

import { whereTo } from "./whereTo";

test("one goes back to a page of this site, and to none of another", () => {
  expect(whereTo("?to=%2Falerts%2F1%3Fa%3Db")).toBe("/alerts/1?a=b");
  for (const to of [
    "",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:1",
    "/sign-in",
  ]) {
    expect(whereTo(`?to=${encodeURIComponent(to)}`), to).toBe("/");
  }
});
