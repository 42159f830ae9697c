//! From a publication and the chain to a plan: the same steps for whoever makes it and whoever
//! verifies it.

use std::collections::BTreeSet;
use std::path::Path;

use alloy::eips::BlockId;
use alloy::primitives::{Address, Bytes, FixedBytes};
use alloy::sol_types::SolCall;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Kind, Ledger};
use interdict_core::manifest::{self, AccountKind, Manifest, ManifestEntry, Publication};
use interdict_core::source::Source;
use jiff::{Timestamp, civil::Time, tz::TimeZone};

use super::diff::{self, Diff};
use super::digest;
use super::publications::Publications;
use super::{AtBlock, CrossCheck, Foreseen, Plan, SCHEMA, Simulation};
use crate::bindings::{AccessManager, SignedAct};
use crate::chain::Pinned;
use crate::compare::lookalike;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::foresight::simulation::Method;
use crate::foresight::{self, Rules};
use crate::guard::{self, GuardError, Guards, Override};
use crate::list::List;
use crate::source::Reading;

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
    guards.bad_checksum(reading)?;
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

/// Whether two publications may be of one release: of the same time, or of the same day of their
/// authority where one of them says no more than the day, as 00:00 UTC.
fn are_of_one_release(one: Timestamp, other: Timestamp, source: Source) -> bool {
    let is_day = |time: Timestamp| time.to_zoned(TimeZone::UTC).time() == Time::midnight();
    let day = |time: Timestamp| {
        let zone = if is_day(time) { TimeZone::UTC } else { source.time_zone().clone() };
        time.to_zoned(zone).date()
    };
    one == other || ((is_day(one) || is_day(other)) && day(one) == day(other))
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
    let source = manifest.publication.source;
    let is_other = |second: &CrossCheck| !are_of_one_release(second.data_as_of, as_of, source);
    if let Some(second) = cross_check.filter(is_other) {
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

#[test]
fn a_day_is_of_the_release_of_that_day() {
    let check = |one: &str, other: &str, expected: bool| {
        let [a, b] = [one, other].map(|time| time.parse().unwrap());
        let found = [(a, b), (b, a)].map(|(a, b)| are_of_one_release(a, b, Source::OfacSdn));
        assert_eq!(found, [expected; 2], "{one} {other}");
    };
    check("2026-01-02T00:00:00Z", "2026-01-02T15:00:00Z", true);
    // In the evening of Washington's day the next one has begun in UTC.
    check("2026-01-02T00:00:00Z", "2026-01-03T02:00:00Z", true);
    check("2026-01-03T00:00:00Z", "2026-01-03T02:00:00Z", false);
    check("2026-01-02T15:00:00Z", "2026-01-02T16:00:00Z", false);
    check("2026-01-02T15:00:00Z", "2026-01-02T15:00:00Z", true);
}
