// What must not compile. Each line that is expected to fail is a mistake that a site could make.

import { screen, type Decision, type Screening } from "@interdict/sdk";
import { lists } from "@interdict/sdk/addresses";
import type { ScreeningState } from "@interdict/sdk/watch";
import { screenLocally } from "@interdict/sdk/local";

const list = { chainId: 1, address: `0x${"00".repeat(20)}` };
declare const request: (args: { method: string; params?: readonly unknown[] }) => Promise<unknown>;
declare const decision: Decision;
declare const screening: Screening;
declare const state: ScreeningState;

// What happens to the unknown is the site's choice, and has no default.
// @ts-expect-error onUnknown is missing
void screen(request, "0x", { list });
// @ts-expect-error there are only block, allow and a function
void screen(request, "0x", { list, onUnknown: "ignore" });
// @ts-expect-error a function says which of the two
void screen(request, "0x", { list, onUnknown: () => true });
// @ts-expect-error for a local copy too
void screenLocally(request, { list });
void screen(request, "0x", { list, onUnknown: "block" });
void screen(request, ["0x", "0x"], { list, onUnknown: async () => "allow" });

// A source that does not exist is a mistake, not an empty filter.
// @ts-expect-error OFAC is no code
void screen(request, "0x", { list, onUnknown: "block", sources: ["OFAC"] });

// A chain without a list does not compile.
// @ts-expect-error nothing is deployed there
void lists[999_999_999];

// An answer is no yes or no, and has none of the words that would read as one.
// @ts-expect-error there is no such word
void decision.clear;
// @ts-expect-error there is no such word
void decision.isListed;
// @ts-expect-error a promise is always true
if (screen(request, "0x", { list, onUnknown: "block" })) void 0;
// @ts-expect-error outcomes are three
if (decision.outcome === "ok") void 0;

// Only who is listed has a listing, only who is known has a state of the list.
// @ts-expect-error it may be clear or unknown
void screening.listing;
// @ts-expect-error it may be unknown
void screening.asOf;
// @ts-expect-error it may be known
void screening.reason;
// @ts-expect-error only a listed decision names the listed
void decision.listed;

if (decision.outcome === "clear") {
  const yes: true = decision.proceed;
  void yes;
}
if (decision.outcome === "listed") {
  const no: false = decision.proceed;
  void [no, decision.listed[0]?.listing?.sources];
}
if (screening.outcome === "unknown") void screening.reason;

// While nothing is known yet, nothing goes on.
if (state.status !== "clear" && state.status !== "unknown") {
  const no: false = state.proceed;
  void no;
}
// @ts-expect-error an answer that is being asked for anew is not the decision
if (state.status === "stale") void state.decision;

// Every outcome is looked at, or the compiler asks for the one that is missing.
export const words = (one: Screening): string => {
  switch (one.outcome) {
    case "listed":
      return "listed";
    case "clear":
      return "clear";
    case "unknown":
      return one.reason;
    default: {
      const never: never = one;
      return never;
    }
  }
};
