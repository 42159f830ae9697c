// Which steps need a second person. The indexer decides; this says it before one has asked.
import type { Disposition, Severity } from "../../api/types";
import { SEVERITIES } from "../../words/alert";

const FROM: Partial<Record<Disposition, Severity>> = {
  false_positive: "medium",
  no_action: "high",
  released: "informational",
  blocked_in_error: "informational",
};

export const needsTwo = (to: Disposition, severity: Severity): boolean => {
  const from = FROM[to];
  return from !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(from);
};
