//! The list as it stood: at a block, at a moment, or now.
//!
//! Every act is read and proved against the newest head first. Each act before carries its own head
//! in that same fold, so that what is left of the list at an earlier moment is proved too.

use std::str::FromStr;

use alloy::rpc::types::BlockNumberOrTag;
use anyhow::Result;
use interdict_core::ledger::{Act, Episode, Ledger};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::List;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::text;

/// A moment that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// The end of a block.
    Block(u64),
    /// A second, unix time.
    Second(u64),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(block) = text.parse() {
            return Ok(Self::Block(block));
        }
        let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
        let moment = text.parse::<Timestamp>().or_else(|_| text.parse().and_then(midnight));
        let seconds = moment.ok().and_then(|moment| u64::try_from(moment.as_second()).ok());
        seconds.map(Self::Second).ok_or_else(|| {
            format!(
                "{text:?} is no moment: use a block's number, a day such as 2026-08-20, or a time such as 2026-08-20T14:02:11Z"
            )
        })
    }
}

/// The list as it stood at one moment.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) ledger: Ledger,
    /// The acts up to then.
    pub(crate) acts: Vec<Act>,
    /// The block, where it was asked for or is the newest.
    pub(crate) block: Option<u64>,
    /// Unix seconds.
    pub(crate) time: u64,
}

impl View {
    /// The newest block's.
    pub(crate) fn now(list: List) -> Self {
        Self {
            ledger: list.ledger,
            acts: list.acts,
            block: Some(list.at.number),
            time: list.at.time,
        }
    }

    /// The act of a number, which the ledger has taken in.
    pub(crate) fn act(&self, number: u32) -> Option<&Act> {
        self.acts.iter().find(|act| act.number == number)
    }

    /// Where and when, for people.
    pub(crate) fn place(&self, chain_id: u64) -> String {
        let block = self.block.map(|block| format!("block {block} of ")).unwrap_or_default();
        format!("{block}chain {chain_id}, {}", text::time(self.time))
    }
}

/// Takes the list back to a moment. What lies before the list or after the newest block is refused:
/// the list says nothing of it.
pub(crate) async fn view(deployed: &Deployed, list: List, when: Option<When>) -> Result<View> {
    let Some(when) = when else { return Ok(View::now(list)) };
    let (block, time) = match when {
        When::Block(number) if number > list.at.number => {
            return Err(beyond(&format!("block {number} is not there yet"), &list));
        }
        When::Second(time) if time > list.at.time => {
            return Err(beyond(&format!("{} is not over yet", text::time(time)), &list));
        }
        When::Block(number) => {
            let block = deployed.chain.block(BlockNumberOrTag::Number(number)).await?;
            (Some(number), block.time)
        }
        When::Second(time) => (None, time),
    };
    // A deployment ends with the list's first act.
    let begun = |first: &Act| block.map_or(time >= first.time, |block| block >= first.at.block);
    if !list.acts.first().is_some_and(begun) {
        let first = list.acts.first().map_or_else(
            || "no act yet".to_owned(),
            |first| format!("block {}, {}", first.at.block, text::time(first.time)),
        );
        let message = format!("the list begins with {first}: of what was before it says nothing");
        return Err(Failure::new(Exit::Failed, "before_the_list", message)
            .next("ask about a later moment")
            .into());
    }
    let past = |act: &Act| block.map_or(act.time <= time, |block| act.at.block <= block);
    let acts: Vec<Act> = list.acts.into_iter().filter(past).collect();
    let ledger = Ledger::replay(&acts)?;
    Ok(View { ledger, acts, block, time })
}

fn beyond(what: &str, list: &List) -> anyhow::Error {
    let newest = text::time(list.at.time);
    let message = format!("{what}: the newest block is {}, {newest}", list.at.number);
    Failure::new(Exit::Failed, "in_the_future", message).next("ask about an earlier moment").into()
}

/// How an episode stands at a moment after it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// By signatures, until a deadline.
    Held,
    /// By a vote, without end.
    Ratified,
    /// Ended by a vote or a retraction.
    Delisted,
    /// A hold that nobody ratified.
    Lapsed,
}

impl Standing {
    pub(crate) const fn of(episode: &Episode, time: u64) -> Self {
        match (episode.ended_at, episode.voted) {
            (Some(_), _) => Self::Delisted,
            (None, _) if episode.until <= time => Self::Lapsed,
            (None, true) => Self::Ratified,
            (None, false) => Self::Held,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Ratified => "ratified",
            Self::Delisted => "delisted",
            Self::Lapsed => "lapsed",
        }
    }

    pub(crate) const fn is_listed(self) -> bool {
        matches!(self, Self::Held | Self::Ratified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_block_a_day_or_a_time() {
        let check = |text: &str, expected| assert_eq!(text.parse::<When>().ok(), expected);
        check("17", Some(When::Block(17)));
        check("1970-01-02", Some(When::Second(86_400)));
        check("1970-01-01T00:01:00Z", Some(When::Second(60)));
        check("1970-01-01T01:01:00+01:00", Some(When::Second(60)));
        check("1969-12-31", None);
        check("yesterday", None);
        check("2026-13-01", None);
        check("-1", None);
    }
}
