//! What the headers of a known chain prove.
//!
//! Chains differ in what a header commits to (system transactions, deposit receipts, state-sync
//! logs). A chain without a profile is refused: guessing would let a wrong block through. Where a
//! header does not prove everything, two providers must agree on the block, and a provider other
//! than the first must say the same again once it is final.

use alloy_primitives::{B256, keccak256};

/// How a transaction's hash follows from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashRule {
    /// Keccak-256 of the EIP-2718 encoding, always.
    Encoding,
    /// As above; a transaction with r = s = 0 was impersonated on a local node, which hashes the
    /// sender along with the encoding so that equal ones of two senders differ.
    EncodingOrImpersonated,
}

/// Which transactions a chain has beside Ethereum's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// None.
    Ethereum,
    /// Deposits of type 0x7e.
    Optimism,
    /// Types 0x64 to 0x6a.
    Arbitrum,
    /// State-sync transactions.
    Polygon,
}

/// How far something is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is recomputed and must fit.
    Required,
    /// As above, after some transactions are left out.
    Filtered(Filter),
    /// It cannot be recomputed; why.
    Off(&'static str),
}

/// Which transactions a root does not commit to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Polygon's state sync. Before PIP-74 it is in neither root and known by its hash; since then
    /// it has type 0x7f and is in both, but JSON does not say what it consists of, so that the
    /// transactions root of its block cannot be recomputed.
    StateSync,
}

/// How it is known what is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// Providers name the block by the tag "finalized".
    Tag,
    /// So many blocks below the newest.
    Depth(u64),
}

/// What the headers of one chain prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The chain's name.
    pub name: &'static str,
    /// Which transactions it has beside Ethereum's.
    pub family: Family,
    /// Whether a header's fields hash to its hash.
    pub header_hash: Proof,
    /// Whether the transactions give the header's root.
    pub tx_root: Proof,
    /// Whether the receipts give the header's root.
    pub receipts_root: Proof,
    /// How a transaction's hash follows from its bytes.
    pub transaction_hash: HashRule,
    /// How it is known what is final.
    pub finality: Finality,
    /// The first block for which all this holds.
    pub first_block: u64,
    /// What is not proved, in words for an operator.
    pub not_provable: &'static str,
}

const INTERNAL_CALLS: &str = "internal calls";

const ETHEREUM: Profile = Profile {
    chain_id: 1,
    name: "Ethereum",
    family: Family::Ethereum,
    header_hash: Proof::Required,
    tx_root: Proof::Required,
    receipts_root: Proof::Required,
    transaction_hash: HashRule::Encoding,
    finality: Finality::Tag,
    first_block: 0,
    not_provable: INTERNAL_CALLS,
};

/// The chains that this version knows, by chain id.
pub const PROFILES: [Profile; 9] = [
    ETHEREUM,
    Profile {
        chain_id: 10,
        name: "OP Mainnet",
        family: Family::Optimism,
        // Bedrock. The chain before it was another one, whose blocks have other roots.
        first_block: 105_235_063,
        not_provable: "internal calls; anything before Bedrock (block 105235063); before Canyon, \
                       the address of a contract that a deposit creates",
        ..ETHEREUM
    },
    Profile {
        chain_id: 56,
        name: "BNB Smart Chain",
        // Its system transactions (gas price 0) are signed by the validator and in both roots; what
        // Parlia adds stands in the header's extra data, or in JSON only.
        ..ETHEREUM
    },
    Profile {
        chain_id: 100,
        name: "Gnosis",
        // The Merge. Headers before it carry step and signature of AuRa, which nodes name
        // differently.
        first_block: 25_349_537,
        not_provable: "internal calls, block rewards and bridged xDAI among them; anything before \
                       the Merge (block 25349537)",
        ..ETHEREUM
    },
    Profile {
        chain_id: 137,
        name: "Polygon",
        family: Family::Polygon,
        tx_root: Proof::Filtered(Filter::StateSync),
        receipts_root: Proof::Filtered(Filter::StateSync),
        finality: Finality::Depth(500),
        not_provable: "internal calls; state sync and its logs before PIP-74; since then all \
                       transactions of a block that has one",
        ..ETHEREUM
    },
    Profile {
        chain_id: 8_453,
        name: "Base",
        family: Family::Optimism,
        not_provable: "internal calls; before Canyon, the address of a contract that a deposit \
                       creates",
        ..ETHEREUM
    },
    Profile {
        chain_id: 31_337,
        name: "local",
        transaction_hash: HashRule::EncodingOrImpersonated,
        ..ETHEREUM
    },
    Profile {
        chain_id: 42_161,
        name: "Arbitrum One",
        family: Family::Arbitrum,
        // Nitro. The chain before it had other blocks.
        first_block: 22_207_818,
        not_provable: "internal calls; anything before Nitro (block 22207818); the address of a \
                       contract that a contract on L1 creates",
        ..ETHEREUM
    },
    Profile { chain_id: 11_155_111, name: "Sepolia", ..ETHEREUM },
];

/// There is no profile for a chain.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "chain {0} has no profile, so it is not known what its headers prove: find out whether header \
     hash, transactions root and receipts root of its blocks can be recomputed, and which of its \
     transactions they leave out; then add it to PROFILES in indexer/src/chain/profile.rs, with \
     `Required` where they can, and a block of each kind to indexer/src/chain/accept/chains.rs"
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

    /// Whether the header proves the whole block, so that one provider is enough.
    pub fn is_proved(&self) -> bool {
        [self.header_hash, self.tx_root, self.receipts_root]
            .into_iter()
            .all(|proof| proof == Proof::Required)
    }
}

/// The hash by which Polygon knows a block's state sync before PIP-74.
pub fn state_sync_hash(number: u64, block: B256) -> B256 {
    let key = [b"matic-bor-receipt-".as_slice(), &number.to_be_bytes(), block.as_slice()];
    keccak256(key.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_chain_is_refused_with_what_to_do() {
        assert_eq!(Profile::of(1).map(|profile| profile.name), Ok("Ethereum"));
        let refusal = Profile::of(25).unwrap_err();
        assert_eq!(refusal, UnknownChain(25));
        assert!(refusal.to_string().contains("profile.rs"));
    }

    #[test]
    fn each_chain_stands_once_and_says_what_it_does_not_prove() {
        let ids: Vec<_> = PROFILES.iter().map(|profile| profile.chain_id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(PROFILES.iter().all(|profile| profile.not_provable.contains(INTERNAL_CALLS)));
    }

    #[test]
    fn only_polygon_needs_a_second_word() {
        let second = PROFILES.iter().filter(|profile| !profile.is_proved());
        assert_eq!(second.map(|profile| profile.name).collect::<Vec<_>>(), ["Polygon"]);
    }
}
