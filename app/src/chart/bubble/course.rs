//! The time bar's ground: which stretch of time it spans, when something changes in it, how
//! busy *this bot* was. Pure; knows no pixels.

use crate::math::within;
use shared::{HeatmapSteps, Timestamp};

/// The time that a bar spans, and what happens in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    pub from: Timestamp,
    pub until: Timestamp,
    /// When some bot's values change, ascending, each once.
    pub changes: Vec<Timestamp>,
    /// How busy *this bot* was in equal parts of the bar, 0 to 1.
    pub busy: Vec<f64>,
}

/// Before the first change the bar leaves this part of itself free.
const LEAD: i64 = 24;

impl Course {
    /// The whole window; where nothing happens in its beginning, only from shortly before the
    /// first change on.
    pub fn new(steps: &HeatmapSteps) -> Self {
        let (from, until) = (steps.window_from, steps.window_until);
        let mut changes: Vec<Timestamp> = Vec::new();
        for seconds in steps.bots.iter().flat_map(|bot| &bot.at) {
            let at = from
                .plus(i64::from(*seconds) * Timestamp::SECOND)
                .min(until);
            if let Err(place) = changes.binary_search(&at) {
                changes.insert(place, at);
            }
        }
        let first = changes.first().map_or(until, |first| *first);
        let parts = steps.activity.len().max(1) as i64;
        let part = until.since(from) / parts;
        let quiet = steps
            .activity
            .iter()
            .take_while(|requests| **requests == 0)
            .count() as i64;
        let active = from.plus(quiet * part).min(first);
        let lead = (until.since(active) / LEAD).max(part);
        // Whole parts, so that they stay in step with the activity.
        let skipped = (active.since(from) - lead).max(0) / part.max(1);
        let peak = steps.activity.iter().copied().max().unwrap_or(0).max(1);
        let busy = steps.activity.iter().skip(skipped as usize);
        Self {
            from: from.plus(skipped * part),
            until,
            changes,
            // A root: one request beside a flood is still seen.
            busy: busy
                .map(|requests| (f64::from(*requests) / f64::from(peak)).sqrt())
                .collect(),
        }
    }

    /// Where a moment is on the bar, 0 to 1; the end without one.
    pub fn share(&self, at: Option<Timestamp>) -> f64 {
        let Some(at) = at else { return 1.0 };
        let whole = self.until.since(self.from).max(1);
        within(at.since(self.from) as f64 / whole as f64, 0.0, 1.0)
    }

    /// The moment at a place on the bar, in whole seconds; none at its end.
    pub fn moment(&self, share: f64) -> Option<Timestamp> {
        let whole = self.until.since(self.from) as f64;
        let ms = (within(share, 0.0, 1.0) * whole) as i64;
        self.within(self.from.plus(ms))
    }

    /// A moment kept on the bar, in whole seconds; none at its end or beyond.
    pub fn within(&self, at: Timestamp) -> Option<Timestamp> {
        let at = at.max(self.from);
        let whole = Timestamp(at.0.div_euclid(Timestamp::SECOND) * Timestamp::SECOND);
        (at < self.until).then_some(whole.max(self.from))
    }

    /// The change after (`by` > 0) or before a moment.
    pub fn step(&self, at: Option<Timestamp>, by: i32) -> Option<Timestamp> {
        let now = at.unwrap_or(self.until);
        if by > 0 {
            let next = self.changes.iter().find(|change| **change > now)?;
            (*next < self.until).then_some(*next)
        } else {
            let before = self.changes.iter().rev().find(|change| **change < now);
            Some(before.copied().unwrap_or(self.from))
        }
    }

    /// The last change up to a moment: between two the picture is the same.
    pub fn settled(&self, at: Timestamp) -> Timestamp {
        let past = self.changes.partition_point(|change| *change <= at);
        past.checked_sub(1)
            .map_or(self.from, |last| self.changes[last])
    }

    /// How far playing comes in `elapsed` milliseconds: the stretch from the first change to
    /// the end takes [`PLAY_MS`]. Without a moment it begins anew.
    pub fn played(&self, at: Option<Timestamp>, elapsed: f64) -> Option<Timestamp> {
        let first = self.changes.first().map_or(self.from, |first| *first);
        let Some(at) = at else {
            return Some(first.max(self.from));
        };
        let whole = self.until.since(first).max(1) as f64;
        let on = at
            .max(first)
            .plus((whole * elapsed / PLAY_MS).ceil() as i64);
        (on < self.until).then_some(on)
    }
}

/// How long a whole run lasts.
pub const PLAY_MS: f64 = 12_000.0;

#[cfg(test)]
mod tests {
    use super::super::travel::tests::travelled;
    use super::*;

    fn course() -> Course {
        Course::new(&travelled().1)
    }

    const HOUR: i64 = Timestamp::HOUR;

    #[test]
    fn every_change_is_a_moment_once() {
        let seconds: Vec<i64> = course().changes.iter().map(|at| at.0 / 1_000).collect();
        assert_eq!(seconds, [3_600, 7_200, 50_000, 86_400]);
    }

    #[test]
    fn arrows_go_from_change_to_change_and_end_at_the_end() {
        let course = course();
        let mut at = course.step(None, -1);
        assert_eq!(at, Some(Timestamp(50_000_000)));
        at = course.step(at, -1);
        assert_eq!(at, Some(Timestamp(2 * HOUR)));
        at = course.step(course.step(at, -1), -1);
        assert_eq!(at, Some(course.from));
        assert_eq!(course.step(at, 1), Some(Timestamp(HOUR)));
        assert_eq!(course.step(Some(Timestamp(50_000_000)), 1), None, "the end");
    }

    #[test]
    fn places_and_moments_undo_each_other() {
        let course = course();
        assert_eq!(course.share(None), 1.0);
        assert_eq!(course.moment(1.0), None);
        let half = course.moment(0.5);
        assert!((course.share(half) - 0.5).abs() < 1e-4);
        assert_eq!(course.moment(-3.0), Some(course.from));
        assert_eq!(course.settled(Timestamp(2 * HOUR + 5)), Timestamp(2 * HOUR));
        assert_eq!(course.settled(Timestamp(5)), course.from);
    }

    #[test]
    fn playing_takes_its_time_and_ends_at_the_end() {
        let course = course();
        let mut at = course.played(None, 0.0);
        assert_eq!(at, Some(Timestamp(HOUR)));
        let mut frames = 0;
        while let Some(now) = at {
            at = course.played(Some(now), 200.0);
            frames += 1;
        }
        assert!((59..=61).contains(&frames), "{frames}");
    }

    #[test]
    fn a_day_that_was_quiet_till_its_last_hour_is_not_drawn_whole() {
        let (_, mut steps) = travelled();
        steps.activity = vec![0; 288];
        steps.activity[280] = 7;
        for bot in &mut steps.bots {
            bot.at = vec![84_600];
            bot.values.truncate(1);
        }
        let course = Course::new(&steps);
        assert!(course.until.since(course.from) < 2 * HOUR);
        assert!(course.from < Timestamp(84_000_000));
        assert_eq!(course.busy.iter().filter(|busy| **busy > 0.0).count(), 1);
        assert!(course.busy.len() < 24);
    }
}
