// One address: how it stands, since when, and every dealing that is known of it.
import { Link, useParams } from "wouter";

import type { AddressPage as Known, AlertPage } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { isAddress } from "../../format/hex";
import { Copy, Groups } from "../../parts/Hex";
import { Card, Fact, Foreign, Moved, Time } from "../../parts/Say";
import { AnswerMark, Severity } from "../../parts/Severity";
import { Answer, State } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { isListedNow, PHASE, SIDES, STANDING } from "../../words/alert";
import { NO_FILTER, search } from "../inbox/filter";
import { Episodes, Persons } from "./Episodes";

const ROWS = 25;

const Standing = ({ page }: { page: Known }) => {
  const [word, meaning] = page.standing
    ? (STANDING[page.standing] ?? [page.standing, ""])
    : ["", ""];
  const listed = isListedNow(page.standing);
  return (
    <div className="card verdict">
      <p className="verdict-word">
        <AnswerMark of={listed ? "listed" : "clear"}>{word || "Not on this list"}</AnswerMark>
      </p>
      <p>
        {meaning ||
          "No act of this list names it. That says nothing of other lists, nor of who is behind it."}
      </p>
      {listed && (
        <dl className="facts">
          <Fact name="Source lists">{page.sources.join(", ")}</Fact>
          <Persons of={page.uids} />
          {page.listed_since && (
            <Fact name="On the list since">
              <Time at={page.listed_since} />
            </Fact>
          )}
        </dl>
      )}
      {page.protected && <p>It is protected: it cannot be listed until the council undoes that.</p>}
      {page.subject && (
        <p>
          It is a subject of yours, a {page.subject.kind}
          {page.subject.reference && (
            <>
              : <Foreign text={page.subject.reference} most={64} />
            </>
          )}
        </p>
      )}
    </div>
  );
};

const Dealings = ({
  address,
  side,
  hasDesk,
}: {
  address: string;
  side: "listed" | "counterparty";
  hasDesk: boolean;
}) => {
  const asked = useAsk<AlertPage>("/v1/alerts", {
    [side]: address,
    shown: "floods",
    limit: ROWS,
    ...(hasDesk ? { snoozed: "all" } : {}),
  });
  const title = side === "listed" ? "Findings as the listed address" : "Findings as counterparty";
  const all = `/${search({ ...NO_FILTER, stage: "all", snoozed: "all", [side]: address })}`;
  return (
    <Card
      title={title}
      beside={
        <Link className="quiet" href={all}>
          In the inbox
        </Link>
      }
    >
      <Answer asked={asked} what="findings">
        {({ alerts }) =>
          alerts.length === 0 ? (
            <p className="sub">None.</p>
          ) : (
            <ul className="dealings">
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <Severity of={alert.severity} />
                  <span>
                    <Link href={`/alerts/${alert.id}`}>{SIDES[alert.side] ?? alert.side}</Link>
                    <span className="sub">
                      {PHASE[alert.phase]} · <Time at={alert.at.time} />
                    </span>
                  </span>
                  <Moved amount={alert.amount} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  );
};

const OneAddress = ({ address }: { address: string }) => {
  const { serves } = useWho();
  const isServed = serves("/v1/addresses/{address}");
  const asked = useAsk<Known>(isServed ? `/v1/addresses/${address}` : null);
  const hasDesk = serves("/v1/alerts/{id}/steps");
  return (
    <>
      {isServed && (
        <Answer asked={asked} what="the address">
          {(page) => (
            <>
              <Standing page={page} />
              <Card title="List history">
                <Episodes page={page} />
              </Card>
            </>
          )}
        </Answer>
      )}
      <Dealings address={address} side="listed" hasDesk={hasDesk} />
      <Dealings address={address} side="counterparty" hasDesk={hasDesk} />
    </>
  );
};

export const AddressPage = () => {
  const { address = "" } = useParams();
  usePage("Address");
  if (!isAddress(address)) {
    return (
      <State title="That is no address" role="alert">
        <p>An address is 0x and 40 hex digits. Nothing is cut or repaired here: copy it whole.</p>
      </State>
    );
  }
  return (
    <>
      <header className="page-head">
        <h1 className="address-title">
          <span className="eyebrow">Address</span>
          <Groups hex={address} /> <Copy text={address} what="the address" />
        </h1>
      </header>
      <OneAddress address={address} />
    </>
  );
};
