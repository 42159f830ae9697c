// One receiver: how it stands, and what can be done about it.
import { useState } from "react";

import type { Endpoint } from "../../../api/types";
import { grouped } from "../../../format/number";
import { capital } from "../../../format/text";
import { Fact, Foreign, Time } from "../../../parts/Say";
import { Refusal } from "../../../parts/State";
import { useWho } from "../../../session";
import { useChange } from "../useChange";
import { Deliveries } from "./Deliveries";
import { EndpointForm } from "./EndpointForm";
import { Removal } from "./Removal";
import { Rotation, type Shown } from "./Secret";
import { NEWS, STATES } from "./words";

/** The one that the configuration file names; it is changed there. */
const OF_CONFIGURATION = "config";

type Tested = { delivered: boolean; reason: string | null };
type Open = "change" | "rotate" | "remove";

const Facts = ({ endpoint }: { endpoint: Endpoint }) => (
  <dl className="facts">
    <Fact name="Shape">{endpoint.shape === "slack" ? "Slack" : "Standard Webhooks"}</Fact>
    <Fact name="Told of">
      {endpoint.min_severity === "informational"
        ? "Every severity"
        : endpoint.min_severity === "critical"
          ? "Critical"
          : `${capital(endpoint.min_severity)} and above`}
      {endpoint.kinds.length > 0 && (
        <span className="sub">{endpoint.kinds.map((kind) => NEWS[kind] ?? kind).join(" · ")}</span>
      )}
    </Fact>
    <Fact name="Pending">{grouped(endpoint.pending)}</Fact>
    <Fact name="Given up">
      <span className={endpoint.dead > 0 ? "late" : ""}>{grouped(endpoint.dead)}</span>
    </Fact>
    <Fact name="Last number given">{endpoint.seq === 0 ? "none" : grouped(endpoint.seq)}</Fact>
    <Fact name="Last delivered">
      {endpoint.last_delivered_at ? <Time at={endpoint.last_delivered_at} /> : "never"}
    </Fact>
    {endpoint.both_until && (
      <Fact name="Secret before signs until">
        <Time at={endpoint.both_until} />
      </Fact>
    )}
    {endpoint.last_error && (
      <Fact name="Last trouble">
        <Foreign text={endpoint.last_error} most={120} />
      </Fact>
    )}
  </dl>
);

const Standing = ({ endpoint }: { endpoint: Endpoint }) => (
  <>
    {endpoint.state === "gone" && (
      <p className="note bad">
        The receiver says that it is gone (410), so it is told nothing. If it is there again, let it
        go on: what it missed is told then.
      </p>
    )}
    {endpoint.state === "paused" && endpoint.pending > 0 && (
      <p className="note">What is pending waits, and is told when it goes on.</p>
    )}
    {endpoint.removal_by && (
      <p className="note">
        <bdi>{endpoint.removal_by}</bdi> proposes to remove it. It takes a second admin.
      </p>
    )}
  </>
);

/** What came of a test, until the next. */
const useTest = (path: string, again: () => void) => {
  const { make, problem, busy } = useChange(again);
  const [said, setSaid] = useState<Tested>();
  const send = async () => {
    setSaid(undefined);
    setSaid((await make<Tested>("POST", `${path}/test`))?.answer);
  };
  return { send, said, problem, busy };
};

const Said = ({ said }: { said: Tested | undefined }) => (
  <div role="status" className="tested">
    {said &&
      (said.delivered ? (
        <span className="mark good">It took the test</span>
      ) : (
        <>
          <span className="mark bad">Not taken</span>{" "}
          <Foreign text={said.reason ?? "it did not answer"} most={160} />
        </>
      ))}
  </div>
);

const Offers = ({
  endpoint,
  again,
  open,
}: {
  endpoint: Endpoint;
  again: () => void;
  open: (dialog: Open) => void;
}) => {
  const { session } = useWho();
  const { make, problem, busy } = useChange(again);
  const path = `/v1/webhooks/${endpoint.id}`;
  const test = useTest(path, again);
  const isActive = endpoint.state === "active";
  const own = endpoint.removal_by !== null && endpoint.removal_by === session?.person;
  return (
    <>
      <div className="offers">
        <button type="button" className="button" disabled={test.busy} onClick={test.send}>
          {test.busy ? "Sending…" : "Send a test"}
        </button>
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => make("PATCH", path, { state: isActive ? "paused" : "active" })}
        >
          {isActive ? "Pause" : "Go on"}
        </button>
        {endpoint.id === OF_CONFIGURATION ? (
          <span className="of-file">The configuration file names it, and it is changed there.</span>
        ) : (
          <>
            <button type="button" className="button" onClick={() => open("change")}>
              Change
            </button>
            <button type="button" className="button" onClick={() => open("rotate")}>
              New secret
            </button>
            {endpoint.removal_by && (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => make("PATCH", path, { keep: true })}
              >
                Keep it
              </button>
            )}
            {!own && (
              <button type="button" className="quiet" onClick={() => open("remove")}>
                {endpoint.removal_by ? "Confirm removal" : "Remove"}
              </button>
            )}
          </>
        )}
      </div>
      <Said said={test.said} />
      {test.problem && <Refusal problem={test.problem} />}
      {problem && <Refusal problem={problem} />}
    </>
  );
};

export const One = ({
  endpoint,
  again,
  onSecret,
}: {
  endpoint: Endpoint;
  again: () => void;
  onSecret: (shown: Shown) => void;
}) => {
  const { may } = useWho();
  const [open, setOpen] = useState<Open>();
  const onClose = () => setOpen(undefined);
  const [word, mark] = STATES[endpoint.state];
  return (
    <li className="endpoint" aria-label={endpoint.name}>
      <header>
        <h3>
          <bdi>{endpoint.name}</bdi> <span className={`mark ${mark}`}>{word}</span>
        </h3>
        <span className="mono soft">{endpoint.url}</span>
      </header>
      <Standing endpoint={endpoint} />
      <Facts endpoint={endpoint} />
      {endpoint.seq > 0 && <Deliveries endpoint={endpoint} again={again} />}
      {may("admin") && <Offers endpoint={endpoint} again={again} open={setOpen} />}
      {open === "change" && (
        <EndpointForm endpoint={endpoint} again={again} onSecret={onSecret} onClose={onClose} />
      )}
      {open === "rotate" && (
        <Rotation endpoint={endpoint} again={again} onSecret={onSecret} onClose={onClose} />
      )}
      {open === "remove" && <Removal endpoint={endpoint} again={again} onClose={onClose} />}
    </li>
  );
};
