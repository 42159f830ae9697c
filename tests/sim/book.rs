//! The deployment file of a simulated world: nothing in it but the list is anywhere.

use alloy_primitives::{Address, B256};
use interdict_core::deployment::{Contract, Delays, Deployment, Parameters, SCHEMA};

use crate::node::{blocklist, code_hash};
use crate::story::FIRST_BLOCK;

/// The deployment of a list on a chain.
pub(crate) fn deployment((chain_id, genesis_hash): (u64, B256)) -> Deployment {
    let elsewhere = Contract { address: Address::ZERO, code_hash: B256::ZERO };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id,
        genesis_hash,
        block: FIRST_BLOCK,
        access_manager: elsewhere,
        seats: elsewhere,
        council: elsewhere,
        signed_act: elsewhere,
        blocklist: Contract { address: blocklist(), code_hash: code_hash() },
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 7 * 24 * 3600,
            holds_per_day: 1000,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}
