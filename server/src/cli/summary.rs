//! What an import says when it is done: for people, and as a line of JSON.

use std::fmt::Write;

use serde::Serialize;
use shared::BotType;

use crate::ingest::import::Outcome;
use crate::ingest::reject::Rejects;
use crate::text::{count, number};

/// What an import did.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) lines: u64,
    pub(super) accepted: u64,
    pub(super) rejects: Rejects,
    /// Sources that an earlier import had read to their end.
    pub(super) known: u64,
    /// Sources that could not be read to their end, and why.
    pub(super) failures: Vec<(String, String)>,
    /// Applications that were judged again as a whole.
    pub(super) judged_again: Vec<String>,
    /// What is stored of the applications now.
    pub(super) applications: Vec<String>,
    pub(super) sessions: u64,
    pub(super) attacks: u64,
    pub(super) by_type: Vec<(BotType, u64)>,
    pub(super) seconds: f64,
}

/// The last line with `--json`.
#[derive(Serialize)]
struct Line<'a> {
    lines: u64,
    accepted: u64,
    rejected: u64,
    sessions: u64,
    attacks: u64,
    seconds: f64,
    applications: &'a [String],
    rejected_by_reason: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    reason: &'static str,
    lines: u64,
}

impl Totals {
    /// Adds one source.
    pub(super) fn add(&mut self, name: String, outcome: Outcome) {
        self.lines += outcome.lines;
        self.accepted += outcome.accepted;
        self.known += u64::from(outcome.lines == 0 && outcome.known_bytes > 0);
        self.rejects.merge(outcome.rejects);
        if let Some(failure) = outcome.failure {
            self.failures.push((name, failure));
        }
    }

    /// As one line of JSON.
    pub(super) fn to_json(&self) -> String {
        let line = Line {
            lines: self.lines,
            accepted: self.accepted,
            rejected: self.rejects.total(),
            sessions: self.sessions,
            attacks: self.attacks,
            seconds: (self.seconds * 1e3).round() / 1e3,
            applications: &self.applications,
            rejected_by_reason: self
                .rejects
                .by_reason()
                .into_iter()
                .map(|(reason, lines, _)| Reason {
                    reason: reason.as_str(),
                    lines,
                })
                .collect(),
        };
        serde_json::to_string(&line).expect("numbers and names can be written")
    }

    /// For people.
    pub(super) fn to_text(&self, data: &str) -> String {
        let mut text = String::new();
        let mut line = |content: std::fmt::Arguments<'_>| {
            writeln!(text, "{content}").expect("writing to a string does not fail");
        };
        let rate = number((self.accepted as f64 / self.seconds.max(0.001)) as u64);
        line(format_args!(
            "{} in {:.1} s ({rate} requests/s): {} accepted, {} rejected",
            count(self.lines, "line"),
            self.seconds,
            number(self.accepted),
            number(self.rejects.total()),
        ));
        for (reason, lines, example) in self.rejects.by_reason() {
            line(format_args!("  {:>10}  {reason}", number(lines)));
            if !example.is_empty() {
                line(format_args!("              {example}"));
            }
        }
        if self.known > 0 {
            line(format_args!(
                "{} of the files had been imported before and had nothing new",
                self.known
            ));
        }
        for (name, failure) in &self.failures {
            line(format_args!(
                "{name} ends too early ({failure}); what was readable is kept, and importing \
                 the whole file later adds the rest"
            ));
        }
        for application in &self.judged_again {
            line(format_args!(
                "{application} was judged again as a whole: older requests came, or an earlier version judged it"
            ));
        }
        line(format_args!(
            "{}: {}, {}",
            self.applications.join(", "),
            count(self.sessions, "session"),
            count(self.attacks, "attack"),
        ));
        for (bot_type, attacks) in self.by_type.iter().filter(|(_, attacks)| *attacks > 0) {
            line(format_args!(
                "  {:>10}  {}",
                number(*attacks),
                bot_type.label()
            ));
        }
        line(format_args!(
            "Look at them: botscope serve {data}, then http://127.0.0.1:8080"
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_line_begins_with_the_promised_names() {
        let json = Totals::default().to_json();
        let expected =
            r#"{"lines":0,"accepted":0,"rejected":0,"sessions":0,"attacks":0,"seconds":0.0,"#;
        assert!(json.starts_with(expected), "{json}");
    }
}
