// What is picked, and the steps that can be taken on all of it at once.
import { useEffect, useState } from "react";
import { Link } from "wouter";

import { asProblem, change, type Problem } from "../../api/ask";
import type { Alert, BulkAnswer, Step } from "../../api/types";
import { count } from "../../format/number";
import { capital } from "../../format/text";
import { PATHS } from "../../go";
import { Dialog } from "../../parts/Dialog";
import { Key, Moved } from "../../parts/Say";
import { Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { headline } from "../../words/alert";
import { StepDialog } from "../case/StepDialog";

const STEPS: [string, string, string][] = [
  ["to_me", "Assign to me", "a"],
  ["assign", "Assign", ""],
  ["escalate", "Escalate", "e"],
  ["close", "Close", "c"],
  ["snooze", "Snooze", "z"],
];

/** What came of a step on many: those on which it was not taken stay picked. */
type Came = { done: string[]; refused: BulkAnswer["refused"]; alerts: Alert[] };

const Refused = ({ came, onClose }: { came: Came; onClose: () => void }) => (
  <Dialog title={`${count(came.refused.length, "step")} not taken`} onClose={onClose}>
    <div className="step">
      <p>
        {came.done.length > 0 && `${count(came.done.length, "finding")} done. `}
        {came.refused.length === 1 ? "This one stands" : "Each of these stands"} as it stood, and
        stays picked.
      </p>
      <ul className="refused">
        {came.refused.map(({ id, error }) => {
          const alert = came.alerts.find((one) => one.id === id);
          return (
            <li key={id}>
              <Link href={PATHS.case(id)}>
                {alert ? headline(alert) : id} <span className="mono">{id.slice(0, 8)}…</span>
              </Link>
              {alert && <Moved amount={alert.amount} />}
              <span className="sub">{capital(error)}.</span>
            </li>
          );
        })}
      </ul>
      <div className="dialog-foot">
        <button type="button" className="button primary" onClick={onClose}>
          Go on
        </button>
      </div>
    </div>
  </Dialog>
);

export const BulkBar = ({
  chosen,
  step,
  setStep,
  onDone,
  onNone,
}: {
  chosen: Alert[];
  step: string | null;
  setStep: (step: string | null) => void;
  /** On which it was taken, and on which not. */
  onDone: (done: string[], refused: string[]) => void;
  onNone: () => void;
}) => {
  const { session } = useWho();
  const [came, setCame] = useState<Came>();
  const [problem, setProblem] = useState<Problem>();

  const take = async (taken: Step): Promise<void> => {
    setProblem(undefined);
    const alerts = chosen.map(({ id, desk }) => ({ id, version: desk?.version ?? 0 }));
    const answer = await change<BulkAnswer>("POST", "/v1/steps", { alerts, step: taken });
    setStep(null);
    if (answer.refused.length > 0) setCame({ ...answer, alerts: chosen });
    onDone(
      answer.done,
      answer.refused.map(({ id }) => id),
    );
  };
  const toMe = () =>
    take({ kind: "assign", assignee: session?.person }).catch((error) =>
      setProblem(asProblem(error)),
    );

  // It asks nothing more, so that it needs no dialog.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each time it is chosen
  useEffect(() => {
    if (step === "to_me") toMe().finally(() => setStep(null));
  }, [step]);

  return (
    <section className="bulk" aria-label="Steps on what is picked">
      {problem && <Refusal problem={problem} />}
      <p role="status">
        <b>{count(chosen.length, "finding")}</b> picked
      </p>
      <div className="bulk-steps">
        {STEPS.map(([kind, name, key]) => (
          <button key={kind} type="button" className="button" onClick={() => setStep(kind)}>
            {name}
            {key && <Key of={key} />}
          </button>
        ))}
        <button type="button" className="quiet" onClick={onNone}>
          Pick none <Key of="Esc" />
        </button>
      </div>
      {step && step !== "to_me" && (
        <StepDialog kind={step} alerts={chosen} take={take} onClose={() => setStep(null)} />
      )}
      {came && <Refused came={came} onClose={() => setCame(undefined)} />}
    </section>
  );
};
