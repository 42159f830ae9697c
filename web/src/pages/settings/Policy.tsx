// The policy that judges, as it is read: the first rule that fits decides.
import type { Policy as Known, PolicyOutcome } from "../../api/types";
import { NEVER, useAsk } from "../../api/useAsk";
import { spoken } from "../../format/text";
import { Hash } from "../../parts/Hex";
import { Card, Fact, Scrolls } from "../../parts/Say";
import { Severity } from "../../parts/Severity";
import { Answer } from "../../parts/State";

/** One of what a rule decides; what it becomes where such findings add up has no number. */
const Row = ({
  outcome,
  number,
  loosens,
}: {
  outcome: PolicyOutcome;
  number: number | null;
  loosens: string | null;
}) => (
  <tr>
    <td className="number">{number ?? ""}</td>
    <th scope="row">
      <span className="mono">{outcome.class}</span>
      <span className="sub">{outcome.says}</span>
      {loosens && <span className="sub">Lighter than the default: {loosens}</span>}
    </th>
    <td>{outcome.severity ? <Severity of={outcome.severity} /> : "No finding"}</td>
    <td>{spoken(outcome.action)}</td>
    <td>{spoken(outcome.clock)}</td>
  </tr>
);

export const Policy = () => {
  const asked = useAsk<Known>("/v1/policy", {}, { on: NEVER });
  return (
    <Answer asked={asked} what="the policy">
      {(policy) => (
        <>
          <Card title="The policy that judges">
            <dl className="facts">
              <Fact name="Version">{policy.version}</Fact>
              <Fact name="Amounts are compared in">{policy.reference}</Fact>
              {policy.approved_by.length > 0 && (
                <Fact name="Who answers for it">{policy.approved_by.join(", ")}</Fact>
              )}
              <Fact name="Digest">
                <Hash of={policy.digest} what="the digest" />
              </Fact>
            </dl>
            <p className="soft">
              The first rule that fits decides. A changed policy is tried over stored findings with{" "}
              <code>interdict-indexer policy replay</code> before anyone adopts it; a lighter one
              takes two names.
            </p>
          </Card>
          <Card title="Rules, in their order">
            <Scrolls label="Rules">
              <table>
                <caption className="unseen">Rules</caption>
                <thead>
                  <tr>
                    <th scope="col" className="number">
                      No.
                    </th>
                    <th scope="col">Rule</th>
                    <th scope="col">Severity</th>
                    <th scope="col">Action</th>
                    <th scope="col">Clock</th>
                  </tr>
                </thead>
                <tbody>
                  {policy.rules.flatMap((rule, at) =>
                    rule.outcomes.map((outcome, nth) => (
                      <Row
                        key={outcome.class}
                        outcome={outcome}
                        number={nth === 0 ? at + 1 : null}
                        loosens={nth === 0 ? rule.loosens : null}
                      />
                    )),
                  )}
                </tbody>
              </table>
            </Scrolls>
          </Card>
          <Card title="The document">
            <details>
              <summary>Show it as it was read</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move what has the focus */}
              <pre className="document" tabIndex={0}>
                {policy.document}
              </pre>
            </details>
          </Card>
        </>
      )}
    </Answer>
  );
};
