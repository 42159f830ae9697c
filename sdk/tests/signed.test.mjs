// A snapshot that its publisher has signed needs no node and no seal of its own: signatures here are
// made by ethers, which knows nothing of how they are read.
import assert from "node:assert/strict";
import { test } from "node:test";

import { screenLocally } from "@interdict/sdk/local";
import { signedBy } from "@interdict/sdk/signed";
import { Wallet } from "ethers";

import { sealed } from "./world/snapshot.mjs";
import { somebody } from "./world/system.mjs";

const list = { chainId: 31337, address: somebody(77), block: 1 };
const [LISTED, CLEAR] = [1, 2].map(somebody);
const [publisher, other] = [1n, 2n].map((n) => new Wallet(`0x${n.toString(16).padStart(64, "0")}`));
const now = 1_700_000_000;
const UNTIL_MAX = 2 ** 40 - 1;
const [LIST, ATTEST, OFAC] = [1, 7, 1];
const act = (kind, entries) => [
  kind,
  OFAC,
  kind === LIST ? UNTIL_MAX : 0,
  now - 100,
  now - 50,
  7,
  "11".repeat(32),
  entries,
];
const acts = [act(LIST, [`${LISTED.slice(2)} 12 86400`]), act(ATTEST, [])];
const file = sealed(list, acts);

const domain = (where = list) => ({
  name: "Interdict Snapshot",
  version: "1",
  chainId: where.chainId,
  verifyingContract: where.address,
});
const types = { Snapshot: [{ name: "seal", type: "bytes32" }] };
const signed = async (wallet, found = file, where = list) => {
  const signature = await wallet.signTypedData(domain(where), types, { seal: found.seal });
  return { ...found, signer: wallet.address.toLowerCase(), signature };
};
const screened = async (snapshot, signers = [publisher.address]) => {
  const options = { list, snapshot, seal: signedBy(signers), sources: ["OFAC-SDN"] };
  const rules = { ...options, onUnknown: "block", now: () => now * 1000 };
  const { screenings } = await screenLocally(undefined, rules).screen([LISTED, CLEAR]);
  return screenings.map(({ outcome, reason }) => reason ?? outcome);
};
const REFUSED = ["snapshot-refused", "snapshot-refused"];

test("what one of the named has signed answers without a node", async () => {
  const found = await signed(publisher);
  assert.deepEqual(await screened(found), ["listed", "clear"]);
  assert.deepEqual(await screened(JSON.stringify(found)), ["listed", "clear"]);
  const both = [other.address.toLowerCase(), publisher.address];
  assert.deepEqual(await screened(found, both), ["listed", "clear"]);
});

test("the same publisher's next file needs nothing new", async () => {
  const next = sealed(list, [...acts, act(LIST, [`${CLEAR.slice(2)} 13 86400`]), act(ATTEST, [])]);
  assert.deepEqual(await screened(await signed(publisher, next)), ["listed", "listed"]);
});

test("whose signature it is decides, not whose it says it is", async () => {
  const found = await signed(other);
  assert.deepEqual(await screened({ ...found, signer: publisher.address.toLowerCase() }), REFUSED);
  const honest = await signed(publisher);
  assert.deepEqual(await screened({ ...honest, signer: other.address }), ["listed", "clear"]);
});

test("a signature for another list, chain or seal is none", async () => {
  for (const where of [
    { ...list, chainId: 1 },
    { ...list, address: somebody(78) },
  ]) {
    assert.deepEqual(await screened(await signed(publisher, file, where)), REFUSED);
  }
  const { signature } = await signed(publisher);
  assert.deepEqual(await screened({ ...sealed(list, acts.slice(0, 1)), signature }), REFUSED);
  assert.deepEqual(await screened({ ...file, acts: acts.slice(0, 1), signature }), REFUSED);
});

test("what is no signature is refused", async () => {
  const { signature } = await signed(publisher);
  const odd = [
    undefined,
    "",
    "0x",
    signature.slice(0, -2),
    `${signature}00`,
    `${signature.slice(0, -2)}00`,
    `${signature.slice(0, -2)}1d`,
    `0x${"00".repeat(64)}1b`,
    `0x${"ff".repeat(64)}1b`,
    [signature],
  ];
  for (const signature of odd) assert.deepEqual(await screened({ ...file, signature }), REFUSED);
  assert.deepEqual(await screened({ ...file, seal: undefined, signature }), REFUSED);
});

test("somebody must be named", () => {
  assert.throws(() => signedBy([]), /nobody cannot have signed/);
  assert.throws(() => signedBy([publisher.address, "vitalik.eth"]), /vitalik.eth cannot have/);
});
