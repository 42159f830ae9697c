// Whether what the pages say can be relied upon now, and how it was over the last time.
import { getHealth } from "../../api/ask";
import type { Day, Health, SeriesPoint, Summary } from "../../api/types";
import { BLOCKS, useAsk } from "../../api/useAsk";
import { grouped } from "../../format/number";
import { capital, spoken } from "../../format/text";
import { Chart } from "../../parts/Chart";
import { Card, Foreign, Scrolls } from "../../parts/Say";
import { AnswerMark } from "../../parts/Severity";
import { Answer } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { SEVERITIES } from "../../words/alert";

const seconds = (text: string) => Math.floor(new Date(text).getTime() / 1000);
const day = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
const minute = (time: number) =>
  `${new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const Figure = ({ of, name }: { of: number | null | undefined; name: string }) => (
  <p>
    <b>{of === null || of === undefined ? "–" : grouped(of)}</b>
    <span>{name}</span>
  </p>
);

const Standing = ({ health }: { health: Health }) => (
  <>
    <div className="card verdict">
      <p className="verdict-word">
        <AnswerMark of={health.ready ? "clear" : "listed"}>
          {health.ready ? "The chain is followed" : "The chain is not followed"}
        </AnswerMark>
      </p>
      <p>
        {health.ready
          ? (health.lag ?? 0) > 1
            ? "It is behind and catching up: what happened since is not found yet."
            : "What happened is found within a block or two."
          : `${capital(health.reason ?? "nothing is known of it")}. Findings may be missing until that is over.`}
      </p>
      {health.warnings.map((warning) => (
        <p key={warning}>{capital(warning)}.</p>
      ))}
    </div>
    <div className="figures">
      <Figure of={health.cursor} name="screened to block" />
      <Figure of={health.lag} name="blocks behind" />
      <Figure of={health.finalized} name="final to block" />
      <Figure of={health.listed_addresses} name="addresses listed" />
      <Figure of={health.lookbacks_open} name="lookbacks running" />
      <Figure of={health.deliveries_pending} name="deliveries pending" />
      <Figure of={health.deliveries_dead} name="deliveries given up" />
    </div>
  </>
);

const Trouble = ({ text }: { text: string | null | undefined }) =>
  text ? <Foreign text={text} most={160} /> : "none";

const Providers = ({ health }: { health: Health }) =>
  health.providers && health.providers.length > 0 ? (
    <Card title="Providers">
      <Scrolls label="Who tells the indexer of the chain">
        <table>
          <caption className="unseen">Who tells the indexer of the chain</caption>
          <thead>
            <tr>
              <th scope="col">Provider</th>
              <th scope="col">State</th>
              <th scope="col" className="number">
                Asked
              </th>
              <th scope="col" className="number">
                Failed
              </th>
              <th scope="col">Last trouble</th>
            </tr>
          </thead>
          <tbody>
            {health.providers.map((one, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one provider may stand there twice
              <tr key={at}>
                <th scope="row">{one.provider}</th>
                <td>{spoken(`${one.state}`)}</td>
                <td className="number">{grouped(one.requests)}</td>
                <td className="number">{grouped(one.failures)}</td>
                <td>
                  <Trouble text={one.reason ?? one.last_error} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </Card>
  ) : null;

const DAYS = 90;
const DAY_MS = 86_400_000;

/** Each of the last days, also those on which nothing came. */
const filled = (days: Day[]): Day[] => {
  const known = new Map(days.map((one) => [one.day, one]));
  const none = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
  return Array.from({ length: DAYS }, (_, at) => {
    const name = new Date(Date.now() - (DAYS - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    return known.get(name) ?? { day: name, ...none };
  });
};

const DailyChart = ({ days }: { days: Day[] }) => (
  <Chart
    title="Alerts per day, by severity"
    kind="bars"
    times={days.map(({ day: text }) => seconds(`${text}T00:00:00Z`))}
    lines={[...SEVERITIES].reverse().map((word) => ({
      name: capital(word),
      colour: `--${word}`,
      values: days.map((one) => one[word] ?? 0),
    }))}
    tick={(time) => day(time).slice(5)}
    say={day}
  />
);

const AlertsByDay = () => {
  const asked = useAsk<Summary>("/v1/summary");
  return (
    <Card title="Alerts per day, by severity">
      <Answer asked={asked} what="the figures">
        {({ days }) => <DailyChart days={filled(days)} />}
      </Answer>
    </Card>
  );
};

const Lag = () => {
  const asked = useAsk<{ points: SeriesPoint[] }>("/v1/series", {}, { on: BLOCKS });
  return (
    <Card title="Blocks behind the head">
      <Answer asked={asked} what="the figures">
        {({ points }) =>
          points.length === 0 ? (
            <p className="sub">Nothing yet: a point is kept each minute from the start on.</p>
          ) : (
            <Chart
              title="Blocks behind the head"
              kind="line"
              times={points.map(({ at }) => at)}
              lines={[
                { name: "Lag in blocks", colour: "--accent", values: points.map(({ lag }) => lag) },
              ]}
              tick={(time) => minute(time).slice(11, 16)}
              say={minute}
            />
          )
        }
      </Answer>
    </Card>
  );
};

export const HealthPage = () => {
  usePage("Health");
  const { serves } = useWho();
  const asked = useAsk<Health>("/readyz", {}, { on: BLOCKS, ask: getHealth });
  return (
    <>
      <header className="page-head">
        <h1>Health</h1>
      </header>
      <Answer asked={asked} what="its health">
        {(health) => (
          <>
            <Standing health={health} />
            {serves("/v1/series") && <Lag />}
            {serves("/v1/summary") && <AlertsByDay />}
            <Providers health={health} />
          </>
        )}
      </Answer>
    </>
  );
};
