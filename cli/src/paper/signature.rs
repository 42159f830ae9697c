//! The file that carries a member's signature, and whose it is.

use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, FixedBytes, Signature};
use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::exit::{Exit, Failure};
use crate::file::{self, Unread};

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.signature/1";

/// What is longer is no signature.
const SIGNATURE_BYTES_MAX: u64 = 64 * 1024;

/// What a contract answers that takes a signature for its own (ERC-1271).
const IS_VALID: [u8; 4] = [0x16, 0x26, 0xba, 0x7e];

/// One member's signature under one plan or retraction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureFile {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    pub(crate) chain_id: u64,
    pub(crate) signed_act: Address,
    pub(crate) nonce: u64,
    pub(crate) deadline: u64,
    pub(crate) digest: B256,
    pub(crate) signer: Address,
    /// 65 bytes: r, s, v.
    pub(crate) signature: Bytes,
}

/// Why a signature does not count.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error("has schema {0:?}, this version reads {SCHEMA:?}")]
    Schema(String),
    #[error(
        "signs {found}, this has the digest {expected}: it belongs to another plan or retraction"
    )]
    Digest { found: B256, expected: B256 },
    #[error("is not 65 bytes of r, s and v")]
    Form,
    #[error("is none that the contract {0} takes for its own (ERC-1271)")]
    Contract(Address),
    #[error("was made by {found}, it names {stated}")]
    Signer { found: Address, stated: Address },
}

mod erc1271 {
    alloy::sol! {
        function isValidSignature(bytes32 hash, bytes signature) returns (bytes4 magic);
    }
}

impl SignatureFile {
    /// Checks that it is of this format and under this digest.
    pub(crate) fn check(&self, digest: B256) -> Result<(), SignatureError> {
        if self.schema != SCHEMA {
            return Err(SignatureError::Schema(self.schema.clone()));
        }
        if self.digest != digest {
            return Err(SignatureError::Digest { found: self.digest, expected: digest });
        }
        Ok(())
    }

    /// As [`Self::check`], and that the signature is the named signer's key's, without a chain.
    pub(crate) fn check_key(&self, digest: B256) -> Result<(), SignatureError> {
        self.check(digest)?;
        match signer_of(&self.signature, digest)? {
            found if found == self.signer => Ok(()),
            found => Err(SignatureError::Signer { found, stated: self.signer }),
        }
    }

    /// As [`Self::check`], and that the signature is the named signer's.
    pub(crate) async fn check_on(&self, chain: &Chain, digest: B256) -> Result<()> {
        self.check(digest)?;
        check_by(chain, self.signer, digest, &self.signature).await
    }
}

/// Checks that a signature under a digest is the signer's, as the contract will: the code of a
/// signer that has some is asked (ERC-1271), be it a Safe or a key that delegates (EIP-7702).
pub(crate) async fn check_by(
    chain: &Chain,
    signer: Address,
    digest: B256,
    signature: &Bytes,
) -> Result<()> {
    if chain.code(signer, BlockId::latest()).await?.is_empty() {
        let found = signer_of(signature, digest)?;
        let is_own = found == signer;
        return if is_own {
            Ok(())
        } else {
            Err(SignatureError::Signer { found, stated: signer }.into())
        };
    }
    let call = erc1271::isValidSignatureCall { hash: digest, signature: signature.clone() };
    match chain.ask(signer, &call, BlockId::latest()).await {
        Ok(answer) if answer == FixedBytes(IS_VALID) => Ok(()),
        _ => Err(SignatureError::Contract(signer).into()),
    }
}

/// Who made a signature under a digest.
pub(crate) fn signer_of(signature: &[u8], digest: B256) -> Result<Address, SignatureError> {
    let signature = Signature::from_raw(signature).map_err(|_| SignatureError::Form)?;
    signature.recover_address_from_prehash(&digest).map_err(|_| SignatureError::Form)
}

/// Reads a small JSON file that somebody handed over.
pub(crate) fn read_file<T: serde::de::DeserializeOwned>(path: &Path, what: &str) -> Result<T> {
    let bytes = match file::bounded(path, SIGNATURE_BYTES_MAX, "a signature or a ballot") {
        Err(Unread::TooLong { .. }) => {
            return Err(refused(path, what, &format!("is too long to be a {what}")));
        }
        read => read?,
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| refused(path, what, &format!("is no {what}: {error}")))
}

/// A file that does not count, and what to do about it.
pub(crate) fn refused(path: &Path, what: &str, why: &str) -> anyhow::Error {
    let message = format!("{} {why}", path.display());
    Failure::new(Exit::Failed, "bad_signature", message)
        .next(format!("leave it out, or get the member's {what} anew"))
        .into()
}

#[cfg(test)]
mod tests {
    use alloy::signers::SignerSync;
    use alloy::signers::local::PrivateKeySigner;

    use super::*;

    fn signed(signer: &PrivateKeySigner, digest: B256) -> SignatureFile {
        SignatureFile {
            schema: SCHEMA.to_owned(),
            chain_id: 1,
            signed_act: Address::ZERO,
            nonce: 0,
            deadline: 1,
            digest,
            signer: signer.address(),
            signature: signer.sign_hash_sync(&digest).unwrap().as_bytes().into(),
        }
    }

    #[test]
    fn a_signature_is_its_signers_and_under_its_digest_only() {
        let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
        let digest = B256::repeat_byte(9);
        let file = signed(&signer, digest);
        assert_eq!(file.check(digest), Ok(()));

        let other = B256::repeat_byte(8);
        let expected = SignatureError::Digest { found: digest, expected: other };
        assert_eq!(file.check(other), Err(expected));

        let relabelled = SignatureFile { digest: other, ..file.clone() };
        assert_eq!(relabelled.check(other), Ok(()), "the label is right …");
        let refused = relabelled.check_key(other);
        assert!(matches!(refused, Err(SignatureError::Signer { .. })), "… the signature is not");
        assert_eq!(file.check_key(digest), Ok(()));

        assert_eq!(signer_of(&file.signature, digest), Ok(signer.address()));
        assert_eq!(signer_of(&file.signature[..64], digest), Err(SignatureError::Form));
        let older = SignatureFile { schema: "interdict.signature/0".to_owned(), ..file };
        assert!(matches!(older.check(digest), Err(SignatureError::Schema(_))));
    }
}
