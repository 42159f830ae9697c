//! `act`: holds what is new at once, with a quorum's signatures.

use std::collections::BTreeMap;
use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, U256};
use alloy::rpc::types::TransactionReceipt;
use alloy::sol_types::SolCall;
use anyhow::{Context as _, Result};
use interdict_core::ledger::{Act, Kind};
use serde_json::json;

use super::sign;
use crate::args::{ActArgs, Global};
use crate::bindings::{Seats, SignedAct};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::plan::Plan;
use crate::signature::{self, SignatureFile};
use crate::{list, output, text, wallet};

/// What is longer is no signature.
const SIGNATURE_BYTES_MAX: u64 = 64 * 1024;

pub(crate) async fn run(global: &Global, args: ActArgs) -> Result<Report> {
    let plan = Plan::read(&args.plan)?;
    let digest = signature::hashes(&plan)?.digest;
    let mut signatures: BTreeMap<Address, SignatureFile> = BTreeMap::new();
    for path in &args.signatures {
        let file = read(path)?;
        file.check(digest).map_err(|why| refused(path, &why.to_string()))?;
        if let Some(twice) = signatures.insert(file.signer, file) {
            return Err(refused(path, &format!("is a second one of {}", twice.signer)));
        }
    }
    let deployed = deployed::open(global).await?;
    if let Err(stale) = sign::check_current(&deployed, &plan).await {
        return Err(landed(&deployed, &plan, &args.plan).await?.map_or(stale, Into::into));
    }
    check_seats(&deployed, &signatures).await?;
    let call = SignedAct::listProvisionalCall {
        batch: sign::as_signed(plan.holding_batch()?),
        deadline: U256::from(plan.deadline),
        signatures: signatures.into_values().map(in_contract).collect(),
    };
    let relayer = wallet::open(&args.wallet)?;
    output::progress("simulating, sending, waiting for the receipt");
    let receipt = deployed.chain.send(&relayer, plan.signed_act, call.abi_encode()).await?;
    let act = act_of(&deployed, &receipt).await?;

    let held = plan.held().len();
    let data = json!({
        "transaction": receipt.transaction_hash,
        "block": receipt.block_number,
        "gas_used": receipt.gas_used,
        "act": act.number,
        "head": act.head,
        "held": held,
        "until": act.until,
        "manifest": act.manifest,
    });
    let facts = text::facts(&[
        ("held", format!("{} until {}", addresses(held), text::time(act.until))),
        ("act", act.number.to_string()),
        ("transaction", receipt.transaction_hash.to_string()),
        ("gas", receipt.gas_used.to_string()),
        ("head", act.head.to_string()),
    ]);
    let next = format!("ratify before then: `interdict propose {}`", args.plan.display());
    Ok(Report::done(data, facts).next(next))
}

/// Whether the plan is refused because its own act is on the list already: a repeated command must
/// not send its user back to the beginning.
async fn landed(deployed: &Deployed, plan: &Plan, path: &Path) -> Result<Option<Failure>> {
    let list = list::read(deployed).await?;
    let own = |act: &&Act| {
        act.kind == Kind::ListProvisional
            && act.number > plan.act_count
            && act.manifest == plan.manifest_hash
    };
    Ok(list.acts.iter().find(own).map(|act| {
        let message = format!("this plan has landed already, as act {}", act.number);
        Failure::new(Exit::Stale, "landed", message)
            .next(format!("`interdict propose {}`", path.display()))
    }))
}

/// The act that a transaction made.
pub(super) async fn act_of(deployed: &Deployed, receipt: &TransactionReceipt) -> Result<Act> {
    let list = deployed.blocklist();
    let logs: Vec<_> = receipt.logs().iter().filter(|l| l.address() == list).cloned().collect();
    let acts = list::acts(&deployed.chain, &logs).await?;
    let hash = receipt.transaction_hash;
    acts.into_iter().next().with_context(|| format!("transaction {hash} made no act"))
}

fn in_contract(file: SignatureFile) -> SignedAct::Signature {
    SignedAct::Signature { signer: file.signer, signature: file.signature }
}

fn read(path: &Path) -> Result<SignatureFile> {
    let context = || format!("cannot read the signature {}", path.display());
    if std::fs::metadata(path).with_context(context)?.len() > SIGNATURE_BYTES_MAX {
        return Err(refused(path, "is too long to be a signature"));
    }
    let text = std::fs::read_to_string(path).with_context(context)?;
    serde_json::from_str(&text).map_err(|error| refused(path, &format!("is no signature: {error}")))
}

fn refused(path: &Path, why: &str) -> anyhow::Error {
    let message = format!("{} {why}", path.display());
    Failure::new(Exit::Failed, "bad_signature", message)
        .next("leave it out, or have the member sign this plan")
        .into()
}

async fn check_seats(
    deployed: &Deployed,
    signatures: &BTreeMap<Address, SignatureFile>,
) -> Result<()> {
    let (chain, seats) = (&deployed.chain, deployed.book.seats.address);
    for account in signatures.keys().copied() {
        let member = Seats::isMemberCall { account };
        if !chain.ask(seats, &member, BlockId::latest()).await? {
            let message = format!("{account} has no seat on the council now");
            return Err(Failure::new(Exit::Failed, "not_member", message)
                .next("leave its signature out")
                .into());
        }
    }
    let signed_act = deployed.book.signed_act.address;
    let needed = chain.ask(signed_act, &SignedAct::quorumCall {}, BlockId::latest()).await?;
    if U256::from(signatures.len()) < needed {
        let message = format!("{} of {needed} signatures are there", signatures.len());
        return Err(Failure::new(Exit::Failed, "too_few", message)
            .next("have more members sign the same plan: `interdict sign`")
            .into());
    }
    Ok(())
}

pub(super) fn addresses(n: usize) -> String {
    text::count(n, "address", "addresses")
}
