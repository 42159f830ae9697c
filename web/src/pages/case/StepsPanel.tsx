// Where the case stands with people, what waits for whom, and what can be done now.
import { useRef, useState } from "react";

import { asProblem, change, Problem } from "../../api/ask";
import type { Alert, Step } from "../../api/types";
import { isAddress } from "../../format/hex";
import { spoken } from "../../format/text";
import { left } from "../../format/time";
import { useKeys } from "../../keys/useKeys";
import { Groups } from "../../parts/Hex";
import { Card, Fact, Foreign, Key, Time } from "../../parts/Say";
import { Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { MEANING, STEP } from "../../words/step";
import { StepDialog } from "./StepDialog";
import { offers } from "./steps";

const AT_ONCE = ["to_me", "unassign", "withdraw", "wake"];

const Proposal = ({ alert, me }: { alert: Alert; me: string | undefined }) => {
  const proposal = alert.desk?.proposal;
  if (!proposal) return null;
  return (
    <div className="proposal">
      <p>
        <b>
          <bdi>{proposal.by}</bdi> proposes: {spoken(proposal.disposition)}
        </b>
      </p>
      <p className="sub">
        {spoken(proposal.reason)} · <Time at={proposal.at} />
      </p>
      {proposal.narrative && (
        <p>
          <Foreign text={proposal.narrative} most={4000} />
        </p>
      )}
      <p>
        {proposal.by === me
          ? "It waits for another person. You cannot approve what you proposed."
          : "It takes effect when a second person approves it."}
      </p>
    </div>
  );
};

const Where = ({ alert }: { alert: Alert }) => {
  const { desk } = alert;
  if (!desk) return null;
  return (
    <dl className="facts">
      <Fact name="Stage">
        <span className={`stage ${desk.disposition}`}>{spoken(desk.disposition)}</span>
        <span className="sub">{MEANING[desk.disposition]}</span>
      </Fact>
      {desk.decision && (
        <Fact name="Decided by">
          <bdi>{desk.decision.by}</bdi>
          {desk.decision.with && (
            <>
              {" "}
              with <bdi>{desk.decision.with}</bdi>
            </>
          )}
          <span className="sub">
            {spoken(desk.decision.reason)}
            {desk.decision.licence && `, licence ${desk.decision.licence}`} ·{" "}
            <Time at={desk.decision.at} />
          </span>
        </Fact>
      )}
      <Fact name="Assigned to">{desk.assignee ? <bdi>{desk.assignee}</bdi> : "Nobody"}</Fact>
      {desk.snoozed_until && (
        <Fact name="Snoozed until">
          <Time at={desk.snoozed_until} />
        </Fact>
      )}
      {desk.report && (
        <Fact name="Report">
          {desk.report.state === "met" ? (
            <>
              Reported on {desk.report.reported_on}
              {desk.report.reference && (
                <span className="sub">
                  <Foreign text={desk.report.reference} />
                </span>
              )}
            </>
          ) : (
            <>
              <b className={desk.report.state === "overdue" ? "late" : ""}>
                {left(desk.report.days_left)}
              </b>
              <span className="sub">due on {desk.report.due_on}, New York</span>
            </>
          )}
        </Fact>
      )}
      {desk.held && (
        <Fact name="Held">
          {desk.held.amount} <Foreign text={desk.held.asset} />
          <span className="sub">
            in{" "}
            {isAddress(desk.held.wallet) ? (
              <Groups hex={desk.held.wallet} />
            ) : (
              <Foreign text={desk.held.wallet} most={66} />
            )}
            , since {desk.held.on}
          </span>
        </Fact>
      )}
    </dl>
  );
};

export const StepsPanel = ({
  alert,
  onChanged,
}: {
  alert: Alert;
  onChanged: (alert: Alert) => void;
}) => {
  const { session } = useWho();
  const [open, setOpen] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const offered = offers(alert, session);

  const take = async (step: Step) => {
    try {
      const answer = await change<{ alert: Alert }>("POST", `/v1/alerts/${alert.id}/steps`, {
        version: alert.desk?.version ?? 0,
        step,
      });
      setProblem(undefined);
      setOpen(null);
      onChanged(answer.alert);
    } catch (error) {
      // Somebody was faster: what they did is shown, and one decides again.
      if (error instanceof Problem && error.kind === "overtaken" && error.beside.alert) {
        setOpen(null);
        onChanged(error.beside.alert as Alert);
        setProblem(error);
        return;
      }
      throw error;
    }
  };
  const taking = useRef(false);
  const begin = (kind: string) => {
    // A key that is pressed twice takes one step.
    if (taking.current) return;
    setProblem(undefined);
    if (!AT_ONCE.includes(kind)) return setOpen(kind);
    taking.current = true;
    const step = kind === "to_me" ? { kind: "assign", assignee: session?.person } : { kind };
    take(step)
      .catch((error) => setProblem(asProblem(error)))
      .finally(() => {
        taking.current = false;
      });
  };
  useKeys(
    Object.fromEntries(
      offered.flatMap(({ kind, key }) =>
        key
          ? [
              [
                key,
                (event: KeyboardEvent) => {
                  event.preventDefault();
                  begin(kind);
                },
              ],
            ]
          : [],
      ),
    ),
  );

  if (!alert.desk) return null;
  return (
    <Card title="Decision" className="steps">
      <Where alert={alert} />
      <Proposal alert={alert} me={session?.person} />
      {problem && <Refusal problem={problem} />}
      {offered.length > 0 ? (
        <div className="offers">
          {offered.map(({ kind, key, primary }) => (
            <button
              key={kind}
              type="button"
              className={primary ? "button primary" : "button"}
              onClick={() => begin(kind)}
            >
              {kind === "to_me"
                ? "Assign to me"
                : kind === "report"
                  ? "Record the report"
                  : (STEP[kind] ?? kind)}
              {key && <Key of={key} />}
            </button>
          ))}
        </div>
      ) : (
        <p className="sub">Steps are taken by analysts; you read as {session?.role ?? "nobody"}.</p>
      )}
      {open && (
        <StepDialog kind={open} alerts={[alert]} take={take} onClose={() => setOpen(null)} />
      )}
    </Card>
  );
};
