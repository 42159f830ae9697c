// What a receiver was told and is to be told, the highest number first, and how to tell it again.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link } from "wouter";

import type { Delivery, Endpoint } from "../../../api/types";
import { useLook } from "../../../api/useLook";
import { usePages } from "../../../api/usePages";
import { count, grouped } from "../../../format/number";
import { PATHS } from "../../../go";
import { More } from "../../../parts/More";
import { Foreign, Time } from "../../../parts/Say";
import { Answer, Refusal } from "../../../parts/State";
import { useWho } from "../../../session";
import { useChange } from "../useChange";
import { DELIVERED, NEWS } from "./words";

type Page = { deliveries: Delivery[]; next: number | null };
type Chosen = Delivery["state"] | "all";

const When = ({ one }: { one: Delivery }) => {
  if (one.delivered_at) return <Time at={one.delivered_at} />;
  const tries = one.attempts > 0 && `tried ${count(one.attempts, "time")}`;
  if (one.state === "dead") return tries || null;
  return (
    <>
      {tries ? `${tries}, ` : ""}
      {one.due_at ? (
        <>
          next <Time at={one.due_at} />
        </>
      ) : (
        "next at once"
      )}
    </>
  );
};

const Line = ({
  one,
  retry,
  busy,
}: {
  one: Delivery;
  retry: (seq: number) => void;
  busy: boolean;
}) => {
  const { may } = useWho();
  const [word, mark] = DELIVERED[one.state];
  return (
    <li>
      <span className="seq">No. {grouped(one.seq)}</span>
      <span className={`mark ${mark}`}>{word}</span>
      <span className="told">
        {NEWS[one.kind] ?? one.kind}:{" "}
        <Link href={PATHS.case(one.alert)}>{one.alert.slice(0, 8)}…</Link>
        <span className="sub">
          <When one={one} />
        </span>
        {one.state !== "delivered" && one.last_error && (
          <span className="sub">
            <Foreign text={one.last_error} most={120} />
          </span>
        )}
      </span>
      {one.state === "dead" && may("admin") && (
        <button type="button" className="button" disabled={busy} onClick={() => retry(one.seq)}>
          Try again
        </button>
      )}
    </li>
  );
};

type Replayed = { replayed: number; through: number };

const Replay = ({ endpoint, again }: { endpoint: Endpoint; again: () => void }) => {
  const { make, problem, busy } = useChange(again);
  const [said, setSaid] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSaid("");
    const from_seq = Number(new FormData(event.currentTarget).get("from"));
    const path = `/v1/webhooks/${endpoint.id}/replay`;
    const done = await make<Replayed>("POST", path, { from_seq });
    if (!done) return;
    const { replayed, through } = done.answer;
    setSaid(`${grouped(replayed)} told again, up to No. ${grouped(through)}.`);
  };
  return (
    <form className="replay" onSubmit={submit}>
      <label className="inline">
        <span>Tell it again from No.</span>
        <input name="from" type="number" min={1} max={endpoint.seq} defaultValue={1} required />
      </label>
      <button type="submit" className="button" disabled={busy}>
        Replay
      </button>
      <span role="status" className="sub">
        {said || "Under the same numbers and ids, so that it knows what it has."}
      </span>
      {problem && <Refusal problem={problem} />}
    </form>
  );
};

const Lines = ({ endpoint, again }: { endpoint: Endpoint; again: () => void }) => {
  const { may } = useWho();
  const [chosen, setChosen] = useState<Chosen>(endpoint.dead > 0 ? "dead" : "all");
  const pages = usePages<Page, Delivery>(
    `/v1/webhooks/${endpoint.id}/deliveries`,
    { limit: 25, state: chosen === "all" ? null : chosen },
    { rows: (page) => page.deliveries, key: ({ seq }) => seq },
  );
  const { asked, rows, next, more } = pages;
  useLook(asked.again, endpoint.state === "active" ? endpoint.pending : 0);
  // What the endpoint has come to stands in its lines as well.
  const come = `${endpoint.seq} ${endpoint.pending} ${endpoint.dead}`;
  const seen = useRef(come);
  const askAgain = asked.again;
  useEffect(() => {
    if (seen.current === come) return;
    seen.current = come;
    askAgain();
  }, [come, askAgain]);
  const { make, problem, busy } = useChange(() => {
    pages.restart();
    again();
  });
  const retry = (seq: number) =>
    make("POST", `/v1/webhooks/${endpoint.id}/deliveries/${seq}/retry`);
  return (
    <>
      <label className="inline">
        <span>Show</span>
        <select value={chosen} onChange={(event) => setChosen(event.target.value as Chosen)}>
          <option value="all">All</option>
          {Object.entries(DELIVERED).map(([state, [word]]) => (
            <option key={state} value={state}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {problem && <Refusal problem={problem} />}
      <Answer asked={asked} what="the deliveries">
        {() =>
          rows.length === 0 ? (
            <p className="sub">There is none.</p>
          ) : (
            <>
              <ol className="deliveries">
                {rows.map((one) => (
                  <Line key={one.seq} one={one} retry={retry} busy={busy} />
                ))}
              </ol>
              <More next={next} more={more} problem={pages.problem} />
            </>
          )
        }
      </Answer>
      {may("admin") && (
        <Replay
          endpoint={endpoint}
          again={() => {
            pages.restart();
            again();
          }}
        />
      )}
    </>
  );
};

/** Asked for when somebody opens it. */
export const Deliveries = ({ endpoint, again }: { endpoint: Endpoint; again: () => void }) => {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Deliveries{endpoint.dead > 0 && `, ${grouped(endpoint.dead)} given up`}</summary>
      {open && <Lines endpoint={endpoint} again={again} />}
    </details>
  );
};
