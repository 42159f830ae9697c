//! One chain behind one RPC address: what is asked of it and what is sent to it.

pub(crate) mod agreement;
mod transport;

use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, keccak256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::client::{ClientBuilder, RpcClient};
use alloy::rpc::types::{BlockNumberOrTag, TransactionRequest};
use alloy::sol_types::SolCall;
use alloy::transports::{RpcError, TransportError};
use anyhow::{Result, anyhow};
use reqwest::Url;

use self::transport::Bounded;
use crate::bindings::explain_revert;
use crate::exit::{Exit, Failure};
use crate::text::printable;

const POLL_INTERVAL: Duration = Duration::from_millis(500);
const CODE_BATCH_MAX: usize = 100;

/// What is shown of a node's own words: it may answer with a whole web page.
const NODE_SAYS_CHARS_MAX: usize = 1000;

/// A block that answers are pinned to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pinned {
    pub(crate) number: u64,
    pub(crate) hash: B256,
    /// Unix seconds.
    pub(crate) time: u64,
}

impl Pinned {
    pub(crate) fn id(self) -> BlockId {
        BlockId::hash(self.hash)
    }
}

/// A connected chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) provider: DynProvider,
    client: RpcClient,
    url: Url,
    pub(crate) id: u64,
    pub(crate) genesis: B256,
    /// A second node of the same chain, which must say the same: see `agreement`.
    pub(crate) second: Option<Box<Chain>>,
    /// The folder of transactions that were signed and have not landed.
    pub(crate) pending: PathBuf,
}

impl Chain {
    /// Connects and learns which chain it is.
    pub(crate) async fn connect(url: &Url, pending: &Path) -> Result<Self> {
        let client = ClientBuilder::default().transport(Bounded::new(url)?, false);
        client.set_poll_interval(POLL_INTERVAL);
        let provider = ProviderBuilder::new().connect_client(client.clone()).erased();
        let (url, pending) = (url.clone(), pending.to_owned());
        let (id, genesis, second) = (0, B256::ZERO, None);
        let mut chain = Self { provider, client, url, id, genesis, second, pending };
        chain.id = chain.provider.get_chain_id().await.map_err(|e| chain.unreachable(&e))?;
        chain.genesis = chain.block(BlockNumberOrTag::Number(0)).await?.hash;
        Ok(chain)
    }

    /// Who takes transactions for the same chain and is asked nothing but its id. What is shown of
    /// it is what is shown of a node.
    pub(crate) async fn taker(&self, url: &Url) -> Result<Self> {
        let client = ClientBuilder::default().transport(Bounded::new(url)?, false);
        let provider = ProviderBuilder::new().connect_client(client.clone()).erased();
        let url = url.clone();
        let mut taker = Self { provider, client, url, second: None, ..self.clone() };
        taker.id = taker.provider.get_chain_id().await.map_err(|e| taker.failed(&e))?;
        Ok(taker)
    }

    /// The RPC address without what may be secret in it.
    pub(crate) fn shown_url(&self) -> String {
        shown(&self.url)
    }

    /// A block's place and time.
    pub(crate) async fn block(&self, tag: BlockNumberOrTag) -> Result<Pinned> {
        let block = self.provider.get_block_by_number(tag).await.map_err(|e| self.failed(&e))?;
        let header =
            block.ok_or_else(|| anyhow!("{} has no block {tag}", self.shown_url()))?.header;
        Ok(Pinned { number: header.number, hash: header.hash, time: header.timestamp })
    }

    /// Asks a contract. An empty answer is a failure, never a default.
    pub(crate) async fn ask<C: SolCall>(
        &self,
        to: Address,
        call: &C,
        at: BlockId,
    ) -> Result<C::Return> {
        let answer = self.answer(C::SIGNATURE, to, call.abi_encode(), at).await?;
        if answer.is_empty() {
            let message = format!("{to} gave an empty answer to {}", C::SIGNATURE);
            return Err(Failure::new(Exit::Failed, "empty_answer", message)
                .next("check that the node is synchronised: `interdict doctor`")
                .into());
        }
        C::abi_decode_returns_validate(&answer)
            .map_err(|e| anyhow!("{to} gave an unreadable answer to {}: {e}", C::SIGNATURE))
    }

    /// What a contract answers, as bytes; of two nodes, what both say.
    pub(crate) async fn answer(
        &self,
        what: &str,
        to: Address,
        data: Vec<u8>,
        at: BlockId,
    ) -> Result<Bytes> {
        let at = self.settled(at).await?;
        let request = TransactionRequest::default().with_to(to).with_input(data);
        let answer = self.called(what, request.clone(), at).await?;
        if let Some(second) = &self.second {
            let theirs = second.called(what, request, at).await?;
            self.check_agree(&format!("{what} of {to}"), &answer, &theirs)?;
        }
        Ok(answer)
    }

    async fn called(&self, what: &str, ask: TransactionRequest, at: BlockId) -> Result<Bytes> {
        self.provider.call(ask).block(at).await.map_err(|e| self.refused(what, &e))
    }

    /// The code at an address.
    pub(crate) async fn code(&self, address: Address, at: BlockId) -> Result<Bytes> {
        let codes = self.codes(&[address], at).await?;
        codes.into_iter().next().ok_or_else(|| anyhow!("{} left a code out", self.shown_url()))
    }

    /// The hash of the code at an address; `None` where there is no code.
    pub(crate) async fn code_hash(&self, address: Address, at: BlockId) -> Result<Option<B256>> {
        let code = self.code(address, at).await?;
        Ok((!code.is_empty()).then(|| keccak256(&code)))
    }

    /// The code at each address in a block, in order.
    pub(crate) async fn codes(&self, addresses: &[Address], at: BlockId) -> Result<Vec<Bytes>> {
        let at = self.settled(at).await?;
        let codes = self.own_codes(addresses, at).await?;
        let Some(second) = &self.second else { return Ok(codes) };
        let theirs = second.own_codes(addresses, at).await?;
        for ((address, mine), theirs) in addresses.iter().zip(&codes).zip(&theirs) {
            self.check_agree(&format!("the code at {address}"), mine, theirs)?;
        }
        Ok(codes)
    }

    async fn own_codes(&self, addresses: &[Address], at: BlockId) -> Result<Vec<Bytes>> {
        let mut codes = Vec::with_capacity(addresses.len());
        for part in addresses.chunks(CODE_BATCH_MAX) {
            let mut batch = self.client.new_batch();
            let mut answers = Vec::with_capacity(part.len());
            for address in part {
                let answer = batch.add_call::<_, Bytes>("eth_getCode", &(*address, at));
                answers.push(answer.map_err(|e| self.failed(&e))?);
            }
            batch.send().await.map_err(|e| self.failed(&e))?;
            for answer in answers {
                codes.push(answer.await.map_err(|e| self.failed(&e))?);
            }
        }
        Ok(codes)
    }

    /// Calls as if sent, in the block that comes next; a revert ends with exit code 5.
    pub(crate) async fn simulate(
        &self,
        from: Address,
        to: Address,
        data: Vec<u8>,
    ) -> Result<Bytes> {
        let request = TransactionRequest::default().with_from(from).with_to(to).with_input(data);
        let (what, at) = ("the simulated transaction", BlockId::pending());
        let mine = self.called(what, request.clone(), at).await;
        let Some(second) = &self.second else { return mine };
        let theirs = second.called(what, request, at).await;
        self.check_tried(mine, theirs)
    }

    /// Refuses to go on when a node behind its address serves another chain than before.
    pub(crate) async fn check_same(&self) -> Result<()> {
        self.check_own().await?;
        match &self.second {
            Some(second) => second.check_own().await,
            None => Ok(()),
        }
    }

    async fn check_own(&self) -> Result<()> {
        let id = self.provider.get_chain_id().await.map_err(|e| self.failed(&e))?;
        let genesis = self.block(BlockNumberOrTag::Number(0)).await?.hash;
        if (id, genesis) == (self.id, self.genesis) {
            return Ok(());
        }
        let message = format!(
            "{} was chain {} with block 0 {}, now it is chain {id} with block 0 {genesis}",
            self.shown_url(),
            self.id,
            self.genesis
        );
        Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("nothing was sent: check what is behind --rpc-url")
            .into())
    }

    /// A failed request in words, without secrets of the RPC address.
    pub(crate) fn failed(&self, error: &TransportError) -> anyhow::Error {
        match error {
            RpcError::ErrorResp(_) => {
                anyhow!("{} answered: {}", self.shown_url(), self.said(&error.to_string()))
            }
            _ => self.unreachable(error),
        }
    }

    fn unreachable(&self, error: &TransportError) -> anyhow::Error {
        let mut why = error.to_string();
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
        while let Some(inner) = cause {
            why = inner.to_string();
            cause = inner.source();
        }
        let message = format!("no answer from {}: {}", self.shown_url(), self.said(&why));
        Failure::new(Exit::Failed, "unreachable", message)
            .next("check --rpc-url (or ETH_RPC_URL) and that the node is running")
            .into()
    }

    /// As [`Self::failed`], and exit code 5 where the chain says that it would revert.
    pub(crate) fn refused(&self, what: &str, error: &TransportError) -> anyhow::Error {
        let RpcError::ErrorResp(payload) = error else { return self.failed(error) };
        let reason = match payload.as_revert_data() {
            Some(data) => self.said(&explain_revert(&data)),
            None if payload.message.contains("revert") => self.said(&payload.message),
            None => return self.failed(error),
        };
        Failure::new(Exit::Reverts, "reverts", format!("{what} reverts: {reason}")).into()
    }

    /// A node's words in one line, so that they cannot pass for ours, and without secrets of the
    /// RPC address; a page of them is cut.
    fn said(&self, text: &str) -> String {
        cut(redact(&self.url, &printable(text)), NODE_SAYS_CHARS_MAX)
    }
}

/// Scheme, host and port: the rest of an RPC address may be a key.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

fn redact(url: &Url, text: &str) -> String {
    let mut text = text.replace(url.as_str(), &shown(url));
    let secrets = [url.path().trim_matches('/'), url.username()];
    let more = [url.password(), url.query()];
    for secret in secrets.into_iter().chain(more.into_iter().flatten()) {
        if !secret.is_empty() {
            text = text.replace(secret, "…");
        }
    }
    text
}

fn cut(mut text: String, chars_max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(chars_max) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_and_a_line_is_not() {
        assert_eq!(cut("é".repeat(3), 3), "ééé");
        assert_eq!(cut("é".repeat(4), 3), "ééé…");
    }

    #[test]
    fn nothing_secret_of_an_rpc_address_is_shown() {
        let url: Url = "https://name:word@node.example:8443/v3/0123abcd?key=4567".parse().unwrap();
        assert_eq!(shown(&url), "https://node.example:8443");
        let text = format!("error for ({url}), path v3/0123abcd, key=4567, name, word");
        let clean = redact(&url, &text);
        for secret in ["0123abcd", "4567", "name:", "word"] {
            assert!(!clean.contains(secret), "{secret} in {clean}");
        }
    }
}
