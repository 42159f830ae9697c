//! Encrypted keystores, version 3 of the Web3 Secret Storage Definition: cast's and geth's open
//! here, and ours open there.
//!
//! Written by our own hand, for the library that cast uses derives its key with scrypt N = 2^13 and
//! leaves the file readable to whom the umask lets; the parts are well-kept crates all the same.

use std::path::Path;

use aes::Aes128;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use alloy::hex;
use alloy::primitives::keccak256;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context as _, Result};
use ctr::Ctr128BE;
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use super::secret;
use crate::exit::{Exit, Failure};
use crate::file;

/// scrypt's N as geth has it: a quarter of a gigabyte and about a second for each guess.
const SCRYPT_LOG_N: u8 = 18;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// What is longer is no keystore.
const KEYSTORE_BYTES_MAX: u64 = 64 * 1024;

/// The strongest derivation that is still opened: 4 GiB of memory.
const SCRYPT_N_MAX: u64 = 1 << 22;

/// Opens a keystore.
pub(super) fn open(path: &Path, password: &str) -> Result<PrivateKeySigner> {
    check_bounds(path)?;
    let key = eth_keystore::decrypt_key(path, password).map_err(|error| {
        let message = format!("cannot open the keystore {}: {error}", path.display());
        Failure::new(Exit::Failed, "keystore", message).next("check the password")
    })?;
    let key = Zeroizing::new(key);
    PrivateKeySigner::from_slice(&key)
        .with_context(|| format!("{} does not hold an Ethereum key", path.display()))
}

/// Writes a keystore that only its owner can read; never over another file.
pub(crate) fn create(path: &Path, signer: &PrivateKeySigner, password: &str) -> Result<()> {
    let key = Zeroizing::new(signer.to_bytes().0);
    let text = encrypted(&key, password)?;
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
    let context = || format!("cannot read the keystore {}", path.display());
    if std::fs::metadata(path).with_context(context)?.len() > KEYSTORE_BYTES_MAX {
        let message = format!("{} is too long to be a keystore", path.display());
        return Err(Failure::new(Exit::Usage, "usage", message).into());
    }
    secret::warn_if_readable(path, "keystore");
    let text = std::fs::read_to_string(path).with_context(context)?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|why| {
        Failure::new(Exit::Usage, "usage", format!("{} is no keystore: {why}", path.display()))
    })?;
    match value["crypto"]["kdfparams"]["n"].as_u64() {
        Some(n) if n > SCRYPT_N_MAX || !n.is_power_of_two() => {
            let message = format!("{} asks for scrypt with N = {n}", path.display());
            Err(Failure::new(Exit::Failed, "keystore", message)
                .next("it was not made by a wallet: get the key from where it came")
                .into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
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
        let keystore: serde_json::Value = serde_json::from_str(&text).unwrap();
        let params = &keystore["crypto"]["kdfparams"];
        assert!(params["n"].as_u64().unwrap() >= 1 << 18, "{params}");
        assert!(!text.contains(&hex::encode([7; 32])), "the key itself is in the file");
    }

    #[test]
    fn a_keystore_that_would_eat_the_memory_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hostile");
        for n in [1_u64 << 40, 262_145, 0] {
            std::fs::write(&path, format!(r#"{{"crypto":{{"kdfparams":{{"n":{n}}}}}}}"#)).unwrap();
            let said = open(&path, "word").unwrap_err().to_string();
            assert!(said.contains(&format!("N = {n}")), "{said}");
        }
    }

    #[test]
    fn ids_are_random_uuids() {
        assert_eq!(uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
