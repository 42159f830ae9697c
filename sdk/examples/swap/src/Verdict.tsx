// What came out for one party: a line, and where it is a refusal, the reason and the way on.

import type { Listed, Unknown } from "@interdict/sdk";
import type { ScreeningState } from "@interdict/sdk/react";
import { sentenceOf } from "@interdict/sdk/words";

import { AUTHORITIES, type Site } from "./site.js";

export const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-4)}`;
const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

const WORDS: Readonly<Record<ScreeningState["status"], string>> = {
  idle: "not asked yet",
  loading: "looking it up…",
  stale: "looking again…",
  clear: "not listed",
  listed: "listed",
  unknown: "could not be screened",
};

export interface Party {
  readonly name: string;
  readonly address: string;
  readonly state: ScreeningState;
}

/** One party, in a line. */
export const Line = ({ name, address, state }: Party) => {
  const first = "decision" in state ? state.decision.screenings[0] : undefined;
  const asOf = first?.outcome === "clear" && first.asOf;
  return (
    <li className="line" data-status={state.status} data-testid={`line-${name}`}>
      <span className="mark" aria-hidden="true" />
      <span className="who">{name}</span>
      <code title={address}>{short(address)}</code>
      <span className="said">
        {WORDS[state.status]}
        {asOf && <span className="block"> · block {asOf.block}</span>}
      </span>
    </li>
  );
};

const Why = ({ found }: { found: Listed }) => {
  const { listing } = found;
  if (!listing) return <p>It is on a sanctions list that this site obeys.</p>;
  const uids = listing.entries?.map(({ uid }) => uid).join(", ");
  return (
    <dl>
      <dt>Listed by</dt>
      <dd>{listing.sources.map((source) => AUTHORITIES[source]?.name ?? source).join("; ")}</dd>
      <dt>Since</dt>
      <dd>
        {day(listing.since)}
        {listing.until && `, held until ${day(listing.until)} unless confirmed`}
      </dd>
      {uids && <dt>Entry</dt>}
      {uids && <dd>{uids}, as the authority numbers it</dd>}
      <dt>Evidence</dt>
      <dd>
        act {listing.act} of the list{" "}
        <code title={`${found.asOf.list}, chain ${found.asOf.chainId}`}>
          {short(found.asOf.list)}
        </code>
        , as of block {found.asOf.block}
      </dd>
    </dl>
  );
};

/** Why one party is refused, and what they can do about it. */
export const Refusal = ({ party, site }: { party: Party; site: Site }) => {
  const { state, name, address } = party;
  const found = "decision" in state ? state.decision.screenings[0] : undefined;
  if (found?.outcome !== "listed") return null;
  const sources = found.listing?.sources ?? [];
  const reviews = sources.flatMap((source) => AUTHORITIES[source]?.review ?? []);
  return (
    <section className="panel listed" data-testid="refusal" role="alert">
      <h2>This site cannot trade with {name === "You" ? "this account" : "this recipient"}</h2>
      <p className="address">
        <code>{address}</code> is on a sanctions list.
      </p>
      <Why found={found} />
      <h3>If you think that this is a mistake</h3>
      <ul>
        {reviews.map((review) => (
          <li key={review}>
            Ask the authority for{" "}
            <a href={review} rel="noreferrer" target="_blank">
              a review of the listing
            </a>
            . Only it can take a person off its list; this site follows.
          </li>
        ))}
        <li>
          If the address is not that person’s, write to{" "}
          <a href={`mailto:${site.contact}?subject=Listing of ${address}`}>{site.contact}</a> and
          name the act above.
        </li>
        <li>Nothing was sent. Having been sent something by a listed person does not list you.</li>
      </ul>
    </section>
  );
};

interface DoubtProps {
  readonly found: Unknown;
  readonly proceed: boolean;
  readonly onRetry: () => void;
  readonly onSwitch: (() => void) | undefined;
}

/** Nothing is known: what is wrong, whether the site goes on, and how to try again. */
export const Doubt = ({ found, proceed, onRetry, onSwitch }: DoubtProps) => (
  <section className="panel unknown" data-testid="doubt" role="status">
    <h2>{proceed ? "Not screened" : "Waiting for an answer"}</h2>
    <p>{sentenceOf(found.reason)}</p>
    <p>
      {proceed
        ? "This site goes on all the same, and looks again before anything is sent."
        : "This says nothing about you. Until there is an answer this site sends nothing; your funds are where they were."}
    </p>
    <div className="row">
      <button type="button" className="quiet" onClick={onRetry}>
        Try again
      </button>
      {onSwitch && (
        <button type="button" className="quiet" onClick={onSwitch}>
          Switch network
        </button>
      )}
    </div>
  </section>
);
