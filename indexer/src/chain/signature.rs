//! Who signed a transaction, recovered by the library that the network's own nodes use: it takes a
//! fraction of the time, and a block that is looked at whole has a signature for each transaction.

use std::sync::LazyLock;

use alloy_consensus::TxEnvelope;
use alloy_consensus::crypto::SECP256K1N_HALF;
use alloy_primitives::{Address, keccak256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, Secp256k1, VerifyOnly};

/// Public points only: there is no secret here to protect by blinding.
static CURVE: LazyLock<Secp256k1<VerifyOnly>> = LazyLock::new(Secp256k1::verification_only);

/// The signer of a transaction; `None` if the signature gives nobody, or is one of the two forms of
/// it that EIP-2 forbids.
pub(crate) fn signer(tx: &TxEnvelope) -> Option<Address> {
    let signature = tx.signature();
    if signature.s() > SECP256K1N_HALF {
        return None;
    }
    let mut compact = [0; 64];
    compact[..32].copy_from_slice(&signature.r().to_be_bytes::<32>());
    compact[32..].copy_from_slice(&signature.s().to_be_bytes::<32>());
    let parity = if signature.v() { RecoveryId::One } else { RecoveryId::Zero };
    let signature = RecoverableSignature::from_compact(&compact, parity).ok()?;
    let message = Message::from_digest(tx.signature_hash().0);
    let point = CURVE.recover_ecdsa(message, &signature).ok()?.serialize_uncompressed();
    // After the byte that says how the point is written.
    Some(Address::from_slice(&keccak256(&point[1..])[12..]))
}

#[cfg(test)]
mod tests {
    use alloy_consensus::transaction::SignerRecoverable;
    use alloy_consensus::{SignableTransaction, TxEip1559, TxLegacy};
    use alloy_primitives::{B256, Signature, U256};
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = U256> {
        prop_oneof![
            any::<[u8; 32]>().prop_map(U256::from_be_bytes),
            // What stands at the edges: nothing, the half of the order, the order, the most.
            prop_oneof![
                Just(U256::ZERO),
                Just(U256::ONE),
                Just(SECP256K1N_HALF),
                Just(SECP256K1N_HALF + U256::ONE),
                Just((SECP256K1N_HALF << 1) + U256::ONE),
                Just(U256::MAX),
            ],
        ]
    }

    proptest! {
        #[test]
        fn the_signer_is_whom_alloy_names(
            (r, s) in (word(), word()), odd in any::<bool>(),
            nonce in any::<u64>(), typed in any::<bool>()
        ) {
            let signature = Signature::new(r, s, odd);
            let tx: TxEnvelope = if typed {
                TxEip1559 { nonce, ..Default::default() }.into_signed(signature).into()
            } else {
                TxLegacy { nonce, chain_id: Some(1), ..Default::default() }
                    .into_signed(signature)
                    .into()
            };
            prop_assert_eq!(signer(&tx), tx.recover_signer().ok());
        }
    }

    #[test]
    fn a_real_signature_gives_its_signer_and_another_form_of_it_nobody() {
        let signed = |signature| TxEnvelope::from(TxEip1559::default().into_signed(signature));
        let one = signed(Signature::test_signature());
        assert_eq!(signer(&one), one.recover_signer().ok());
        assert!(signer(&one).is_some());
        let order = (SECP256K1N_HALF << 1) + U256::ONE;
        let (r, s, odd) = (one.signature().r(), one.signature().s(), one.signature().v());
        let high = signed(Signature::new(r, order - s, !odd));
        assert_ne!(one.signature_hash(), B256::ZERO);
        assert_eq!(signer(&high), None);
    }
}
