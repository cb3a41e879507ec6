//! A search as data: what the parser read, its canonical text, and the edits that the
//! console's filters make.

use std::fmt;

use super::address::AddressTerm;
use super::period::Period;
use crate::{BotType, Timestamp};

/// What a search asks for. Its text ([`fmt::Display`]) reads back as the same query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// One of these types; any, if empty. Each once, in the vocabulary's order.
    pub types: Vec<BotType>,
    /// When; [`Period::DEFAULT`] if not named.
    pub period: Option<Period>,
    /// From one of these addresses; from any, if empty. Each once.
    pub addresses: Vec<AddressTerm>,
    /// From at least so many addresses.
    pub ip_count: Option<u32>,
    /// Against one of these applications; against any, if empty. Names, in any case.
    pub applications: Vec<String>,
}

impl Query {
    /// This query with exactly these types.
    #[must_use]
    pub fn with_types(&self, types: &[BotType]) -> Self {
        let mut query = self.clone();
        query.types = BotType::ALL
            .iter()
            .copied()
            .filter(|bot_type| types.contains(bot_type))
            .collect();
        query
    }

    /// This query with this period, or without one.
    #[must_use]
    pub fn with_period(&self, period: Option<Period>) -> Self {
        let mut query = self.clone();
        query.period = period;
        query
    }

    /// The two ends of its period, named or not; see [`Period::resolve`].
    #[must_use]
    pub fn resolve_period(
        &self,
        now: Timestamp,
        zone_offset_minutes: i32,
    ) -> (Timestamp, Timestamp) {
        self.period
            .unwrap_or(Period::DEFAULT)
            .resolve(now, zone_offset_minutes)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut terms: Vec<String> = Vec::new();
        terms.extend(self.types.iter().map(ToString::to_string));
        terms.extend(self.period.iter().map(ToString::to_string));
        terms.extend(self.addresses.iter().map(|term| format!("ip:{term}")));
        terms.extend(self.ip_count.iter().map(|count| format!("ip:{count}+")));
        terms.extend(self.applications.iter().map(|name| quote_application(name)));
        f.write_str(&terms.join(" "))
    }
}

fn quote_application(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.chars().all(plain) {
        return format!("app:{name}");
    }
    let escaped = name.replace('\\', r"\\").replace('\'', r"\'");
    format!("app:'{escaped}'")
}
