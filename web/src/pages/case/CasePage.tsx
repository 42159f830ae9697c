// One finding, whole: why it is one, who dealt with whom, what moved, what was done about it.
import { useEffect, useState } from "react";
import { Link, useLocation, useParams } from "wouter";

import type { Alert } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { capital, spoken } from "../../format/text";
import { PATHS } from "../../go";
import { useKeys } from "../../keys/useKeys";
import { Copy } from "../../parts/Hex";
import { Key, Moved } from "../../parts/Say";
import { Severity } from "../../parts/Severity";
import { Answer } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { CHAIN, headline } from "../../words/alert";
import { neighbours, stoodOn, whence } from "../inbox/useInbox";
import { ListHistory, Parties, Transaction, Why } from "./Facts";
import { StepsPanel } from "./StepsPanel";
import { Timeline } from "./Timeline";

const Neighbours = ({ id }: { id: string }) => {
  const [, go] = useLocation();
  const { before, after } = neighbours(id);
  const inbox = `${PATHS.inbox}${whence.search}`;
  const to = (next: string | null) => () => {
    if (next) go(PATHS.case(next), { replace: true });
  };
  useEffect(() => stoodOn(id), [id]);
  useKeys({ j: to(after), k: to(before), u: () => go(inbox) });
  return (
    <nav className="neighbours" aria-label="Cases">
      <Link href={inbox}>
        Inbox <Key of="u" />
      </Link>
      {(before || after) && (
        <span>
          <button type="button" className="quiet" disabled={!before} onClick={to(before)}>
            Before <Key of="k" />
          </button>
          <button type="button" className="quiet" disabled={!after} onClick={to(after)}>
            Next <Key of="j" />
          </button>
        </span>
      )}
    </nav>
  );
};

const Head = ({ alert }: { alert: Alert }) => {
  const { serves, may } = useWho();
  const [word, meaning] = CHAIN[alert.confirmation];
  return (
    <header className="case-head">
      <p className="case-marks">
        <Severity of={alert.severity} />
        <span>
          {word}, {meaning}
        </span>
        {alert.desk && (
          <span className={`stage ${alert.desk.disposition}`}>
            {spoken(alert.desk.disposition)}
          </span>
        )}
      </p>
      <h1>
        <Moved amount={alert.amount} />
        <span>{headline(alert)}</span>
      </h1>
      <p className="case-id">
        <span className="mono">{alert.id}</span>
        <Copy text={alert.id} what="the id of the alert" />
        {serves("/v1/alerts/{id}/case.html") && may("viewer", "analyst", "admin", "auditor") && (
          <a href={`/v1/alerts/${alert.id}/case.html`} target="_blank" rel="noreferrer">
            Case file to print
          </a>
        )}
      </p>
    </header>
  );
};

const Case = ({ asked }: { asked: Alert }) => {
  const [newer, setNewer] = useState<Alert>();
  const { serves } = useWho();
  const isNewer = newer && (newer.desk?.version ?? 0) >= (asked.desk?.version ?? 0);
  const alert = isNewer ? { ...asked, ...newer, confirmation: asked.confirmation } : asked;
  return (
    <article className="case">
      <Head alert={alert} />
      <div className="columns">
        <div>
          <Why alert={alert} />
          <Parties alert={alert} />
          <Transaction alert={alert} />
          <ListHistory alert={alert} />
        </div>
        <div>
          <StepsPanel alert={alert} onChanged={setNewer} />
          {serves("/v1/alerts/{id}/timeline") && (
            <Timeline id={alert.id} version={alert.desk?.version ?? 0} />
          )}
        </div>
      </div>
    </article>
  );
};

export const CasePage = () => {
  const { id = "" } = useParams();
  const asked = useAsk<Alert>(`/v1/alerts/${encodeURIComponent(id)}`, {}, { about: id });
  usePage(asked.data ? `${capital(asked.data.severity)}: ${headline(asked.data)}` : "Case");
  return (
    <>
      <Neighbours id={id} />
      <Answer asked={asked} what="the case">
        {(alert) => <Case key={alert.id} asked={alert} />}
      </Answer>
    </>
  );
};
