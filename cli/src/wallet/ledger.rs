//! A key that never leaves its Ledger.

use std::sync::Arc;

use alloy::consensus::SignableTransaction;
use alloy::network::{EthereumWallet, TxSigner};
use alloy::primitives::{Address, B256, Signature};
use alloy::sol_types::{Eip712Domain, SolStruct};
use alloy_signer_ledger::{HDPath, LedgerSigner};
use anyhow::Result;

use crate::exit::{Exit, Failure};
use crate::output;

/// A connected device with its Ethereum app open.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    // Shared, for the device answers one at a time.
    signer: Arc<LedgerSigner>,
}

impl Ledger {
    pub(super) async fn connect(path: Option<&str>, chain_id: u64) -> Result<Self> {
        let path = match path {
            Some(path) => HDPath::Other(path.to_owned()),
            None => HDPath::LedgerLive(0),
        };
        let signer = LedgerSigner::new(path, Some(chain_id)).await.map_err(|why| {
            Failure::new(Exit::Failed, "ledger", format!("the Ledger does not answer: {why}"))
                .next("connect it, unlock it and open its Ethereum app")
        })?;
        Ok(Self { signer: Arc::new(signer) })
    }

    pub(super) fn address(&self) -> Address {
        TxSigner::address(&*self.signer)
    }

    pub(super) async fn sign<T>(&self, message: &T, domain: &Eip712Domain) -> Result<Signature>
    where
        T: SolStruct + Send + Sync,
    {
        output::progress("look at the Ledger: it shows the domain hash and the struct hash");
        let signed = alloy::signers::Signer::sign_typed_data(&*self.signer, message, domain).await;
        let failure = |why: String| Failure::new(Exit::Failed, "ledger", why);
        let signature = signed.map_err(|why| failure(format!("the Ledger did not sign: {why}")))?;
        let hash = message.eip712_signing_hash(domain);
        self.check_own(&signature, hash).map_err(|why| {
            failure(why).next("is another device connected now? run again, and compare its hashes")
        })?;
        Ok(signature)
    }

    /// The device's word is not taken: a signature is of this key and of what was asked for, or it
    /// is none.
    fn check_own(&self, signature: &Signature, hash: B256) -> Result<(), String> {
        match signature.recover_address_from_prehash(&hash) {
            Ok(signer) if signer == self.address() => Ok(()),
            Ok(signer) => Err(format!(
                "the Ledger signed something else, or as {signer} and not as {}",
                self.address()
            )),
            Err(why) => Err(format!("the Ledger gave no signature: {why}")),
        }
    }

    pub(super) fn for_transactions(&self) -> EthereumWallet {
        EthereumWallet::new(self.clone())
    }
}

impl TxSigner<Signature> for Ledger {
    fn address(&self) -> Address {
        self.address()
    }

    fn sign_transaction<'life0, 'life1, 'async_trait>(
        &'life0 self,
        tx: &'life1 mut dyn SignableTransaction<Signature>,
    ) -> std::pin::Pin<
        Box<dyn Future<Output = alloy::signers::Result<Signature>> + Send + 'async_trait>,
    >
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let signature = self.signer.sign_transaction(tx).await?;
            self.check_own(&signature, tx.signature_hash())
                .map_err(alloy::signers::Error::other)?;
            Ok(signature)
        })
    }
}
