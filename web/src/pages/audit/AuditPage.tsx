// Every change that a person made, in one chain of hashes, and whether the chain is whole.
import { useState } from "react";
import { useLocation, useSearch } from "wouter";

import { asProblem, get, type Problem } from "../../api/ask";
import type { AuditPage as Page, AuditRow, AuditVerdict } from "../../api/types";
import { usePages } from "../../api/usePages";
import { grouped } from "../../format/number";
import { cut, spoken } from "../../format/text";
import { PATHS } from "../../go";
import { Hash } from "../../parts/Hex";
import { More } from "../../parts/More";
import { Time, Scrolls } from "../../parts/Say";
import { Answer, Refusal, State } from "../../parts/State";
import { usePage } from "../../parts/usePage";

const Verify = () => {
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const verify = () => {
    setBusy(true);
    setProblem(undefined);
    setVerdict(undefined);
    get<AuditVerdict>("/v1/audit/verify")
      .then(setVerdict, (error) => setProblem(asProblem(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div className="verify">
      <button type="button" className="button" onClick={verify} disabled={busy}>
        {busy ? "Verifying…" : "Verify the chain"}
      </button>
      <div role="status">
        {verdict &&
          (verdict.whole ? (
            <p>
              <span className="mark good">Whole</span> {grouped(verdict.rows)} rows, folded to{" "}
              <Hash of={verdict.head} what="the last hash" />
            </p>
          ) : (
            <p>
              <span className="mark bad">Broken</span> at row {grouped(verdict.broken_at ?? 0)}:{" "}
              {verdict.reason}. Keep the database as it is, and compare it with the last signed
              checkpoint.
            </p>
          ))}
      </div>
      {problem && <Refusal problem={problem} />}
    </div>
  );
};

const detail = (row: AuditRow) =>
  cut(typeof row.detail === "string" ? row.detail : JSON.stringify(row.detail ?? {}), 400);

export const AuditPage = () => {
  usePage("Audit log");
  const text = useSearch();
  const [, go] = useLocation();
  const said = new URLSearchParams(text);
  const query = { person: said.get("person"), kind: said.get("kind"), alert: said.get("alert") };
  const { asked, rows, next, more, problem } = usePages<Page, AuditRow>(
    "/v1/audit",
    { ...query, limit: 100 },
    { rows: (page) => page.rows, key: ({ number }) => number },
  );
  const set = (name: string, value: string) => {
    const now = new URLSearchParams(text);
    if (value) now.set(name, value);
    else now.delete(name);
    go(`${PATHS.audit}${now.size ? `?${now}` : ""}`);
  };
  return (
    <>
      <header className="page-head">
        <h1>Audit log</h1>
        <p className="lede">
          Nothing is ever changed or removed in it. Each row carries the hash of the row before.
        </p>
      </header>
      <Verify />
      <search className="narrow">
        {(["person", "kind", "alert"] as const).map((name) => (
          <label className="inline" key={name}>
            <span>{spoken(name)}</span>
            <input
              key={query[name] ?? ""}
              defaultValue={query[name] ?? ""}
              spellCheck={false}
              onKeyDown={(event) =>
                event.key === "Enter" && set(name, event.currentTarget.value.trim())
              }
              onBlur={(event) =>
                event.target.value.trim() !== (query[name] ?? "") &&
                set(name, event.target.value.trim())
              }
            />
          </label>
        ))}
      </search>
      <Answer asked={asked} what="the audit log">
        {() =>
          rows.length === 0 ? (
            <State title="No row fits">
              <p>Clear the fields above to see all of them.</p>
            </State>
          ) : (
            <>
              <Scrolls label="Changes by people, the newest first">
                <table className="audit">
                  <caption className="unseen">Changes by people, the newest first</caption>
                  <thead>
                    <tr>
                      <th scope="col" className="number">
                        No.
                      </th>
                      <th scope="col">Time</th>
                      <th scope="col">Person</th>
                      <th scope="col">What</th>
                      <th scope="col">About</th>
                      <th scope="col">Detail</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <tr key={row.number}>
                        <td className="number">{grouped(row.number)}</td>
                        <td>
                          <Time at={row.at} exact />
                        </td>
                        <td>
                          <bdi>{row.person}</bdi>
                          <span className="sub">{row.role}</span>
                        </td>
                        <td>{spoken(row.kind.replace(".", ": "))}</td>
                        <td>
                          {row.alert_id ? (
                            <a className="mono" href={PATHS.case(row.alert_id)}>
                              {row.alert_id.slice(0, 8)}…
                            </a>
                          ) : (
                            "–"
                          )}
                        </td>
                        <td className="detail">
                          <bdi>{detail(row)}</bdi>
                          <span className="sub mono" title={row.hash}>
                            {row.hash.slice(0, 16)}…
                          </span>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scrolls>
              <More next={next} more={more} problem={problem} />
            </>
          )
        }
      </Answer>
    </>
  );
};
