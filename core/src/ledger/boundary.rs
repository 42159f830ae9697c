//! The time before an act in which it is not certain that an address was not listed yet.
//!
//! An act has its place on the chain, to the log. What it brings there, an authority published
//! before, and says of that only the day. So that between the beginning of that day, in the
//! authority's time zone, and the act both can be held: the chain's reading, that the address was
//! not listed, and the authority's, that it was.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Episode;
use crate::source::Source;

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

impl Episode {
    /// From when on it is not certain that the address was not listed yet, unix seconds: the
    /// beginning of the listing's day, or of the day of the publication that the act came from if
    /// that was earlier; by the zone in which a day began first, if several lists named it at once.
    pub fn uncertain_from(&self) -> u64 {
        let mine = |source: &Source| self.begun_by & source.mask() != 0;
        let zones = Source::ALL.into_iter().filter(mine).map(Source::time_zone);
        let begins = |zone: &TimeZone| {
            let listed = begins(day(self.since, zone), zone, self.since);
            // Many publications say no hour: midnight, of no zone in particular, is their day.
            let published = match self.published {
                0 => self.since,
                midnight if midnight % DAY_SECONDS == 0 => {
                    begins(day(midnight, &TimeZone::UTC), zone, midnight)
                }
                time => begins(day(time, zone), zone, time),
            };
            listed.min(published)
        };
        zones.map(begins).min().unwrap_or(self.since).min(self.since)
    }

    /// Whole days from a time to the beginning of the listing.
    pub fn days_before(&self, time: u64) -> u32 {
        u32::try_from(self.since.saturating_sub(time) / DAY_SECONDS).unwrap_or(u32::MAX)
    }
}

/// The day of a time; `None` beyond the calendar.
fn day(time: u64, zone: &TimeZone) -> Option<Date> {
    let time = Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
    Some(time.to_zoned(zone.clone()).date())
}

/// When a day begins in a zone; beyond the calendar, at the time itself.
fn begins(day: Option<Date>, zone: &TimeZone, time: u64) -> u64 {
    let begins = day.and_then(|day| day.to_zoned(zone.clone()).ok());
    begins.map_or(time, |begins| u64::try_from(begins.timestamp().as_second()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;

    use super::*;
    use crate::ledger::UNTIL_MAX;
    use crate::transfer::Position;

    fn at(text: &str) -> u64 {
        let time: Timestamp = text.parse().unwrap();
        time.as_second().try_into().unwrap()
    }

    fn check(begun_by: &[Source], since: &str, published: &str, from: &str) {
        let episode = Episode {
            act: 1,
            manifest: B256::ZERO,
            from: Position { block: 1, tx: 0, log: Some(0) },
            since: at(since),
            until: UNTIL_MAX,
            ended_at: None,
            voted: true,
            sources: 0,
            uids: vec![],
            begun_by: begun_by.iter().fold(0, |mask, source| mask | source.mask()),
            published: if published.is_empty() { 0 } else { at(published) },
        };
        let found = Timestamp::from_second(episode.uncertain_from().try_into().unwrap());
        assert_eq!(found.unwrap().to_string(), from, "{begun_by:?} {since} {published}");
    }

    #[test]
    fn the_day_is_the_authoritys() {
        let act = "2022-08-08T14:00:00Z";
        check(&[Source::OfacSdn], act, "", "2022-08-08T04:00:00Z");
        check(&[Source::Uk], act, "", "2022-08-07T23:00:00Z");
        check(&[Source::IlNbctf], act, "", "2022-08-07T21:00:00Z");
        check(&[Source::Own], act, "", "2022-08-08T00:00:00Z");
        check(&[Source::OfacSdn, Source::Uk], act, "", "2022-08-07T23:00:00Z");
        // Night in Washington is still the day before; winter is an hour later.
        check(&[Source::OfacSdn], "2022-08-08T03:59:59Z", "", "2022-08-07T04:00:00Z");
        check(&[Source::OfacSdn], "2022-01-08T14:00:00Z", "", "2022-01-08T05:00:00Z");
        // The clock went forward that night.
        check(&[Source::OfacSdn], "2022-03-13T14:00:00Z", "", "2022-03-13T05:00:00Z");
    }

    #[test]
    fn a_publication_counts_from_its_day_on() {
        let act = "2022-08-10T14:00:00Z";
        let from = "2022-08-08T04:00:00Z";
        check(&[Source::OfacSdn], act, "2022-08-08T00:00:00Z", from);
        check(&[Source::OfacSdn], act, "2022-08-08T15:30:00Z", from);
        check(&[Source::OfacSdn], act, "2022-08-09T02:00:00Z", from);
        // One that is not yet published does not make the act later.
        check(&[Source::OfacSdn], act, "2022-09-01T00:00:00Z", "2022-08-10T04:00:00Z");
    }

    #[test]
    fn without_a_known_list_the_act_alone_counts() {
        check(&[], "2022-08-08T14:00:00Z", "2022-08-01T00:00:00Z", "2022-08-08T14:00:00Z");
    }
}
