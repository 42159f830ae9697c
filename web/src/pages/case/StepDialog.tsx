// One step, on one alert or on many: what it needs is asked, what it leads to is said before.
import { type FormEvent, useRef, useState } from "react";

import { asProblem, type Problem } from "../../api/ask";
import type { Alert, Disposition, DispositionRule, Person, Step } from "../../api/types";
import { NEVER, useAsk } from "../../api/useAsk";
import { count, grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { left } from "../../format/time";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { Groups } from "../../parts/Hex";
import { Answer, Refusal } from "../../parts/State";
import { useWho } from "../../session";
import { MEANING, STEP } from "../../words/step";
import { stepOf } from "./stepOf";
import { needsTwo } from "./twoPeople";

/** Characters of a narrative, as the indexer takes them. */
const NARRATIVE_MAX = 4000;

type Props = {
  kind: string;
  alerts: Alert[];
  take: (step: Step) => Promise<void>;
  onClose: () => void;
};

type Rules = { dispositions: DispositionRule[] };

const TITLES: Record<string, string> = {
  assign: "Assign",
  escalate: "Escalate",
  close: "Close",
  release: "Release what is held",
  blocked_in_error: "Held by mistake",
  reopen: "Reopen",
  approve: "Approve, as the second person",
  decline: "Decline",
  note: "Add a note",
  snooze: "Snooze",
  report: "Record the report",
  link: "Link",
  attach: "Attach a file by its hash",
};

/** Where a step leads, for the reasons that are asked. */
const LEADS_TO: Record<string, Disposition> = {
  escalate: "escalated",
  release: "released",
  blocked_in_error: "blocked_in_error",
  reopen: "escalated",
};

const Narrative = ({ label, needed }: { label: string; needed: boolean }) => {
  const [length, setLength] = useState(0);
  return (
    <Field label={label} hint={`${grouped(length)} of ${grouped(NARRATIVE_MAX)} characters`}>
      {(said) => (
        <textarea
          {...said}
          name="narrative"
          rows={5}
          required={needed}
          maxLength={NARRATIVE_MAX}
          onChange={(event) => setLength(event.target.value.length)}
        />
      )}
    </Field>
  );
};

/** The only reason for what the chain took back. */
const NOT_ON_CHAIN = "not_on_chain";

const reasonsOf = (rule: DispositionRule | undefined, kind: string, alerts: Alert[]) => {
  const gone = alerts.every((alert) => alert.confirmation === "retracted");
  const fits = ({ code, says }: { code: string; says: string }) =>
    kind === "close"
      ? gone === (code === NOT_ON_CHAIN)
      : says.startsWith("Reopened") === (kind === "reopen");
  return rule?.reasons.filter(fits) ?? [];
};

type ReasonProps = { rule: DispositionRule | undefined; kind: string; alerts: Alert[] };

const Reason = ({ rule, kind, alerts }: ReasonProps) => {
  const [code, setCode] = useState("");
  const reasons = reasonsOf(rule, kind, alerts);
  const chosen = reasons.find((reason) => reason.code === code);
  return (
    <Field label="Reason" hint={chosen?.says ?? "Why, in one of the words that are counted"}>
      {(said) => (
        <select
          {...said}
          name="reason"
          required
          value={chosen ? code : ""}
          onChange={(event) => setCode(event.target.value)}
        >
          <option value="" disabled>
            Choose a reason
          </option>
          {reasons.map((reason) => (
            <option key={reason.code} value={reason.code}>
              {spoken(reason.code)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
};

const Held = ({ alert }: { alert: Alert }) => (
  <fieldset className="group">
    <legend>What is held</legend>
    <div className="pair">
      <Field label="Amount">
        {(said) => (
          <input
            {...said}
            name="held_amount"
            required
            defaultValue={alert.amount.decimal ?? alert.amount.raw}
          />
        )}
      </Field>
      <Field label="Asset">
        {(said) => (
          <input
            {...said}
            name="held_asset"
            required
            defaultValue={alert.amount.symbol ?? alert.amount.token ?? ""}
          />
        )}
      </Field>
    </div>
    <Field label="Wallet it is held in">
      {(said) => (
        <input
          {...said}
          name="held_wallet"
          className="mono"
          required
          spellCheck={false}
          pattern="0x[0-9a-fA-F]{40}"
          title="0x and 40 hex digits"
          defaultValue={alert.direction === "inbound" ? alert.counterparty : ""}
        />
      )}
    </Field>
    <Field label="Held since (day)">
      {(said) => (
        <input
          {...said}
          name="held_on"
          type="date"
          required
          defaultValue={new Date().toISOString().slice(0, 10)}
        />
      )}
    </Field>
  </fieldset>
);

/** Which dispositions can be chosen for all of them. */
const closings = (rules: DispositionRule[], alerts: Alert[]) =>
  rules.filter(
    (rule) =>
      ["blocked", "rejected", "licensed", "false_positive", "no_action"].includes(
        rule.disposition,
      ) &&
      alerts.every((alert) => rule.from.includes(alert.desk?.disposition ?? "new")) &&
      (rule.disposition === "no_action" ||
        alerts.every((alert) => alert.confirmation !== "retracted")),
  );

const Closing = ({ rules, alerts }: { rules: DispositionRule[]; alerts: Alert[] }) => {
  const [to, setTo] = useState<Disposition>();
  const rule = rules.find(({ disposition }) => disposition === to);
  const two = rule ? alerts.filter((alert) => needsTwo(rule.two_people, alert.severity)) : [];
  const [first] = alerts;
  return (
    <>
      <fieldset className="choices">
        <legend>Close as</legend>
        {closings(rules, alerts).map(({ disposition }) => (
          <label key={disposition}>
            <input
              type="radio"
              name="disposition"
              value={disposition}
              required
              onChange={() => setTo(disposition)}
            />
            <span>
              <b>{spoken(disposition)}</b>
              <span className="sub">{MEANING[disposition]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {to && <Reason key={to} rule={rule} kind="close" alerts={alerts} />}
      {to === "blocked" && first && <Held alert={first} />}
      {to === "licensed" && (
        <Field label="Licence" hint="Number of the specific licence, or the general one">
          {(said) => <input {...said} name="licence" required />}
        </Field>
      )}
      <Narrative label="Narrative" needed />
      {two.length > 0 && (
        <p className="note">
          {two.length === alerts.length ? "This" : `For ${two.length} of these, this`} is a
          proposal: it takes effect when another person approves it.
        </p>
      )}
    </>
  );
};

const Assignee = () => {
  const { session } = useWho();
  const people = useAsk<{ people: Person[] }>("/v1/people", {}, { on: NEVER });
  return (
    <Answer asked={people} what="people">
      {({ people: known }) => (
        <Field label="To whom">
          {(said) => (
            <select {...said} name="assignee" required defaultValue={session?.person}>
              {known
                .filter(({ role }) => role === "analyst")
                .map(({ person }) => (
                  <option key={person}>{person}</option>
                ))}
            </select>
          )}
        </Field>
      )}
    </Answer>
  );
};

const inDays = (days: number) => {
  const at = new Date(Date.now() + days * 86_400_000);
  return at.toISOString().slice(0, 16);
};

const Snooze = () => (
  <>
    <Field label="Until (UTC)" hint="It comes back into the inbox by itself then">
      {(said) => (
        <input {...said} name="until" type="datetime-local" required defaultValue={inDays(1)} />
      )}
    </Field>
    <Field label="Reason">
      {(said) => <input {...said} name="reason" required maxLength={200} />}
    </Field>
  </>
);

/** When a report is due, while it has not been made. */
const Due = ({ alert }: { alert: Alert }) => {
  const report = alert.desk?.report;
  if (!report || report.state === "met") return null;
  return (
    <p className={report.state === "overdue" ? "note bad" : "note"}>
      Due on {report.due_on}, New York: {left(report.days_left)}.
    </p>
  );
};

const Report = ({ alert }: { alert: Alert }) => (
  <>
    <Due alert={alert} />
    <Field label="Kind">
      {(said) => (
        <select {...said} name="report_kind" defaultValue={alert.desk?.report?.kind ?? "blocking"}>
          <option value="blocking">Blocked property (31 CFR 501.603)</option>
          <option value="rejection">Rejected transaction (31 CFR 501.604)</option>
        </select>
      )}
    </Field>
    <Field label="Reference" hint="Under which the authority has it">
      {(said) => <input {...said} name="reference" required maxLength={200} autoComplete="off" />}
    </Field>
    <Field label="Reported on">
      {(said) => (
        <input
          {...said}
          name="reported_on"
          type="date"
          required
          defaultValue={new Date().toISOString().slice(0, 10)}
        />
      )}
    </Field>
  </>
);

const Attach = () => {
  const [file, setFile] = useState<{ name: string; bytes: number; sha256: string; type: string }>();
  const turn = useRef(0);
  const choose = async (chosen: File | undefined) => {
    // Of two files that are hashed at once, the one that was chosen last is attached.
    turn.current += 1;
    const now = turn.current;
    setFile(undefined);
    if (!chosen) return;
    const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
    if (now !== turn.current) return;
    setFile({ name: chosen.name, bytes: chosen.size, sha256, type: chosen.type });
  };
  return (
    <>
      <Field
        label="File"
        hint="It stays on this machine: only its name, size and hash are recorded, so keep the file"
      >
        {(said) => (
          <input
            {...said}
            type="file"
            required
            onChange={(event) => choose(event.target.files?.[0])}
          />
        )}
      </Field>
      {file && (
        <p className="hashed">
          {count(file.bytes, "byte")}, SHA-256 <Groups hex={file.sha256} />
        </p>
      )}
      <input type="hidden" name="name" value={file?.name ?? ""} />
      <input type="hidden" name="sha256" value={file?.sha256 ?? ""} />
      <input type="hidden" name="bytes" value={file?.bytes ?? ""} />
      <input type="hidden" name="media_type" value={file?.type || "application/octet-stream"} />
    </>
  );
};

const Reasoned = ({ kind, alerts }: { kind: string; alerts: Alert[] }) => {
  const rules = useAsk<Rules>("/v1/dispositions", {}, { on: NEVER });
  const to = LEADS_TO[kind];
  const always = to && ["released", "blocked_in_error"].includes(to);
  return (
    <Answer asked={rules} what="reasons">
      {({ dispositions }) =>
        kind === "close" ? (
          <Closing rules={dispositions} alerts={alerts} />
        ) : (
          <>
            <Reason
              rule={dispositions.find(({ disposition }) => disposition === to)}
              kind={kind}
              alerts={alerts}
            />
            <Narrative label="Narrative" needed />
            {always && (
              <p className="note">
                This is a proposal: it takes effect when another person approves it.
              </p>
            )}
          </>
        )
      }
    </Answer>
  );
};

const Fields = ({ kind, alerts }: { kind: string; alerts: Alert[] }) => {
  const [first] = alerts;
  switch (kind) {
    case "assign":
      return <Assignee />;
    case "approve":
      return <Narrative label="Why you agree (may be left empty)" needed={false} />;
    case "decline":
      return <Narrative label="Why not" needed />;
    case "note":
      return <Narrative label="Note" needed />;
    case "snooze":
      return <Snooze />;
    case "report":
      return first ? <Report alert={first} /> : null;
    case "attach":
      return <Attach />;
    case "link":
      return (
        <>
          <Field label="To" hint="The id of another alert, or an https address">
            {(said) => <input {...said} name="to" className="mono" required spellCheck={false} />}
          </Field>
          <Field label="What it says">
            {(said) => <input {...said} name="says" required maxLength={200} />}
          </Field>
        </>
      );
    default:
      return <Reasoned kind={kind} alerts={alerts} />;
  }
};

export const StepDialog = ({ kind, alerts, take, onClose }: Props) => {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await take(stepOf(kind, new FormData(event.currentTarget)));
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const many = alerts.length > 1 ? ` ${count(alerts.length, "finding")}` : "";
  return (
    <Dialog title={`${TITLES[kind] ?? kind}${many}`} onClose={onClose}>
      <form onSubmit={submit} className="step">
        <Fields kind={kind} alerts={alerts} />
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {STEP[kind] ?? "Do it"}
            {many}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
