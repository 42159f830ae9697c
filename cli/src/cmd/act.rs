//! `act`: holds what is new, or retracts what is held, at once, with a quorum's signatures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256};
use alloy::rpc::types::TransactionReceipt;
use anyhow::{Context as _, Result};
use interdict_core::ledger::{Act, Kind};
use serde_json::json;

use crate::args::{ActArgs, Global};
use crate::bindings::{Seats, SignedAct};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::paper::Paper;
use crate::paper::signature::{self, SignatureFile};
use crate::paper::typed::Binding;
use crate::sending::Sender;
use crate::wallet::LOCAL_CHAIN;
use crate::{list, output, text};

/// Those whom a hold names could move what they have while it waits (T1).
const PUBLIC: &str = "until it lands, everybody may see the addresses where transactions wait in public: --send-rpc-url (or ETH_SEND_RPC_URL) gives it to a private relay instead";

pub(crate) async fn run(global: &Global, args: ActArgs) -> Result<Report> {
    let paper = Paper::read(&args.paper)?;
    let hashes = paper.typed()?.hashes();
    let files = read(&args.signatures)?;
    let deployed = deployed::open(global).await?;
    if let Err(stale) = paper.check_current(&deployed).await {
        return Err(landed(&deployed, &paper, &args.paper).await?.map_or(stale, Into::into));
    }
    paper.check_digest(&deployed, &hashes).await?;
    check_signatures(&deployed, &files, paper.binding(), hashes.digest).await?;
    let signers: Vec<Address> = files.values().map(|(_, file)| file.signer).collect();
    check_seats(&deployed, &signers).await?;
    let signatures = files.into_values().map(|(_, file)| in_contract(file)).collect();
    let call = paper.call(signatures)?;
    let n = paper.addresses()?;
    let what = format!("{} {}", paper.verb(), addresses(n));
    if paper.kind() != Kind::Retract
        && args.send.send_rpc_url.is_none()
        && deployed.chain.id != LOCAL_CHAIN
    {
        output::warn(PUBLIC);
    }
    let relayer = Sender::open(&deployed.chain, &args.send, &what).await?;
    output::progress("simulating and sending");
    let receipt = relayer.send(deployed.book.signed_act.address, call).await;
    let receipt = receipt.map_err(|error| with_entries(error, &paper))?;
    let act = act_of(&deployed, &receipt).await?;
    Ok(report(&paper, &args.paper, &act, &receipt, n))
}

fn report(paper: &Paper, path: &Path, act: &Act, receipt: &TransactionReceipt, n: usize) -> Report {
    let (done, until, next) = if paper.kind() == Kind::Retract {
        ("retracted", String::new(), "`interdict status`".to_owned())
    } else {
        let next = format!("ratify before then: `interdict propose {}`", path.display());
        ("held", format!(" until {}", text::time(act.until)), next)
    };
    let data = json!({
        "transaction": receipt.transaction_hash,
        "block": receipt.block_number,
        "gas_used": receipt.gas_used,
        "act": act.number,
        "kind": act.kind,
        "head": act.head,
        done: n,
        "until": act.until,
        "manifest": act.manifest,
    });
    let facts = text::facts(&[
        (done, format!("{}{until}", addresses(n))),
        ("act", act.number.to_string()),
        ("transaction", receipt.transaction_hash.to_string()),
        ("gas", receipt.gas_used.to_string()),
        ("head", act.head.to_string()),
    ]);
    Report::done(data, facts).next(next)
}

/// What is too much for one transaction is said in entries, for entries are what can be fewer.
fn with_entries(error: anyhow::Error, paper: &Paper) -> anyhow::Error {
    let mut failure = Failure::from_error(error);
    if failure.code == "too_much_gas"
        && let Ok(batch) = paper.batch()
    {
        failure.message = format!(
            "{} entries are too many for one act: {}",
            batch.entries.len(),
            failure.message
        );
    }
    failure.into()
}

/// Whether it is refused because its own act is on the list already: a repeated command must not
/// send its user back to the beginning.
async fn landed(deployed: &Deployed, paper: &Paper, path: &Path) -> Result<Option<Failure>> {
    let list = list::read(deployed).await?;
    let own = |act: &&Act| {
        act.kind == paper.kind()
            && act.number > paper.act_count()
            && act.manifest == paper.manifest_hash()
    };
    Ok(list.acts.iter().find(own).map(|act| {
        let next = match paper.kind() {
            Kind::Retract => "nothing is left to do: `interdict status`".to_owned(),
            _ => format!("`interdict propose {}`", path.display()),
        };
        let message = format!("{} has landed already, as act {}", path.display(), act.number);
        Failure::new(Exit::Stale, "landed", message).next(next)
    }))
}

/// The act that a transaction made.
pub(super) async fn act_of(deployed: &Deployed, receipt: &TransactionReceipt) -> Result<Act> {
    let hash = receipt.transaction_hash;
    let acts = acts_of(deployed, receipt).await?;
    acts.into_iter().next().with_context(|| format!("transaction {hash} made no act"))
}

/// The acts that a transaction made, none where it changed the seats only.
pub(super) async fn acts_of(deployed: &Deployed, receipt: &TransactionReceipt) -> Result<Vec<Act>> {
    let list = deployed.blocklist();
    let logs: Vec<_> = receipt.logs().iter().filter(|l| l.address() == list).cloned().collect();
    list::acts(&deployed.chain, &logs).await
}

fn in_contract(file: SignatureFile) -> SignedAct::Signature {
    SignedAct::Signature { signer: file.signer, signature: file.signature }
}

type Files = BTreeMap<Address, (PathBuf, SignatureFile)>;

/// The signatures in the order in which the contract wants them, each signer once.
fn read(paths: &[PathBuf]) -> Result<Files> {
    let mut files = Files::new();
    for path in paths {
        let file: SignatureFile = signature::read_file(path, WHAT)?;
        if let Some((_, twice)) = files.insert(file.signer, (path.clone(), file)) {
            let why = format!("is a second one of {}", twice.signer);
            return Err(signature::refused(path, WHAT, &why));
        }
    }
    Ok(files)
}

const WHAT: &str = "signature";

/// Each must be its signer's, under this very paper, on this chain.
async fn check_signatures(
    deployed: &Deployed,
    files: &Files,
    binding: Binding,
    digest: B256,
) -> Result<()> {
    for (path, file) in files.values() {
        if (file.chain_id, file.signed_act) != (binding.chain_id, binding.signed_act) {
            let message = format!(
                "{} signs for {} on chain {}, not for {} on chain {}",
                path.display(),
                file.signed_act,
                file.chain_id,
                binding.signed_act,
                binding.chain_id
            );
            return Err(Failure::new(Exit::Stale, "wrong_chain", message)
                .next("have the member sign this file")
                .into());
        }
        if file.nonce != binding.nonce {
            let why = format!("signs for nonce {}, this act has {}", file.nonce, binding.nonce);
            return Err(signature::refused(path, WHAT, &why));
        }
        let checked = file.check_on(&deployed.chain, digest).await;
        checked.map_err(|why| signature::refused(path, WHAT, &why.to_string()))?;
    }
    Ok(())
}

async fn check_seats(deployed: &Deployed, signers: &[Address]) -> Result<()> {
    let (chain, seats) = (&deployed.chain, deployed.book.seats.address);
    for &account in signers {
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
    if U256::from(signers.len()) < needed {
        let message = format!("{} of {needed} signatures are there", signers.len());
        return Err(Failure::new(Exit::Failed, "too_few", message)
            .next("have more members sign the same file: `interdict sign`")
            .into());
    }
    Ok(())
}

pub(super) fn addresses(n: usize) -> String {
    text::count(n, "address", "addresses")
}
