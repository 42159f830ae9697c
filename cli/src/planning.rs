//! From a publication and the chain to a plan: the same steps for whoever makes it and whoever
//! verifies it.

use std::io::Read as _;
use std::path::Path;

use alloy::primitives::{Address, Bytes};
use anyhow::{Context as _, Result};
use interdict_core::manifest::{self, AccountKind, Manifest, ManifestEntry, Publication};
use jiff::Timestamp;

use crate::args::StatedArgs;
use crate::bindings::SignedAct;
use crate::deployed::Deployed;
use crate::diff::{self, Change};
use crate::exit::{Exit, Failure};
use crate::guard::{self, GuardError, Override};
use crate::list::List;
use crate::output;
use crate::plan::{AtBlock, Plan, SCHEMA};
use crate::source::{self, Reading, Stated};

/// What is longer is no publication.
const PUBLICATION_BYTES_MAX: u64 = 1 << 30;

/// How a code begins that delegates to another (EIP-7702).
const DELEGATION: [u8; 3] = [0xef, 0x01, 0x00];

/// What a plan has from whoever makes it.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) allowed: Vec<Override>,
}

/// What is longer is not the comments to a publication.
const COMMENTS_BYTES_MAX: u64 = 1 << 26;

/// What a person says of a publication, with the file that they name read.
pub(crate) fn stated(args: &StatedArgs) -> Result<Stated> {
    let comments = args.comments.as_deref().map(|path| {
        let context = || format!("cannot read {}", path.display());
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).with_context(context)?;
        file.take(COMMENTS_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(context)?;
        if bytes.len() as u64 > COMMENTS_BYTES_MAX {
            let message = format!("{} is too long to be comments", path.display());
            return Err(Failure::new(Exit::Failed, "publication", message).into());
        }
        Ok::<_, anyhow::Error>(bytes)
    });
    Ok(Stated { source: args.source, data_as_of: args.data_as_of, comments: comments.transpose()? })
}

/// Reads a publication from a file.
pub(crate) fn read_publication(path: &Path, stated: &Stated) -> Result<Reading> {
    let context = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(context)?;
    let bytes = file.metadata().with_context(context)?.len();
    if bytes > PUBLICATION_BYTES_MAX {
        let message = format!("{} is too long to be a publication", path.display());
        return Err(Failure::new(Exit::Failed, "publication", message).into());
    }
    let bar = output::reading_bar(bytes);
    let reading = source::read(bar.wrap_read(file), stated);
    bar.finish_and_clear();
    reading.map_err(|error| {
        let message = format!("{} {error}", path.display());
        Failure::new(Exit::Failed, "publication", message).into()
    })
}

/// Makes the plan of a publication for the list as it stands.
pub(crate) async fn draft(
    deployed: &Deployed,
    list: &List,
    path: &Path,
    mut reading: Reading,
    terms: Terms,
) -> Result<Plan> {
    let guarded = |error: GuardError| guarded(path, &error);
    let truncated = guard::truncated(&reading, &terms.allowed).map_err(guarded)?;
    guard::zero(&reading).map_err(guarded)?;
    let own = deployed.contracts().map(|(_, contract)| contract.address);
    guard::set_unlistable_aside(&mut reading, &list.ledger, &own);
    let known = list.ledger.data_as_of(reading.source.mask());
    let found = u64::try_from(reading.data_as_of.as_second()).unwrap_or(0);
    let older = guard::older(found, known, &terms.allowed).map_err(guarded)?;
    let diff = diff::diff(&reading, &list.ledger, list.at.time);
    let shrink = guard::shrink(diff.leaving(), diff.listed, &terms.allowed).map_err(guarded)?;
    let addresses: Vec<Address> = diff.changes.iter().map(|(d, _)| d.address).collect();
    let codes = deployed.chain.codes(&addresses).await?;
    let entries = diff.changes.iter().zip(&codes).map(|((d, _), code)| ManifestEntry {
        address: d.address,
        uid: d.uid,
        authority_id: d.authority_id.clone(),
        designated_on: d.designated_on,
        valid_until: d.valid_until,
        programs: d.programs.clone(),
        published: d.published.clone(),
        tickers: d.tickers.clone(),
        features: d.features.clone(),
        kind: account_kind(code),
    });
    let manifest = Manifest {
        schema: manifest::SCHEMA.to_owned(),
        chain_id: deployed.book.chain_id,
        blocklist: deployed.blocklist(),
        publication: Publication {
            source: reading.source,
            format: reading.format.to_owned(),
            sha256: reading.sha256,
            comments_sha256: reading.comments_sha256,
            data_as_of: reading.data_as_of,
        },
        list: entries.collect(),
        delist: diff.delist.clone(),
    };
    let signed_act = deployed.book.signed_act.address;
    let nonce = deployed.chain.ask(signed_act, &SignedAct::nonceCall {}, list.at.id()).await?;
    Ok(Plan {
        schema: SCHEMA.to_owned(),
        created_at: terms.created_at,
        expires_at: terms.expires_at,
        chain_id: deployed.book.chain_id,
        genesis_hash: deployed.book.genesis_hash,
        blocklist: deployed.blocklist(),
        code_hash: deployed.book.blocklist.code_hash,
        signed_act,
        at_block: AtBlock { number: list.at.number, hash: list.at.hash },
        head: list.ledger.head(),
        act_count: list.ledger.acts(),
        nonce: u64::try_from(nonce).context("the signed act's nonce is beyond 64 bits")?,
        deadline: u64::try_from(terms.expires_at.as_second()).context("expires before 1970")?,
        overrides: older.into_iter().chain(shrink).chain(truncated).collect(),
        manifest_hash: manifest.hash()?,
        manifest,
        changes: diff.changes.iter().map(|(_, change)| *change).collect::<Vec<Change>>(),
        unchanged: diff.unchanged,
        quarantine: reading.quarantine,
        not_evm: reading.not_evm,
        notes: reading.notes.into_iter().chain(diff.notes).collect(),
    })
}

fn guarded(path: &Path, error: &GuardError) -> anyhow::Error {
    let code = match error {
        GuardError::Zero => "zero",
        GuardError::Shrink { .. } => "shrink",
        GuardError::Older { .. } => "older",
        GuardError::Truncated { .. } => "truncated",
    };
    Failure::new(Exit::Failed, code, format!("{}: {error}", path.display())).into()
}

fn account_kind(code: &Bytes) -> AccountKind {
    match code.as_ref() {
        [] => AccountKind::Eoa,
        code if code.starts_with(&DELEGATION) => AccountKind::Delegated,
        _ => AccountKind::Contract,
    }
}
