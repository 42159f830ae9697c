//! What is laid before the members to sign: a plan, whose new addresses are held, or a retraction.

pub(crate) mod ballot;
pub(crate) mod frame;
pub(crate) mod retraction;
pub(crate) mod safe;
pub(crate) mod signature;
pub(crate) mod typed;

use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall as _;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;
use interdict_core::source::Source;
use serde::Deserialize;

use self::frame::Frame;
use self::retraction::Retraction;
use self::typed::{Binding, Hashes, Typed};
use crate::bindings::{SignedAct, signed_act};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::plan::digest;
use crate::plan::{self, PLAN_BYTES_MAX, Plan};
use crate::{file, list, text};

/// What members sign.
#[derive(Clone, Debug)]
pub(crate) enum Paper {
    Plan(Box<Plan>),
    Retraction(Box<Retraction>),
}

impl Paper {
    /// Reads a plan or a retraction, and checks that it is whole.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        Self::open(path)?.whole(path)
    }

    /// Reads a plan or a retraction, whether or not its parts belong together.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let bytes = file::bounded(path, PLAN_BYTES_MAX, "a plan or a retraction");
        let bytes = bytes.map_err(|why| why.wrong_file(Exit::Usage, "bad_plan"))?;
        Self::parse(path, &bytes)
    }

    /// The plan or the retraction in these bytes of a file, whether or not its parts belong
    /// together.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            schema: String,
        }
        let named = serde_json::from_slice::<Named>(bytes);
        if !named.is_ok_and(|named| named.schema == retraction::SCHEMA) {
            return Ok(Self::Plan(Box::new(Plan::parse(path, bytes)?)));
        }
        let retraction: Retraction = serde_json::from_slice(bytes).map_err(|why| {
            let message = format!("{} is no retraction of this version: {why}", path.display());
            Failure::new(Exit::Usage, "bad_plan", message)
        })?;
        Ok(Self::Retraction(Box::new(retraction)))
    }

    /// Refuses one whose parts do not belong together.
    pub(crate) fn whole(self, path: &Path) -> Result<Self> {
        let (checked, next) = match &self {
            Self::Plan(plan) => (plan.check_whole(), plan::ANEW),
            Self::Retraction(retraction) => (retraction.check_whole(), retraction::ANEW),
        };
        checked.map_err(|why| plan::manipulated(path, &why, next))?;
        Ok(self)
    }

    /// What it does, in a word.
    pub(crate) const fn verb(&self) -> &'static str {
        match self {
            Self::Plan(_) => "hold",
            Self::Retraction(_) => "retract",
        }
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Plan(_) => Kind::ListProvisional,
            Self::Retraction(_) => Kind::Retract,
        }
    }

    pub(crate) fn batch(&self) -> Result<IBlocklist::Batch> {
        match self {
            Self::Plan(plan) => plan.holding_batch(),
            Self::Retraction(retraction) => Ok(retraction.manifest.batch()?),
        }
    }

    pub(crate) fn manifest_hash(&self) -> B256 {
        match self {
            Self::Plan(plan) => plan.manifest_hash,
            Self::Retraction(retraction) => retraction.manifest_hash,
        }
    }

    /// What the signatures bind beside the batch.
    pub(crate) fn binding(&self) -> Binding {
        let Frame { chain_id, signed_act, nonce, deadline, .. } = self.frame();
        Binding { chain_id, signed_act, nonce, deadline }
    }

    pub(crate) fn frame(&self) -> Frame {
        match self {
            Self::Plan(plan) => plan.frame(),
            Self::Retraction(retraction) => retraction.frame(),
        }
    }

    pub(crate) fn act_count(&self) -> u32 {
        self.frame().act_count
    }

    /// The message that is signed.
    pub(crate) fn typed(&self) -> Result<Typed> {
        let (batch, binding) = (self.batch()?, self.binding());
        Ok(match self {
            Self::Plan(_) => typed::holding(&batch, binding),
            Self::Retraction(_) => typed::retracting(&batch, binding),
        })
    }

    /// The call by which anyone relays it.
    pub(crate) fn call(&self, signatures: Vec<SignedAct::Signature>) -> Result<Vec<u8>> {
        let batch = in_contract(self.batch()?);
        let deadline = U256::from(self.binding().deadline);
        Ok(match self {
            Self::Plan(_) => {
                SignedAct::listProvisionalCall { batch, deadline, signatures }.abi_encode()
            }
            Self::Retraction(_) => {
                SignedAct::retractCall { batch, deadline, signatures }.abi_encode()
            }
        })
    }

    /// Refuses to sign, or to relay, what the chain is not ready for any more: an expired paper, or
    /// one whose chain, code, list or nonce is another now.
    pub(crate) async fn check_current(&self, deployed: &Deployed) -> Result<()> {
        let frame = self.frame();
        frame.check_place(deployed)?;
        let chain = &deployed.chain;
        let at = chain.latest().await?;
        frame.check_time(at.time)?;
        let head = chain.ask(deployed.blocklist(), &IBlocklist::headCall {}, at.id()).await?;
        if head != frame.head && !frame.stands_on(&list::read(deployed).await?.acts) {
            let message = format!(
                "the list has changed since: its head was {} after act {}, now it is {head}",
                frame.head, frame.act_count
            );
            return Err(frame.stale("stale", message).into());
        }
        let binding = self.binding();
        let nonce = chain.ask(binding.signed_act, &SignedAct::nonceCall {}, at.id()).await?;
        if nonce != U256::from(binding.nonce) {
            let message =
                format!("the signed act's nonce is {nonce}, what is signed has {}", binding.nonce);
            return Err(frame.stale("stale", message).into());
        }
        Ok(())
    }

    /// Our digest and the contract's must be one, or the signature would be under something else.
    pub(crate) async fn check_digest(&self, deployed: &Deployed, hashes: &Hashes) -> Result<()> {
        let (binding, at) = (self.binding(), BlockId::latest());
        let (nonce_, deadline) = (U256::from(binding.nonce), U256::from(binding.deadline));
        let (chain, batch) = (&deployed.chain, in_contract(self.batch()?));
        let theirs = match self {
            Self::Plan(_) => {
                let call = SignedAct::digestCall { batch, nonce_, deadline };
                chain.ask(binding.signed_act, &call, at).await?
            }
            Self::Retraction(_) => {
                let call = SignedAct::retractDigestCall { batch, nonce_, deadline };
                chain.ask(binding.signed_act, &call, at).await?
            }
        };
        if theirs == hashes.digest {
            return Ok(());
        }
        let message = format!("the contract's digest is {theirs}, ours is {}", hashes.digest);
        Err(Failure::new(Exit::Stale, "wrong_code", message).next("update interdict").into())
    }

    /// Tries the act as the signed act's contract would do it: nobody is asked to sign what cannot
    /// land.
    pub(crate) async fn simulate(&self, deployed: &Deployed) -> Result<()> {
        let batch = self.batch()?;
        let call = match self {
            Self::Plan(_) => IBlocklist::listProvisionalCall { batch }.abi_encode(),
            Self::Retraction(_) => IBlocklist::retractCall { batch }.abi_encode(),
        };
        let from = deployed.book.signed_act.address;
        deployed.chain.simulate(from, deployed.blocklist(), call).await?;
        Ok(())
    }

    /// The whole of it for the eyes of whoever signs: every address, whole and by fours.
    pub(crate) fn describe(&self, hashes: &Hashes) -> Result<String> {
        let (batch, binding) = (self.batch()?, self.binding());
        let rows = batch.entries.iter().map(|entry| {
            let date: u64 = entry.designatedOn.to();
            let date = if date == 0 { "-".to_owned() } else { text::day(date) };
            let (address, uid) = (entry.account.to_string(), entry.uid.to_string());
            [address, text::by_fours(entry.account), uid, date]
        });
        let table = text::table(["ADDRESS", "BY FOURS", "UID", "DESIGNATED"], rows.collect());
        let sources = Source::codes(batch.sources).join(" ");
        let why = match self {
            Self::Plan(plan) => {
                ("source", format!("{sources} as of {}", plan.manifest.publication.data_as_of))
            }
            Self::Retraction(r) => {
                ("reason", format!("{} ({sources})", text::printable(&r.manifest.reason)))
            }
        };
        let facts = text::facts(&[
            ("act", format!("{} {} on chain {}", self.verb(), self.addresses()?, binding.chain_id)),
            why,
            ("manifest", self.manifest_hash().to_string()),
            ("contract", binding.signed_act.to_string()),
            ("nonce", binding.nonce.to_string()),
            ("deadline", text::time(binding.deadline)),
            (digest::DOMAIN_HASH, hashes.domain.to_string()),
            (digest::MESSAGE_HASH, hashes.message.to_string()),
            (digest::EIP712_DIGEST, hashes.digest.to_string()),
        ]);
        Ok(format!("{table}\n\n{facts}"))
    }

    /// How many addresses it names.
    pub(crate) fn addresses(&self) -> Result<usize> {
        let named = self.batch()?.entries.into_iter().map(|entry| entry.account);
        Ok(named.collect::<std::collections::BTreeSet<Address>>().len())
    }
}

/// The same batch, in the words of the signed act's own bindings.
fn in_contract(batch: IBlocklist::Batch) -> signed_act::IBlocklist::Batch {
    let entry = |e: IBlocklist::Entry| signed_act::IBlocklist::Entry {
        account: e.account,
        uid: e.uid,
        designatedOn: e.designatedOn,
    };
    signed_act::IBlocklist::Batch {
        manifest: batch.manifest,
        sources: batch.sources,
        dataAsOf: batch.dataAsOf,
        entries: batch.entries.into_iter().map(entry).collect(),
    }
}
