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
