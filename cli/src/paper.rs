//! What is laid before the members to sign: a plan, whose new addresses are held, or a retraction.

use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall as _;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;
use interdict_core::source::Source;

use crate::bindings::{SignedAct, signed_act};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::plan::Plan;
use crate::retraction::{self, Retraction};
use crate::typed::{self, Binding, Hashes, Typed};
use crate::{digest, list, text};

/// More than any plan of real lists; what is longer is the wrong file.
const PAPER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What members sign.
#[derive(Clone, Debug)]
pub(crate) enum Paper {
    Plan(Box<Plan>),
    Retraction(Box<Retraction>),
}

impl Paper {
    /// Reads a plan or a retraction, and checks that it is whole.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let context = || format!("cannot read {}", path.display());
        if std::fs::metadata(path).with_context(context)?.len() > PAPER_BYTES_MAX {
            let message = format!("{} is too long to be a plan", path.display());
            return Err(Failure::new(Exit::Usage, "bad_plan", message).into());
        }
        let text = std::fs::read_to_string(path).with_context(context)?;
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        if value["schema"] != retraction::SCHEMA {
            return Ok(Self::Plan(Box::new(Plan::read(path)?)));
        }
        let retraction: Retraction = serde_json::from_value(value).map_err(|why| {
            let message = format!("{} is no retraction of this version: {why}", path.display());
            Failure::new(Exit::Usage, "bad_plan", message)
        })?;
        retraction.check_whole().map_err(|why| {
            Failure::new(Exit::Stale, "manipulated_plan", format!("{}: {why}", path.display()))
                .next("make it again with `interdict retract`, or get it again")
        })?;
        Ok(Self::Retraction(Box::new(retraction)))
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
        match self {
            Self::Plan(p) => Binding {
                chain_id: p.chain_id,
                signed_act: p.signed_act,
                nonce: p.nonce,
                deadline: p.deadline,
            },
            Self::Retraction(r) => Binding {
                chain_id: r.chain_id,
                signed_act: r.signed_act,
                nonce: r.nonce,
                deadline: r.deadline,
            },
        }
    }

    fn head(&self) -> (B256, u32) {
        match self {
            Self::Plan(plan) => (plan.head, plan.act_count),
            Self::Retraction(retraction) => (retraction.head, retraction.act_count),
        }
    }

    pub(crate) fn act_count(&self) -> u32 {
        self.head().1
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
        self.check_place(deployed)?;
        let chain = &deployed.chain;
        let at = chain.latest().await?;
        self.check_time(at.time)?;
        let head = chain.ask(deployed.blocklist(), &IBlocklist::headCall {}, at.id()).await?;
        if head != self.head().0 {
            self.check_moved_by_attestations(deployed, head).await?;
        }
        let binding = self.binding();
        let nonce = chain.ask(binding.signed_act, &SignedAct::nonceCall {}, at.id()).await?;
        if nonce != U256::from(binding.nonce) {
            let message =
                format!("the signed act's nonce is {nonce}, what is signed has {}", binding.nonce);
            return Err(self.stale("stale", message).into());
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

    fn check_place(&self, deployed: &Deployed) -> Result<()> {
        let r = match self {
            Self::Plan(plan) => return plan.check_place(deployed),
            Self::Retraction(retraction) => retraction,
        };
        let book = &deployed.book;
        let place = (r.chain_id, r.genesis_hash, r.blocklist, r.code_hash, r.signed_act);
        let list = book.blocklist;
        let signed_act = book.signed_act.address;
        if place == (book.chain_id, book.genesis_hash, list.address, list.code_hash, signed_act) {
            return Ok(());
        }
        let message = format!(
            "the retraction is for the list {} on chain {}, we are connected to {} on chain {}",
            r.blocklist, r.chain_id, list.address, book.chain_id
        );
        Err(Failure::new(Exit::Stale, "wrong_chain", message)
            .next("check --rpc-url and --deployments")
            .into())
    }

    /// Refuses what has expired by a clock: the chain's, or this machine's where there is none.
    pub(crate) fn check_time(&self, now: u64) -> Result<()> {
        let r = match self {
            Self::Plan(plan) => return plan.check_time(now),
            Self::Retraction(retraction) => retraction,
        };
        if i128::from(r.expires_at.as_second()) > i128::from(now) {
            return Ok(());
        }
        let message =
            format!("the retraction expired at {}; it is {} now", r.expires_at, text::time(now));
        Err(self.stale("expired", message).into())
    }

    /// An attestation says that nothing changed: it may come between any two signatures.
    async fn check_moved_by_attestations(&self, deployed: &Deployed, head: B256) -> Result<()> {
        let (own_head, own_count) = self.head();
        let list = list::read(deployed).await?;
        let before = list.acts.iter().find(|act| act.number == own_count);
        let is_same_past = before.map_or(own_head.is_zero(), |act| act.head == own_head);
        let mut since = list.acts.iter().filter(|act| act.number > own_count);
        if is_same_past && since.all(|act| act.kind == Kind::Attest) {
            return Ok(());
        }
        let message = format!(
            "the list has changed since: its head was {own_head} after act {own_count}, now it is {head}"
        );
        Err(self.stale("stale", message).into())
    }

    fn stale(&self, code: &'static str, message: String) -> Failure {
        let next = match self {
            Self::Plan(_) => "make a new plan with `interdict plan`",
            Self::Retraction(_) => "make a new one with `interdict retract`",
        };
        Failure::new(Exit::Stale, code, message).next(next)
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
