// A swap that screens both sides: the connected account, and who receives.

import { useState } from "react";

import { screen, type Unknown } from "@interdict/sdk";
import { useScreening } from "@interdict/sdk/react";
import { explain } from "@interdict/sdk/words";

import type { Site } from "./site.js";
import { Doubt, Line, Refusal, short, type Party } from "./Verdict.js";
import { useWallet } from "./wallet.js";

const RATE = 3215.4;
const RECHECK_SECONDS = 30;
const ADDRESS = /^0x[0-9a-f]{40}$/i;

export const App = ({ site }: { site: Site }) => {
  const { wallet, account, problem, connect } = useWallet();
  const [amount, setAmount] = useState("0.25");
  const [to, setTo] = useState("");
  const [sent, setSent] = useState<string>();

  const rules = { ...site, recheckSeconds: RECHECK_SECONDS };
  const asked = account ? wallet : undefined;
  const recipient = ADDRESS.test(to) ? to : undefined;
  const you = useScreening(asked, account, rules);
  const them = useScreening(asked, recipient, rules);

  const recheck = () => {
    you.recheck();
    them.recheck();
  };

  const parties: Party[] = [];
  if (account) parties.push({ name: "You", address: account, state: you });
  if (recipient) parties.push({ name: "Recipient", address: recipient, state: them });
  const isTyping = to !== "" && !recipient;
  const isReady = parties.length > 0 && parties.every(({ state }) => state.proceed) && !isTyping;
  const refused = parties.filter(({ state }) => state.status === "listed");
  const doubtful = parties.find(({ state }) => state.status === "unknown");

  const swap = async () => {
    if (!wallet || !account) return;
    // What is on the screen may be some seconds old: both are asked about once more, together.
    const both = recipient ? [account, recipient] : [account];
    const decision = await screen(wallet, both, site);
    if (!decision.proceed) {
      setSent(explain(decision));
      return recheck();
    }
    const value = `0x${(BigInt(Math.round(Number(amount) * 1e6)) * 10n ** 12n).toString(16)}`;
    const params = [{ from: account, to: recipient ?? account, value }];
    const hash = (await wallet.request({ method: "eth_sendTransaction", params })) as string;
    setSent(`Sent: ${hash.slice(0, 18)}…`);
  };
  const switchChain = () => {
    const chainId = `0x${site.list.chainId.toString(16)}`;
    const params = [{ chainId }];
    void wallet?.request({ method: "wallet_switchEthereumChain", params }).catch(() => undefined);
  };
  const label = () => {
    if (!account) return "Connect wallet";
    if (isTyping) return "Recipient is not an address";
    if (refused.length) return "Refused";
    if (isReady) return "Swap";
    return doubtful ? "Waiting for an answer" : "Screening…";
  };
  const doubt = doubtful && "decision" in doubtful.state ? doubtful.state.decision : undefined;
  const unknown = doubt?.screenings[0] as Unknown | undefined;

  return (
    <>
      <header>
        <span className="brand">Ferry</span>
        <button
          type="button"
          className="quiet"
          data-testid="connect"
          onClick={() => void connect()}
        >
          {account ? short(account) : "Connect"}
        </button>
      </header>
      <main>
        <form
          className="panel"
          onSubmit={(event) => {
            event.preventDefault();
            setSent(undefined);
            void (account ? swap().catch(() => setSent("The wallet sent nothing.")) : connect());
          }}
        >
          <h1>Swap</h1>
          <label className="field">
            <span>You pay</span>
            <span className="amount">
              <input
                inputMode="decimal"
                value={amount}
                onChange={(event) => setAmount(event.target.value.replace(/[^\d.]/g, ""))}
              />
              <b>ETH</b>
            </span>
          </label>
          <label className="field">
            <span>You receive</span>
            <span className="amount">
              <output>{(Number(amount) * RATE || 0).toFixed(2)}</output>
              <b>USDC</b>
            </span>
          </label>
          <label className="field">
            <span>Recipient, if not you</span>
            <input
              className="to"
              placeholder="0x…"
              spellCheck={false}
              autoComplete="off"
              value={to}
              aria-invalid={isTyping}
              data-testid="recipient"
              onChange={(event) => setTo(event.target.value.trim())}
            />
          </label>
          {parties.length > 0 && (
            <ul className="lines" aria-live="polite">
              {parties.map((party) => (
                <Line key={party.name} {...party} />
              ))}
            </ul>
          )}
          <button
            type="submit"
            className="main"
            data-testid="swap"
            disabled={Boolean(account) && !isReady}
          >
            {label()}
          </button>
          {(problem || sent) && (
            <p className="note" data-testid="note" role="status">
              {problem ?? sent}
            </p>
          )}
        </form>
        {(refused.length > 0 || doubt) && (
          <div className="side">
            {refused.map((party) => (
              <Refusal key={party.name} party={party} site={site} />
            ))}
            {doubt && unknown && (
              <Doubt
                found={unknown}
                proceed={doubt.proceed}
                onRetry={recheck}
                onSwitch={unknown.reason === "wrong-chain" ? switchChain : undefined}
              />
            )}
          </div>
        )}
      </main>
      <footer>
        Screened against list <code title={site.list.address}>{short(site.list.address)}</code> on
        chain {site.list.chainId}: {site.sources.join(", ")}. Which addresses are asked about, only
        your own wallet’s node learns.
      </footer>
    </>
  );
};
