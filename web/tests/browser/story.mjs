// A chain on which enough has happened for every page to have something to show.
import { AbiCoder } from "ethers";

import { liar, logTransfer } from "./token.mjs";
import { somebody } from "./world.mjs";

const ETHER = 10n ** 18n;

/** Who is listed, and who is not. */
export const CAST = {
  listed: somebody(1),
  held: somebody(2),
  later: somebody(3),
  clear: somebody(9),
};

const approve = (spender, value) =>
  `0x095ea7b3${AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [spender, value]).slice(2)}`;

/** Dealings of every weight, before a listing and after it; the alerts that came of them. */
export const story = async (site) => {
  const { chain, payEther, pay, list, from, deployed, until } = site;
  const { listed, later } = CAST;
  await pay(later, 480);
  await chain.attest(1);
  await list(listed, CAST.held);
  await payEther(listed, 2.5);
  await pay(listed, 12_500);
  await pay(CAST.held, 640.25);
  // The listed address acts itself: dust, and what is no dust, to somebody who did not ask.
  await chain.rpc("anvil_impersonateAccount", listed);
  await chain.rpc("anvil_setBalance", listed, `0x${(50n * ETHER).toString(16)}`);
  const [, , somebodyElse] = await chain.rpc("eth_accounts");
  for (const wei of [10n ** 15n, 3n * ETHER]) await from(listed, somebodyElse, "0x", wei);
  const fake = await deployed(liar("Claim \u202eyour reward at reward-claim.example now"));
  await from(site.customer, fake, logTransfer(listed, site.customer, 10n ** 24n));
  await from(site.customer, fake, approve(listed, 1n));
  await list(later);
  const { alerts } = await until(
    "/v1/alerts?limit=500",
    ({ alerts }) =>
      alerts.length >= 7 && alerts.some(({ listed: one }) => one.toLowerCase() === later),
  );
  return alerts;
};

/** Some of it is worked already: assigned, escalated, held, and one waits for a second person. */
export const worked = async (site, tokens, alerts) => {
  const step = async (person, { id }, taken) => {
    const headers = { authorization: `Bearer ${tokens[person]}` };
    const path = `${site.url}/v1/alerts/${id}`;
    const { desk } = await (await fetch(path, { headers })).json();
    const answer = await fetch(`${path}/steps`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ version: desk.version, step: taken }),
    });
    if (!answer.ok) throw new Error(`${taken.kind}: ${await answer.text()}`);
  };
  const heavy = alerts.filter(({ severity }) => severity === "critical" || severity === "high");
  const [first, second, third] = heavy;
  await step("alice", first, { kind: "assign", assignee: "alice" });
  await step("alice", first, { kind: "note", text: "The customer was asked for the invoice." });
  await step("alice", first, {
    kind: "close",
    disposition: "no_action",
    reason: "no_property",
    narrative: "Nothing is held here, and nothing was to be refused. The invoice is attached.",
  });
  await step("bob", second, { kind: "assign", assignee: "bob" });
  await step("bob", second, {
    kind: "escalate",
    reason: "true_match",
    narrative: "A true match: the second line decides whether it is held.",
  });
  await step("bob", third, {
    kind: "close",
    disposition: "blocked",
    reason: "received_from_listed",
    narrative: "Held in the omnibus wallet, with audit controls.",
    held: {
      amount: "2.5",
      asset: "ETH",
      wallet: somebody(21),
      on: new Date().toISOString().slice(0, 10),
    },
  });
  return first;
};

/** Receivers in every state: one that takes all, one that is paused, one that gave up on some. */
export const told = async (site, tokens, receiver) => {
  const ask = async (person, method, path, body) => {
    const headers = {
      authorization: `Bearer ${tokens[person]}`,
      "content-type": "application/json",
    };
    const answer = await fetch(`${site.url}/v1/webhooks${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  const make = async (name, url, more = {}) => {
    const { webhook } = await ask("dora", "POST", "", { name, url, ...more });
    return `/${webhook.id}`;
  };
  const well = await make("Case desk", receiver.well.url);
  const down = await make("Bank ledger", receiver.down.url, { min_severity: "high" });
  const paused = await make("Channel of the second line", receiver.well.url, {
    shape: "slack",
    min_severity: "critical",
    kinds: ["alert.created", "alert.retracted"],
  });
  await ask("dora", "PATCH", paused, { state: "paused" });
  for (const amount of [1_250, 9_900, 18_000]) await site.pay(CAST.listed, amount);
  const reaches = (id, fits) => site.until(`/v1/webhooks${id}`, fits, tokens.dora);
  await receiver.down.until(({ said }) => said.data.seq === 3);
  await reaches(well, ({ seq, pending }) => seq === 3 && pending === 0);
  await reaches(down, ({ pending, last_error }) => pending === 3 && last_error);
  // Days go by for two of the three; then the last attempt is made.
  await site.program.edit(
    `UPDATE deliveries SET attempts = 9, due_at = 1 WHERE endpoint = '${down.slice(1)}' AND seq < 3`,
  );
  await reaches(down, ({ dead }) => dead === 2);
  await ask("dora", "POST", `${well}/rotate`, { keep_hours: 24 });
  await ask("dora", "DELETE", paused);
};

/** Subjects that are looked after: from now on, so that what was found stays as it was found. */
export const lookedAfter = async (site, tokens) => {
  const rows = [
    [site.customer, "customer", "K-1017"],
    [somebody(31), "customer", "K-1031"],
    [somebody(32), "customer", "P-7"],
    [somebody(34), "pool", "Lending pool v2"],
    [somebody(35), "customer", ""],
  ];
  const body = `address,kind,reference\n${rows.map((row) => row.join()).join("\n")}\n`;
  const headers = { authorization: `Bearer ${tokens.dora}`, "content-type": "text/csv" };
  const answer = await fetch(`${site.url}/v1/subjects`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
};
