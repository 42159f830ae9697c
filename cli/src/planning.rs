//! From a publication and the chain to a plan: the same steps for whoever makes it and whoever
//! verifies it.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use alloy::eips::BlockId;
use alloy::primitives::{Address, Bytes, FixedBytes};
use alloy::sol_types::SolCall;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Kind, Ledger};
use interdict_core::manifest::{self, AccountKind, Manifest, ManifestEntry, Publication};
use jiff::Timestamp;
use serde::Serialize;

use crate::args::StatedArgs;
use crate::bindings::{AccessManager, SignedAct};
use crate::chain::Pinned;
use crate::deployed::Deployed;
use crate::diff::{self, Diff};
use crate::exit::{Exit, Failure};
use crate::foresight::{self, Rules};
use crate::guard::{self, GuardError, Guards, Override};
use crate::list::List;
use crate::plan::{AtBlock, CrossCheck, Foreseen, Plan, SCHEMA, Simulation};
use crate::simulation::Method;
use crate::source::{self, Reading, SourceError, Stated};
use crate::{digest, file, lookalike, output};

/// The word for scripts where a publication cannot be read.
const CODE: &str = "publication";

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
    /// The second publication that a plan names, for whoever verifies it and has none.
    pub(crate) cross_check: Option<CrossCheck>,
}

/// What is longer is not the comments to a publication.
const COMMENTS_BYTES_MAX: u64 = 1 << 26;

/// What a person says of a publication, with the file that they name read.
pub(crate) fn stated(args: &StatedArgs) -> Result<Stated> {
    let comments = args.comments.as_deref();
    let comments = comments.map(|path| file::bounded(path, COMMENTS_BYTES_MAX, "comments"));
    let comments = comments.transpose().map_err(|why| why.wrong_file(Exit::Failed, CODE))?;
    Ok(Stated { source: args.source, data_as_of: args.data_as_of, comments })
}

/// Whose word it is of which list, or as of when, a publication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// The publication's own.
    Publication,
    /// Of whoever runs the command.
    Person,
    /// Of the plan that is verified.
    Plan,
}

/// The list that a plan is made for, as it stood.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) ledger: Ledger,
    pub(crate) at: Pinned,
    /// The block whose accounts are looked at.
    pub(crate) codes_at: BlockId,
    /// The nonce of the signed act to come.
    pub(crate) nonce: u64,
}

impl Base {
    /// The list as it was just read, and what a signed act would bind now.
    pub(crate) async fn now(deployed: &Deployed, list: List) -> Result<Self> {
        let (signed_act, at) = (deployed.book.signed_act.address, list.at);
        let nonce = deployed.chain.ask(signed_act, &SignedAct::nonceCall {}, at.id()).await?;
        let nonce = u64::try_from(nonce).context("the signed act's nonce is beyond 64 bits")?;
        Ok(Self { ledger: list.ledger, at, codes_at: at.id(), nonce })
    }
}

/// What a plan is made from: a publication, and perhaps a second one to compare it with.
#[derive(Clone, Debug)]
pub(crate) struct Publications {
    path: PathBuf,
    first: Reading,
    second: Option<Reading>,
    pub(crate) source_by: Word,
    pub(crate) data_as_of_by: Word,
}

impl Publications {
    /// Reads both from their files; the second must be of the same source.
    pub(crate) fn read(path: &Path, second: Option<&Path>, stated: &Stated) -> Result<Self> {
        Self::read_beside(path, second, stated, None)
    }

    /// As [`Self::read`]; what neither a file nor the person says is taken from a plan's word.
    pub(crate) fn read_beside(
        path: &Path,
        second: Option<&Path>,
        stated: &Stated,
        planned: Option<&Publication>,
    ) -> Result<Self> {
        let mut filled = stated.clone();
        let first = read_publication(path, &mut filled, planned)?;
        let read = |second| read_publication(second, &mut filled, planned);
        let second = second.map(read).transpose()?;
        if let Some(second) = second.as_ref().filter(|second| second.source != first.source) {
            let message = format!(
                "--cross-check is of the source {}, the publication of {}",
                second.source, first.source
            );
            return Err(Failure::new(Exit::Usage, "usage", message)
                .next("give a second publication of the same authority")
                .into());
        }
        let word = |is_person: bool, is_plan: bool| match (is_person, is_plan) {
            (true, _) => Word::Person,
            (false, true) => Word::Plan,
            (false, false) => Word::Publication,
        };
        // What a person says and the publication says better was not needed.
        let source_by = word(
            stated.source == Some(first.source),
            stated.source.is_none() && filled.source.is_some(),
        );
        let data_as_of_by = word(
            stated.data_as_of == Some(first.data_as_of),
            stated.data_as_of.is_none() && filled.data_as_of.is_some(),
        );
        Ok(Self { path: path.to_owned(), first, second, source_by, data_as_of_by })
    }

    pub(crate) const fn has_no_second(&self) -> bool {
        self.second.is_none()
    }

    /// Whether a person may have to say of which list, or as of when, it is.
    pub(crate) fn is_stated(&self) -> bool {
        source::is_stated(self.first.format)
    }

    fn cross_check(&self) -> Option<CrossCheck> {
        let second = self.second.as_ref()?;
        Some(CrossCheck { sha256: second.sha256, data_as_of: second.data_as_of })
    }
}

/// Reads a publication; what it lacks is filled in from a plan's word, once each, where its format
/// is one that cannot say it.
fn read_publication(
    path: &Path,
    stated: &mut Stated,
    planned: Option<&Publication>,
) -> Result<Reading> {
    let planned = planned.filter(|planned| source::is_stated(&planned.format));
    // A pipe is read but once: what it may lack is filled in before.
    if let Some(planned) = planned.filter(|_| path.exists() && !path.is_file()) {
        stated.source.get_or_insert(planned.source);
        stated.data_as_of.get_or_insert(planned.data_as_of);
    }
    loop {
        let error = match read_file(path, stated)? {
            Ok(reading) => return Ok(reading),
            Err(error) => error,
        };
        match (lacking(&error), planned) {
            (Some(Lacking::Source), Some(planned)) if stated.source.is_none() => {
                stated.source = Some(planned.source);
            }
            (Some(Lacking::Date), Some(planned)) if stated.data_as_of.is_none() => {
                stated.data_as_of = Some(planned.data_as_of);
            }
            _ => {
                let message = format!("{} {error}", path.display());
                return Err(Failure::new(Exit::Failed, CODE, message).into());
            }
        }
    }
}

/// What a publication does not say of itself.
enum Lacking {
    Source,
    Date,
}

fn lacking(error: &SourceError) -> Option<Lacking> {
    match error {
        SourceError::NotStated { what: "date", .. } => Some(Lacking::Date),
        SourceError::NotStated { .. } | SourceError::SeveralSources(_) => Some(Lacking::Source),
        _ => None,
    }
}

fn read_file(path: &Path, stated: &Stated) -> Result<Result<Reading, SourceError>> {
    let context = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(context)?;
    let bytes = file.metadata().with_context(context)?.len();
    let too_long = || {
        let message = format!("{} is too long to be a publication", path.display());
        Failure::new(Exit::Failed, CODE, message)
    };
    if bytes > PUBLICATION_BYTES_MAX {
        return Err(too_long().into());
    }
    let bar = output::reading_bar(bytes);
    // Counted as it is read, too: a pipe has no length, and a file may grow.
    let mut bounded = file.take(PUBLICATION_BYTES_MAX + 1);
    let reading = source::read(bar.wrap_read(&mut bounded), stated);
    bar.finish_and_clear();
    if bounded.limit() == 0 {
        return Err(too_long().into());
    }
    Ok(reading)
}

/// Makes the plan of a publication for the list as it stood; it is not simulated yet.
pub(crate) async fn draft(
    deployed: &Deployed,
    base: &Base,
    publications: &Publications,
    terms: &Terms,
) -> Result<Plan> {
    let mut reading = publications.first.clone();
    let (diff, overrides) = guarded(deployed, base, publications, terms, &mut reading)
        .map_err(|error| refused(&publications.path, &error))?;
    let manifest = manifest(deployed, base, &reading, &diff, overrides).await?;
    let cross_check = publications.cross_check().or(terms.cross_check);
    let mut notes = notes(base, cross_check, terms, &manifest);
    notes.splice(0..0, reading.notes.into_iter().chain(diff.notes));
    let signed_act = deployed.book.signed_act.address;
    let mut plan = Plan {
        schema: SCHEMA.to_owned(),
        created_at: terms.created_at,
        expires_at: terms.expires_at,
        chain_id: deployed.book.chain_id,
        genesis_hash: deployed.book.genesis_hash,
        blocklist: deployed.blocklist(),
        code_hash: deployed.book.blocklist.code_hash,
        signed_act,
        at_block: AtBlock { number: base.at.number, hash: base.at.hash },
        head: base.ledger.head(),
        act_count: base.ledger.acts(),
        nonce: base.nonce,
        deadline: u64::try_from(terms.expires_at.as_second()).context("expires before 1970")?,
        manifest_hash: manifest.hash()?,
        manifest,
        cross_check,
        changes: diff.changes.iter().map(|(_, change)| *change).collect(),
        unchanged: diff.unchanged,
        quarantine: reading.quarantine,
        not_evm: reading.not_evm,
        notes,
        calls: Vec::new(),
        message: None,
        simulation: Simulation { method: Method::Nothing, acts: Vec::new() },
    };
    let rules = rules(deployed, base, &plan).await?;
    plan.calls = digest::calls(&plan, rules.delisting)?;
    plan.message = digest::message(&plan)?;
    let steps = foresight::steps(&plan, rules)?;
    let acts = foresight::foresee(&steps, plan.head, plan.act_count);
    plan.simulation.acts = acts.iter().map(Foreseen::of).collect();
    Ok(plan)
}

/// What the chain's rules say about the acts of this plan.
pub(crate) async fn rules(deployed: &Deployed, base: &Base, plan: &Plan) -> Result<Rules> {
    let (chain, at) = (&deployed.chain, BlockId::latest());
    let term = chain.ask(deployed.blocklist(), &IBlocklist::termCall {}, at).await?;
    let leaving: BTreeSet<_> = plan.manifest.delist.iter().map(|r| r.address).collect();
    let delisting = diff::delisting(&base.ledger, base.at.time, leaving.len());
    let selector = match delisting {
        Kind::DelistMany => IBlocklist::delistManyCall::SELECTOR,
        _ => IBlocklist::delistCall::SELECTOR,
    };
    let allowed = AccessManager::canCallCall {
        caller: deployed.book.council.address,
        target: deployed.blocklist(),
        selector: FixedBytes(selector),
    };
    let manager = deployed.book.access_manager.address;
    let delay = chain.ask(manager, &allowed, at).await?.delay.into();
    Ok(Rules { term: term.to(), delisting, delay })
}

/// The difference that is left when every guard has looked, and the guards that were overridden.
fn guarded(
    deployed: &Deployed,
    base: &Base,
    publications: &Publications,
    terms: &Terms,
    reading: &mut Reading,
) -> Result<(Diff, Vec<Override>), GuardError> {
    let (ledger, time) = (&base.ledger, base.at.time);
    let mut guards = Guards::new(&terms.allowed);
    guards.truncated(reading)?;
    guards.empty(reading)?;
    guards.unknown_type(reading)?;
    if let Some(second) = &publications.second {
        guards.agree(reading, second)?;
    }
    let own = deployed.contracts().map(|(_, contract)| contract.address);
    guards.never_list(reading, ledger, &own)?;
    guards.empty(reading)?;
    let known = ledger.data_as_of(reading.source.mask());
    let found = u64::try_from(reading.data_as_of.as_second()).unwrap_or(0);
    guards.older(found, known)?;
    guards.canaries(reading, ledger, time, deployed.book.chain_id)?;
    let diff = diff::diff(reading, ledger, time);
    guards.shrink(diff.leaving(), diff.listed)?;
    Ok((diff, guards.used()))
}

async fn manifest(
    deployed: &Deployed,
    base: &Base,
    reading: &Reading,
    diff: &Diff,
    overrides: Vec<Override>,
) -> Result<Manifest> {
    let addresses: Vec<Address> = diff.changes.iter().map(|(d, _)| d.address).collect();
    let codes = deployed.chain.codes(&addresses, base.codes_at).await?;
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
    Ok(Manifest {
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
        overrides,
        list: entries.collect(),
        delist: diff.delist.clone(),
    })
}

/// What a person should know who reads the plan.
fn notes(
    base: &Base,
    cross_check: Option<CrossCheck>,
    terms: &Terms,
    manifest: &Manifest,
) -> Vec<String> {
    let mut notes = Vec::new();
    let as_of = manifest.publication.data_as_of;
    notes.extend(guard::age_alarm(as_of, terms.created_at));
    if let Some(second) = cross_check.filter(|second| second.data_as_of != as_of) {
        notes.push(format!(
            "the cross-check is as of {}, the publication as of {as_of}: they are not of one release",
            second.data_as_of
        ));
    }
    let listed = manifest.list.iter().map(|entry| entry.address);
    let planned = listed.chain(manifest.delist.iter().map(|removal| removal.address)).collect();
    let on_list = base.ledger.addresses();
    let current = on_list.filter(|(_, listed)| listed.current(base.at.time).is_some());
    for (a, b) in lookalike::pairs(&planned, &current.map(|(account, _)| *account).collect()) {
        notes.push(format!("{a} and {b} begin and end alike and are not one: read every digit"));
    }
    let mut seen = BTreeSet::new();
    for entry in manifest.list.iter().filter(|entry| seen.insert(entry.address)) {
        let (account, chain) = (entry.address, manifest.chain_id);
        match entry.kind {
            AccountKind::Eoa => {}
            AccountKind::Contract => notes.push(format!(
                "{account} is a contract on chain {chain}: on another chain the same address may be another's, and this listing does not speak of it"
            )),
            AccountKind::Delegated => notes.push(format!(
                "{account} is somebody's key that delegates to a contract (EIP-7702): the key is listed, that contract is not"
            )),
        }
    }
    notes
}

fn refused(path: &Path, error: &GuardError) -> anyhow::Error {
    let message = format!("{}: {error}", path.display());
    Failure::new(Exit::Failed, error.code(), message).next(error.next()).into()
}

fn account_kind(code: &Bytes) -> AccountKind {
    match code.as_ref() {
        [] => AccountKind::Eoa,
        code if code.starts_with(&DELEGATION) => AccountKind::Delegated,
        _ => AccountKind::Contract,
    }
}
