// Whose dealings are looked after: own customers and pools.
import { type FormEvent, useState } from "react";

import type { Subject, SubjectPage } from "../../api/types";
import { NEVER } from "../../api/useAsk";
import { usePages } from "../../api/usePages";
import { isAddress } from "../../format/hex";
import { spoken } from "../../format/text";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Address } from "../../parts/Hex";
import { More } from "../../parts/More";
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
    const reference = `${form.get("reference")}`.trim();
    const subjects = [{ address, kind: form.get("kind"), reference }];
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
        <div className="pair">
          <Field label="Kind">
            {(said) => (
              <select {...said} name="kind">
                <option value="customer">Customer</option>
                <option value="pool">Pool or contract of your own</option>
              </select>
            )}
          </Field>
          <Field label="Reference" hint="Your own, such as an account number. No name">
            {(said) => <input {...said} name="reference" maxLength={64} autoComplete="off" />}
          </Field>
        </div>
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
  const pages = usePages<SubjectPage, Subject>(
    "/v1/subjects",
    { limit: 100 },
    { rows: (page) => page.subjects, key: ({ address }) => address, on: NEVER },
  );
  const { asked, rows: subjects, next, more } = pages;
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
        {() =>
          subjects.length === 0 ? (
            <p className="sub">
              There is none, so every counterparty of a listed address is reported. Add your
              customers and pools here, or as CSV with <code>interdict-indexer subjects</code>.
            </p>
          ) : (
            <>
              <ul className="subjects">
                {subjects.map((subject) => (
                  <li key={subject.address}>
                    <Address of={subject.address} />
                    <span>
                      {spoken(subject.kind)}{" "}
                      <span className="soft">
                        <Foreign text={subject.reference} most={64} />
                      </span>
                    </span>
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
              <More next={next} more={more} problem={pages.problem} />
            </>
          )
        }
      </Answer>
      {adding && <Add again={asked.again} onClose={() => setAdding(false)} />}
    </section>
  );
};
