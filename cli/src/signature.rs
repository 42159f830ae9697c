//! What a member of the council signs, and the file that carries the signature.

use alloy::primitives::{Address, B256, Bytes, Signature, U256};
use alloy::sol_types::{Eip712Domain, SolStruct, eip712_domain};
use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.signature/1";

const DOMAIN_NAME: &str = "Interdict SignedAct";
const DOMAIN_VERSION: &str = "1";

mod typed {
    alloy::sol! {
        struct Entry {
            address account;
            uint64 uid;
            uint40 designatedOn;
        }

        struct ListProvisional {
            bytes32 manifest;
            uint16 sources;
            uint40 dataAsOf;
            Entry[] entries;
            uint256 nonce;
            uint256 deadline;
        }
    }
}

/// The three hashes of EIP-712, so that a second tool can compute them too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    pub(crate) domain: B256,
    pub(crate) message: B256,
    pub(crate) digest: B256,
}

/// One member's signature under one plan.
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

/// What is signed for a plan.
pub(crate) fn hashes(plan: &Plan) -> Result<Hashes> {
    let batch = plan.holding_batch()?;
    let entry = |e: &interdict_core::contract::IBlocklist::Entry| typed::Entry {
        account: e.account,
        uid: e.uid,
        designatedOn: e.designatedOn,
    };
    let message = typed::ListProvisional {
        manifest: batch.manifest,
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        entries: batch.entries.iter().map(entry).collect(),
        nonce: U256::from(plan.nonce),
        deadline: U256::from(plan.deadline),
    };
    let domain: Eip712Domain = eip712_domain! {
        name: DOMAIN_NAME,
        version: DOMAIN_VERSION,
        chain_id: plan.chain_id,
        verifying_contract: plan.signed_act,
    };
    Ok(Hashes {
        domain: domain.separator(),
        message: message.eip712_hash_struct(),
        digest: message.eip712_signing_hash(&domain),
    })
}

/// Why a signature does not count.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error("has schema {0:?}, this version reads {SCHEMA:?}")]
    Schema(String),
    #[error("signs {found}, the plan's digest is {expected}: it belongs to another plan")]
    Digest { found: B256, expected: B256 },
    #[error("is not 65 bytes of r, s and v")]
    Form,
    #[error("was made by {found}, it names {stated}")]
    Signer { found: Address, stated: Address },
}

impl SignatureFile {
    /// Checks that the signature is the named signer's, under this digest.
    pub(crate) fn check(&self, digest: B256) -> Result<(), SignatureError> {
        if self.schema != SCHEMA {
            return Err(SignatureError::Schema(self.schema.clone()));
        }
        if self.digest != digest {
            return Err(SignatureError::Digest { found: self.digest, expected: digest });
        }
        let signature = Signature::from_raw(&self.signature).map_err(|_| SignatureError::Form)?;
        let found =
            signature.recover_address_from_prehash(&digest).map_err(|_| SignatureError::Form)?;
        if found != self.signer {
            return Err(SignatureError::Signer { found, stated: self.signer });
        }
        Ok(())
    }
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

        let claimed = SignatureFile { signer: Address::repeat_byte(1), ..file.clone() };
        assert!(matches!(claimed.check(digest), Err(SignatureError::Signer { .. })));

        let relabelled = SignatureFile { digest: other, ..file.clone() };
        assert!(matches!(relabelled.check(other), Err(SignatureError::Signer { .. })));

        let cut = SignatureFile { signature: file.signature.slice(..64), ..file };
        assert_eq!(cut.check(digest), Err(SignatureError::Form));
    }
}
