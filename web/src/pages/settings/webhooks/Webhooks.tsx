// Who is told of alerts, how far each has been told, and what could not be delivered.
import { useState } from "react";

import type { Endpoint } from "../../../api/types";
import { useAsk } from "../../../api/useAsk";
import { useLook } from "../../../api/useLook";
import { Answer } from "../../../parts/State";
import { useWho } from "../../../session";
import { EndpointForm } from "./EndpointForm";
import { One } from "./One";
import { Secret, type Shown } from "./Secret";

/** Those that are told have something coming, as long as anything is pending. */
const pending = (endpoints: Endpoint[]) =>
  endpoints
    .filter(({ state }) => state === "active")
    .reduce((sum, endpoint) => sum + endpoint.pending, 0);

const byName = (endpoints: Endpoint[]) =>
  endpoints.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));

export const Webhooks = () => {
  const { may } = useWho();
  const asked = useAsk<{ webhooks: Endpoint[] }>("/v1/webhooks");
  useLook(asked.again, pending(asked.data?.webhooks ?? []));
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Shown>();
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
              {byName(webhooks).map((endpoint) => (
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
      {adding && (
        <EndpointForm again={asked.again} onSecret={setSecret} onClose={() => setAdding(false)} />
      )}
      {secret && <Secret shown={secret} onClose={() => setSecret(undefined)} />}
    </section>
  );
};
