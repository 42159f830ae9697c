// What the council has before it. One provider says so: nobody proves it, and nothing is judged by it.
import type { Proposal, ProposedCall, Proposed } from "../../api/types";
import { BLOCKS, useAsk } from "../../api/useAsk";
import { count, grouped } from "../../format/number";
import { spoken } from "../../format/text";
import { Address } from "../../parts/Hex";
import { Card, Foreign, Time } from "../../parts/Say";
import { Answer } from "../../parts/State";
import { useWho } from "../../session";

/** Addresses of a call that are shown before one asks for all. */
const SHOWN = 5;

const Call = ({ call }: { call: ProposedCall }) => (
  <>
    <p>
      {spoken(call.deed)} {call.count > 0 && count(call.count, "address", "addresses")}{" "}
      <span className="soft">{call.sources.join(", ")}</span>
    </p>
    <ul className="entries">
      {call.addresses.slice(0, SHOWN).map((address) => (
        <li key={address}>
          <Address of={address} />
        </li>
      ))}
    </ul>
    {call.count > SHOWN && <p className="sub">and {grouped(call.count - SHOWN)} more</p>}
  </>
);

const One = ({ proposal }: { proposal: Proposal }) => (
  <li>
    <p className="act-what">
      <span className="mark">{spoken(proposal.course)}</span>
      <Foreign text={proposal.description} most={160} />
    </p>
    <p className="sub">
      {grouped(proposal.votes_for)} for, {grouped(proposal.votes_against)} against
      {proposal.needed != null && `, ${grouped(proposal.needed)} needed`} · vote ends{" "}
      <Time at={proposal.vote_ends} />
      {proposal.due && (
        <>
          {" "}
          · due <Time at={proposal.due} />
        </>
      )}
    </p>
    {proposal.calls.map((call, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the calls of a proposal never change
      <Call key={at} call={call} />
    ))}
  </li>
);

export const Proposals = () => {
  const { serves } = useWho();
  const isServed = serves("/v1/list/proposals");
  const asked = useAsk<Proposed>(isServed ? "/v1/list/proposals" : null, {}, { on: BLOCKS });
  if (!isServed) return null;
  return (
    <Card title="Before the council">
      <Answer asked={asked} what="the proposals">
        {({ proposals, older, said_by, asked_at, trouble }) => (
          <>
            {trouble && <p className="note">It is not known now: {trouble}.</p>}
            {proposals.length === 0 ? (
              <p className="sub">{asked_at ? "No proposal is known." : "Nobody was asked yet."}</p>
            ) : (
              <ol className="acts">
                {proposals.map((proposal) => (
                  <One key={proposal.id} proposal={proposal} />
                ))}
              </ol>
            )}
            {older > 0 && (
              <p className="note">
                {count(older, "older proposal is", "older proposals are")} not shown, some of which
                may be open still: the council's own tools have them.
              </p>
            )}
            {said_by && asked_at && (
              <p className="soft">
                As {said_by} says, <Time at={asked_at} />. It is not proved.
              </p>
            )}
          </>
        )}
      </Answer>
    </Card>
  );
};
