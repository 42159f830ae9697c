//! A member's vote by signature, made without the command line: what a member's own wallet would
//! sign, and anyone sends.

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, U256};
use alloy::providers::ProviderBuilder;
use alloy::signers::SignerSync;
use alloy::sol_types::{SolStruct, eip712_domain};
use anyhow::{Result, ensure};

use crate::chain::Chain;
use crate::keys::Person;

mod contract {
    #![allow(missing_docs, clippy::pedantic, clippy::all, reason = "generated")]
    alloy::sol! {
        #[sol(rpc)]
        interface Votes {
            function castVoteBySig(
                uint256 proposalId,
                uint8 support,
                address voter,
                bytes signature
            ) external returns (uint256);
            function nonces(address owner) external view returns (uint256);
        }

        struct Ballot {
            uint256 proposalId;
            uint8 support;
            address voter;
            uint256 nonce;
        }
    }
}

const FOR: u8 = 1;

/// The member signs for a proposal, and the relayer sends it.
///
/// # Errors
/// The council refuses the ballot.
pub async fn cast(
    chain: &Chain,
    chain_id: u64,
    council: Address,
    proposal: U256,
    member: &Person,
    relayer: &Person,
) -> Result<()> {
    let wallet = EthereumWallet::from(relayer.signer.clone());
    let provider = ProviderBuilder::new().wallet(wallet).connect_http(chain.url.parse()?);
    let contract = contract::Votes::new(council, provider);
    let nonce = contract.nonces(member.address()).call().await?;
    let voter = member.address();
    let ballot = contract::Ballot { proposalId: proposal, support: FOR, voter, nonce };
    let domain = eip712_domain! {
        name: "Interdict Council",
        version: "1",
        chain_id: chain_id,
        verifying_contract: council,
    };
    let signature = member.signer.sign_hash_sync(&ballot.eip712_signing_hash(&domain))?;
    let sent =
        contract.castVoteBySig(proposal, FOR, voter, signature.as_bytes().into()).send().await?;
    let receipt = sent.get_receipt().await?;
    ensure!(receipt.status(), "the ballot of {voter} was refused");
    Ok(())
}
