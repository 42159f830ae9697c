//! Encrypted keystores, version 3 of the Web3 Secret Storage Definition: cast's and geth's open
//! here, and ours open there.
//!
//! Written by our own hand, for the library that cast uses derives its key with scrypt N = 2^13 and
//! leaves the file readable to whom the umask lets; the parts are well-kept crates all the same.

use std::ops::RangeInclusive;
use std::path::Path;

use aes::Aes128;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use alloy::hex;
use alloy::primitives::keccak256;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context as _, Result};
use ctr::Ctr128BE;
use eth_keystore::{CryptoJson, EthKeystore, KdfparamsType, KeystoreError};
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use super::secret;
use crate::exit::{Exit, Failure};
use crate::{file, output};

/// scrypt's N as geth has it: a quarter of a gigabyte and about a second for each guess.
const SCRYPT_LOG_N: u8 = 18;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// What is longer is no keystore.
const KEYSTORE_BYTES_MAX: u64 = 64 * 1024;

/// The strongest derivations that are still opened. scrypt keeps 128·N·r bytes and works in
/// proportion to N·r·p (RFC 7914 §5, §6): four times the memory of geth's, eight times the work.
const SCRYPT_MEMORY_BYTES_MAX: u64 = 1 << 30;
const SCRYPT_WORK_MAX: u64 = 1 << 24;

/// Thirty-two times the 262,144 rounds that wallets choose.
const PBKDF2_ROUNDS: RangeInclusive<u32> = 1..=1 << 23;

/// A derived key gives 16 bytes to the cipher and 16 to the checksum; nobody derives more than
/// twice of that.
const DERIVED_BYTES: RangeInclusive<u8> = 32..=64;

/// An initialisation vector of AES-128-CTR is a block.
const IV_BYTES: usize = 16;

/// What a person can do about a keystore that no wallet can have written.
const NO_WALLETS: &str = "it was not made by a wallet: get the key from where it came";

/// Opens a keystore.
pub(super) fn open(path: &Path, password: &str) -> Result<PrivateKeySigner> {
    check_bounds(path)?;
    let _waiting = output::waiting("opening the keystore");
    let key = eth_keystore::decrypt_key(path, password).map_err(|error| {
        let next = match error {
            KeystoreError::MacMismatch => "check the password",
            _ => NO_WALLETS,
        };
        let message = format!("cannot open the keystore {}: {error}", path.display());
        Failure::new(Exit::Failed, "keystore", message).next(next)
    })?;
    let key = Zeroizing::new(key);
    PrivateKeySigner::from_slice(&key)
        .with_context(|| format!("{} does not hold an Ethereum key", path.display()))
}

/// Writes a keystore that only its owner can read; never over another file.
pub(crate) fn create(path: &Path, signer: &PrivateKeySigner, password: &str) -> Result<()> {
    let key = Zeroizing::new(signer.to_bytes().0);
    let waiting = output::waiting("encrypting the key");
    let text = encrypted(&key, password)?;
    drop(waiting);
    file::create_private(path, text.as_bytes()).map_err(|why| {
        let failure = Failure::new(Exit::Failed, "keystore", format!("{why:#}"));
        failure.next("choose another name").into()
    })
}

fn encrypted(key: &[u8; 32], password: &str) -> Result<String> {
    let (salt, iv, id) = (random::<32>()?, random::<16>()?, random::<16>()?);
    let params = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P)
        .context("the key derivation's own parameters are refused")?;
    let mut derived = Zeroizing::new([0; 32]);
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut *derived)
        .context("the key derivation fails")?;
    let (cipher_key, mac_key) = derived.split_at(16);
    let mut ciphertext = *key;
    Ctr128BE::<Aes128>::new_from_slices(cipher_key, &iv)
        .context("the cipher's key has another length")?
        .apply_keystream(&mut ciphertext);
    let mac = keccak256([mac_key, &ciphertext].concat());
    let keystore = json!({
        "version": 3,
        "id": uuid(id),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": hex::encode(iv) },
            "ciphertext": hex::encode(ciphertext),
            "kdf": "scrypt",
            "kdfparams": {
                "dklen": 32,
                "n": 1_u64 << SCRYPT_LOG_N,
                "p": SCRYPT_P,
                "r": SCRYPT_R,
                "salt": hex::encode(salt),
            },
            "mac": hex::encode(mac),
        },
    });
    ciphertext.zeroize();
    Ok(format!("{keystore:#}\n"))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(bytes)
}

/// A random (version 4) UUID, RFC 9562.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex::encode(bytes);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

/// A file that is no keystore, or one that would take all of the memory, is said before it is read.
fn check_bounds(path: &Path) -> Result<()> {
    let bytes = file::bounded(path, KEYSTORE_BYTES_MAX, "a keystore")
        .map_err(|why| why.wrong_file(Exit::Usage, "usage"))?;
    secret::warn_if_readable(path, "keystore");
    let keystore: EthKeystore = serde_json::from_slice(&bytes).map_err(|why| {
        Failure::new(Exit::Usage, "usage", format!("{} is no keystore: {why}", path.display()))
            .next(NO_WALLETS)
    })?;
    beyond(&keystore.crypto).map_or(Ok(()), |what| {
        let message = format!("the keystore {} {what}", path.display());
        Err(Failure::new(Exit::Failed, "keystore", message).next(NO_WALLETS).into())
    })
}

/// What in a keystore is beyond all bounds. The library that opens it takes any strength, and cuts
/// pieces out of what is derived and out of the vector, however short these are.
fn beyond(crypto: &CryptoJson) -> Option<String> {
    let derived = match crypto.kdfparams {
        KdfparamsType::Scrypt { dklen, n, p, r, .. } => {
            let [big_n, r, p] = [n, r, p].map(u64::from);
            let memory = big_n.saturating_mul(r).saturating_mul(128);
            let work = big_n.saturating_mul(r).saturating_mul(p);
            let is_power = n > 1 && n.is_power_of_two();
            if !is_power || memory > SCRYPT_MEMORY_BYTES_MAX || work > SCRYPT_WORK_MAX {
                return Some(format!("asks for scrypt with N = {n}, r = {r}, p = {p}"));
            }
            dklen
        }
        KdfparamsType::Pbkdf2 { c, dklen, .. } => {
            if !PBKDF2_ROUNDS.contains(&c) {
                return Some(format!("asks for PBKDF2 with {c} rounds"));
            }
            dklen
        }
    };
    if !DERIVED_BYTES.contains(&derived) {
        return Some(format!("derives {derived} bytes, which is no key"));
    }
    let bytes = crypto.cipherparams.iv.len();
    (bytes != IV_BYTES).then(|| format!("has an initialisation vector of {bytes} bytes"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_is_written_opens_with_its_password_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alice");
        let signer = PrivateKeySigner::random();
        create(&path, &signer, "word").unwrap();
        assert_eq!(open(&path, "word").unwrap().address(), signer.address());
        assert!(open(&path, "another").unwrap_err().to_string().contains("cannot open"));
    }

    #[test]
    fn t45_the_key_derivation_is_as_hard_as_geths() {
        let text = encrypted(&[7; 32], "word").unwrap();
        let keystore: Value = serde_json::from_str(&text).unwrap();
        let params = &keystore["crypto"]["kdfparams"];
        assert!(params["n"].as_u64().unwrap() >= 1 << 18, "{params}");
        assert!(!text.contains(&hex::encode([7; 32])), "the key itself is in the file");
    }

    /// What is said of a keystore of ours in which something was changed.
    fn refused(change: impl Fn(&mut Value)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hostile");
        let mut keystore = json!({
            "version": 3,
            "id": uuid([1; 16]),
            "crypto": {
                "cipher": "aes-128-ctr",
                "cipherparams": { "iv": "00".repeat(IV_BYTES) },
                "ciphertext": "00".repeat(32),
                "kdf": "scrypt",
                "kdfparams": { "dklen": 32, "n": 2, "r": 8, "p": 1, "salt": "00" },
                "mac": "00".repeat(32),
            },
        });
        change(&mut keystore["crypto"]);
        file::create_private(&path, keystore.to_string().as_bytes()).unwrap();
        let failure = open(&path, "word").unwrap_err().downcast::<Failure>().unwrap();
        assert!(failure.next.is_some(), "{failure}");
        failure.message
    }

    fn with_params(params: &Value) -> String {
        refused(|crypto| crypto["kdfparams"] = params.clone())
    }

    #[test]
    fn t45_a_keystore_beyond_all_bounds_is_refused_before_it_is_opened() {
        let hostile = [
            (1 << 21, 8, 1), // more than the memory
            (1 << 18, 1 << 20, 1),
            (2, u32::MAX, 2),
            (1 << 18, 8, 1 << 20), // for days
            (1 << 10, 1, u32::MAX),
            (262_145, 8, 1),
            (1, 8, 1),
            (0, 8, 1),
        ];
        for (n, r, p) in hostile {
            let said = with_params(&json!({ "dklen": 32, "n": n, "r": r, "p": p, "salt": "00" }));
            assert!(said.contains(&format!("asks for scrypt with N = {n}, r = {r}")), "{said}");
        }
        let pbkdf2 = |c: u32, derived: u8| {
            let prf = "hmac-sha256";
            with_params(&json!({ "dklen": derived, "c": c, "prf": prf, "salt": "00" }))
        };
        for c in [0, PBKDF2_ROUNDS.end() + 1, u32::MAX] {
            let said = pbkdf2(c, 32);
            assert!(said.contains(&format!("PBKDF2 with {c} rounds")), "{said}");
        }
        for derived in [0, 16, 31, 65, 255] {
            let said = pbkdf2(1, derived);
            assert!(said.contains(&format!("derives {derived} bytes")), "{said}");
        }
    }

    #[test]
    fn a_keystore_of_another_form_is_refused_and_nothing_panics() {
        assert!(refused(|_| ()).contains("Mac Mismatch"), "what is in bounds is tried");
        for bytes in [0, 1, 15, 17] {
            let iv = json!({ "iv": "00".repeat(bytes) });
            let said = refused(|crypto| crypto["cipherparams"] = iv.clone());
            assert!(said.contains(&format!("vector of {bytes} bytes")), "{said}");
            // What has the members' values in their order is read as the members.
            let said = refused(|crypto| crypto["cipherparams"] = json!(["00".repeat(bytes)]));
            assert!(said.contains(&format!("vector of {bytes} bytes")), "{said}");
        }
        for params in [
            json!({}),
            json!([]),
            json!([0, 32, "hmac-sha256", "00"]),
            json!({ "dklen": -1, "n": 2, "r": 8, "p": 1, "salt": "00" }),
            json!({ "dklen": 32, "n": 1_u64 << 40, "r": 8, "p": 1, "salt": "00" }),
            json!({ "dklen": 32, "n": "2", "r": 8, "p": 1, "salt": "00" }),
            json!({ "dklen": 32, "n": 2, "r": 8, "salt": "00" }),
        ] {
            let said = with_params(&params);
            assert!(said.contains("is no keystore"), "{said}");
        }
        for (r, p) in [(0, 1), (8, 0)] {
            let said = with_params(&json!({ "dklen": 32, "n": 2, "r": r, "p": p, "salt": "00" }));
            assert!(said.contains("cannot open the keystore"), "{said}");
        }
    }

    #[test]
    fn ids_are_random_uuids() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
