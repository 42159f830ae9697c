// What happened to the case, on the chain and among people, the newest first.
import { useEffect, useRef } from "react";

import type { TimelineEntry } from "../../api/types";
import { useAsk } from "../../api/useAsk";
import { count } from "../../format/number";
import { spoken } from "../../format/text";
import { PATHS } from "../../go";
import { Hash } from "../../parts/Hex";
import { Card, Foreign, Time } from "../../parts/Say";
import { Answer } from "../../parts/State";
import { STANDING } from "../../words/alert";
import { ENTRY } from "../../words/step";

/** What a step says in words of the indexer, and in words of people. */
const CODES = ["disposition", "reason", "report"];
const WORDS = ["assignee", "reference", "name", "licence"];

type Said = Record<string, unknown>;

const text = (said: Said, name: string): string => {
  const value = said[name];
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
};

const LinkedTo = ({ to }: { to: string }) =>
  to.startsWith("https://") ? (
    <a href={to} rel="noreferrer noopener" target="_blank">
      <Foreign text={to} most={80} />
    </a>
  ) : (
    <a href={PATHS.case(to)}>{to}</a>
  );

/** A file that was attached: by these one finds out whether another is the same. */
const File = ({ step }: { step: Said }) => (
  <p>
    {count(Number(text(step, "bytes")), "byte")}, SHA-256{" "}
    <Hash of={text(step, "sha256").replace(/^0x/, "")} what="the hash of the file" />
  </p>
);

const ByPerson = ({ detail }: { detail: Said }) => {
  const step = (detail.step ?? {}) as Said;
  const [from, to] = [text(detail, "from"), text(detail, "to")];
  const codes = CODES.map((name) => text(step, name)).filter((code) => code && code !== to);
  const words = WORDS.map((name) => text(step, name)).filter(Boolean);
  const narrative = text(step, "narrative") || text(step, "text") || text(step, "says");
  return (
    <>
      {from !== to && (
        <p>
          {spoken(from)} → {spoken(to)}
        </p>
      )}
      {codes.length > 0 && <p>{codes.map(spoken).join(" · ")}</p>}
      {words.map((word) => (
        <p key={word}>
          <Foreign text={word} most={200} />
        </p>
      ))}
      {text(step, "reported_on") && <p>on {text(step, "reported_on")}</p>}
      {text(step, "until") && (
        <p>
          until <Time at={text(step, "until")} />
        </p>
      )}
      {text(step, "sha256") && <File step={step} />}
      {text(step, "to") && <LinkedTo to={text(step, "to")} />}
      {narrative && (
        <p className="narrative">
          <Foreign text={narrative} most={4000} />
        </p>
      )}
    </>
  );
};

const PROPOSED: Record<string, string> = {
  close: "Proposed to close",
  release: "Proposed to release",
  blocked_in_error: "Proposed as held by mistake",
};

/** A step for which two are needed changes nothing when the first takes it. */
const name = (entry: TimelineEntry): string => {
  const detail = (entry.detail ?? {}) as Said;
  const proposed = text(detail, "from") === text(detail, "to") ? PROPOSED[entry.kind] : undefined;
  return proposed ?? ENTRY[entry.kind] ?? spoken(entry.kind);
};

const ByChain = ({ entry }: { entry: TimelineEntry }) => {
  const { chain } = entry;
  if (entry.kind === "judged_anew" && chain)
    return (
      <p>
        It is now: {chain.severity}, by {chain.rule}
      </p>
    );
  const standing = entry.kind === "reevaluated" ? chain?.standing : undefined;
  return standing ? <p>It stands now: {STANDING[standing]?.[0] ?? standing}</p> : null;
};

const What = ({ entry }: { entry: TimelineEntry }) =>
  entry.by === "chain" ? (
    <ByChain entry={entry} />
  ) : (
    <ByPerson detail={(entry.detail ?? {}) as Said} />
  );

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
                  <b>{name(entry)}</b>
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
                <What entry={entry} />
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Card>
  );
};
