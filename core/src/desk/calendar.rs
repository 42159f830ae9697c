//! Business days, as the authority counts them: its days are New York's, and it does not work on
//! Saturdays, Sundays and federal holidays (5 U.S.C. 6103).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::{self, TimeZone};
use jiff::{Span, ToSpan};

/// Business days within which blocked property and rejected transactions are reported (31 CFR
/// 501.603 and 501.604).
pub const REPORT_DUE_BUSINESS_DAYS: u32 = 10;

static NEW_YORK: TimeZone = tz::get!("America/New_York");

/// Which day it is in New York; unix seconds.
pub fn new_york_day(at: i64) -> Date {
    let at = Timestamp::from_second(at).unwrap_or(Timestamp::MAX);
    at.to_zoned(NEW_YORK.clone()).date()
}

/// Which days are business days: by the law, and by what somebody wrote down beside it, like a day
/// on which the President closes the offices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    closed: BTreeSet<Date>,
}

impl Calendar {
    /// By the law alone.
    pub const fn none() -> Self {
        Self { closed: BTreeSet::new() }
    }

    /// With further days that are none.
    pub fn with(closed: impl IntoIterator<Item = Date>) -> Self {
        Self { closed: closed.into_iter().collect() }
    }

    /// Whether offices are open.
    pub fn is_business_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !is_federal_holiday(day)
            && !self.closed.contains(&day)
    }

    /// So many business days after a day, which is itself not counted.
    pub fn after(&self, day: Date, business_days: u32) -> Date {
        let mut left = business_days;
        let mut at = day;
        while left > 0 {
            at = moved(at, 1.day());
            if at == Date::MAX {
                break;
            }
            left -= u32::from(self.is_business_day(at));
        }
        at
    }

    /// Business days from one day to another, the first not counted; negative if it is behind.
    pub fn between(&self, from: Date, to: Date) -> i64 {
        let (first, last) = (from.min(to), from.max(to));
        let mut count = 0;
        let mut at = first;
        while at < last {
            at = moved(at, 1.day());
            count += i64::from(self.is_business_day(at));
        }
        if from <= to { count } else { -count }
    }
}

fn moved(day: Date, by: Span) -> Date {
    day.saturating_add(by)
}

/// Whether it is a federal holiday, or the day on which one is observed: the Friday before one that
/// falls on a Saturday (5 U.S.C. 6103(b)(1)), the Monday after one that falls on a Sunday
/// (Executive Order 11582).
pub fn is_federal_holiday(day: Date) -> bool {
    let year = day.year();
    // New Year's Day of a year may be observed in the year before.
    (year..=year.saturating_add(1)).flat_map(holidays).any(|holiday| observed(holiday) == day)
}

fn observed(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => moved(day, -1.day()),
        Weekday::Sunday => moved(day, 1.day()),
        _ => day,
    }
}

/// The days themselves. Years beyond the calendar have none.
fn holidays(year: i16) -> Vec<Date> {
    let fixed = |month, day| Date::new(year, month, day).ok();
    let nth = |month, nth, weekday| {
        let first = Date::new(year, month, 1).ok()?;
        first.nth_weekday_of_month(nth, weekday).ok()
    };
    let days = [
        fixed(1, 1),
        nth(1, 3, Weekday::Monday),
        nth(2, 3, Weekday::Monday),
        nth(5, -1, Weekday::Monday),
        // Juneteenth, since Public Law 117-17.
        fixed(6, 19).filter(|day| *day >= date(2021, 6, 19)),
        fixed(7, 4),
        nth(9, 1, Weekday::Monday),
        nth(10, 2, Weekday::Monday),
        fixed(11, 11),
        nth(11, 4, Weekday::Thursday),
        fixed(12, 25),
    ];
    days.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the Office of Personnel Management publishes them: the days on which offices are closed.
    const PUBLISHED: [(i16, [(i8, i8); 11]); 4] = [
        (
            2024,
            [
                (1, 1),
                (1, 15),
                (2, 19),
                (5, 27),
                (6, 19),
                (7, 4),
                (9, 2),
                (10, 14),
                (11, 11),
                (11, 28),
                (12, 25),
            ],
        ),
        (
            2025,
            [
                (1, 1),
                (1, 20),
                (2, 17),
                (5, 26),
                (6, 19),
                (7, 4),
                (9, 1),
                (10, 13),
                (11, 11),
                (11, 27),
                (12, 25),
            ],
        ),
        (
            2026,
            [
                (1, 1),
                (1, 19),
                (2, 16),
                (5, 25),
                (6, 19),
                (7, 3),
                (9, 7),
                (10, 12),
                (11, 11),
                (11, 26),
                (12, 25),
            ],
        ),
        (
            2027,
            [
                (1, 1),
                (1, 18),
                (2, 15),
                (5, 31),
                (6, 18),
                (7, 5),
                (9, 6),
                (10, 11),
                (11, 11),
                (11, 25),
                (12, 24),
            ],
        ),
    ];

    #[test]
    fn holidays_are_those_that_are_published() {
        for (year, days) in PUBLISHED {
            let mut expected: Vec<_> =
                days.iter().map(|(month, day)| date(year, *month, *day)).collect();
            if year == 2027 {
                // New Year's Day of 2028 is a Saturday.
                expected.push(date(2027, 12, 31));
            }
            let first = date(year, 1, 1);
            let year = first.series(1.day()).take_while(|day| day.year() == year);
            let found: Vec<_> = year.filter(|day| is_federal_holiday(*day)).collect();
            assert_eq!(found, expected);
        }
        assert!(!is_federal_holiday(date(2020, 6, 19)), "it is one since 2021");
        assert!(is_federal_holiday(date(2021, 6, 18)) && is_federal_holiday(date(2021, 12, 31)));
    }

    #[test]
    fn ten_business_days_pass_over_weekends_and_holidays() {
        let law = Calendar::default();
        // Thanksgiving is passed over, and so is Christmas.
        assert_eq!(law.after(date(2026, 11, 25), 10), date(2026, 12, 10));
        assert_eq!(law.after(date(2026, 12, 11), 10), date(2026, 12, 28));
        // From a Saturday as from the Friday before.
        assert_eq!(law.after(date(2026, 8, 1), 10), date(2026, 8, 14));
        assert_eq!(law.after(date(2026, 7, 31), 10), date(2026, 8, 14));
        let closed = Calendar::with([date(2026, 8, 3)]);
        assert_eq!(closed.after(date(2026, 7, 31), 10), date(2026, 8, 17));
        assert_eq!(law.between(date(2026, 11, 25), date(2026, 12, 10)), 10);
        assert_eq!(law.between(date(2026, 12, 11), date(2026, 12, 10)), -1);
        assert_eq!(law.between(date(2026, 12, 10), date(2026, 12, 10)), 0);
    }

    #[test]
    fn a_day_is_new_york_s() {
        // 2026-07-01T03:59:59Z and a second later.
        assert_eq!(new_york_day(1_782_878_399), date(2026, 6, 30));
        assert_eq!(new_york_day(1_782_878_400), date(2026, 7, 1));
        assert_eq!(new_york_day(i64::MAX), new_york_day(i64::MAX));
    }
}
