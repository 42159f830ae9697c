//! Asks tokens for their own words, once each, when a finding first names them. Beside the loop:
//! whatever a token or its provider does here, no block waits for it.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::Address;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Status;
use crate::chain::rpc::{Rpc, RpcError};
use crate::clock::Clock;
use crate::store::{Store, StoreError};
use crate::tokens::{self, Words};

/// Tokens asked in one pass.
const PASS_MAX_TOKENS: u32 = 16;
/// Attempts after which a token counts as one that says nothing.
const ATTEMPTS_MAX: u32 = 8;
/// Wait after a pass in which a token could not be asked, in seconds.
const WAIT_SECONDS: u64 = 30;

/// Asks tokens.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) store: Store,
    /// At least one; the first that can be asked is.
    pub(super) providers: Vec<Arc<Rpc>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) status: watch::Receiver<Status>,
}

impl Asker {
    pub(super) async fn run(mut self, stop: CancellationToken) -> &'static str {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return "asker of tokens",
                () = self.turn() => {}
            }
        }
    }

    /// One pass, and the wait for the next: a finding comes with a step of the chain. A worker that
    /// stands by leaves the asking to the one that follows the chain.
    async fn turn(&mut self) {
        let stands_by = self.status.borrow_and_update().standing_by.is_some();
        let asked = if stands_by { Ok(0) } else { self.pass().await };
        match asked {
            Ok(0) => {
                if self.status.changed().await.is_err() {
                    // The loop has ended, and with it all findings.
                    std::future::pending::<()>().await;
                }
            }
            Ok(_) => tokio::time::sleep(Duration::from_secs(WAIT_SECONDS)).await,
            Err(error) => {
                tracing::error!(%error, "tokens cannot be asked");
                tokio::time::sleep(Duration::from_secs(WAIT_SECONDS)).await;
            }
        }
    }

    /// Asks every token that was not asked yet; how many could not be.
    async fn pass(&self) -> Result<u32, StoreError> {
        let mut failed = 0;
        loop {
            let unasked = self.store.unasked_tokens(PASS_MAX_TOKENS).await?;
            if unasked.is_empty() || failed > 0 {
                return Ok(failed);
            }
            for token in unasked {
                match self.ask(token).await {
                    Ok(words) => self.store.token_said(token, &words, self.clock.now()).await?,
                    Err(error) => {
                        failed += 1;
                        let error = error.map(|error| error.to_string());
                        tracing::warn!(%token, error, "a token could not be asked");
                        let now = self.clock.now();
                        self.store.token_not_heard(token, ATTEMPTS_MAX, now).await?;
                    }
                }
            }
        }
    }

    /// Asks through the first provider that hears; the last one's failure if none does.
    async fn ask(&self, token: Address) -> Result<Words, Option<RpcError>> {
        let mut failure = None;
        for provider in &self.providers {
            match ask(provider, token).await {
                Ok(words) => return Ok(words),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure)
    }
}

async fn ask(provider: &Rpc, token: Address) -> Result<Words, RpcError> {
    let symbol = provider.view(token, tokens::SYMBOL).await?;
    let name = provider.view(token, tokens::NAME).await?;
    let decimals = provider.view(token, tokens::DECIMALS).await?;
    Ok(Words::of(symbol.as_ref(), name.as_ref(), decimals.as_ref()))
}
