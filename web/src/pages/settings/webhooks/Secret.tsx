// The secret by which a receiver knows us: shown once, and made anew.
import { type FormEvent, useState } from "react";

import type { Endpoint } from "../../../api/types";
import { utcMinute } from "../../../format/time";
import { Dialog } from "../../../parts/Dialog";
import { Field } from "../../../parts/Field";
import { Copy } from "../../../parts/Hex";
import { Refusal } from "../../../parts/State";
import { useChange } from "../useChange";

/** Hours for which the secret before may sign as well, as the indexer takes them. */
const KEEP = { default: 24, most: 168 };

/** A secret, for whom it is, and until when the one before it signs as well. */
export type Shown = { name: string; secret: string; bothUntil?: string };

export const Secret = ({ shown, onClose }: { shown: Shown; onClose: () => void }) => (
  <Dialog title={`The secret of ${shown.name}`} onClose={onClose}>
    <p>
      The receiver checks each signature with it (Standard Webhooks). It is shown once; keep it
      where the receiver reads its secrets.
    </p>
    <p className="secret">
      <code className="breaks">{shown.secret}</code>
      <Copy text={shown.secret} what="the secret" />
    </p>
    {shown.bothUntil && (
      <p className="note">
        The secret before it signs as well until {utcMinute(shown.bothUntil)} UTC. A receiver that
        does not know the new one by then refuses what it is told.
      </p>
    )}
    <div className="dialog-foot">
      <button type="button" className="button primary" onClick={onClose}>
        I have kept it
      </button>
    </div>
  </Dialog>
);

type Rotated = { secret: string; both_until: string };

export const Rotation = ({
  endpoint,
  again,
  onSecret,
  onClose,
}: {
  endpoint: Endpoint;
  again: () => void;
  onSecret: (shown: Shown) => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  const [hours, setHours] = useState(`${KEEP.default}`);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const path = `/v1/webhooks/${endpoint.id}/rotate`;
    const done = await make<Rotated>("POST", path, { keep_hours: Number(hours) });
    if (!done) return;
    const { secret, both_until: bothUntil } = done.answer;
    onClose();
    onSecret({ name: endpoint.name, secret, ...(Number(hours) > 0 ? { bothUntil } : {}) });
  };
  return (
    <Dialog title={`A new secret for ${endpoint.name}`} onClose={onClose}>
      <form onSubmit={submit} className="step">
        <p>
          What is told from now on is signed with the new secret, and for some hours with the one
          before as well, so that the receiver can change over without losing anything.
        </p>
        {endpoint.both_until && (
          <p className="note">
            The last change lasts until {utcMinute(endpoint.both_until)} UTC. With another one, the
            secret before that signs no more.
          </p>
        )}
        <Field
          label="Hours that the secret before signs as well"
          hint={`0 to ${KEEP.most}. With 0 the receiver has to know the new one at once`}
        >
          {(said) => (
            <input
              {...said}
              type="number"
              min={0}
              max={KEEP.most}
              required
              value={hours}
              onChange={(event) => setHours(event.target.value)}
            />
          )}
        </Field>
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            Make a new secret
          </button>
        </div>
      </form>
    </Dialog>
  );
};
