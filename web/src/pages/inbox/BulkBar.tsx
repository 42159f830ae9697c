// What is picked, and the steps that can be taken on all of it at once.
import { useEffect, useState } from "react";

import { asProblem, change, type Problem } from "../../api/ask";
import type { Alert, BulkAnswer, Step } from "../../api/types";
import { count } from "../../format/number";
import { Dialog } from "../../parts/Dialog";
import { Key } from "../../parts/Say";
import { Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { StepDialog } from "../case/StepDialog";

const STEPS: [string, string, string][] = [
  ["to_me", "Assign to me", "a"],
  ["assign", "Assign", ""],
  ["escalate", "Escalate", "e"],
  ["close", "Close", "c"],
  ["snooze", "Snooze", "z"],
];

const Refused = ({ refused, onClose }: { refused: BulkAnswer["refused"]; onClose: () => void }) => (
  <Dialog title={`${count(refused.length, "step")} not taken`} onClose={onClose}>
    <p>Each of these stands as it stood. The others are done.</p>
    <ul className="refused">
      {refused.map(({ id, error }) => (
        <li key={id}>
          <a href={`/alerts/${id}`}>{id.slice(0, 8)}…</a> {error}
        </li>
      ))}
    </ul>
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
  onDone: (ids: string[]) => void;
  onNone: () => void;
}) => {
  const { session } = useWho();
  const [refused, setRefused] = useState<BulkAnswer["refused"]>([]);
  const [problem, setProblem] = useState<Problem>();

  const take = async (taken: Step): Promise<void> => {
    setProblem(undefined);
    const alerts = chosen.map(({ id, desk }) => ({ id, version: desk?.version ?? 0 }));
    const answer = await change<BulkAnswer>("POST", "/v1/steps", { alerts, step: taken });
    setStep(null);
    if (answer.refused.length > 0) setRefused(answer.refused);
    else onDone(alerts.map(({ id }) => id));
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
      {refused.length > 0 && (
        <Refused
          refused={refused}
          onClose={() => {
            setRefused([]);
            onDone(chosen.map(({ id }) => id));
          }}
        />
      )}
    </section>
  );
};
