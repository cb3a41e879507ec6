//! Periods of time in a search. Not yet moments: what `today` is depends on now and on where
//! the reader is, so a query keeps the words and [`Period::resolve`] turns them into two ends.

use std::fmt;

use time::OffsetDateTime;

use super::moment::{Moment, days_of_month, midnight};
use crate::Timestamp;

/// A period of time, as the search names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// The reader's day.
    Today,
    /// The day before.
    Yesterday,
    /// The reader's calendar month.
    ThisMonth,
    /// So many units of time that end now: `last 24 hours`, `last week` (seven days), `last
    /// month` (thirty days).
    Last(u32, Unit),
    /// One whole day, `2026-11-07`, or one whole month, `2026-11`.
    Whole(Moment),
    /// From the beginning of one moment to the end of another: `2026-11-01 - 2026-11-07`
    /// (both days whole), `2026-09 - 2026-11`, `2026-11-07 09:00-12:00`.
    Between(Moment, Moment),
    /// `>` (the day itself not included) or `>=`, until now.
    After(Moment, Inclusion),
    /// `<` (the day itself not included) or `<=`.
    Before(Moment, Inclusion),
}

/// Whether a bound that is a date includes that day. With a time there is no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inclusion {
    /// `>`, `<`.
    Excluded,
    /// `>=`, `<=`.
    Included,
}

/// A unit of time after `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// Seven days.
    Week,
    /// 30 days.
    Month,
}

impl Unit {
    /// All of them, shortest first.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word for one of it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    const fn ms(self) -> i64 {
        match self {
            Self::Minute => Timestamp::MINUTE,
            Self::Hour => Timestamp::HOUR,
            Self::Day => Timestamp::DAY,
            Self::Week => 7 * Timestamp::DAY,
            Self::Month => 30 * Timestamp::DAY,
        }
    }
}

impl Period {
    /// What is searched when the text names no period.
    pub const DEFAULT: Self = Self::Last(24, Unit::Hour);

    /// From `from` up to, but without, `until`, whatever the reader's zone: for links that
    /// must show the same everywhere.
    #[must_use]
    pub fn exact(from: Timestamp, until: Timestamp) -> Self {
        let until = until.max(from.plus(1));
        Self::Between(Moment::exact(from), Moment::exact(until))
    }

    /// The two ends, the second not included, for a reader `zone_offset_minutes` east of UTC
    /// at the moment `now`. The second is never before the first.
    #[must_use]
    pub fn resolve(&self, now: Timestamp, zone_offset_minutes: i32) -> (Timestamp, Timestamp) {
        let zone = zone_offset_minutes;
        let today = || {
            let local = now.plus(i64::from(zone) * Timestamp::MINUTE);
            let date = local.to_utc().unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
            (date, midnight(date, zone))
        };
        let (from, until) = match *self {
            Self::Today => {
                let (_, midnight) = today();
                (midnight, midnight.plus(Timestamp::DAY))
            }
            Self::Yesterday => {
                let (_, midnight) = today();
                (midnight.plus(-Timestamp::DAY), midnight)
            }
            Self::ThisMonth => {
                let (date, _) = today();
                let first = date.replace_day(1).expect("every month has a first day");
                let from = midnight(first, zone);
                (from, from.plus(days_of_month(date) * Timestamp::DAY))
            }
            Self::Last(count, unit) => (now.plus(-i64::from(count) * unit.ms()), now),
            Self::Whole(moment) => (moment.begin(zone), moment.end(zone)),
            Self::Between(first, last) => (first.begin(zone), last.end(zone)),
            Self::After(moment, Inclusion::Included) => (moment.begin(zone), now),
            Self::After(moment, Inclusion::Excluded) => (moment.end(zone), now),
            Self::Before(moment, Inclusion::Included) => (Timestamp(0), moment.end(zone)),
            Self::Before(moment, Inclusion::Excluded) => (Timestamp(0), moment.begin(zone)),
        };
        (from.min(until), until)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |inclusion| match inclusion {
            Inclusion::Excluded => "",
            Inclusion::Included => "=",
        };
        match self {
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::ThisMonth => f.write_str("this month"),
            Self::Last(1, unit) => write!(f, "last {}", unit.as_str()),
            Self::Last(count, unit) => write!(f, "last {count} {}s", unit.as_str()),
            Self::Whole(moment) => moment.fmt(f),
            Self::Between(first, last) if is_within_a_day(*first, *last) => {
                write!(f, "{first}-")?;
                last.write_time(f)
            }
            Self::Between(first, last) => write!(f, "{first} - {last}"),
            Self::After(moment, inclusion) => write!(f, ">{}{moment}", sign(*inclusion)),
            Self::Before(moment, inclusion) => write!(f, "<{}{moment}", sign(*inclusion)),
        }
    }
}

/// Whether two ends can be written as `2026-11-07 09:00-12:00`.
fn is_within_a_day(first: Moment, last: Moment) -> bool {
    let local_time = |moment: Moment| moment.time_ms.is_some() && moment.zone.is_none();
    first.date == last.date && local_time(first) && local_time(last)
}
