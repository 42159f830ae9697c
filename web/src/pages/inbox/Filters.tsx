// What narrows the inbox. Everything that is chosen here stands in the address of the page.
import { type FormEvent, type RefObject, useState } from "react";
import { useLocation } from "wouter";

import { withQuery } from "../../api/ask";
import type { Summary } from "../../api/types";
import { isAddress } from "../../format/hex";
import { grouped } from "../../format/number";
import { capital } from "../../format/text";
import { PATHS } from "../../go";
import { Key } from "../../parts/Say";
import { SeverityShape } from "../../parts/Severity";
import { useWho } from "../../session";
import { CHAIN, CONFIRMATIONS, PHASE, PHASES, SEVERITIES } from "../../words/alert";
import { type Filter, NO_FILTER, narrowed, question } from "./filter";

type Props = {
  filter: Filter;
  setFilter: (filter: Filter) => void;
  summary: Summary | undefined;
  looking: RefObject<HTMLInputElement | null>;
  hasDesk: boolean;
};

/** As wide as a digit. */
const NO_FIGURE = "\u2007";

const toggled = <T,>(all: readonly T[], one: T): T[] =>
  all.includes(one) ? all.filter((other) => other !== one) : [...all, one];

const ALERT_ID = /^[0-9a-f]{32}$/;

/** One field for what one has at hand: an address to narrow by, or the id of a case to open. */
const Look = ({ filter, setFilter, looking }: Props) => {
  const [, go] = useLocation();
  const [wrong, setWrong] = useState(false);
  const look = (event: FormEvent) => {
    event.preventDefault();
    const text = looking.current?.value.trim() ?? "";
    const isKnown = text === "" || isAddress(text) || ALERT_ID.test(text);
    setWrong(!isKnown);
    if (!isKnown) return;
    if (ALERT_ID.test(text)) return go(PATHS.case(text));
    const side = new FormData(event.target as HTMLFormElement).get("side");
    const none = { ...filter, listed: "", counterparty: "" };
    setFilter(
      side === "counterparty" ? { ...none, counterparty: text } : { ...none, listed: text },
    );
  };
  const side = filter.counterparty ? "counterparty" : "listed";
  return (
    <form className="look" onSubmit={look} key={`${filter.listed}${filter.counterparty}`}>
      <label className="unseen" htmlFor="look-side">
        Which party
      </label>
      <select id="look-side" name="side" defaultValue={side}>
        <option value="listed">Listed address</option>
        <option value="counterparty">Counterparty</option>
      </select>
      <label className="unseen" htmlFor="look">
        Address, or id of an alert
      </label>
      <input
        id="look"
        ref={looking}
        type="search"
        defaultValue={filter.listed || filter.counterparty}
        placeholder="0x… address, or id of an alert"
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        aria-invalid={wrong}
        aria-describedby={wrong ? "look-wrong" : undefined}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <Key of="/" />
      {wrong && (
        <p id="look-wrong" className="wrong" role="alert">
          That is neither an address (0x and 40 hex digits) nor the id of an alert.
        </p>
      )}
    </form>
  );
};

const Pick = ({
  label,
  value,
  options,
  onPick,
}: {
  label: string;
  value: string;
  options: [string, string][];
  onPick: (value: string) => void;
}) => (
  <label className="pick">
    <span className="unseen">{label}</span>
    <select value={value} onChange={(event) => onPick(event.target.value)} data-set={value !== ""}>
      {options.map(([word, name]) => (
        <option key={word} value={word}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

export const Filters = (props: Props) => {
  const { filter, setFilter, summary, hasDesk } = props;
  const { serves, may } = useWho();
  const set = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  const exported = { ...question(filter, hasDesk), shown: null, behind: null };
  return (
    <search className="filters">
      <div className="severities">
        {SEVERITIES.map((word) => (
          <button
            key={word}
            type="button"
            className="chip"
            aria-pressed={filter.severity.includes(word)}
            onClick={() =>
              set({
                severity: hasDesk
                  ? toggled(filter.severity, word)
                  : filter.severity[0] === word
                    ? []
                    : [word],
              })
            }
          >
            <SeverityShape of={word} />
            {capital(word)}
            {hasDesk && (
              <span className="count">{summary ? grouped(summary.open[word]) : NO_FIGURE}</span>
            )}
          </button>
        ))}
      </div>
      <div className="narrow">
        <Pick
          label="Phase"
          value={filter.phase[0] ?? ""}
          options={[
            ["", "Any phase"],
            ...PHASES.map((word) => [word, PHASE[word]] as [string, string]),
          ]}
          onPick={(word) => set({ phase: PHASES.filter((phase) => phase === word) })}
        />
        <Pick
          label="What the chain says"
          value={filter.confirmation[0] ?? ""}
          options={[
            ["", "Any confirmation"],
            ...CONFIRMATIONS.map((word) => [word, CHAIN[word][0]] as [string, string]),
          ]}
          onPick={(word) => set({ confirmation: CONFIRMATIONS.filter((one) => one === word) })}
        />
        {hasDesk && (
          <Pick
            label="Order"
            value={filter.order === "heaviest" ? "heaviest" : ""}
            options={[
              ["", "Newest first"],
              ["heaviest", "Heaviest first"],
            ]}
            onPick={(word) => set({ order: word === "heaviest" ? "heaviest" : "newest" })}
          />
        )}
        <Look {...props} />
        {narrowed(filter) > 0 && (
          <button
            type="button"
            className="quiet"
            onClick={() =>
              setFilter({
                ...NO_FILTER,
                stage: filter.stage,
                assignee: filter.assignee,
                waiting: filter.waiting,
                due: filter.due,
                snoozed: filter.snoozed,
              })
            }
          >
            Clear filters
          </button>
        )}
        {serves("/v1/export/alerts.csv") && may("analyst", "auditor") && (
          <span className="exports">
            <a className="quiet" href={withQuery("/v1/export/alerts.csv", exported)} download>
              Export CSV
            </a>
            <a className="quiet" href={withQuery("/v1/export/alerts.json", exported)} download>
              JSON
            </a>
          </span>
        )}
      </div>
    </search>
  );
};
