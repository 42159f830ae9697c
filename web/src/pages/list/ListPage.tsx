// The list as it stands: how many, how fresh, and every act that made it so.
import type { Act, ActPage, Freshness, ListStanding } from "../../api/types";
import { BLOCKS, useAsk } from "../../api/useAsk";
import { usePages } from "../../api/usePages";
import { Proposals } from "./Proposals";
import { count, grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { Address, Hash } from "../../parts/Hex";
import { More } from "../../parts/More";
import { utcMinute } from "../../format/time";
import { Card, Fact, Time, Scrolls } from "../../parts/Say";
import { Answer } from "../../parts/State";
import { usePage } from "../../parts/usePage";

/** Entries of an act that are shown before one asks for all. */
const ENTRIES_SHOWN = 5;

const Fresh = ({ freshness }: { freshness: Freshness[] }) =>
  freshness.length === 0 ? (
    <p className="sub">No source has been attested yet.</p>
  ) : (
    <Scrolls label="How fresh each source is">
      <table>
        <caption className="unseen">How fresh each source is</caption>
        <thead>
          <tr>
            <th scope="col">Source list</th>
            <th scope="col">Data as of</th>
            <th scope="col">Last checked</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {freshness.map((one) => (
            <tr key={one.source}>
              <th scope="row">{one.source}</th>
              <td>{one.data_as_of ? <Time at={one.data_as_of} /> : "–"}</td>
              <td>{one.checked_at ? <Time at={one.checked_at} /> : "never"}</td>
              <td>
                <span className={one.stale ? "mark bad" : "mark good"}>
                  {one.stale ? "Stale: ask who keeps it" : "Fresh"}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );

const ActEntries = ({ act }: { act: Act }) => {
  const entries = act.entries ?? [];
  if (entries.length === 0) return null;
  const first = entries.slice(0, ENTRIES_SHOWN);
  const rest = entries.slice(ENTRIES_SHOWN);
  const row = (entry: Act["entries"][number]) => (
    <li key={`${entry.address} ${entry.uid}`}>
      <Address of={entry.address} />
      {entry.uid && (
        <span className="sub">
          person {entry.uid}
          {entry.designated_on && `, designated on ${entry.designated_on}`}
        </span>
      )}
    </li>
  );
  return (
    <>
      <ul className="entries">{first.map(row)}</ul>
      {rest.length > 0 && (
        <details>
          <summary>{count(rest.length, "more address", "more addresses")}</summary>
          <ul className="entries">{rest.map(row)}</ul>
        </details>
      )}
    </>
  );
};

const Acts = () => {
  const { asked, rows, next, more, problem } = usePages<ActPage, Act>(
    "/v1/list/acts",
    { limit: 25 },
    { rows: (page) => page.acts, key: ({ number }) => number, on: BLOCKS },
  );
  return (
    <Card title="Acts, the newest first">
      <Answer asked={asked} what="the acts">
        {() =>
          rows.length === 0 ? (
            <p className="sub">
              No act yet. Plan one with <code>interdict plan</code> and take it through the council;
              it is taken in here by itself.
            </p>
          ) : (
            <>
              <ol className="acts">
                {rows.map((act) => (
                  <li key={act.number}>
                    <p className="act-what">
                      <b>{spoken(act.kind)}</b>
                      <span className="soft">No. {grouped(act.number)}</span>
                      <span>{act.sources?.join(", ")}</span>
                    </p>
                    <p className="sub">
                      <Time at={act.time} /> · block {grouped(act.block)}
                      {act.until && (
                        <>
                          {" "}
                          · until <Time at={act.until} />
                        </>
                      )}
                    </p>
                    <ActEntries act={act} />
                    {act.manifest && (
                      <p className="sub">
                        manifest <Hash of={act.manifest} what="the hash of the manifest" />
                      </p>
                    )}
                  </li>
                ))}
              </ol>
              <More next={next} more={more} problem={problem} />
            </>
          )
        }
      </Answer>
    </Card>
  );
};

export const ListPage = () => {
  usePage("List");
  const asked = useAsk<ListStanding>("/v1/list", {}, { on: BLOCKS });
  return (
    <>
      <header className="page-head">
        <h1>List</h1>
      </header>
      <Answer asked={asked} what="the list">
        {(list) => (
          <>
            <div className="figures">
              <p>
                <b>{grouped(list.count)}</b>
                <span>addresses listed</span>
              </p>
              <p>
                <b>{grouped(list.acts)}</b>
                <span>acts</span>
              </p>
              <p>
                <b>{utcMinute(list.through)}</b>
                <span>known up to, UTC</span>
              </p>
            </div>
            <Card title="Freshness of the sources">
              <Fresh freshness={list.freshness} />
            </Card>
            <Card title="Where it is kept">
              <dl className="facts">
                <Fact name="Contract">
                  <Hash of={list.blocklist} what="the address of the contract" />
                  <span className="sub">chain {list.chain_id}</span>
                </Fact>
                <Fact name="Head: the fold over all acts">
                  <Hash of={list.head} what="the head" />
                </Fact>
              </dl>
            </Card>
            <Proposals />
            <Acts />
          </>
        )}
      </Answer>
    </>
  );
};
