//! Periods of whole days for the links and filters of the console.

use shared::Timestamp;
use shared::search::{self, List, Period};

/// The days from that of `first` to that of `last` on a clock `zone` minutes ahead of UTC;
/// absent outside the years that the search language knows.
pub fn whole_days(first: Timestamp, last: Timestamp, zone: i32) -> Option<Period> {
    let day = |at: Timestamp| {
        let local = at.plus(i64::from(zone) * Timestamp::MINUTE).to_utc()?;
        Some(local.date().to_string())
    };
    let text = format!("{} - {}", day(first)?, day(last)?);
    search::parse(List::Attacks, &text).ok()?.period
}

/// The week of days that ends with the day of `last`.
pub fn week_until(last: Timestamp, zone: i32) -> Option<Period> {
    whole_days(last.plus(-6 * Timestamp::DAY), last, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_readers_clock() {
        // 2015-05-17T22:30Z is the next day in Berlin.
        let late = Timestamp(1_431_901_800_000);
        let days = |zone| whole_days(late, late.plus(Timestamp::DAY), zone).unwrap();
        assert_eq!(days(0).to_string(), "2015-05-17 - 2015-05-18");
        assert_eq!(days(120).to_string(), "2015-05-18 - 2015-05-19");
    }

    #[test]
    fn a_week_has_seven_days_and_holds_its_last_moment() {
        let last = Timestamp(1_431_901_800_000);
        let week = week_until(last, 0).unwrap();
        assert_eq!(week.to_string(), "2015-05-11 - 2015-05-17");
        let (from, until) = week.resolve(last, 0);
        assert!(from < last && last < until);
    }
}
