//! What the headers of a known chain prove.
//!
//! Chains differ in what a header commits to (system transactions, deposit receipts, state-sync
//! logs). A chain without a profile is refused: guessing would let a wrong block through.

/// How a transaction's hash follows from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRule {
    /// Keccak-256 of the EIP-2718 encoding, always.
    Encoding,
    /// As above; a transaction with r = s = 0 was impersonated on a local node, which hashes the
    /// sender along with the encoding so that equal ones of two senders differ.
    EncodingOrImpersonated,
}

/// What the headers of one chain prove. Header hash, transactions root and receipts root are
/// required on every chain known so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The chain's name.
    pub name: &'static str,
    /// How a transaction's hash follows from its bytes.
    pub transaction_hash: HashRule,
}

/// The chains that this version knows, by chain id.
pub const PROFILES: [Profile; 3] = [
    Profile { chain_id: 1, name: "Ethereum", transaction_hash: HashRule::Encoding },
    Profile { chain_id: 31_337, name: "local", transaction_hash: HashRule::EncodingOrImpersonated },
    Profile { chain_id: 11_155_111, name: "Sepolia", transaction_hash: HashRule::Encoding },
];

/// There is no profile for a chain.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "chain {0} has no profile, so it is not known what its headers prove: check that header hash, \
     transactions root and receipts root of its blocks can be recomputed, then add it to PROFILES \
     in indexer/src/chain/profile.rs"
)]
pub struct UnknownChain(pub u64);

impl Profile {
    /// The profile of a chain.
    ///
    /// # Errors
    /// The chain has none.
    pub fn of(chain_id: u64) -> Result<Self, UnknownChain> {
        PROFILES
            .into_iter()
            .find(|profile| profile.chain_id == chain_id)
            .ok_or(UnknownChain(chain_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_chain_is_refused_with_what_to_do() {
        assert_eq!(Profile::of(1).map(|profile| profile.name), Ok("Ethereum"));
        let refusal = Profile::of(137).unwrap_err();
        assert_eq!(refusal, UnknownChain(137));
        assert!(refusal.to_string().contains("profile.rs"));
    }
}
