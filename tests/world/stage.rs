//! The stage that every story needs: a chain with the system deployed on it, a token that customers
//! pay with, a receiver, and what the indexer shall be told.

use std::path::Path;

use alloy::primitives::Address;
use alloy::rpc::types::TransactionReceipt;
use anyhow::Result;

use crate::anvil::{Anvil, Pace};
use crate::council::Council;
use crate::indexer::Settings;
use crate::receiver::Receiver;

/// Units of one USDT.
pub const USDT: u64 = 1_000_000;

/// Everything that stands before the story begins; the indexer is not started.
#[derive(Debug)]
pub struct Stage {
    /// The chain.
    pub anvil: Anvil,
    /// Who governs the list, and the command line.
    pub council: Council,
    /// The token that the indexer knows as USDT.
    pub token: Address,
    /// Where alerts are sent.
    pub receiver: Receiver,
    /// For the indexer of this stage.
    pub settings: Settings,
}

impl Stage {
    /// Builds the stage in a folder.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn build(folder: &Path, pace: Pace, port: u16) -> Result<Self> {
        let anvil = Anvil::start(pace).await?;
        let council = Council::convene(&anvil, folder).await?;
        council.deploy().await?;
        let token = council.chain.deploy_token(&council.deployer).await?;
        let receiver = Receiver::start().await?;
        let settings = Settings {
            folder: folder.join("indexer"),
            rpc_url: anvil.url.clone(),
            traces: Vec::new(),
            deployment: council.deployment_file(),
            token,
            webhook: receiver.url.clone(),
            port,
        };
        Ok(Self { anvil, council, token, receiver, settings })
    }

    /// The settings of a second indexer on the same stage, with a receiver of its own.
    pub fn second(&self, folder: &Path, receiver: &Receiver) -> Settings {
        Settings {
            folder: folder.to_owned(),
            webhook: receiver.url.clone(),
            ..self.settings.clone()
        }
    }

    /// A customer, minted what it needs, pays tokens.
    ///
    /// # Errors
    /// A transaction fails.
    pub async fn pay(&self, to: Address, units: u64) -> Result<TransactionReceipt> {
        let (chain, customer) = (&self.council.chain, &self.council.guardian);
        chain.mint(self.token, customer, customer.address(), units).await?;
        chain.pay(self.token, customer, to, units).await
    }
}
