//! What the list knows of one address, and how the address stood at a moment.

use serde::Serialize;

use super::act::{Act, ActEntry, Kind};
use crate::transfer::Position;

/// A stretch during which an address was listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Episode {
    /// The act that began it.
    pub act: u32,
    /// SHA-256 of that act's manifest, the evidence.
    pub manifest: alloy_primitives::B256,
    /// Where it began.
    pub from: Position,
    /// When it began, unix seconds.
    pub since: u64,
    /// When it ends or ended, unix seconds; [`UNTIL_MAX`](super::UNTIL_MAX) while it does not end.
    pub until: u64,
    /// Where it was ended by a delisting; `None` while it was not.
    pub ended_at: Option<Position>,
    /// A vote has ratified it, or ended it. What only signatures began and ended, or what lapsed,
    /// rests before it can be held again.
    pub voted: bool,
    /// The source bits that name the address; those it was last listed under once it has ended.
    pub sources: u16,
    /// The persons under whom the sources list the address.
    pub uids: Vec<ListedUid>,
    /// The sources of the act that began it.
    #[serde(skip)]
    pub begun_by: u16,
    /// The publication that the act came from, unix seconds; 0 if unknown.
    #[serde(skip)]
    pub published: u64,
}

/// One person under whom one or more sources list an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ListedUid {
    /// The person, by the authority's id: see [`crate::uid`].
    pub uid: u64,
    /// The source bits.
    pub sources: u16,
    /// The day of the person's designation, unix seconds; 0 if unknown.
    pub designated_on: u64,
    /// SHA-256 of the manifest of the act that named it last: it says under which programs. Zero
    /// where two lists name it by one number, of which no single manifest tells.
    #[serde(skip)]
    pub manifest: alloy_primitives::B256,
}

/// How an address stood at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase<'a> {
    /// Not yet listed; the episode that was to come first after the moment.
    Before(&'a Episode),
    /// Listed.
    While(&'a Episode),
    /// No longer listed; the episode that had ended last.
    After(&'a Episode),
}

/// Everything the list knows of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ListedAddress {
    /// Cannot be listed until unprotected.
    pub protected: bool,
    /// In order of time.
    pub episodes: Vec<Episode>,
}

impl Episode {
    /// Held by signatures and not ratified by a vote.
    pub const fn is_provisional(&self) -> bool {
        !self.voted && self.ended_at.is_none()
    }

    fn begun(&self, at: Position) -> bool {
        self.from <= at
    }

    fn ended(&self, at: Position, time: u64) -> bool {
        self.ended_at.map_or(self.until <= time, |end| end <= at)
    }

    fn name(&mut self, act: &Act, entry: &ActEntry) {
        self.sources |= act.sources;
        match self.uids.iter_mut().find(|known| known.uid == entry.uid) {
            Some(known) => {
                known.manifest = match known.sources & !act.sources {
                    0 => act.manifest,
                    _ => alloy_primitives::B256::ZERO,
                };
                known.sources |= act.sources;
            }
            None => push_exactly(
                &mut self.uids,
                ListedUid {
                    uid: entry.uid,
                    sources: act.sources,
                    designated_on: entry.designated_on,
                    manifest: act.manifest,
                },
            ),
        }
    }

    fn unname(&mut self, act: &Act) {
        let remaining = self.sources & !act.sources;
        if remaining == 0 {
            self.voted |= !matches!(act.kind, Kind::Retract);
            self.until = act.time;
            self.ended_at = Some(act.at);
            return;
        }
        self.sources = remaining;
        for known in &mut self.uids {
            known.sources &= remaining;
        }
        self.uids.retain(|known| known.sources != 0);
    }
}

impl ListedAddress {
    /// The episode that is on at a time, unix seconds, if one is.
    pub fn current(&self, time: u64) -> Option<&Episode> {
        self.episodes.last().filter(|episode| episode.ended_at.is_none() && episode.until > time)
    }

    /// How the address stood at a place and time; `None` if it has never been listed.
    pub fn phase(&self, at: Position, time: u64) -> Option<Phase<'_>> {
        let begun = self.episodes.iter().rposition(|episode| episode.begun(at));
        match begun.map(|index| &self.episodes[index]) {
            None => self.episodes.first().map(Phase::Before),
            Some(episode) if episode.ended(at, time) => Some(Phase::After(episode)),
            Some(episode) => Some(Phase::While(episode)),
        }
    }

    pub(super) fn apply(&mut self, act: &Act, entry: &ActEntry) {
        match act.kind {
            Kind::Protect => self.protected = true,
            Kind::Unprotect => self.protected = false,
            Kind::ListProvisional | Kind::List => self.list(act, entry),
            Kind::Delist | Kind::DelistMany | Kind::Retract => {
                let on = self.episodes.last_mut().filter(|e| e.ended_at.is_none());
                if let Some(episode) = on {
                    episode.unname(act);
                }
            }
            // It names no address, and so has no entry to apply.
            Kind::Attest => {}
        }
    }

    fn list(&mut self, act: &Act, entry: &ActEntry) {
        let on = self
            .episodes
            .last_mut()
            .filter(|episode| episode.ended_at.is_none() && episode.until > act.time);
        if let Some(episode) = on {
            episode.until = episode.until.max(act.until);
            episode.voted |= matches!(act.kind, Kind::List);
            episode.name(act, entry);
            return;
        }
        let mut episode = Episode {
            act: act.number,
            manifest: act.manifest,
            from: act.at,
            since: act.time,
            until: act.until,
            ended_at: None,
            voted: matches!(act.kind, Kind::List),
            sources: 0,
            uids: Vec::new(),
            begun_by: act.sources,
            published: act.data_as_of,
        };
        episode.name(act, entry);
        push_exactly(&mut self.episodes, episode);
    }
}

/// Makes room for no more than there is: nearly every address has one episode and one person, and a
/// list may have a hundred thousand of them.
fn push_exactly<T>(to: &mut Vec<T>, one: T) {
    to.reserve_exact(1);
    to.push(one);
}
