// What happened to the case, on the chain and among people, the newest first.
import { useEffect, useRef } from "react";

import type { TimelineEntry } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { spoken } from "../../format/text";
import { PATHS } from "../../go";
import { Card, Foreign, Time } from "../../parts/Say";
import { Answer } from "../../parts/State";
import { STANDING } from "../../words/alert";
import { ENTRY } from "../../words/step";

/** Of what an entry says, what is shown beside its kind, and how. */
const SHOWN = [
  "disposition",
  "reason",
  "assignee",
  "until",
  "reference",
  "reported_on",
  "name",
  "licence",
];

const text = ({ detail }: TimelineEntry, name: string): string => {
  const said = (detail ?? {}) as Record<string, unknown>;
  const step = (said.step ?? {}) as Record<string, unknown>;
  const value = step[name] ?? said[name];
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
};

const Said = ({ entry }: { entry: TimelineEntry }) => {
  const standing = entry.kind === "reevaluated" ? entry.chain?.standing : undefined;
  const said = SHOWN.map((name) => text(entry, name)).filter(Boolean);
  const words = text(entry, "narrative") || text(entry, "text") || text(entry, "says");
  const to = text(entry, "to");
  return (
    <>
      {standing && <p>The address stands now: {STANDING[standing]?.[0] ?? standing}</p>}
      {said.length > 0 && <p>{said.map(spoken).join(" · ")}</p>}
      {to && (
        <p>
          {to.startsWith("https://") ? (
            <a href={to} rel="noreferrer noopener" target="_blank">
              <Foreign text={to} most={80} />
            </a>
          ) : (
            <a href={PATHS.case(to)}>{to}</a>
          )}
        </p>
      )}
      {words && (
        <p className="narrative">
          <Foreign text={words} most={4000} />
        </p>
      )}
    </>
  );
};

export const Timeline = ({ id, version }: { id: string; version: number }) => {
  const asked = useAsk<{ entries: TimelineEntry[] }>(
    `/v1/alerts/${id}/timeline`,
    {},
    { about: id },
  );
  // A step that was taken here stands in it at once.
  const { again } = asked;
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    again();
  }, [version, again]);
  return (
    <Card title="Timeline">
      <Answer asked={asked} what="the timeline">
        {({ entries }) => (
          <ol className="timeline">
            {entries.toReversed().map((entry, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: entries are never moved or removed
              <li key={at} className={entry.by === "chain" ? "chain" : "person"}>
                <p className="what">
                  <b>{ENTRY[entry.kind] ?? spoken(entry.kind)}</b>
                  {entry.by === "chain" ? (
                    <span className="soft">by the chain</span>
                  ) : (
                    <span>
                      by <bdi>{entry.by}</bdi>
                    </span>
                  )}
                </p>
                <p className="sub">
                  <Time at={entry.at} exact />
                </p>
                <Said entry={entry} />
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Card>
  );
};
