// One's token becomes a session of this browser: the token itself is not kept in the page.
import { type FormEvent, useState } from "react";
import { useLocation, useSearch } from "wouter";

import { asProblem, change, leadsElsewhere, type Problem } from "../../api/ask";
import { Field } from "../../parts/Field";
import { Failure, Refusal, State } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { whereTo } from "./whereTo";

export const SignInPage = () => {
  usePage("Sign in");
  const { session, serves, again, problem: unreached } = useWho();
  const [, go] = useLocation();
  const to = whereTo(useSearch());
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const token = `${new FormData(event.currentTarget).get("token") ?? ""}`.trim();
    try {
      await change("POST", "/v1/session", { token });
      again();
      go(to);
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const elsewhere = () =>
    leadsElsewhere("/v1/oidc/login").then(
      () => location.assign("/v1/oidc/login"),
      (error) => setProblem(asProblem(error)),
    );
  if (unreached?.kind === "offline") return <Failure problem={unreached} again={again} />;
  if (session !== undefined && !serves("/v1/session")) {
    return (
      <State title="There is nothing to sign in to">
        <p>This indexer answers whoever reaches it, on this machine only.</p>
      </State>
    );
  }
  return (
    <div className="sign-in card">
      <h1>Sign in</h1>
      {session && session.person !== "anonymous" && (
        <p className="note">
          You are <b>{session.person}</b>, {session.role}. A new token takes the place of this
          session.
        </p>
      )}
      <form onSubmit={submit}>
        <Field
          label="Token"
          hint="An admin makes it for you; it begins with idx_ and is shown once"
        >
          {(said) => (
            <input
              {...said}
              name="token"
              type="password"
              autoComplete="current-password"
              className="mono"
              required
            />
          )}
        </Field>
        {problem && <Refusal problem={problem} />}
        <button type="submit" className="button primary" disabled={busy}>
          Sign in
        </button>
      </form>
      {serves("/v1/oidc/login") && session !== undefined && (
        <p>
          <button type="button" className="button" onClick={elsewhere}>
            Sign in with your organisation
          </button>
        </p>
      )}
    </div>
  );
};
