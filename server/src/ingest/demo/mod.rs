//! Demo traffic: the log of a shop with an API that does not exist, for whoever has no log at
//! hand. People, welcome programs and bots of all five types, the same again from the same
//! seed. There is no clock in here: lines are asked for up to a moment. Who wrote a line is
//! known here and never told to what reads the log.
//!
//! All addresses are those set aside for documentation, and for networks behind a provider.

mod abuse;
mod agents;
mod app;
mod automation;
mod browsing;
mod consumption;
mod line;
mod people;
mod random;
mod scanning;
mod schedule;
mod scraping;
mod script;
mod shop;
mod takeover;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use shared::{BotType, Timestamp};

use schedule::LONGEST_HOURS;
use script::Request;

/// The seed that is taken when nobody names one.
pub const DEFAULT_SEED: u32 = 7;

/// How busy the shop may be, in percent of the usual.
pub const BUSY_PERCENT: std::ops::RangeInclusive<u64> = 10..=5_000;

/// Who wrote a line: the truth, for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A person.
    Person,
    /// A program that is welcome.
    Program,
    /// A bot.
    Bot(BotType),
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The line, without a line break.
    pub text: String,
    /// Who.
    pub actor: Actor,
    /// What it is called.
    pub name: &'static str,
    /// Which visit of theirs.
    pub visit: u64,
}

/// The log of one seed, from a moment on.
pub struct Traffic {
    seed: u64,
    percent: u64,
    /// Lines before this moment are left out.
    from: i64,
    /// The next hour that is not planned yet.
    hour: i64,
    /// Requests that were planned and not handed out, the earliest first.
    waiting: BinaryHeap<Reverse<Waiting>>,
}

/// A planned request. In order of time, then by what does not depend on when it was planned.
struct Waiting {
    order: (i64, u64, u32),
    request: Request,
    actor: Actor,
    name: &'static str,
}

impl Traffic {
    /// The lines of `seed` from the moment `from` on: the same lines, whatever `from` is.
    /// `percent`: how busy the shop is, in percent of the usual.
    #[must_use]
    pub fn new(seed: u32, percent: u64, from: Timestamp) -> Self {
        Self {
            seed: u64::from(seed),
            percent: percent.clamp(*BUSY_PERCENT.start(), *BUSY_PERCENT.end()),
            from: from.0,
            hour: from.0.div_euclid(Timestamp::HOUR) - LONGEST_HOURS,
            waiting: BinaryHeap::new(),
        }
    }

    /// The next line if it is older than `until`.
    pub fn next_before(&mut self, until: Timestamp) -> Option<Line> {
        while self.hour * Timestamp::HOUR < until.0 && !self.has_ready() {
            self.plan_hour();
        }
        let next = self.waiting.peek()?;
        if next.0.order.0 >= until.0 {
            return None;
        }
        let Reverse(next) = self.waiting.pop()?;
        Some(Line {
            at: next.request.at,
            text: line::to_line(&next.request),
            actor: next.actor,
            name: next.name,
            visit: next.order.1,
        })
    }

    /// Whether the next request is there: nothing that is not planned yet can come before it.
    fn has_ready(&self) -> bool {
        let planned_until = self.hour * Timestamp::HOUR;
        self.waiting
            .peek()
            .is_some_and(|next| next.0.order.0 < planned_until)
    }

    fn plan_hour(&mut self) {
        for visit in schedule::plan(self.seed, self.hour, self.percent) {
            let requests = visit.script.into_requests();
            for (index, request) in (0..).zip(requests) {
                if request.at < self.from {
                    continue;
                }
                self.waiting.push(Reverse(Waiting {
                    order: (request.at, visit.number, index),
                    request,
                    actor: visit.actor,
                    name: visit.name,
                }));
            }
        }
        self.hour += 1;
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

#[cfg(test)]
mod tests;
