//! What waits: for a member's vote or signature, for anyone to execute, for a hold's end, for a
//! comparison with its source. Gathered from the chain and a folder of plans.

mod desk;
mod item;

use std::collections::BTreeMap;
use std::path::PathBuf;

use alloy::primitives::Address;
use alloy::rpc::types::BlockNumberOrTag;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Ledger;
use interdict_core::source::Source;

use self::desk::Signers;
pub(crate) use self::item::{Change, Item, Kind, changes};
use crate::bindings::{Seats, SignedAct};
use crate::chain::Pinned;
use crate::council::course::{self, Ballot};
use crate::council::{self, Proposal, State};
use crate::deployed::Deployed;
use crate::list::freshness;
use crate::list::{self, List};
use crate::text;

/// Whose work is watched, and what counts as soon and as stale.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) member: Option<Address>,
    pub(crate) plans: Option<PathBuf>,
    pub(crate) soon_seconds: u64,
    pub(crate) stale_seconds: u64,
}

/// What waits at a block.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) at: Pinned,
    pub(crate) items: Vec<Item>,
    pub(crate) warnings: Vec<String>,
}

/// Looks again and again without reading again what has not changed.
#[derive(Debug)]
pub(crate) struct Watcher {
    deployed: Deployed,
    terms: Terms,
    list: Option<List>,
    proposals: Vec<Proposal>,
    /// The block up to which proposals were read.
    read_to: Option<Pinned>,
}

impl Watcher {
    pub(crate) const fn new(deployed: Deployed, terms: Terms) -> Self {
        Self { deployed, terms, list: None, proposals: Vec::new(), read_to: None }
    }

    pub(crate) const fn chain_id(&self) -> u64 {
        self.deployed.chain.id
    }

    /// Whether signatures are looked for: they lie in a folder, not on the chain.
    pub(crate) const fn reads_plans(&self) -> bool {
        self.terms.plans.is_some()
    }

    /// What waits at the newest block.
    pub(crate) async fn look(&mut self) -> Result<Waiting> {
        let at = self.deployed.chain.latest().await?;
        self.read_list(at).await?;
        self.read_proposals(at).await?;
        let Some(list) = &self.list else { anyhow::bail!("the list was not read") };
        let (deployed, terms) = (&self.deployed, &self.terms);
        let mut items = Vec::new();
        for proposal in &self.proposals {
            items.extend(waiting_proposal(deployed, proposal, terms.member, at).await?);
        }
        items.extend(lapsing(&list.ledger, at.time, terms.soon_seconds));
        items.extend(stale(deployed, list, at, terms.stale_seconds).await?);
        let mut warnings = Vec::new();
        let seats = deployed.book.seats.address;
        let members = deployed.chain.ask(seats, &Seats::membersCall {}, at.id()).await?;
        let seated = terms.member.is_some_and(|member| members.contains(&member));
        if let (Some(member), false) = (terms.member, seated) {
            warnings.push(format!("{member} has no seat on the council now"));
        }
        if let Some(folder) = &terms.plans {
            let quorum = SignedAct::quorumCall {};
            let signed_act = deployed.book.signed_act.address;
            let needed = deployed.chain.ask(signed_act, &quorum, at.id()).await?;
            let desk = desk::read(folder)?;
            let council = Signers {
                members: &members,
                needed: needed.saturating_to(),
                asking: terms.member.filter(|_| seated),
            };
            items.extend(desk.waiting(deployed, &list.acts, at, &council));
            warnings.extend(desk.unreadable);
        }
        items.sort_by_key(|item| (!item.mine, item.until.unwrap_or(u64::MAX), item.key.clone()));
        Ok(Waiting { at, items, warnings })
    }

    /// The list is read again only when its head has moved.
    async fn read_list(&mut self, at: Pinned) -> Result<()> {
        let (chain, list) = (&self.deployed.chain, self.deployed.blocklist());
        let head = chain.ask(list, &IBlocklist::headCall {}, at.id()).await?;
        match &mut self.list {
            Some(list) if list.ledger.head() == head => list.at = at,
            list => *list = Some(list::read(&self.deployed).await?),
        }
        Ok(())
    }

    /// New proposals are added; after a reorganisation all are read again.
    async fn read_proposals(&mut self, at: Pinned) -> Result<()> {
        let chain = &self.deployed.chain;
        let known = match self.read_to {
            Some(known) if known.number <= at.number => {
                let same = chain.block(BlockNumberOrTag::Number(known.number)).await?;
                (same.hash == known.hash).then_some(known)
            }
            _ => None,
        };
        let from = known.map_or(self.deployed.book.block, |known| known.number + 1);
        let new = council::proposals_between(&self.deployed, from, at.number).await?;
        if known.is_none() {
            self.proposals.clear();
        }
        self.proposals.extend(new);
        self.read_to = Some(at);
        Ok(())
    }
}

async fn waiting_proposal(
    deployed: &Deployed,
    proposal: &Proposal,
    member: Option<Address>,
    at: Pinned,
) -> Result<Option<Item>> {
    if !proposal.state(deployed).await?.is_open() {
        return Ok(None);
    }
    let course = course::of(deployed, proposal).await?;
    let id = council::shown(proposal.id);
    let does = proposal
        .decode(&deployed.book)
        .map_or_else(|_| "another matter".to_owned(), |deeds| Proposal::line(&deeds));
    let tally = course.tally.line();
    let key = format!("proposal {id}");
    let ballot = match member {
        Some(member) => course::ballot(deployed, proposal, member).await?,
        None => Ballot::None,
    };
    let item = match course.state {
        State::Pending | State::Active => Item {
            key,
            kind: Kind::Vote,
            mine: ballot == Ballot::Awaited,
            says: match ballot {
                Ballot::Awaited => format!("your vote: {does}; {tally}"),
                Ballot::Cast => format!("others' votes, yours is cast: {does}; {tally}"),
                Ballot::None => format!("votes: {does}; {tally}"),
            },
            until: Some(proposal.vote_end),
            next: Some(format!("interdict show {id}")),
        },
        state => {
            let waits = course.due.filter(|due| *due > at.time);
            let says = match (state, waits) {
                (State::Queued, Some(_)) => format!("its delay, then execution: {does}"),
                (State::Succeeded, _) if course.needs_queuing => format!("queueing: {does}"),
                _ => format!("execution: {does}"),
            };
            let kind = if waits.is_some() { Kind::Delay } else { Kind::Execution };
            let next = waits.is_none().then(|| format!("interdict execute {id}"));
            Item { key, kind, mine: false, says, until: waits.or(course.expires), next }
        }
    };
    Ok(Some(item))
}

/// Holds that end soon unless they are ratified, those of one act together.
fn lapsing(ledger: &Ledger, now: u64, soon: u64) -> Vec<Item> {
    let mut by_act: BTreeMap<(u32, u64), usize> = BTreeMap::new();
    for (_, known) in ledger.addresses() {
        let held = known.current(now).filter(|episode| episode.is_provisional());
        if let Some(episode) = held.filter(|episode| episode.until.saturating_sub(now) <= soon) {
            *by_act.entry((episode.act, episode.until)).or_default() += 1;
        }
    }
    let item = |((act, until), n): ((u32, u64), usize)| Item {
        key: format!("hold {act} {until}"),
        kind: Kind::Hold,
        mine: false,
        says: format!(
            "ratification: {} held by act {act} would lapse",
            text::count(n, "address", "addresses")
        ),
        until: Some(until),
        next: Some(format!("interdict show {act}")),
    };
    by_act.into_iter().map(item).collect()
}

/// Source lists that nobody compared for too long: neither by an act nor by the keeper.
async fn stale(deployed: &Deployed, list: &List, at: Pinned, after: u64) -> Result<Vec<Item>> {
    let attested = freshness::read(deployed, at).await?;
    let mut items = Vec::new();
    for source in Source::ALL {
        let acts = list.acts.iter().filter(|act| act.sources & source.mask() != 0);
        let acted = acts.map(|act| act.time).max();
        let checked = attested.iter().find(|of| of.source == source).map(|of| of.checked_at);
        let Some(compared) = acted.max(checked) else { continue };
        if at.time.saturating_sub(compared) > after {
            items.push(Item {
                key: format!("source {source}"),
                kind: Kind::Source,
                mine: false,
                says: format!("a comparison with {source}: the last was {}", text::time(compared)),
                until: None,
                next: Some("interdict fetch, interdict plan".to_owned()),
            });
        }
    }
    Ok(items)
}
