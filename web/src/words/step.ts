// What people do to an alert, and how it is said.
import type { Disposition } from "../api/types";

/** What each step is called on its button. */
export const STEP: Record<string, string> = {
  assign: "Assign",
  unassign: "Put back",
  escalate: "Escalate",
  close: "Close",
  release: "Release",
  blocked_in_error: "Blocked in error",
  reopen: "Reopen",
  approve: "Approve",
  decline: "Decline",
  withdraw: "Withdraw",
  note: "Note",
  attach: "Attach",
  link: "Link",
  snooze: "Snooze",
  wake: "Wake",
  report: "Reported",
};

/** What a disposition means to whoever chooses it. */
export const MEANING: Record<Disposition, string> = {
  new: "Nobody has taken it yet",
  assigned: "Somebody works on it",
  escalated: "It needs the second line",
  blocked: "The property is held. Starts the ten-business-day report",
  rejected: "The dealing was refused. Starts the ten-business-day report",
  licensed: "A specific or general licence covers it",
  false_positive: "It is not the listed person, or not a dealing",
  no_action: "A true match that asks for nothing",
  blocked_in_error: "It was held by mistake (31 CFR 501.806)",
  released: "It was held, and released with authorisation",
};

/** Entries of a case's timeline, in words. */
export const ENTRY: Record<string, string> = {
  created: "Found",
  confirmed: "Confirmed: final on the chain",
  returned: "Back on the chain",
  retracted: "Retracted: no longer on the chain",
  reevaluated: "The standing of the address changed",
  judged_anew: "Judged anew",
  assign: "Assigned",
  unassign: "Put back",
  escalate: "Escalated",
  close: "Closed",
  release: "Released",
  blocked_in_error: "Held by mistake",
  reopen: "Reopened",
  approve: "Approved",
  decline: "Declined",
  withdraw: "Withdrawn",
  note: "Note",
  attach: "Attached",
  link: "Linked",
  snooze: "Snoozed",
  wake: "Woken",
  report: "Reported",
};
