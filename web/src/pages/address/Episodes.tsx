// Since when, until when, by whom an address was listed.
import type { AddressPage } from "../../api/types";
import { grouped } from "../../format/number";
import { Groups } from "../../parts/Hex";
import { Time } from "../../parts/Say";

export const Episodes = ({ page, dealt }: { page: AddressPage; dealt?: string }) => {
  if (page.episodes.length === 0) return <p className="sub">It was never on this list.</p>;
  const within = (from: string, until: string | null) =>
    dealt !== undefined && dealt >= from && (until === null || dealt < until);
  return (
    <ol className="timeline episodes">
      {page.episodes.map((episode) => (
        <li key={`${episode.act} ${episode.sources}`} className={episode.until ? "chain" : "now"}>
          <p>
            <b>{episode.sources.join(", ")}</b>{" "}
            <span className="soft">act {grouped(episode.act)}</span>
            {within(episode.from, episode.until) && (
              <span className="sub">the dealing falls into this time</span>
            )}
          </p>
          <dl className="facts">
            <div className="fact">
              <dt>On the list from</dt>
              <dd>
                <Time at={episode.from} />
              </dd>
            </div>
            <div className="fact">
              <dt>Until</dt>
              <dd>{episode.until ? <Time at={episode.until} /> : "now"}</dd>
            </div>
            {episode.designated_on && (
              <div className="fact">
                <dt>Person designated on</dt>
                <dd>{episode.designated_on}</dd>
              </div>
            )}
            <div className="fact">
              <dt>{episode.uids.length === 1 ? "Person" : "Persons"}</dt>
              <dd>{episode.uids.join(", ")}</dd>
            </div>
            <div className="fact">
              <dt>SHA-256 of the manifest</dt>
              <dd>
                <Groups hex={episode.manifest} />
              </dd>
            </div>
          </dl>
        </li>
      ))}
    </ol>
  );
};
