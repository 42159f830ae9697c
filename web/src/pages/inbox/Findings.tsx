// The table of findings. On a phone each row is a card of the same parts.
import { Link } from "wouter";

import type { Alert } from "../../api/types";
import { grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { left } from "../../format/time";
import { PATHS } from "../../go";
import { type ListState, picked, ranged } from "../../keys/list";
import { Groups } from "../../parts/Hex";
import { Moved, TwoLineTime } from "../../parts/Say";
import { Severity } from "../../parts/Severity";
import { CHAIN, isListedNow, PHASE, SIDES, STANDING } from "../../words/alert";
import { type Filter, search } from "./filter";

type Props = {
  alerts: Alert[];
  list: ListState;
  setList: (list: ListState) => void;
  hasDesk: boolean;
  canPick: boolean;
  filter: Filter;
};

const Stage = ({ alert }: { alert: Alert }) => {
  const { desk } = alert;
  if (!desk) return null;
  return (
    <>
      <span className={`stage ${desk.disposition}`}>{spoken(desk.disposition)}</span>
      {desk.proposal && <span className="sub waits">awaits approval</span>}
      {desk.report && desk.report.state !== "met" && (
        <span className={`sub ${desk.report.state === "overdue" ? "late" : ""}`}>
          {left(desk.report.days_left)}
        </span>
      )}
      {desk.assignee && !desk.proposal && (
        <span className="sub">
          <bdi>{desk.assignee}</bdi>
        </span>
      )}
    </>
  );
};

const Row = ({
  alert,
  props: { list, setList, alerts, hasDesk, canPick, filter },
}: {
  alert: Alert;
  props: Props;
}) => {
  const [word, meaning] = CHAIN[alert.confirmation];
  const { standing } = alert.listing;
  const isPicked = list.picked.has(alert.id);
  const dealing = SIDES[alert.side] ?? alert.side;
  return (
    <tr
      className={alert.confirmation === "retracted" ? "retracted" : undefined}
      data-picked={isPicked || undefined}
      data-at={list.at === alert.id || undefined}
    >
      {canPick && (
        <td className="c-pick">
          <label>
            <span className="unseen">
              Pick: {dealing}, {alert.severity}
            </span>
            <input
              type="checkbox"
              checked={isPicked}
              onChange={(event) => {
                const shift = (event.nativeEvent as MouseEvent).shiftKey;
                const ids = alerts.map(({ id }) => id);
                setList(shift ? ranged(list, ids, alert.id) : picked(list, alert.id));
              }}
            />
          </label>
        </td>
      )}
      <td className="c-severity">
        <Severity of={alert.severity} />
        <span className="sub" title={meaning}>
          {word}
        </span>
      </td>
      <td className="c-dealing">
        <Link
          href={PATHS.case(alert.id)}
          data-row={alert.id}
          onFocus={() => setList({ ...list, at: alert.id })}
        >
          {dealing}
        </Link>
        <span className="sub">
          {PHASE[alert.phase]}
          {alert.found_by === "lookback" && ", by lookback"}
          {!isListedNow(standing) && `, now ${STANDING[standing]?.[0].toLowerCase()}`}
        </span>
        {!!alert.more_like_it && (
          <Link className="sub" href={`/${search({ ...filter, behind: alert.id })}`}>
            and {grouped(alert.more_like_it)} more like it within the hour
          </Link>
        )}
      </td>
      <td className="c-parties">
        <span className="party">
          <span className="role">listed</span>
          <Groups hex={alert.listed} />
        </span>
        <span className="party">
          <span className="role">with</span>
          <Groups hex={alert.counterparty} />
        </span>
      </td>
      <td className="c-amount number">
        <Moved amount={alert.amount} />
        {alert.worth && (
          <span className="sub">
            ≈ {grouped(alert.worth)} {alert.reference}
          </span>
        )}
      </td>
      <td className="c-time">
        <TwoLineTime at={alert.at.time} />
      </td>
      {hasDesk && (
        <td className="c-stage">
          <Stage alert={alert} />
        </td>
      )}
    </tr>
  );
};

export const Findings = (props: Props) => {
  const { alerts, list, setList, hasDesk, canPick } = props;
  const all = alerts.length > 0 && alerts.every((alert) => list.picked.has(alert.id));
  return (
    <table className="findings">
      <caption className="unseen">Dealings with listed addresses</caption>
      <thead>
        <tr>
          {canPick && (
            <th scope="col" className="c-pick">
              <label>
                <span className="unseen">Pick all</span>
                <input
                  type="checkbox"
                  checked={all}
                  onChange={() =>
                    setList({ ...list, picked: new Set(all ? [] : alerts.map(({ id }) => id)) })
                  }
                />
              </label>
            </th>
          )}
          <th scope="col" className="c-severity">
            Severity
          </th>
          <th scope="col">Dealing</th>
          <th scope="col" className="c-parties">
            Listed address, and who dealt with it
          </th>
          <th scope="col" className="c-amount number">
            Amount
          </th>
          <th scope="col" className="c-time">
            Time, UTC
          </th>
          {hasDesk && (
            <th scope="col" className="c-stage">
              Stage
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <Row key={alert.id} alert={alert} props={props} />
        ))}
      </tbody>
    </table>
  );
};
