// Which steps need a second person. The indexer decides; this says it before one has asked.
import type { DispositionRule, Severity } from "../../api/types";
import { SEVERITIES } from "../../words/alert";

/** The lightest finding that takes two. */
const FROM: Record<DispositionRule["two_people"], Severity | null> = {
  never: null,
  from_medium: "medium",
  from_high: "high",
  always: "informational",
};

export const needsTwo = (when: DispositionRule["two_people"], severity: Severity): boolean => {
  const from = FROM[when];
  return from !== null && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(from);
};
