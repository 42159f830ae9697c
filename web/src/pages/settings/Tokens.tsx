// Whose token opens what, and until when. A token is shown once, when it is made.
import { type FormEvent, useState } from "react";

import type { Token } from "../../api/types";
import { NEVER, useAsk } from "../../api/useAsk";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Copy } from "../../parts/Hex";
import { Time, Scrolls } from "../../parts/Say";
import { Answer, Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { useChange } from "./useChange";

const state = (token: Token, now: number) => {
  if (token.revoked_at) return ["Revoked", "soft"];
  if (new Date(token.expires_at).getTime() < now) return ["Expired", "soft"];
  return ["Valid", "good"];
};

const Make = ({ again, onClose }: { again: () => void; onClose: () => void }) => {
  const { make, problem, busy } = useChange(again);
  const [made, setMade] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const done = await make<{ token: string }>("POST", "/v1/tokens", {
      person: `${form.get("person")}`.trim(),
      role: form.get("role"),
      days: Number(form.get("days")),
    });
    if (done) setMade(done.answer.token);
  };
  if (made) {
    return (
      <Dialog title="The token" onClose={onClose}>
        <p>It is shown once. Give it to its person by a safe way; only its hash is kept here.</p>
        <p className="secret">
          <code className="breaks">{made}</code> <Copy text={made} what="the token" />
        </p>
        <div className="dialog-foot">
          <button type="button" className="button primary" onClick={onClose}>
            I have kept it
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <form onSubmit={submit} className="step">
        <Field label="Person" hint="The name that will stand beside each step and in the audit log">
          {(said) => <input {...said} name="person" required maxLength={64} autoComplete="off" />}
        </Field>
        <div className="pair">
          <Field label="Role">
            {(said) => (
              <select {...said} name="role" defaultValue="analyst">
                <option value="viewer">Viewer: reads and screens</option>
                <option value="analyst">Analyst: takes steps</option>
                <option value="admin">Admin: keeps the settings</option>
                <option value="auditor">Auditor: reads everything</option>
              </select>
            )}
          </Field>
          <Field label="Days it is valid">
            {(said) => (
              <input
                {...said}
                name="days"
                type="number"
                min={1}
                max={366}
                defaultValue={90}
                required
              />
            )}
          </Field>
        </div>
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const Revoke = ({
  token,
  again,
  onClose,
}: {
  token: Token;
  again: () => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  return (
    <Dialog title={`Revoke the token of ${token.person}`} onClose={onClose}>
      <p>Whoever uses it is refused from now on. That cannot be taken back.</p>
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
            if (await make("DELETE", `/v1/tokens/${token.id}`)) onClose();
          }}
        >
          Revoke it
        </button>
      </div>
    </Dialog>
  );
};

export const Tokens = () => {
  const { may } = useWho();
  const asked = useAsk<{ tokens: Token[] }>("/v1/tokens", {}, { on: NEVER });
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const now = Date.now();
  return (
    <section className="card">
      <header className="card-head">
        <h2>Tokens</h2>
        {may("admin") && (
          <button type="button" className="button" onClick={() => setMaking(true)}>
            Make a token
          </button>
        )}
      </header>
      <Answer asked={asked} what="the tokens">
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p className="sub">There is none.</p>
          ) : (
            <Scrolls label="Tokens">
              <table>
                <caption className="unseen">Tokens</caption>
                <thead>
                  <tr>
                    <th scope="col">Person</th>
                    <th scope="col">Role</th>
                    <th scope="col">State</th>
                    <th scope="col">Expires</th>
                    <th scope="col">Last used</th>
                    <th scope="col">
                      <span className="unseen">Revoke</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {tokens.map((token) => {
                    const [word, className] = state(token, now);
                    return (
                      <tr key={token.id}>
                        <th scope="row">
                          <bdi>{token.person}</bdi>
                          <span className="sub mono">{token.id}</span>
                        </th>
                        <td>{token.role}</td>
                        <td>
                          <span className={`mark ${className}`}>{word}</span>
                        </td>
                        <td>
                          <Time at={token.expires_at} />
                        </td>
                        <td>{token.used_at ? <Time at={token.used_at} /> : "never"}</td>
                        <td className="number">
                          {word === "Valid" && may("admin") && (
                            <button
                              type="button"
                              className="quiet"
                              onClick={() => setRevoking(token)}
                            >
                              Revoke
                            </button>
                          )}
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </Scrolls>
          )
        }
      </Answer>
      {making && <Make again={asked.again} onClose={() => setMaking(false)} />}
      {revoking && (
        <Revoke token={revoking} again={asked.again} onClose={() => setRevoking(undefined)} />
      )}
    </section>
  );
};
