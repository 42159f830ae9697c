// A subject is removed: asked before, because what it dealt in is not told of any more.
import type { Subject } from "../../../api/types";
import { Dialog } from "../../../parts/Dialog";
import { Groups } from "../../../parts/Hex";
import { Foreign } from "../../../parts/Say";
import { Refusal } from "../../../parts/State";
import { useChange } from "../useChange";

export const RemoveSubject = ({
  subject,
  onDone,
  onClose,
}: {
  subject: Subject;
  onDone: () => void;
  onClose: () => void;
}) => {
  const { make, problem, busy } = useChange(onDone);
  return (
    <Dialog title="Remove a subject" onClose={onClose}>
      <div className="step">
        <p className="named">
          <Groups hex={subject.address} />
          {subject.reference && (
            <span className="sub">
              <Foreign text={subject.reference} most={64} />
            </span>
          )}
        </p>
        <p>
          Its dealings are looked after no longer. What was found stays, and who removes it stands
          in the audit log. It can be added again.
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
              if (await make("DELETE", `/v1/subjects/${subject.address}`)) onClose();
            }}
          >
            Remove it
          </button>
        </div>
      </div>
    </Dialog>
  );
};
