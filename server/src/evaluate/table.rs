//! A scorecard as a table for people.

use std::fmt::Write;

use shared::BotType;

use super::scorecard::{Class, Scorecard};
use super::statistics::Interval;
use crate::text::{count, number};

impl Scorecard {
    /// The table, with what it rests on.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let actors = self.classes.values().map(|class| class.actors).sum();
        // Writing to a string does not fail.
        _ = writeln!(
            text,
            "{} of {}, {} with a label, {}; engine {}, {:.2} µs of judgement a request",
            count(self.requests, "request"),
            count(self.lines, "line"),
            count(actors, "actor"),
            count(self.attacks, "attack"),
            self.engine_version,
            self.judge_us,
        );
        for reason in &self.rejected_by_reason {
            let example: String = reason.example.chars().take(80).collect();
            _ = writeln!(
                text,
                "  no request: {} ({}), e.g. {example}",
                count(reason.lines, "line"),
                reason.reason
            );
        }
        if self.absent > 0 {
            _ = writeln!(
                text,
                "  not in the logs: {}",
                count(self.absent, "labelled actor")
            );
        }
        _ = writeln!(
            text,
            "\n{:<22}{:>7}{:>9}  {:<20}{:>6}{:>10}{:>6}{:>6}{:>6}{:>7}{:>7}{:>9}",
            "class",
            "actors",
            "flagged",
            "rate (95% interval)",
            "right",
            "precision",
            "F1",
            "FPR",
            "AP",
            "after",
            "after",
            "UA list"
        );
        for (name, class) in &self.classes {
            class.write(name, &mut text);
        }
        text.push_str(
            "\nright: flagged as the right type. FPR: flagged among those who must not be. \
             AP: area under the\nprecision-recall curve. after: median requests and seconds until \
             flagged. UA list: flagged by the\nuser agent alone.\n",
        );
        self.write_bots(&mut text);
        text.push_str("\ntaken for\n");
        for (name, confusion) in &self.confusion {
            let taken: Vec<String> = confusion
                .iter()
                .map(|(taken_for, actors)| format!("{taken_for} {}", number(*actors)))
                .collect();
            _ = writeln!(text, "  {name:<21} {}", taken.join(", "));
        }
        self.write_actors(&mut text);
        text
    }

    fn write_actors(&self, text: &mut String) {
        for (index, line) in self.actors.iter().enumerate() {
            if index == 0 {
                text.push_str("\nevery actor\n");
            }
            let votes: Vec<String> = line
                .votes
                .iter()
                .map(|(detector, vote)| format!("{detector} {vote:.2}"))
                .collect();
            let taken_for = line.flagged.map_or("none", BotType::as_str);
            let nearest = line.nearest.map_or("-", BotType::as_str);
            _ = writeln!(
                text,
                "  {:<16}{:<22}{:>6} requests  {taken_for:<21}{:>4.0}%  {nearest:<21}{}",
                line.actor,
                line.class,
                line.requests,
                line.confidence,
                votes.join(", ")
            );
        }
    }

    fn write_bots(&self, text: &mut String) {
        let by_bot = self.classes.iter();
        let by_bot = by_bot.filter_map(|(name, class)| Some((name, class.by_bot?)));
        for (index, (name, bots)) in by_bot.enumerate() {
            if index == 0 {
                text.push_str("\nby bot (found: half of its addresses)\n");
            }
            _ = writeln!(
                text,
                "  {name:<21}{:>4} of {:<4}{:>6}  right {:>5}  in one attack ≥ {:>5}",
                bots.found,
                bots.bots,
                percent(bots.found_rate),
                percent(bots.right_type_rate),
                percent(bots.least_in_one_attack),
            );
        }
    }
}

impl Class {
    fn write(&self, name: &str, text: &mut String) {
        let name: String = name.chars().take(21).collect();
        let rate = format!(
            "{} {}",
            percent(self.flagged_rate),
            between(self.flagged_rate_interval)
        );
        _ = writeln!(
            text,
            "{name:<22}{:>7}{:>9}  {rate:<20}{:>6}{:>10}{:>6}{:>6}{:>6}{:>7}{:>6}s{:>9}",
            number(self.actors),
            number(self.flagged),
            percent(self.right_type_rate),
            percent(self.precision),
            two_digits(self.f1),
            percent(self.false_positive_rate),
            two_digits(self.average_precision),
            plain(self.median_requests_to_flag),
            plain(self.median_seconds_to_flag),
            percent(self.baseline_flagged_rate),
        );
    }
}

/// `97%`, `0.3%`, `-`.
fn percent(share: Option<f64>) -> String {
    match share.map(|share| share * 100.0) {
        None => "-".to_owned(),
        Some(share) if share > 0.0 && share < 9.95 => format!("{share:.1}%"),
        Some(share) => format!("{share:.0}%"),
    }
}

fn two_digits(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

fn plain(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn between(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!("({:.0}–{:.0})", interval.low * 100.0, interval.high * 100.0)
    })
}
