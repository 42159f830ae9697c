// All findings that fit, live: looked through with the keyboard, worked one by one or many at once.
import { useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";

import { withQuery } from "../../api/ask";
import type { Summary } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { count } from "../../format/number";
import { PATHS } from "../../go";
import { pressed, picked as toggled } from "../../keys/list";
import { useKeys } from "../../keys/useKeys";
import { Failure, Loading, Refusal, State } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { BulkBar } from "./BulkBar";
import { type Filter, NO_FILTER, narrowed, parse, question, search, standsIn } from "./filter";
import { Filters } from "./Filters";
import { Findings } from "./Findings";
import { PAGE_ROWS, useInbox, whence } from "./useInbox";
import { Views } from "./Views";

const linkOf = (id: string) =>
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);

const Empty = ({ filter, setFilter }: { filter: Filter; setFilter: (f: Filter) => void }) => {
  if (narrowed(filter) > 0) {
    return (
      <State title="No finding fits these filters" role="status">
        <p>Widen them, or clear them to see others.</p>
        <button
          type="button"
          className="button"
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
      </State>
    );
  }
  if (!standsIn(filter, NO_FILTER)) {
    return (
      <State title="Nothing stands here" role="status">
        <p>What is open stands under Open, and everything that was ever found under All.</p>
      </State>
    );
  }
  return (
    <State title="Nothing is open" role="status">
      <p>
        Each block is screened as it comes: a dealing with a listed address appears here at once.
        What was closed stands under All.
      </p>
    </State>
  );
};

export const InboxPage = () => {
  usePage("Inbox");
  const text = useSearch();
  const filter = useMemo(() => parse(text), [text]);
  const [, go] = useLocation();
  const who = useWho();
  const known = who.session !== undefined;
  // Until it is known, it stands as it mostly will: so that nothing moves when it is.
  const hasDesk = !known || who.serves("/v1/alerts/{id}/steps");
  const asked = known
    ? withQuery("", { ...question(filter, hasDesk), limit: PAGE_ROWS })
    : who.problem
      ? withQuery("", { limit: PAGE_ROWS })
      : null;
  const inbox = useInbox(asked);
  const summary = useAsk<Summary>(who.serves("/v1/summary") && known ? "/v1/summary" : null);
  const looking = useRef<HTMLInputElement>(null);
  const [step, setStep] = useState<string | null>(null);
  const { rows, list } = inbox;
  const ids = useMemo(() => rows.alerts.map((alert) => alert.id), [rows.alerts]);
  whence.search = text ? `?${text}` : "";

  const setFilter = (next: Filter) => go(`${PATHS.inbox}${search(next)}`);
  const reveal = () => {
    inbox.reveal();
    window.scrollTo(0, 0);
  };

  const press = (event: KeyboardEvent) => {
    const next = pressed(list, event.key, ids);
    if (!next) return;
    event.preventDefault();
    inbox.setList(next);
    if (next.at && next.at !== list.at) {
      const link = linkOf(next.at);
      link?.focus({ preventScroll: true });
      link?.closest("tr")?.scrollIntoView({ block: "nearest" });
    }
  };
  const begin = (kind: string) => (event: KeyboardEvent) => {
    if (!who.may("analyst") || !hasDesk) return;
    const on = list.picked.size > 0 ? list : list.at ? toggled(list, list.at) : null;
    if (!on) return;
    event.preventDefault();
    inbox.setList(on);
    setStep(kind);
  };
  useKeys({
    ...Object.fromEntries(
      ["j", "k", "x", "X", "*", "Escape", "ArrowDown", "ArrowUp", "Home", "End"].map((key) => [
        key,
        press,
      ]),
    ),
    "/": (event) => {
      event.preventDefault();
      looking.current?.focus();
    },
    ".": reveal,
    a: begin("to_me"),
    e: begin("escalate"),
    c: begin("close"),
    z: begin("snooze"),
  });

  // Coming back from a case, one stands on its row again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the page is shown
  useEffect(() => {
    if (list.at) linkOf(list.at)?.focus({ preventScroll: true });
  }, []);

  const chosen = rows.alerts.filter((alert) => list.picked.has(alert.id));
  // What had the focus may go with the bar: then one stands on the row again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the bar comes or goes
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (lost && list.at) linkOf(list.at)?.focus({ preventScroll: true });
  }, [chosen.length > 0]);

  return (
    <>
      <div className="page-head inbox-head">
        <h1>Inbox</h1>
        {hasDesk && <Views filter={filter} setFilter={setFilter} summary={summary.data} />}
      </div>
      <Filters
        filter={filter}
        setFilter={setFilter}
        summary={summary.data}
        looking={looking}
        hasDesk={hasDesk}
      />
      <div className="news" role="status">
        {rows.waiting.length > 0 && (
          <button type="button" className="button" onClick={reveal}>
            Show {count(rows.waiting.length, "new finding")} <kbd className="key">.</kbd>
          </button>
        )}
      </div>
      {inbox.problem && inbox.problem.kind !== "offline" && rows.alerts.length > 0 && (
        <Refusal problem={inbox.problem} />
      )}
      {rows.alerts.length > 0 ? (
        <>
          <Findings
            alerts={rows.alerts}
            list={list}
            setList={inbox.setList}
            hasDesk={hasDesk}
            canPick={hasDesk && who.may("analyst")}
            filter={filter}
          />
          {rows.next && (
            <p className="more">
              <button type="button" className="button" onClick={inbox.more}>
                Show older findings
              </button>
            </p>
          )}
        </>
      ) : inbox.problem ? (
        <Failure problem={inbox.problem} again={inbox.again} />
      ) : inbox.loading ? (
        <Loading what="findings" />
      ) : (
        <Empty filter={filter} setFilter={setFilter} />
      )}
      {chosen.length > 0 && (
        <BulkBar
          chosen={chosen}
          step={step}
          setStep={setStep}
          onDone={(done, refused) => {
            inbox.unpick(done);
            inbox.refetch([...done, ...refused]);
            summary.again();
          }}
          onNone={() => inbox.setList({ ...list, picked: new Set(), from: null })}
        />
      )}
    </>
  );
};
