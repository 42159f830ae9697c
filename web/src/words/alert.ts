// The desk's words for what the indexer says of a finding.
import type {
  Alert,
  Confirmation,
  Disposition,
  Phase,
  Severity,
  Side,
  Standing,
} from "../api/types";

export const SEVERITIES: Severity[] = ["critical", "high", "medium", "low", "informational"];
export const CONFIRMATIONS: Confirmation[] = ["pending", "confirmed", "retracted"];
export const PHASES: Phase[] = ["while", "before", "after"];
export const OPEN: Disposition[] = ["new", "assigned", "escalated"];
export const CLOSED: Disposition[] = [
  "blocked",
  "rejected",
  "licensed",
  "false_positive",
  "no_action",
  "released",
  "blocked_in_error",
];
export const DISPOSITIONS: Disposition[] = [...OPEN, ...CLOSED];

/** For rules without a sentence of their own in the policy. */
export const RULES: Record<string, string> = {
  spoof: "Nothing of known value moved: anyone can name an address in such a transfer",
  boundary:
    "The publication may have named the address already; the chain did not yet. A person decides",
  ownership: "The address is a subject of yours, and it is listed itself",
  no_subject: "Somebody who is no subject of yours dealt with a listed address",
  "lookback.pre_listing": "It happened before the address was listed",
  "lookback.pre_listing.recent": "It happened at most 90 days before the address was listed",
  "unsolicited_dust.repeated":
    "Small amounts came from this address at three different times within 30 days, unasked",
  "unsolicited_dust.summed":
    "Small amounts that came from this address within 30 days are no small amount together",
  "direct.outbound.while_listed": "Value was sent to an address that was listed at that moment",
  "direct.inbound.solicited":
    "The counterparty signed the transaction and received from a listed address",
  unsolicited_dust: "A small amount came from a listed address, unasked",
  "direct.inbound.while_listed": "Value came from an address that was listed at that moment",
  "direct.other": "A listed address stood beside: no value went to it or came from it here",
  failed_attempt: "The transaction failed: somebody tried, and nothing moved",
};

export const SIDES: Record<Side, string> = {
  sender: "Received from listed address",
  recipient: "Sent to listed address",
  signer: "Listed address signed",
  spender: "Listed address as spender",
  owner: "Listed address allowed another to move its tokens",
  callee: "Listed address was called",
  created: "Contract came to be at listed address",
  authority: "Listed address lets a contract act for it",
  delegate: "Listed contract acts for another",
};

export const KINDS: Record<string, string> = {
  native: "coin",
  internal: "coin, within a transaction",
  native_log: "coin, as the chain logs it",
  erc20: "ERC-20",
  erc721: "ERC-721",
  erc1155: "ERC-1155",
  wrap: "coin wrapped",
  unwrap: "coin unwrapped",
  approval: "approval",
  call: "call",
  creation: "creation",
  delegation: "delegation (EIP-7702)",
};

export const VERIFICATIONS: Record<string, string> = {
  proved: "Proved: the block’s header commits to it",
  sampled: "From finalized history of which a sample was proved",
  agreed: "No header commits to it; two providers say the same",
  unverified: "No header commits to it; one provider’s word",
};

export const CHAIN: Record<Confirmation, [string, string]> = {
  pending: ["Pending", "not final yet"],
  confirmed: ["Confirmed", "final"],
  retracted: ["Retracted", "no longer on chain"],
};

export const PHASE: Record<Phase, string> = {
  before: "Before listing",
  while: "While listed",
  after: "After delisting",
};

export const STANDING: Record<Standing, [string, string]> = {
  listed: ["Listed", "by a vote"],
  provisional: ["Held", "by signatures, until a vote or its deadline"],
  lapsed: ["Lapsed", "it was held, and no vote ratified it in time"],
  retracted: ["Retracted", "it was held, and those who held it took it back"],
  delisted: ["Delisted", "a vote took it off the list; what was found while it was listed stays"],
};

export const isListedNow = (standing: Standing | null): boolean =>
  standing === "listed" || standing === "provisional";

/** What happened, as the head of a case. */
export const headline = (alert: Alert): string => {
  const when = {
    before: "before it was listed",
    while: "while it was listed",
    after: "after it was delisted",
  };
  const what = {
    recipient: "Sent to a listed address",
    sender: "Received from a listed address",
  } as Record<string, string>;
  return `${what[alert.side] ?? SIDES[alert.side] ?? alert.side}, ${when[alert.phase]}`;
};

export const why = (alert: Alert): string =>
  (alert.says || RULES[alert.rule] || `The rule ${alert.rule} of the policy fired`).replace(
    /\.$/,
    "",
  );
