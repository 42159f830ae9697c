// The policy that judges, as it is read: the first rule that fits decides.
import { NEVER, useAsk } from "../../api/useAsk";
import { spoken } from "../../format/text";
import { Hash } from "../../parts/Hex";
import { Card, Fact } from "../../parts/Say";
import { Severity } from "../../parts/Severity";
import { Answer } from "../../parts/State";
import type { Severity as Word } from "../../api/types";

type Rule = {
  name: string;
  severity: Word;
  action?: string | null;
  clock?: string | null;
  says?: string | null;
};
type Known = { version: string; digest: string; document: string; rules: Rule[] };

export const Policy = () => {
  const asked = useAsk<Known>("/v1/policy", {}, { on: NEVER });
  return (
    <Answer asked={asked} what="the policy">
      {(policy) => (
        <>
          <Card title="The policy that judges">
            <dl className="facts">
              <Fact name="Version">{policy.version}</Fact>
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
            <div className="scrolls">
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
                  {policy.rules.map((rule, at) => (
                    <tr key={rule.name}>
                      <td className="number">{at + 1}</td>
                      <th scope="row">
                        <span className="mono">{rule.name}</span>
                        {rule.says && <span className="sub">{rule.says}</span>}
                      </th>
                      <td>
                        <Severity of={rule.severity} />
                      </td>
                      <td>{rule.action ? spoken(rule.action) : "–"}</td>
                      <td>{rule.clock ? spoken(rule.clock) : "–"}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Card>
          <Card title="The document">
            <details>
              <summary>Show it as it was read</summary>
              <pre className="document" tabIndex={-1}>
                {policy.document}
              </pre>
            </details>
          </Card>
        </>
      )}
    </Answer>
  );
};
