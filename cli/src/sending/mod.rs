//! From calldata to a receipt: tried first, bounded, confirmed by a person, written down before it
//! is broadcast, and never sent twice.

mod pending;
mod relay;

use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::consensus::TxEnvelope;
use alloy::eips::{BlockId, Decodable2718 as _, Encodable2718 as _};
use alloy::network::{NetworkTransactionBuilder as _, TransactionBuilder as _};
use alloy::primitives::{Address, B256, keccak256};
use alloy::providers::Provider as _;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::transports::RpcError;
use anyhow::{Context as _, Result};

pub(crate) use self::pending::Left;
use self::pending::{Attempt, Pending, Subject};
use crate::args::SendArgs;
use crate::chain::Chain;
use crate::exit::{Exit, Failure};
use crate::wallet::{self, LOCAL_CHAIN, Wallet};
use crate::{output, text};

/// The most gas that one transaction may use (EIP-7825).
const GAS_MAX: u64 = 1 << 24;

/// What is added to the estimate, for the state may change until the transaction lands.
const GAS_MARGIN_PERCENT: u64 = 20;

/// A thousand gwei for a unit of gas. A node that asks for more lies, or it is no day to send.
const FEE_MAX_WEI: u128 = 1_000_000_000_000;

/// By how much nodes want a fee raised that replaces another, and a little more.
const RAISE_PERCENT: u128 = 13;

const RECEIPT_TIMEOUT: Duration = Duration::from_mins(3);
const RECEIPT_POLL: Duration = Duration::from_millis(300);

/// Somebody who sends transactions on a chain, and has said so.
#[derive(Debug)]
pub(crate) struct Sender<'a> {
    chain: &'a Chain,
    /// Who is given what is sent, where that is not the node that is asked.
    relay: Option<Chain>,
    wallet: Wallet,
}

/// What everybody here has signed for a contract, and does not know to have landed.
pub(crate) fn left(chain: &Chain, to: Address) -> Result<Vec<Left>> {
    pending::left(&chain.pending, (chain.id, chain.genesis), to)
}

/// A wallet's fees, wei for each unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fees {
    max: u128,
    priority: u128,
}

impl<'a> Sender<'a> {
    /// Has a person confirm the chain by its name, and opens the wallet.
    pub(crate) async fn open(chain: &'a Chain, args: &SendArgs, what: &str) -> Result<Self> {
        let relay = match &args.send_rpc_url {
            Some(text) => Some(relay::connect(chain, text).await?),
            None => None,
        };
        if !args.yes && chain.id != LOCAL_CHAIN {
            confirm(chain.id, what)?;
        }
        let wallet = wallet::open(&args.wallet, chain.id).await?;
        Ok(Self { chain, relay, wallet })
    }

    pub(crate) fn address(&self) -> Address {
        self.wallet.address()
    }

    /// Whether this sender has signed this very call before, and does not know that it landed:
    /// [`Self::send`] takes it up, and what is so on the chain may be so because of it.
    pub(crate) fn has_left(&self, to: Address, data: &[u8]) -> Result<bool> {
        let left = Pending::read(&self.pending())?;
        Ok(left.is_some_and(|left| left.subject() == self.subject(to, data)))
    }

    fn pending(&self) -> PathBuf {
        pending::path(&self.chain.pending, self.chain.id, self.address())
    }

    fn subject(&self, to: Address, data: &[u8]) -> Subject {
        Subject {
            chain_id: self.chain.id,
            genesis_hash: self.chain.genesis,
            from: self.address(),
            to,
            data_hash: keccak256(data),
        }
    }

    /// Sends, and waits for the receipt. What this sender has signed before and does not know to
    /// have landed is taken up again, not sent a second time.
    pub(crate) async fn send(&self, to: Address, data: Vec<u8>) -> Result<TransactionReceipt> {
        self.chain.check_same().await?;
        let (subject, path) = (self.subject(to, &data), self.pending());
        let _alone = pending::lock(&path)?;
        if let Some(left) = Pending::read(&path)? {
            match self.take_up(&left, subject).await? {
                Standing::Over => pending::forget(&path)?,
                Standing::Landed(receipt) => {
                    pending::forget(&path)?;
                    return succeeded(*receipt);
                }
                Standing::Waiting => {
                    output::progress("taking up the transaction that was signed before");
                    let raised = self.raised(left, data).await?;
                    return self.broadcast(raised, &path, Turn::Again).await;
                }
            }
        }
        self.chain.simulate(self.address(), to, data.clone()).await?;
        let gas_limit = self.gas(to, &data).await?;
        let nonce = self.chain.nonce(self.address()).await?;
        let fees = self.fees().await?;
        let first = self.signed(to, data, nonce, gas_limit, fees).await?;
        let pending = Pending::new(subject, nonce, gas_limit, first);
        self.broadcast(pending, &path, Turn::First).await
    }

    /// The estimate with its margin, and never more than one transaction may use.
    async fn gas(&self, to: Address, data: &[u8]) -> Result<u64> {
        let request = TransactionRequest::default()
            .with_from(self.address())
            .with_to(to)
            .with_input(data.to_vec());
        let estimate = self.chain.provider.estimate_gas(request).block(BlockId::pending()).await;
        let estimate = estimate.map_err(|e| self.chain.refused("the estimated transaction", &e))?;
        bounded_gas(estimate).ok_or_else(|| {
            let message = format!(
                "the transaction needs {estimate} gas, one may use {GAS_MAX} at most (EIP-7825)"
            );
            Failure::new(Exit::Failed, "too_much_gas", message)
                .next("split it: a publication of fewer addresses makes a smaller plan")
                .into()
        })
    }

    async fn fees(&self) -> Result<Fees> {
        let fees = self.chain.provider.estimate_eip1559_fees().await;
        let fees = fees.map_err(|e| self.chain.failed(&e))?;
        let fees = Fees { max: fees.max_fee_per_gas, priority: fees.max_priority_fee_per_gas };
        if fees.max <= FEE_MAX_WEI {
            return Ok(fees);
        }
        let message = format!(
            "{} asks for {} wei a unit of gas, more than {FEE_MAX_WEI}",
            self.chain.shown_url(),
            fees.max
        );
        Err(Failure::new(Exit::Failed, "fee", message)
            .next("ask another node, or send when the fees are lower")
            .into())
    }

    async fn signed(
        &self,
        to: Address,
        data: Vec<u8>,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Result<Attempt> {
        let request = TransactionRequest::default()
            .with_from(self.address())
            .with_to(to)
            .with_input(data)
            .with_chain_id(self.chain.id)
            .with_nonce(nonce)
            .with_gas_limit(gas_limit)
            .with_max_fee_per_gas(fees.max)
            .with_max_priority_fee_per_gas(fees.priority);
        let signed = request.build(&self.wallet.for_transactions()).await;
        let signed = signed.context("the transaction cannot be signed")?;
        let raw = signed.encoded_2718().into();
        let hash = *signed.tx_hash();
        Ok(Attempt { hash, max_fee: fees.max, priority_fee: fees.priority, raw })
    }

    /// Where a transaction stands that was signed before. Another one is in the way of this one.
    async fn take_up(&self, left: &Pending, subject: Subject) -> Result<Standing> {
        let is_own = left.subject() == subject;
        if left.genesis_hash != subject.genesis_hash {
            return Ok(Standing::Over);
        }
        check_bytes(left)?;
        if let Some(receipt) = self.receipt(left).await? {
            return Ok(if is_own { Standing::Landed(Box::new(receipt)) } else { Standing::Over });
        }
        let count = self.chain.provider.get_transaction_count(self.address()).latest().await;
        if count.map_err(|e| self.chain.failed(&e))? > left.nonce {
            // It may have landed between the two questions. If not, another wallet program used the
            // nonce: ours can never land.
            return Ok(match self.receipt(left).await? {
                Some(receipt) if is_own => Standing::Landed(Box::new(receipt)),
                _ => Standing::Over,
            });
        }
        if is_own {
            return Ok(Standing::Waiting);
        }
        let hash = left.last().map_or(B256::ZERO, |attempt| attempt.hash);
        let message = format!(
            "transaction {hash} of {} to {} has been signed and has not landed yet",
            left.from, left.to
        );
        Err(Failure::new(Exit::Failed, "pending", message)
            .next(format!(
                "run the command that made it again, and this one when it has landed; if that command can do nothing any more, remove {}: what it has may still land, under the nonce {}",
                self.pending().display(),
                left.nonce
            ))
            .into())
    }

    /// With another attempt at a higher fee, if the fees have risen since; with the same nonce.
    async fn raised(&self, mut left: Pending, data: Vec<u8>) -> Result<Pending> {
        let now = self.fees().await?;
        let Some(last) = left.last() else { return Ok(left) };
        let before = Fees { max: last.max_fee, priority: last.priority_fee };
        if now.max > before.max {
            let fees = raised(before, now);
            let next = self.signed(left.to, data, left.nonce, left.gas_limit, fees).await?;
            left.attempts.push(next);
        }
        Ok(left)
    }

    async fn broadcast(
        &self,
        pending: Pending,
        path: &Path,
        turn: Turn,
    ) -> Result<TransactionReceipt> {
        pending.write(path)?;
        let Some(last) = pending.last() else { anyhow::bail!("nothing was signed") };
        let taker = self.relay.as_ref().unwrap_or(self.chain);
        let sent = taker.provider.send_raw_transaction(&last.raw).await;
        match sent {
            Ok(_) => {}
            // It may be there already, from the time before; its receipt tells.
            Err(RpcError::ErrorResp(_)) if self.is_known(&pending).await? => {}
            // A relay that has it already shows it to nobody, not to the node that is asked either.
            Err(why @ RpcError::ErrorResp(_)) if turn == Turn::Again && self.relay.is_some() => {
                output::warn(&format!("{:#}; it may have it from before", taker.failed(&why)));
            }
            Err(why) => {
                let failure = Failure::from_error(taker.refused("the transaction", &why));
                let refused = matches!(why, RpcError::ErrorResp(_));
                if refused && self.is_unused(&pending).await? {
                    pending::forget(path)?;
                    return Err(failure.into());
                }
                return Err(kept(self.of_taker(failure)).into());
            }
        }
        let receipt = self.wait(&pending).await?;
        pending::forget(path)?;
        succeeded(receipt)
    }

    /// A failure to give it away, with the address to check where that is a relay's.
    fn of_taker(&self, mut failure: Failure) -> Failure {
        if self.relay.is_some() && failure.next.is_some() {
            failure.next = Some(relay::CHECK.to_owned());
        }
        failure
    }

    /// Whether nobody but us can have what was signed: one attempt, of which the node that refused
    /// it knows nothing, and a nonce that nothing waits under. A relay is not asked what it knows.
    async fn is_unused(&self, pending: &Pending) -> Result<bool> {
        if self.relay.is_some() || pending.attempts.len() > 1 || self.is_known(pending).await? {
            return Ok(false);
        }
        let count = self.chain.provider.get_transaction_count(self.address()).pending().await;
        Ok(count.map_err(|e| self.chain.failed(&e))? <= pending.nonce)
    }

    async fn is_known(&self, pending: &Pending) -> Result<bool> {
        for attempt in &pending.attempts {
            let found = self.chain.provider.get_transaction_by_hash(attempt.hash).await;
            if found.map_err(|e| self.chain.failed(&e))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn wait(&self, pending: &Pending) -> Result<TransactionReceipt> {
        let _seen = output::waiting("waiting for the receipt");
        let landed = async {
            loop {
                if let Some(receipt) = self.receipt(pending).await? {
                    return anyhow::Ok(receipt);
                }
                tokio::time::sleep(RECEIPT_POLL).await;
            }
        };
        if let Ok(landed) = tokio::time::timeout(RECEIPT_TIMEOUT, landed).await {
            return landed;
        }
        let hash = pending.last().map_or(B256::ZERO, |attempt| attempt.hash);
        let seconds = text::duration(RECEIPT_TIMEOUT.as_secs());
        let message = format!("transaction {hash} was sent and has not landed within {seconds}");
        Err(Failure::new(Exit::Failed, "no_receipt", message)
            .next("run the same command again: it takes up this transaction")
            .into())
    }

    async fn receipt(&self, pending: &Pending) -> Result<Option<TransactionReceipt>> {
        for attempt in &pending.attempts {
            let receipt = self.chain.provider.get_transaction_receipt(attempt.hash).await;
            if let Some(receipt) = receipt.map_err(|e| self.chain.failed(&e))? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }
}

/// A refusal of what may be on its way all the same, for who refuses may have passed it on.
fn kept(mut failure: Failure) -> Failure {
    failure.message.push_str("; what was signed is kept, for it may be on its way");
    let again = "the same command again takes it up";
    failure.next = Some(match failure.next {
        Some(next) => format!("{next}; {again}"),
        None => again.to_owned(),
    });
    failure
}

/// Whether it is given away for the first time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Again,
}

/// Where a transaction stands that was signed before.
enum Standing {
    /// Landed long ago, or can never land.
    Over,
    /// The same as is to be sent, and it has landed.
    Landed(Box<TransactionReceipt>),
    /// The same as is to be sent, and it has not landed.
    Waiting,
}

/// What the file calls a transaction must be that transaction.
fn check_bytes(left: &Pending) -> Result<()> {
    for attempt in &left.attempts {
        let read = TxEnvelope::decode_2718(&mut attempt.raw.as_ref());
        if !read.is_ok_and(|read| *read.tx_hash() == attempt.hash) {
            let message = format!("the pending transaction {} was changed on disk", attempt.hash);
            return Err(Failure::new(Exit::Failed, "pending", message)
                .next("look whether it has landed, then remove its file from `pending`")
                .into());
        }
    }
    Ok(())
}

fn succeeded(receipt: TransactionReceipt) -> Result<TransactionReceipt> {
    if receipt.status() {
        return Ok(receipt);
    }
    let (hash, block) = (receipt.transaction_hash, receipt.block_number.unwrap_or_default());
    let message = format!("transaction {hash} reverted in block {block}");
    Err(Failure::new(Exit::Reverts, "reverted", message)
        .next("run again: the simulation says what the chain refuses now")
        .into())
}

const fn bounded_gas(estimate: u64) -> Option<u64> {
    if estimate > GAS_MAX {
        return None;
    }
    let with_margin = estimate + estimate * GAS_MARGIN_PERCENT / 100;
    Some(if with_margin > GAS_MAX { GAS_MAX } else { with_margin })
}

fn raised(before: Fees, now: Fees) -> Fees {
    let raise = |fee: u128| fee + fee * RAISE_PERCENT / 100 + 1;
    let max = now.max.max(raise(before.max));
    Fees { max, priority: now.priority.max(raise(before.priority)).min(max) }
}

/// A chain's name as people type it.
pub(crate) fn chain_name(id: u64) -> String {
    alloy_chains::NamedChain::try_from(id)
        .map_or_else(|_| format!("chain {id}"), |named| named.to_string())
}

fn confirm(chain_id: u64, what: &str) -> Result<()> {
    let name = chain_name(chain_id);
    let question = format!("{what}, on {name} ({chain_id}). Type `{name}` to send:");
    match output::ask(&question).context("the terminal cannot be read")? {
        Some(answer) if answer == name => Ok(()),
        Some(_) => Err(Failure::new(Exit::Failed, "not_confirmed", "nothing was sent").into()),
        None => {
            let message = format!("there is no terminal to confirm {name} on: {what}");
            Err(Failure::new(Exit::Usage, "usage", message)
                .next("add --yes if that is the chain you mean")
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_has_its_margin_and_never_more_than_a_transaction_may_use() {
        let check = |estimate, expected| assert_eq!(bounded_gas(estimate), expected);
        check(100_000, Some(120_000));
        check(GAS_MAX, Some(GAS_MAX));
        check(GAS_MAX - 1, Some(GAS_MAX));
        check(GAS_MAX + 1, None);
        check(u64::MAX, None);
    }

    #[test]
    fn t49_a_replacement_pays_enough_to_replace() {
        let before = Fees { max: 100, priority: 10 };
        assert_eq!(raised(before, Fees { max: 101, priority: 1 }), Fees { max: 114, priority: 12 });
        let much = Fees { max: 500, priority: 50 };
        assert_eq!(raised(before, much), much);
    }

    #[test]
    fn chains_are_confirmed_by_their_names() {
        assert_eq!(chain_name(1), "mainnet");
        assert_eq!(chain_name(11_155_111), "sepolia");
        assert_eq!(chain_name(987_654_321), "chain 987654321");
    }
}
