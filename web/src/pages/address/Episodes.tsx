// Since when, until when, by whom an address was listed. A listing has two dates: the authority's,
// against the person, and the list's own, on the chain.
import type { AddressPage, Episode, ListedPerson } from "../../api/types";
import { grouped } from "../../format/number";
import { Groups } from "../../parts/Hex";
import { Fact, Time } from "../../parts/Say";

export const Persons = ({ of }: { of: ListedPerson[] }) => (
  <>
    {of.map((person) => (
      <Fact key={`${person.uid} ${person.sources}`} name="Person">
        {person.uid}
        <span className="sub">
          {person.sources.join(", ")}
          {person.designated_on && `, designated on ${person.designated_on}`}
        </span>
      </Fact>
    ))}
  </>
);

const One = ({ episode, isThen }: { episode: Episode; isThen: boolean }) => (
  <li className={episode.until ? "chain" : "now"}>
    <p>
      <b>{episode.sources.join(", ")}</b>{" "}
      <span className="soft">
        act {grouped(episode.act)}, {episode.voted ? "by a vote" : "by signatures"}
      </span>
      {isThen && <span className="sub">the dealing falls into this time</span>}
    </p>
    <dl className="facts">
      <Fact name="On the list from">
        <Time at={episode.from} />
        <span className="sub">block {grouped(episode.block)}</span>
      </Fact>
      <Fact name="Until">{episode.until ? <Time at={episode.until} /> : "now"}</Fact>
      {episode.published && (
        <Fact name="Publication, data as of">
          <Time at={episode.published} />
        </Fact>
      )}
      <Persons of={episode.uids} />
      <Fact name="SHA-256 of the manifest">
        <Groups hex={episode.manifest} />
      </Fact>
    </dl>
  </li>
);

export const Episodes = ({ page, dealt }: { page: AddressPage; dealt?: string }) => {
  if (page.episodes.length === 0) return <p className="sub">It was never on this list.</p>;
  const then = dealt === undefined ? Number.NaN : Date.parse(dealt);
  const isThen = ({ from, until }: Episode) =>
    then >= Date.parse(from) && (until === null || then < Date.parse(until));
  return (
    <ol className="timeline episodes">
      {page.episodes.map((episode) => (
        <One key={`${episode.act} ${episode.from}`} episode={episode} isThen={isThen(episode)} />
      ))}
    </ol>
  );
};
