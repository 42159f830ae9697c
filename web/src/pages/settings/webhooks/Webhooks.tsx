// Who is told of alerts, how far each has been told, and what could not be delivered.
import { type FormEvent, useState } from "react";

import type { Delivery, Endpoint } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { grouped } from "../../format/number";
import { capital, spoken } from "../../format/text";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Copy } from "../../parts/Hex";
import { Fact, Foreign, Time } from "../../parts/Say";
import { Answer, Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { SEVERITIES } from "../../words/alert";
import { useChange } from "./useChange";

type Tested = { delivered: boolean; reason: string | null };

const MARKS = { active: "good", paused: "soft", gone: "bad", removed: "soft" };

const Secret = ({ secret, onClose }: { secret: string; onClose: () => void }) => (
  <Dialog title="The secret" onClose={onClose}>
    <p>
      The receiver checks each signature with it (Standard Webhooks). It is shown once; keep it
      where the receiver reads its secrets.
    </p>
    <p className="secret">
      <code className="breaks">{secret}</code> <Copy text={secret} what="the secret" />
    </p>
    <div className="dialog-foot">
      <button type="button" className="button primary" onClick={onClose}>
        I have kept it
      </button>
    </div>
  </Dialog>
);

const Add = ({
  again,
  onMade,
  onClose,
}: {
  again: () => void;
  onMade: (secret: string) => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const answer = await make<{ secret?: string }>("POST", "/v1/webhooks", {
      name: `${form.get("name")}`.trim(),
      url: `${form.get("url")}`.trim(),
      shape: form.get("shape"),
      min_severity: form.get("min_severity"),
    });
    if (!answer) return;
    onClose();
    if (answer.secret) onMade(answer.secret);
  };
  return (
    <Dialog title="Add a receiver" onClose={onClose}>
      <form onSubmit={submit} className="step">
        <Field label="Name">
          {(said) => <input {...said} name="name" required maxLength={64} />}
        </Field>
        <Field label="URL" hint="https. It is kept secret: only its scheme and host are ever shown">
          {(said) => (
            <input {...said} name="url" type="url" className="mono" required spellCheck={false} />
          )}
        </Field>
        <div className="pair">
          <Field label="Shape">
            {(said) => (
              <select {...said} name="shape">
                <option value="standard">Standard Webhooks</option>
                <option value="slack">Slack</option>
              </select>
            )}
          </Field>
          <Field label="From severity">
            {(said) => (
              <select {...said} name="min_severity" defaultValue="informational">
                {SEVERITIES.map((word) => (
                  <option key={word} value={word}>
                    {capital(word)}
                  </option>
                ))}
              </select>
            )}
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

const Undelivered = ({ endpoint, again }: { endpoint: Endpoint; again: () => void }) => {
  const { may } = useWho();
  const asked = useAsk<{ deliveries: Delivery[] }>(`/v1/webhooks/${endpoint.id}/deliveries`, {
    state: "dead",
  });
  const { make, problem, busy } = useChange(() => {
    asked.again();
    again();
  });
  return (
    <Answer asked={asked} what="the deliveries">
      {({ deliveries }) => (
        <>
          {problem && <Refusal problem={problem} />}
          <ul className="undelivered">
            {deliveries.map((one) => (
              <li key={one.seq}>
                <span>No. {grouped(one.seq)}</span>
                <span className="sub">
                  {one.last_error ? <Foreign text={one.last_error} most={120} /> : "no answer"}
                </span>
                {may("admin") && (
                  <button
                    type="button"
                    className="quiet"
                    disabled={busy}
                    onClick={() =>
                      make("POST", `/v1/webhooks/${endpoint.id}/deliveries/${one.seq}/retry`)
                    }
                  >
                    Try again
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
};

const Removal = ({
  endpoint,
  again,
  onClose,
}: {
  endpoint: Endpoint;
  again: () => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  const { session } = useWho();
  const isSecond = endpoint.removal_by !== null && endpoint.removal_by !== session?.person;
  return (
    <Dialog title={`Remove ${endpoint.name}`} onClose={onClose}>
      <p>
        {isSecond
          ? `${endpoint.removal_by} proposed it. You are the second person: it is removed now, and nothing is told to it any more.`
          : "This is a proposal: it is removed when another admin confirms it. Until then it is told as before."}
      </p>
      {problem && <Refusal problem={problem} />}
      <div className="dialog-foot">
        <button type="button" className="quiet" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button primary"
          disabled={busy}
          onClick={async () => {
            await make("DELETE", `/v1/webhooks/${endpoint.id}`);
            onClose();
          }}
        >
          {isSecond ? "Remove it" : "Propose to remove it"}
        </button>
      </div>
    </Dialog>
  );
};

const One = ({
  endpoint,
  again,
  onSecret,
}: {
  endpoint: Endpoint;
  again: () => void;
  onSecret: (secret: string) => void;
}) => {
  const { may } = useWho();
  const { make, problem, busy } = useChange(again);
  const [removing, setRemoving] = useState(false);
  const [said, setSaid] = useState("");
  const path = `/v1/webhooks/${endpoint.id}`;
  const paused = endpoint.state === "paused";
  return (
    <li className="endpoint">
      <header>
        <h3>
          <bdi>{endpoint.name}</bdi>{" "}
          <span className={`mark ${MARKS[endpoint.state]}`}>{spoken(endpoint.state)}</span>
        </h3>
        <span className="mono soft">{endpoint.url}</span>
      </header>
      <dl className="facts">
        <Fact name="Shape">{endpoint.shape === "slack" ? "Slack" : "Standard Webhooks"}</Fact>
        <Fact name="From severity">{capital(endpoint.min_severity ?? "informational")}</Fact>
        <Fact name="Last number given">{grouped(endpoint.seq)}</Fact>
        <Fact name="Pending">{grouped(endpoint.pending)}</Fact>
        <Fact name="Given up">{grouped(endpoint.dead)}</Fact>
        <Fact name="Last delivered">
          {endpoint.last_delivered_at ? <Time at={endpoint.last_delivered_at} /> : "never"}
        </Fact>
        {endpoint.last_error && (
          <Fact name="Last trouble">
            <Foreign text={endpoint.last_error} most={120} />
          </Fact>
        )}
      </dl>
      {endpoint.removal_by && (
        <p className="note">
          <bdi>{endpoint.removal_by}</bdi> proposes to remove it. It takes a second admin.
        </p>
      )}
      {endpoint.dead > 0 && (
        <details>
          <summary>{grouped(endpoint.dead)} given up</summary>
          <Undelivered endpoint={endpoint} again={again} />
        </details>
      )}
      {problem && <Refusal problem={problem} />}
      {may("admin") && (
        <div className="offers">
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={async () => {
              const answer = await make<Tested>("POST", `${path}/test`);
              setSaid(!answer ? "" : answer.delivered ? "It took the test." : `${answer.reason}`);
            }}
          >
            Send a test
          </button>
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => make("PATCH", path, { state: paused ? "active" : "paused" })}
          >
            {paused ? "Go on" : "Pause"}
          </button>
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={async () => {
              const answer = await make<{ secret?: string }>("POST", `${path}/rotate`, {});
              if (answer?.secret) onSecret(answer.secret);
            }}
          >
            New secret
          </button>
          <button type="button" className="quiet" onClick={() => setRemoving(true)}>
            {endpoint.removal_by ? "Confirm removal" : "Remove"}
          </button>
          <span role="status" className="sub">
            {said}
          </span>
        </div>
      )}
      {removing && <Removal endpoint={endpoint} again={again} onClose={() => setRemoving(false)} />}
    </li>
  );
};

export const Webhooks = () => {
  const { may } = useWho();
  const asked = useAsk<{ webhooks: Endpoint[] }>("/v1/webhooks");
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string>();
  return (
    <section className="card">
      <header className="card-head">
        <h2>Webhooks</h2>
        {may("admin") && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            Add a receiver
          </button>
        )}
      </header>
      <Answer asked={asked} what="the receivers">
        {({ webhooks }) =>
          webhooks.length === 0 ? (
            <p className="sub">Nobody is told. Alerts stand in the inbox only.</p>
          ) : (
            <ul className="endpoints">
              {webhooks.map((endpoint) => (
                <One
                  key={endpoint.id}
                  endpoint={endpoint}
                  again={asked.again}
                  onSecret={setSecret}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {adding && <Add again={asked.again} onMade={setSecret} onClose={() => setAdding(false)} />}
      {secret && <Secret secret={secret} onClose={() => setSecret(undefined)} />}
    </section>
  );
};
