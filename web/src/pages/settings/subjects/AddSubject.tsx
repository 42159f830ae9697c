// One subject, by hand.
import { type FormEvent, useState } from "react";

import { isAddress } from "../../../format/hex";
import { Dialog } from "../../../parts/Dialog";
import { Field } from "../../../parts/Field";
import { Refusal } from "../../../parts/State";
import { useChange } from "../useChange";

export const AddSubject = ({ again, onClose }: { again: () => void; onClose: () => void }) => {
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
