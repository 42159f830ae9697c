// A page that has nothing to show says why, and what to do.
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";

import type { Problem, ProblemKind } from "../api/ask";
import type { Asked } from "../api/useAsk";
import { PATHS } from "../go";

export const State = ({
  title,
  children,
  role,
}: {
  title: string;
  children?: ReactNode;
  role?: "alert" | "status";
}) => (
  <div className="state" role={role}>
    <p className="state-title">{title}</p>
    {children && <div className="state-text">{children}</div>}
  </div>
);

const TITLES: Record<ProblemKind, string> = {
  offline: "The indexer does not answer",
  signed_out: "You are not signed in",
  forbidden: "Your role does not reach this",
  not_served: "This indexer does not serve this page",
  missing: "There is no such thing here",
  overtaken: "Somebody was faster",
  refused: "The indexer did not take that",
  busy: "Too many questions at once",
  failed: "Something failed",
};

const sentence = (text: string) =>
  text ? `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "";

/** What went wrong, what to do, and the number under which the log speaks of it. */
export const Failure = ({ problem, again }: { problem: Problem; again?: () => void }) => {
  const [here] = useLocation();
  if (problem.kind === "signed_out") {
    return (
      <State title={TITLES.signed_out} role="alert">
        <p>Sign in with the token that an admin made for you, and you come back to this page.</p>
        <Link className="button primary" href={`${PATHS.signIn}?to=${encodeURIComponent(here)}`}>
          Sign in
        </Link>
      </State>
    );
  }
  if (problem.kind === "not_served") {
    return (
      <State title={TITLES.not_served} role="alert">
        <p>The indexer is older than this page, or was built without it. Ask whoever runs it.</p>
      </State>
    );
  }
  return (
    <State title={TITLES[problem.kind]} role="alert">
      {problem.kind !== "offline" && <p>{sentence(problem.message)}</p>}
      <p>{sentence(problem.next)}</p>
      {problem.requestId && <p className="soft">Request {problem.requestId}</p>}
      {again && problem.kind !== "forbidden" && (
        <button type="button" className="button" onClick={again}>
          Ask again
        </button>
      )}
    </State>
  );
};

export const Refusal = ({ problem }: { problem: Problem }) => (
  <div className="note bad" role="alert">
    <p>{sentence(problem.message)}</p>
    {problem.next && <p>{sentence(problem.next)}</p>}
    {problem.requestId && <p className="soft">Request {problem.requestId}</p>}
  </div>
);

export const Loading = ({ what }: { what: string }) => (
  <div className="loading" role="status">
    <span className="unseen">Asking for {what}…</span>
    <span className="bar" />
    <span className="bar" />
    <span className="bar" />
  </div>
);

/** Whatever a question has come to: its answer, the wait for it, or why there is none. */
export const Answer = <T,>({
  asked,
  what,
  children,
}: {
  asked: Asked<T>;
  what: string;
  children: (data: T) => ReactNode;
}) => {
  if (asked.data !== undefined) {
    return (
      <>
        {asked.problem && asked.problem.kind !== "offline" && <Refusal problem={asked.problem} />}
        {children(asked.data)}
      </>
    );
  }
  if (asked.problem) return <Failure problem={asked.problem} again={asked.again} />;
  return <Loading what={what} />;
};
