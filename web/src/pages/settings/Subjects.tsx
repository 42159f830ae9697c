// Whose dealings are looked after: own customers and pools.
import { type FormEvent, useState } from "react";

import type { Subject } from "../../api/types";
import { NEVER, useAsk } from "../../api/useAsk";
import { isAddress } from "../../format/hex";
import { count } from "../../format/number";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Address } from "../../parts/Hex";
import { Foreign } from "../../parts/Say";
import { Answer, Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { useChange } from "./useChange";

const Add = ({ again, onClose }: { again: () => void; onClose: () => void }) => {
  const { make, problem, busy } = useChange(again);
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const address = `${form.get("address")}`.trim();
    if (!isAddress(address)) {
      setWrong("An address is 0x and 40 hex digits");
      return;
    }
    setWrong(undefined);
    const label = `${form.get("label")}`.trim();
    const subjects = [{ address, label }];
    if (await make("POST", "/v1/subjects", { subjects })) onClose();
  };
  return (
    <Dialog title="Add a subject" onClose={onClose}>
      <form onSubmit={submit} className="step">
        <Field label="Address" wrong={wrong}>
          {(said) => (
            <input {...said} name="address" className="mono" required spellCheck={false} />
          )}
        </Field>
        <Field
          label="Label"
          hint="Your own word for it, such as a customer number. No person’s name"
        >
          {(said) => <input {...said} name="label" maxLength={64} autoComplete="off" required />}
        </Field>
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            Add it
          </button>
        </div>
      </form>
    </Dialog>
  );
};

export const Subjects = () => {
  const { may } = useWho();
  const asked = useAsk<{ subjects: Subject[] }>("/v1/subjects", {}, { on: NEVER });
  const { make, problem } = useChange(asked.again);
  const [adding, setAdding] = useState(false);
  return (
    <section className="card">
      <header className="card-head">
        <h2>Subjects</h2>
        {may("admin") && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            Add a subject
          </button>
        )}
      </header>
      {problem && <Refusal problem={problem} />}
      <Answer asked={asked} what="the subjects">
        {({ subjects }) =>
          subjects.length === 0 ? (
            <p className="sub">
              There is none, so every counterparty of a listed address is reported. Add your
              customers and pools here, or as CSV with <code>interdict-indexer subjects</code>.
            </p>
          ) : (
            <>
              <p className="soft">{count(subjects.length, "subject")}</p>
              <ul className="subjects">
                {subjects.map((subject) => (
                  <li key={subject.address}>
                    <Address of={subject.address} />
                    <span>{subject.label && <Foreign text={subject.label} most={64} />}</span>
                    {may("admin") && (
                      <button
                        type="button"
                        className="quiet"
                        onClick={() => make("DELETE", `/v1/subjects/${subject.address}`)}
                      >
                        Remove
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Answer>
      {adding && <Add again={asked.again} onClose={() => setAdding(false)} />}
    </section>
  );
};
