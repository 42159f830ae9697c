// Which steps can be taken now, by whom it is that asks.
import type { Alert, Session } from "../../api/types";
import { CLOSED, OPEN } from "../../words/alert";

export type Offer = { kind: string; key?: string; primary?: boolean };

export const offers = (alert: Alert, session: Session | null | undefined): Offer[] => {
  const { desk } = alert;
  if (!desk || session?.role !== "analyst") return [];
  const mine = desk.assignee === session.person;
  const isOpen = OPEN.includes(desk.disposition);
  const isRetracted = alert.confirmation === "retracted";
  const always: Offer[] = [{ kind: "note", key: "n" }, { kind: "attach" }, { kind: "link" }];
  if (desk.proposal) {
    const own = desk.proposal.by === session.person;
    const answers: Offer[] = own
      ? [{ kind: "withdraw" }]
      : [
          { kind: "approve", key: "y", primary: true },
          { kind: "decline", key: "d" },
        ];
    return [...answers, ...always];
  }
  if (isRetracted) return isOpen ? [{ kind: "close", key: "c" }, ...always] : always;
  const offered: Offer[] = [];
  if (isOpen) {
    if (!mine) offered.push({ kind: "to_me", key: "a" });
    offered.push({ kind: "assign" });
    if (desk.disposition === "assigned") offered.push({ kind: "unassign" });
    if (desk.disposition !== "escalated") offered.push({ kind: "escalate", key: "e" });
    offered.push({ kind: "close", key: "c", primary: true });
    offered.push(desk.snoozed_until ? { kind: "wake" } : { kind: "snooze", key: "z" });
  }
  if (desk.report && desk.report.state !== "met") offered.push({ kind: "report", primary: true });
  if (desk.disposition === "blocked") {
    offered.push({ kind: "release" }, { kind: "blocked_in_error" });
  }
  if (CLOSED.includes(desk.disposition)) {
    offered.push({ kind: "reopen", key: "r" });
  }
  return [...offered, ...always];
};
