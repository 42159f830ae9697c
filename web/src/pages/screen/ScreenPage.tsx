// Paste addresses, get one of three answers for each. Unknown is never clear.
import { type FormEvent, useEffect, useRef, useState } from "react";

import { asProblem, change, type Problem } from "../../api/ask";
import type { ScreenAnswer, Screening } from "../../api/types";
import { addressesIn } from "../../format/hex";
import { count, grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { Field } from "../../parts/Field";
import { Address } from "../../parts/Hex";
import { Foreign, Time, Scrolls } from "../../parts/Say";
import { AnswerMark } from "../../parts/Severity";
import { Refusal } from "../../parts/State";
import { usePage } from "../../parts/usePage";

/** Addresses of one question. */
const ADDRESSES_MAX = 1000;

const ORDER = { listed: 0, unknown: 1, clear: 2 };
const Answers = ({ screening }: { screening: Screening }) => {
  const head = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is read from its head
  useEffect(() => head.current?.focus(), [screening]);
  const answers = [...screening.answers].sort((a, b) => ORDER[a.answer] - ORDER[b.answer]);
  const of = (word: ScreenAnswer["answer"]) =>
    answers.filter(({ answer }) => answer === word).length;
  return (
    <section className="card">
      <header className="card-head">
        <h2 ref={head} tabIndex={-1}>
          {grouped(of("listed"))} listed, {grouped(of("unknown"))} unknown, {grouped(of("clear"))}{" "}
          clear
        </h2>
        <p className="soft">
          as of block {grouped(screening.as_of.block)}, <Time at={screening.as_of.time} />
        </p>
      </header>
      <Scrolls label="The answer for each address">
        <table className="answers">
          <caption className="unseen">The answer for each address</caption>
          <thead>
            <tr>
              <th scope="col">Answer</th>
              <th scope="col">Address</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((one) => (
              <tr key={one.address}>
                <td>
                  <AnswerMark of={one.answer}>{spoken(one.answer)}</AnswerMark>
                </td>
                <td>
                  {/^0x[0-9a-fA-F]{40}$/.test(one.address) ? (
                    <Address of={one.address} />
                  ) : (
                    <Foreign text={one.address} most={66} />
                  )}
                </td>
                <td>
                  {one.answer === "listed" && (
                    <>
                      {one.sources?.join(", ")}
                      <span className="sub">
                        {one.uids && one.uids.length > 0 && `person ${one.uids.join(", ")}`}
                        {one.since && (
                          <>
                            {" "}
                            since <Time at={one.since} />
                          </>
                        )}
                      </span>
                    </>
                  )}
                  {one.answer === "clear" && <span className="soft">not on this list then</span>}
                  {one.answer === "unknown" && (
                    <span>{one.reason ? spoken(one.reason) : "Treat it as not cleared"}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      <p className="soft">
        Clear means that no accepted source lists the address itself. It says nothing of who owns
        it.
      </p>
    </section>
  );
};

export const ScreenPage = () => {
  usePage("Screen");
  const [text, setText] = useState("");
  const [at, setAt] = useState("");
  const [screening, setScreening] = useState<Screening>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const { addresses, others } = addressesIn(text);
  const asked = [...addresses, ...others];
  const tooMany = asked.length > ADDRESSES_MAX;
  const wrong = tooMany
    ? `${grouped(asked.length)} at once are too many: ask for ${grouped(ADDRESSES_MAX)} or fewer`
    : undefined;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (asked.length === 0 || tooMany) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const then = at ? { at: `${at}:00Z` } : {};
      setScreening(await change("POST", "/v1/screen", { addresses: asked, ...then }));
    } catch (error) {
      setScreening(undefined);
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  const hint = asked.length
    ? `${count(addresses.length, "address", "addresses")}${
        others.length
          ? `, and ${grouped(others.length)} that cannot be read as one: these come back as unknown`
          : ""
      }`
    : "One a line, or between commas or blanks; each is asked once";
  return (
    <>
      <header className="page-head">
        <h1>Screen</h1>
        <p className="lede">
          Is it on the list? Three answers: listed, clear, or unknown, which is never clear.
        </p>
      </header>
      <form className="card screen" onSubmit={submit}>
        <Field label="Addresses" hint={hint} wrong={wrong}>
          {(said) => (
            <textarea
              {...said}
              className="mono"
              rows={6}
              spellCheck={false}
              autoCapitalize="off"
              placeholder="0x…"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <div className="screen-foot">
          <Field label="As of (UTC)" hint="Left empty: now">
            {(said) => (
              <input
                {...said}
                type="datetime-local"
                value={at}
                onChange={(event) => setAt(event.target.value)}
              />
            )}
          </Field>
          <button
            type="submit"
            className="button primary"
            disabled={busy || !asked.length || tooMany}
          >
            Screen {asked.length > 0 && grouped(asked.length)}
          </button>
        </div>
      </form>
      {problem && <Refusal problem={problem} />}
      {screening && <Answers screening={screening} />}
    </>
  );
};
