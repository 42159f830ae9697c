//! What people do on the chain: pay, send dust, and have a payment taken back by a reorg.

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolValue;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::keys::Person;

pub use contracts::{Blocklist, DemoToken, IBlocklist};

#[allow(missing_docs, clippy::pedantic, clippy::all, reason = "generated from the artifacts")]
mod contracts {
    alloy::sol!(
        #![sol(all_derives)]
        #[sol(rpc)]
        DemoToken,
        "contracts/artifacts/DemoToken.json"
    );

    alloy::sol!(
        #![sol(all_derives)]
        #[sol(rpc)]
        Blocklist,
        "../contracts/artifacts/Blocklist.json"
    );
}

/// Slot of OpenZeppelin's `ERC20._balances` in a token without other state before it.
const BALANCES_SLOT: u64 = 0;

/// Slot of OpenZeppelin's `ERC20._allowances`, likewise.
const ALLOWANCES_SLOT: u64 = 1;

/// What everybody gets to pay for gas: 1,000 ether.
const POCKET_MONEY: u128 = 1_000_000_000_000_000_000_000;

/// The chain as its inhabitants use it.
#[derive(Clone, Debug)]
pub struct Chain {
    /// JSON-RPC endpoint.
    pub url: String,
    provider: DynProvider,
}

impl Chain {
    /// A view of the chain at an endpoint.
    ///
    /// # Errors
    /// The endpoint is no URL.
    pub fn new(url: &str) -> Result<Self> {
        // The HTTP client wants a TLS provider even where nothing is encrypted; a second call finds
        // the first one's and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let provider = ProviderBuilder::new().connect_http(url.parse()?).erased();
        Ok(Self { url: url.to_owned(), provider })
    }

    /// The provider, for what this room has no verb for.
    pub const fn provider(&self) -> &DynProvider {
        &self.provider
    }

    fn wallet_of(&self, person: &Person) -> Result<DynProvider> {
        let wallet = EthereumWallet::from(person.signer.clone());
        Ok(ProviderBuilder::new().wallet(wallet).connect_http(self.url.parse()?).erased())
    }

    /// Asks the node what this room has no verb for.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn rpc(&self, method: &'static str, params: Value) -> Result<Value> {
        let asked = self.provider.raw_request(method.into(), params);
        asked.await.with_context(|| format!("{method} failed"))
    }

    async fn anvil(&self, method: &'static str, params: Value) -> Result<()> {
        self.rpc(method, params).await.map(drop)
    }

    /// Gives somebody ether for gas.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn fund(&self, person: &Person) -> Result<()> {
        let params = json!([person.address(), U256::from(POCKET_MONEY)]);
        self.anvil("anvil_setBalance", params).await
    }

    /// Takes all ether away from somebody.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn empty(&self, person: &Person) -> Result<()> {
        self.anvil("anvil_setBalance", json!([person.address(), U256::ZERO])).await
    }

    /// Deploys the token that the indexer knows as USDT.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_token(&self, deployer: &Person) -> Result<Address> {
        let provider = self.wallet_of(deployer)?;
        Ok(*DemoToken::deploy(provider).await.context("the token does not deploy")?.address())
    }

    /// Mints tokens to somebody.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn mint(
        &self,
        token: Address,
        by: &Person,
        to: Address,
        units: u64,
    ) -> Result<TransactionReceipt> {
        let token = DemoToken::new(token, self.wallet_of(by)?);
        let receipt = token.mint(to, U256::from(units)).send().await?.get_receipt().await?;
        succeeded(receipt)
    }

    /// Pays tokens.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn pay(
        &self,
        token: Address,
        from: &Person,
        to: Address,
        units: u64,
    ) -> Result<TransactionReceipt> {
        let token = DemoToken::new(token, self.wallet_of(from)?);
        let receipt = token.transfer(to, U256::from(units)).send().await?.get_receipt().await?;
        succeeded(receipt)
    }

    /// Pays ether.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn pay_ether(
        &self,
        from: &Person,
        to: Address,
        wei: u64,
    ) -> Result<TransactionReceipt> {
        let request = TransactionRequest::default().to(to).value(U256::from(wei));
        let pending = self.wallet_of(from)?.send_transaction(request).await?;
        succeeded(pending.get_receipt().await?)
    }

    /// Sends tokens out of an address whose key nobody here has: the node writes the balance and
    /// the approval that the address would have, and `spender` signs the transfer.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn pay_out_of(
        &self,
        token: Address,
        from: Address,
        spender: &Person,
        to: Address,
        units: u64,
    ) -> Result<TransactionReceipt> {
        let balance = keccak256((from, U256::from(BALANCES_SLOT)).abi_encode());
        let approvals = keccak256((from, U256::from(ALLOWANCES_SLOT)).abi_encode());
        let approval = keccak256((spender.address(), approvals).abi_encode());
        for slot in [balance, approval] {
            let slot = U256::from_be_bytes(slot.0);
            let value = B256::from(U256::from(units));
            self.anvil("anvil_setStorageAt", json!([token, slot, value])).await?;
        }
        let token = DemoToken::new(token, self.wallet_of(spender)?);
        let sent = token.transferFrom(from, to, U256::from(units)).send().await?;
        succeeded(sent.get_receipt().await?)
    }

    /// Sends a transaction in the name of an address whose key nobody here has. What fails is sent
    /// too, if it says how much gas it may take.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn send_as(
        &self,
        from: Address,
        request: TransactionRequest,
    ) -> Result<TransactionReceipt> {
        self.anvil("anvil_impersonateAccount", json!([from])).await?;
        Ok(self.provider.send_transaction(request.from(from)).await?.get_receipt().await?)
    }

    /// How many of somebody's transactions wait for a block.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn waiting(&self, person: &Person) -> Result<u64> {
        let count = || self.provider.get_transaction_count(person.address());
        Ok(count().pending().await? - count().latest().await?)
    }

    /// Whether blocks come on demand; else a transaction waits until one is mined.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn automine(&self, is_on: bool) -> Result<()> {
        self.anvil("evm_setAutomine", json!([is_on])).await
    }

    /// Replaces a block, and all after it, by empty ones; blocks come on demand afterwards.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn take_back(&self, block: u64) -> Result<()> {
        // No block may come between looking at the height and replacing what stands on it.
        self.anvil("evm_setIntervalMining", json!([0])).await?;
        let depth = self.height().await?.saturating_sub(block) + 1;
        self.anvil("anvil_reorg", json!([depth, []])).await?;
        self.automine(true).await
    }

    /// What the list says of an address.
    ///
    /// # Errors
    /// The contract does not answer.
    pub async fn listing(
        &self,
        blocklist: Address,
        account: Address,
    ) -> Result<IBlocklist::Listing> {
        let list = Blocklist::new(blocklist, &self.provider);
        list.listingOf(account).call().await.context("the list does not answer")
    }

    /// Replaces the code at an address.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn set_code(&self, address: Address, code: &[u8]) -> Result<()> {
        let code = alloy::primitives::hex::encode_prefixed(code);
        self.anvil("anvil_setCode", json!([address, code])).await
    }

    /// Mines empty blocks.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn mine(&self, blocks: u64) -> Result<()> {
        self.anvil("anvil_mine", json!([U256::from(blocks)])).await
    }

    /// Does something that leaves no trace on the chain: it is as it was when that is over.
    ///
    /// # Errors
    /// The node refuses, or what was done fails.
    pub async fn without_trace<T>(&self, doing: impl Future<Output = Result<T>>) -> Result<T> {
        let before: U256 = self.provider.raw_request("evm_snapshot".into(), json!([])).await?;
        let done = doing.await;
        let is_back: bool = self.provider.raw_request("evm_revert".into(), [before]).await?;
        ensure!(is_back, "the chain does not go back");
        done
    }

    /// Takes time from the blocks and not from the clock: so many seconds from one to the next.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn tick(&self, seconds: u64) -> Result<()> {
        self.anvil("anvil_setBlockTimestampInterval", json!([seconds])).await
    }

    /// Mines a block with this time, in unix seconds.
    ///
    /// # Errors
    /// The node refuses: it is not later than the newest block's.
    pub async fn mine_at(&self, time: u64) -> Result<()> {
        self.anvil("evm_setNextBlockTimestamp", json!([time])).await?;
        self.mine(1).await
    }

    /// The newest block's time, in unix seconds.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn time(&self) -> Result<u64> {
        let block = self.provider.get_block(alloy::eips::BlockId::latest()).await?;
        Ok(block.context("the chain has no block")?.header.timestamp)
    }

    /// Lets time pass until the next block.
    ///
    /// # Errors
    /// The node refuses.
    pub async fn wait_seconds(&self, seconds: u64) -> Result<()> {
        self.anvil("evm_increaseTime", json!([seconds])).await?;
        self.mine(1).await
    }

    /// Number of the newest block.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn height(&self) -> Result<u64> {
        Ok(self.provider.get_block_number().await?)
    }
}

fn succeeded(receipt: TransactionReceipt) -> Result<TransactionReceipt> {
    ensure!(receipt.status(), "transaction {} reverted", receipt.transaction_hash);
    Ok(receipt)
}
