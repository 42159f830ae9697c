// From what was read to one of the three outcomes, and from those to a decision.

import { unansweredBy, type Reason } from "./reason.js";
import type { Rules } from "./rules.js";
import type { AsOf, Clear, Decision, Listed, Listing, OnUnknown } from "./types.js";
import type { Screening, Unknown } from "./types.js";

export const listedAs = (address: string, listing: Listing | null, asOf: AsOf): Listed => ({
  outcome: "listed",
  address,
  listing,
  asOf,
});

export const unknownFor = (address: string, reason: Reason, detail = ""): Unknown => ({
  outcome: "unknown",
  address,
  reason,
  detail,
});

/** What is not listed is clear only if the list itself is fresh. */
export const clearAsOf = (address: string, asOf: AsOf, rules: Rules): Clear | Unknown => {
  if (!asOf.checkedAt) return unknownFor(address, "never-checked");
  const age = rules.seconds() - asOf.checkedAt;
  if (!(age <= rules.maxAge)) return unknownFor(address, "stale-list", `${age}`);
  return { outcome: "clear", address, asOf };
};

/** The same for all: the failure is of the whole question. */
export const unknownForAll = (addresses: readonly string[], error: unknown): Unknown[] => {
  const { reason, message } = unansweredBy(error);
  return addresses.map((address) => unknownFor(address, reason, message));
};

const allows = async (onUnknown: OnUnknown, unknown: Unknown): Promise<boolean> => {
  // No policy covers this: where nobody was named, nobody can be let through.
  if (/-address$/.test(unknown.reason)) return false;
  try {
    return (typeof onUnknown === "function" ? await onUnknown(unknown) : onUnknown) === "allow";
  } catch {
    return false;
  }
};

export const decide = async (
  screenings: readonly Screening[],
  onUnknown: OnUnknown,
): Promise<Decision> => {
  const listed = screenings.filter((one) => one.outcome === "listed");
  if (listed.length) return { outcome: "listed", proceed: false, listed, screenings };
  const unknown = screenings.filter((one) => one.outcome === "unknown");
  if (!screenings.length) unknown.push(unknownFor("", "no-address"));
  const [first] = unknown;
  if (!first) return { outcome: "clear", proceed: true, screenings };
  const answers = await Promise.all(unknown.map((one) => allows(onUnknown, one)));
  const proceed = answers.every(Boolean);
  return { outcome: "unknown", proceed, reason: first.reason, screenings };
};
