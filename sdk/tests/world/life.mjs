// A list with everything that can happen to an address, by one source and by several.
import { batch, somebody, TERM } from "./system.mjs";

export const [OFAC, UK, EU] = [1, 2, 4];

/** Whom `life` makes what it says of them. */
export const WHO = {
  ratified: somebody(1),
  held: somebody(2),
  lapsed: somebody(3),
  retracted: somebody(4),
  delisted: somebody(5),
  relisted: somebody(6),
  joined: somebody(7),
  halfLeft: somebody(8),
  lapsedThenBritish: somebody(9),
  protectedOnly: somebody(10),
  twoPersons: somebody(11),
  never: somebody(12),
};

/** Takes a list through all of it; each is one act or more. */
export const life = async ({ act, attest, rpc }) => {
  const wait = async (seconds) => {
    await rpc("evm_increaseTime", seconds);
    await rpc("evm_mine");
  };
  const { ratified, held, lapsed, retracted, delisted, relisted, joined, halfLeft } = WHO;
  await attest(OFAC);
  await act("listProvisional", batch(OFAC, [ratified, lapsed, WHO.lapsedThenBritish]));
  await act("list", batch(OFAC, [ratified, delisted, relisted]));
  await act("listProvisional", batch(UK, [retracted]));
  await act("retract", batch(UK, [retracted]));
  await act("delistMany", batch(OFAC, [delisted, relisted]));
  await wait(TERM + 60);
  await act("list", batch(UK, [relisted, WHO.lapsedThenBritish]));
  await act("list", batch(OFAC, [joined, halfLeft]));
  await act("list", batch(EU, [joined, halfLeft]));
  await act("delist", batch(OFAC, [halfLeft]));
  await act("protect", [WHO.protectedOnly]);
  const twice = batch(OFAC, [WHO.twoPersons, WHO.twoPersons], 1_700_000_000, 2n ** 64n - 2n);
  await act("list", twice);
  await attest(OFAC | UK | EU);
  await act("listProvisional", batch(OFAC, [held]));
};
