// What is known of a finding, by question: why, who, what, and since when the address is listed.
import type { AddressPage, Alert } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { Address, Hash } from "../../parts/Hex";
import { Card, Fact, Foreign, Moved, Time } from "../../parts/Say";
import { AnswerMark } from "../../parts/Severity";
import { Answer } from "../../parts/State";
import { useWho } from "../../session";
import { KINDS, PHASE, STANDING, VERIFICATIONS, why } from "../../words/alert";
import { Episodes } from "../address/Episodes";

export const Why = ({ alert }: { alert: Alert }) => {
  const { listing } = alert;
  const [standing, meaning] = STANDING[listing.standing] ?? [listing.standing, ""];
  return (
    <Card title="Why" className="first">
      <p className="why">{why(alert)}.</p>
      <dl className="facts">
        <Fact name="Rule">
          <span className="mono">{alert.rule}</span>
          <span className="sub" title={alert.policy}>
            policy {alert.policy.split("@")[0]}
          </span>
        </Fact>
        <Fact name="Phase">
          {PHASE[alert.phase]}
          <span className="sub">
            {alert.found_by === "lookback" ? "found by lookback" : "found live"}
          </span>
        </Fact>
        <Fact name="Listed by">
          {listing.sources.join(", ")}
          <span className="sub">
            {listing.uids.length === 1 ? "person" : "persons"} {listing.uids.join(", ")}
          </span>
        </Fact>
        <Fact name="The address stands now">
          {standing}
          <span className="sub">{meaning}</span>
        </Fact>
        {alert.action && <Fact name="Action of the policy">{spoken(alert.action)}</Fact>}
        {alert.clock && <Fact name="Clock">{spoken(alert.clock)}</Fact>}
        <Fact name="Act that listed it">No. {grouped(listing.act)}</Fact>
        <Fact name="SHA-256 of the act’s manifest">
          <Hash of={listing.manifest} what="the hash of the manifest" />
        </Fact>
      </dl>
    </Card>
  );
};

export const Parties = ({ alert }: { alert: Alert }) => {
  const isOut = alert.direction === "outbound";
  const from = isOut ? alert.counterparty : alert.listed;
  const to = isOut ? alert.listed : alert.counterparty;
  const tag = (address: string, as: string) =>
    address === alert.listed ? (
      <AnswerMark of="listed">Listed address{as}</AnswerMark>
    ) : (
      `Counterparty${as}`
    );
  const way = alert.direction !== null;
  return (
    <Card title="Parties">
      <ol className="way">
        <li>
          <span className="role">{tag(from, way ? ", sender" : "")}</span>
          <Address of={from} />
        </li>
        {way && (
          <li className="what">
            <svg className="drawn" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M8 2v11M4 9l4 4 4-4" />
            </svg>
            <Moved amount={alert.amount} />
          </li>
        )}
        <li>
          <span className="role">{tag(to, way ? ", recipient" : "")}</span>
          <Address of={to} />
        </li>
        {alert.at.signer !== from && (
          <li>
            <span className="role">Signed by</span>
            <Address of={alert.at.signer} />
          </li>
        )}
      </ol>
    </Card>
  );
};

export const Transaction = ({ alert }: { alert: Alert }) => {
  const { at, amount } = alert;
  const says = amount.token_says;
  return (
    <Card title="Transaction">
      <dl className="facts">
        <Fact name="Time">
          <Time at={at.time} exact />
        </Fact>
        <Fact name="Block">
          {grouped(at.block)}
          <span className="sub">chain {at.chain_id}</span>
        </Fact>
        <Fact name="Kind">
          {KINDS[amount.kind] ?? amount.kind}
          <span className="sub">{VERIFICATIONS[alert.verification] ?? alert.verification}</span>
        </Fact>
        <Fact name="Amount in the smallest unit">
          <span className="mono breaks">{amount.raw}</span>
        </Fact>
        {alert.worth && (
          <Fact name="Worth">
            ≈ {grouped(alert.worth)} {alert.reference}
          </Fact>
        )}
        <Fact name="Place">
          {at.log_index === null ? "the transaction itself" : `log ${at.log_index} of the block`}
          <span className="sub">transaction {at.tx_index}</span>
        </Fact>
        <Fact name="Hash of the transaction">
          <Hash of={at.tx_hash} what="the hash of the transaction" />
        </Fact>
        <Fact name="Hash of the block">
          <Hash of={at.block_hash} what="the hash of the block" />
        </Fact>
        {amount.token && (
          <Fact name="Token contract">
            <Hash of={amount.token} what="the token contract" />
          </Fact>
        )}
        {amount.token_id && (
          <Fact name="Id of the token">
            <span className="mono breaks">{amount.token_id}</span>
          </Fact>
        )}
        {says && (says.name || says.symbol) && (
          <Fact name="The token says of itself, unproved">
            {[says.name, says.symbol].filter(Boolean).map((word) => (
              <span key={word} className="claimed">
                “<Foreign text={word ?? ""} />”
              </span>
            ))}
          </Fact>
        )}
      </dl>
    </Card>
  );
};

/** The other listings of the address, where the indexer tells them. */
export const ListHistory = ({ alert }: { alert: Alert }) => {
  const { serves } = useWho();
  const isServed = serves("/v1/addresses/{address}");
  const asked = useAsk<AddressPage>(isServed ? `/v1/addresses/${alert.listed}` : null);
  if (!isServed) return null;
  return (
    <Card title="List history of the listed address">
      <Answer asked={asked} what="its history">
        {(page) => <Episodes page={page} dealt={alert.at.time} />}
      </Answer>
    </Card>
  );
};
