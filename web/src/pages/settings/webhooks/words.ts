// Webhooks in the desk's words.
import type { Delivery, Endpoint } from "../../../api/types";

/** Kinds of news, by when they are told. */
export const NEWS: Record<string, string> = {
  "alert.created": "A finding is made",
  "alert.updated": "A finding is confirmed, or is back on the chain",
  "alert.retracted": "The chain takes a finding back",
  "alert.reevaluated": "The standing of a listed address changes",
};

/** Where an endpoint stands. */
export const STATES: Record<Endpoint["state"], [word: string, mark: string]> = {
  active: ["Active", "good"],
  paused: ["Paused", "soft"],
  gone: ["Gone", "bad"],
  removed: ["Removed", "soft"],
};

/** Where a delivery stands. */
export const DELIVERED: Record<Delivery["state"], [word: string, mark: string]> = {
  pending: ["Pending", "soft"],
  delivered: ["Delivered", "good"],
  dead: ["Given up", "bad"],
};
