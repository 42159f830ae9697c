//! The address book of one chain: `deployments/<chainId>.json`, written by `interdict deploy` and
//! read by everything else.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

/// The name of this format.
pub const SCHEMA: &str = "interdict.deployment/1";

/// One contract of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Where it is.
    pub address: Address,
    /// Keccak-256 of its code as deployed.
    pub code_hash: B256,
}

/// What was chosen when the system was deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The first members of the council.
    pub members: Vec<Address>,
    /// Who may cancel delistings and membership changes while they wait; `None` if nobody.
    pub guardian: Option<Address>,
    /// Who may attest that the list was compared with its sources; `None` if nobody.
    pub keeper: Option<Address>,
    /// How long a provisional listing holds, in seconds.
    pub term_seconds: u64,
    /// How many provisional entries a day may have.
    pub holds_per_day: u32,
    /// How long a vote is open, in seconds.
    pub voting_period_seconds: u64,
}

/// The whole system on one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// [`SCHEMA`].
    pub schema: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of the chain's block 0: tells two local chains of the same id apart.
    pub genesis_hash: B256,
    /// A block at or below the first one that has the list's code; its events begin after it.
    pub block: u64,
    /// Who may do what, and after which delay.
    pub access_manager: Contract,
    /// Who sits on the council.
    pub seats: Contract,
    /// The council's votes.
    pub council: Contract,
    /// The council's signed acts.
    pub signed_act: Contract,
    /// The list.
    pub blocklist: Contract,
    /// What was chosen.
    pub parameters: Parameters,
}

/// A file that is no address book.
#[derive(Debug, thiserror::Error)]
pub enum DeploymentError {
    /// Not the JSON of this format.
    #[error("is no deployment file: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version of the format.
    #[error("has schema {0:?}, this version reads {SCHEMA:?}: deploy again or update interdict")]
    Schema(String),
}

impl Deployment {
    /// Reads the file's text.
    ///
    /// # Errors
    /// See [`DeploymentError`].
    pub fn parse(text: &str) -> Result<Self, DeploymentError> {
        let deployment: Self = serde_json::from_str(text)?;
        if deployment.schema != SCHEMA {
            return Err(DeploymentError::Schema(deployment.schema));
        }
        Ok(deployment)
    }
}
