// Whose file a snapshot is: the publisher's signature under its seal, which `interdict export
// --snapshot FILE --sign` writes into it. A site names the publisher's address once, and then hosts
// whatever they sign.

/*! secp256k1 is @noble/curves, MIT License, (c) 2022 Paul Miller (paulmillr.com): see LICENSE. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

import { keccakOf } from "./local/fold.js";
import { parsed, type SnapshotFile } from "./local/snapshot.js";
import { Unanswered } from "./reason.js";
import type { List } from "./types.js";
import { isAddress } from "./wire.js";

const hashOf = (text: string): string => `0x${bytesToHex(keccak_256(utf8ToBytes(text)))}`;

/** What is signed, by EIP-712: the seal, in the name of this list on this chain. */
const digestOf = (seal: string, list: List): Uint8Array => {
  const type = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
  const name = [hashOf(type), hashOf("Interdict Snapshot"), hashOf("1")];
  const domain = keccakOf([...name, list.chainId, list.address.toLowerCase()]);
  const message = keccakOf([hashOf("Snapshot(bytes32 seal)"), seal]);
  const start = Uint8Array.of(0x19, 0x01);
  return keccak_256(concatBytes(start, hexToBytes(domain.slice(2)), hexToBytes(message.slice(2))));
};

/** The address whose key made a signature: r, s, and v as 27 or 28. */
const signerOf = (digest: Uint8Array, signature: string): string => {
  const bytes = hexToBytes(signature.slice(2));
  const made = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), "compact");
  const key = made
    .addRecoveryBit((bytes[64] ?? 0) - 27)
    .recoverPublicKey(digest)
    .toBytes(false);
  return `0x${bytesToHex(keccak_256(key.subarray(1)).subarray(12))}`;
};

/**
 * For `seal` of `screenLocally`: the file's own, if one of these has signed it for this list. Any
 * other file is refused.
 */
export const signedBy = (
  signers: readonly string[],
): ((file: SnapshotFile, list: List) => string) => {
  const strange = signers.find((signer) => !isAddress(signer));
  if (signers.length === 0 || strange !== undefined) {
    throw new TypeError(`interdict: ${strange ?? "nobody"} cannot have signed: name addresses`);
  }
  const known = new Set(signers.map((signer) => signer.toLowerCase()));
  return (file, list) => {
    const { seal, signature } = parsed(file);
    if (typeof seal !== "string" || !/^0x[0-9a-f]{64}$/.test(seal)) {
      throw new Unanswered("snapshot-refused", "it has no seal");
    }
    if (typeof signature !== "string" || !/^0x[0-9a-f]{128}1[bc]$/.test(signature)) {
      throw new Unanswered("snapshot-refused", "nobody has signed it");
    }
    let signer: string;
    try {
      signer = signerOf(digestOf(seal, list), signature);
    } catch {
      throw new Unanswered("snapshot-refused", "its signature is none");
    }
    if (!known.has(signer)) {
      throw new Unanswered("snapshot-refused", `signed by ${signer}, who is not named`);
    }
    return seal;
  };
};
