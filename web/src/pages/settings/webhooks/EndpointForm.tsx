// A receiver is added, or changed: where it is, how news looks to it, and of what it is told.
import { type FormEvent, useState } from "react";

import type { Endpoint } from "../../../api/types";
import { capital } from "../../../format/text";
import { Dialog } from "../../../parts/Dialog";
import { Field } from "../../../parts/Field";
import { Refusal } from "../../../parts/State";
import { SEVERITIES } from "../../../words/alert";
import { useChange } from "../useChange";
import type { Shown } from "./Secret";
import { NEWS } from "./words";

const Kinds = ({ of }: { of: string[] }) => {
  const [chosen, setChosen] = useState(new Set(of.length > 0 ? of : Object.keys(NEWS)));
  const toggle = (kind: string) => {
    const next = new Set(chosen);
    if (!next.delete(kind)) next.add(kind);
    setChosen(next);
  };
  return (
    <fieldset className="choices">
      <legend>Told when</legend>
      {Object.entries(NEWS).map(([kind, says]) => (
        <label key={kind} className="tick">
          <input
            type="checkbox"
            name="kinds"
            value={kind}
            checked={chosen.has(kind)}
            // One at least: a receiver that is told of nothing is paused.
            required={chosen.size === 0}
            onChange={() => toggle(kind)}
          />
          <span>{says}</span>
        </label>
      ))}
    </fieldset>
  );
};

/** All kinds are said by none: so that a kind that comes later is told, too. */
const kindsOf = (form: FormData): string[] => {
  const kinds = form.getAll("kinds").map(String);
  return kinds.length === Object.keys(NEWS).length ? [] : kinds;
};

export const EndpointForm = ({
  endpoint,
  again,
  onSecret,
  onClose,
}: {
  /** The one that is changed; without it, one is added. */
  endpoint?: Endpoint;
  again: () => void;
  onSecret: (shown: Shown) => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, url] = [`${form.get("name")}`.trim(), `${form.get("url")}`.trim()];
    const said = {
      name,
      shape: form.get("shape"),
      min_severity: form.get("min_severity"),
      kinds: kindsOf(form),
      ...(url ? { url } : {}),
    };
    const done = endpoint
      ? await make("PATCH", `/v1/webhooks/${endpoint.id}`, said)
      : await make<{ secret: string }>("POST", "/v1/webhooks", said);
    if (!done) return;
    onClose();
    const { secret } = (done.answer ?? {}) as { secret?: string };
    if (secret) onSecret({ name, secret });
  };
  return (
    <Dialog title={endpoint ? `Change ${endpoint.name}` : "Add a receiver"} onClose={onClose}>
      <form onSubmit={submit} className="step">
        <Field label="Name">
          {(said) => (
            <input
              {...said}
              name="name"
              required
              maxLength={64}
              autoComplete="off"
              defaultValue={endpoint?.name}
            />
          )}
        </Field>
        <Field
          label="URL"
          hint={
            endpoint
              ? `Left empty, it stays the one at ${endpoint.url}`
              : "https. It is kept secret: only its scheme and host are ever shown"
          }
        >
          {(said) => (
            <input
              {...said}
              name="url"
              type="url"
              className="mono"
              required={!endpoint}
              spellCheck={false}
              autoComplete="off"
            />
          )}
        </Field>
        <div className="pair">
          <Field label="Shape">
            {(said) => (
              <select {...said} name="shape" defaultValue={endpoint?.shape ?? "standard"}>
                <option value="standard">Standard Webhooks</option>
                <option value="slack">Slack</option>
              </select>
            )}
          </Field>
          <Field label="From severity">
            {(said) => (
              <select
                {...said}
                name="min_severity"
                defaultValue={endpoint?.min_severity ?? "informational"}
              >
                {SEVERITIES.map((word) => (
                  <option key={word} value={word}>
                    {capital(word)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <Kinds of={endpoint?.kinds ?? []} />
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {endpoint ? "Change it" : "Add it"}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
