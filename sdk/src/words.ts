// What came out, in a sentence for a visitor.

import type { Reason } from "./reason.js";
import type { Decision, Screening } from "./types.js";

const WHY: Readonly<Record<Reason, string>> = {
  "no-address": "no address was given",
  "bad-address": "this is not an address",
  "wrong-chain": "the node is on another chain than the list",
  "no-code": "there is no contract at the list's address",
  "not-a-list": "the contract at the list's address does not answer as a list does",
  "empty-answer": "the node gave an empty answer",
  "bad-answer": "the node's answer does not have the shape that it must have",
  "not-json": "what answered is no node but a web page, or broken",
  reverted: "the contract refused the question, which a list never does",
  timeout: "the node did not answer in time",
  "rate-limited": "the node answers no more questions for now",
  "node-failed": "the node could not be reached, or failed",
  "stale-node": "the node is behind its chain",
  "clock-skew": "the node's newest block is in the future, so that a clock is wrong",
  "never-checked": "nobody has attested that the list was compared with its sources",
  "stale-list": "the list was last compared with its sources too long ago",
  unproved: "the list's events do not prove to be all there are",
  "snapshot-refused": "the copy of the list is damaged, altered or of another list",
};

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Why nothing is known, in a sentence. */
export const sentenceOf = (reason: Reason): string => `It could not be screened: ${WHY[reason]}.`;

const said = (one: Screening): string => {
  if (one.outcome === "unknown") return `${one.address} ${sentenceOf(one.reason)}`.trim();
  if (one.outcome === "clear")
    return `${one.address} is not listed, as of block ${one.asOf.block}.`;
  const { listing } = one;
  if (!listing) return `${one.address} is on a sanctions list.`;
  const { sources, since, act } = listing;
  return `${one.address} is listed by ${sources.join(", ")} since ${day(since)}, act ${act}.`;
};

/** What came out for an address, or for all together, in a sentence each. */
export const explain = (found: Screening | Decision): string => {
  if (!("screenings" in found)) return said(found);
  if (found.outcome === "unknown" && !found.screenings.length) return sentenceOf(found.reason);
  return found.screenings
    .filter(({ outcome }) => outcome === found.outcome)
    .map(said)
    .join(" ");
};
