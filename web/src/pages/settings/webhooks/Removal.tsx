// A receiver is removed by two: one proposes, another confirms.
import type { Endpoint } from "../../../api/types";
import { Dialog } from "../../../parts/Dialog";
import { Refusal } from "../../../parts/State";
import { useChange } from "../useChange";

export const Removal = ({
  endpoint,
  again,
  onClose,
}: {
  endpoint: Endpoint;
  again: () => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(again);
  const first = endpoint.removal_by;
  return (
    <Dialog title={`Remove ${endpoint.name}`} onClose={onClose}>
      <div className="step">
        <p>
          {first
            ? `${first} proposed it. You are the second person: it is removed now, and nothing is told to it any more.`
            : "This is a proposal: it is removed when another admin confirms it. Until then it is told as before."}
        </p>
        {endpoint.pending > 0 && <p>What is pending for it is never told then.</p>}
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
              if (await make("DELETE", `/v1/webhooks/${endpoint.id}`)) onClose();
            }}
          >
            {first ? "Remove it" : "Propose to remove it"}
          </button>
        </div>
      </div>
    </Dialog>
  );
};
