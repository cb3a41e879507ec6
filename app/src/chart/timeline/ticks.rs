//! Where a time axis has its ticks: at round times of the reader's clock.

use shared::Timestamp;

/// The distances that ticks may have, in milliseconds.
const STEPS: [i64; 17] = [
    Timestamp::SECOND,
    5 * Timestamp::SECOND,
    15 * Timestamp::SECOND,
    Timestamp::MINUTE,
    5 * Timestamp::MINUTE,
    15 * Timestamp::MINUTE,
    30 * Timestamp::MINUTE,
    Timestamp::HOUR,
    3 * Timestamp::HOUR,
    6 * Timestamp::HOUR,
    12 * Timestamp::HOUR,
    Timestamp::DAY,
    2 * Timestamp::DAY,
    7 * Timestamp::DAY,
    14 * Timestamp::DAY,
    28 * Timestamp::DAY,
    91 * Timestamp::DAY,
];

/// Ticks of a time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticks {
    /// Their distance in milliseconds.
    pub(super) step: i64,
    /// Where they are.
    pub(super) moments: Vec<Timestamp>,
}

/// At most `most` ticks from `from` to `until` on a clock `zone` minutes ahead of UTC.
pub(super) fn ticks(from: Timestamp, until: Timestamp, most: i64, zone: i32) -> Ticks {
    let span = until.since(from).max(1);
    let step = STEPS
        .into_iter()
        .find(|step| span / step < most)
        .unwrap_or_else(|| whole_years(span, most));
    let offset = i64::from(zone) * Timestamp::MINUTE;
    let first = (from.0 + offset).div_euclid(step) * step - offset;
    let moments = (0..=span / step + 1)
        .map(|index| Timestamp(first + index * step))
        .filter(|at| *at >= from && *at <= until)
        .collect();
    Ticks { step, moments }
}

fn whole_years(span: i64, most: i64) -> i64 {
    let year = 365 * Timestamp::DAY;
    year * (span / year / most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_times_of_the_readers_clock() {
        let from = Timestamp(10 * Timestamp::MINUTE);
        let until = from.plus(5 * Timestamp::HOUR);
        let ticks = ticks(from, until, 6, 30);
        assert_eq!(ticks.step, Timestamp::HOUR);
        // 01:00 on a clock half an hour ahead.
        assert_eq!(ticks.moments[0], Timestamp(30 * Timestamp::MINUTE));
        assert!(ticks.moments.len() <= 6);
    }

    #[test]
    fn every_span_has_a_few_ticks() {
        for span in [
            1,
            999,
            61_000,
            86_400_000,
            40 * 86_400_000,
            13 * 365 * 86_400_000_i64,
        ] {
            let ticks = ticks(Timestamp(0), Timestamp(span), 6, 0);
            assert!((1..=7).contains(&ticks.moments.len()), "{span}: {ticks:?}");
        }
    }
}
