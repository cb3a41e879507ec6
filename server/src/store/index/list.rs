//! Lists and counts of the rows that a query takes.

use engine::Address;
use shared::search::{Key, Query};
use shared::{AttackId, BotType, SessionId, Timestamp};

use super::plan::Plan;
use super::{Index, RequestPlaces};
use crate::store::{AttackSort, AttackTotals, Cursor, Period, SessionTotals};

/// A row of a list: what it is sorted by, and its identifier as the database compares it.
pub(crate) type Ranked = (i64, i64);

/// Which part of a sorted list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) after: Option<Cursor>,
    pub(crate) limit: usize,
    pub(crate) descending: bool,
}

impl Part {
    /// Whether a row comes after the cursor.
    fn has(&self, row: Ranked) -> bool {
        self.after.is_none_or(|cursor| {
            let last = (cursor.value, cursor.id as i64);
            if self.descending {
                row < last
            } else {
                row > last
            }
        })
    }

    /// The first rows of what was found, in order.
    pub(crate) fn cut(&self, rows: &mut Vec<Ranked>) {
        let compare = |a: &Ranked, b: &Ranked| if self.descending { b.cmp(a) } else { a.cmp(b) };
        if rows.len() > self.limit {
            rows.select_nth_unstable_by(self.limit, compare);
            rows.truncate(self.limit);
        }
        rows.sort_unstable_by(compare);
    }
}

/// What is searched for in one application.
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a Query,
    pub(crate) period: Period,
    pub(crate) application: &'a str,
    pub(crate) requests: &'a RequestPlaces,
    pub(crate) ongoing_since: Timestamp,
}

impl Index {
    /// The attacks that were going on in the period and that the query takes.
    pub(crate) fn list_attacks(
        &self,
        asked: &Asked<'_>,
        sort: AttackSort,
        part: Part,
    ) -> Vec<Ranked> {
        let mut rows = Vec::new();
        self.each_attack(&self.plan_of_attacks(asked), asked.period, |number| {
            if let Some(attack) = self.attacks.get(number) {
                let value = match sort {
                    AttackSort::Date => attack.ended_at,
                    AttackSort::Hits => i64::try_from(attack.hits).unwrap_or(i64::MAX),
                    AttackSort::Confidence => i64::from(attack.confidence),
                };
                let row = (value, attack.id.0 as i64);
                if part.has(row) {
                    rows.push(row);
                }
            }
        });
        part.cut(&mut rows);
        rows
    }

    /// How many attacks the query takes; those that ended before `ongoing_since` are over.
    pub(crate) fn count_attacks(
        &self,
        asked: &Asked<'_>,
        ongoing_since: i64,
        totals: &mut AttackTotals,
    ) {
        let plan = self.plan_of_attacks(asked);
        let of_any_type = self.plan_of_attacks(asked).without(Key::Type);
        if totals.by_type.is_empty() {
            totals.by_type = BotType::ALL.iter().map(|kind| (*kind, 0)).collect();
        }
        self.each_attack(&of_any_type, asked.period, |number| {
            let Some(attack) = self.attacks.get(number) else {
                return;
            };
            for (bot_type, attacks) in &mut totals.by_type {
                *attacks += u64::from(attack.types >> *bot_type as u8 & 1);
            }
            if plan.takes_attack(number, attack) {
                totals.attacks += 1;
                totals.hits += attack.hits;
                let ongoing = !attack.closed && attack.ended_at >= ongoing_since;
                totals.ongoing += u64::from(ongoing);
            }
        });
    }

    /// When a session ended, if there is such a one.
    pub(crate) fn session_ended_at(&self, id: SessionId) -> Option<Timestamp> {
        let row = self.sessions.find(id)?;
        Some(Timestamp(self.sessions.place(row).0))
    }

    /// The sessions of no attack whose address lies between two, both included, of those that
    /// ended no longer than `span_ms` before the newest; the newest first, each after when it
    /// ended. No more than `limit`.
    pub(crate) fn others_at(
        &self,
        (first, last): (u128, u128),
        span_ms: i64,
        limit: usize,
    ) -> Vec<(i64, SessionId)> {
        let sessions = &self.sessions;
        let rows = sessions.between(i64::MIN, i64::MAX).iter().rev();
        let newest = rows.clone().next().map_or(0, |row| sessions.place(*row).0);
        let within = Address(first)..=Address(last);
        rows.take_while(|row| sessions.place(**row).0 >= newest - span_ms)
            .filter(|row| !sessions.is_bot(**row))
            .filter(|row| within.contains(&sessions.address(**row)))
            .map(|row| (sessions.place(*row).0, sessions.id(*row)))
            .take(limit)
            .collect()
    }

    /// How many sessions came from an address.
    pub(crate) fn count_sessions_from(&self, address: Address) -> u64 {
        let rows = self.sessions.between(i64::MIN, i64::MAX).iter();
        let from = rows.filter(|row| self.sessions.address(**row) == address);
        from.count() as u64
    }

    /// The sessions with a request in the period that the query takes, the newest end first.
    pub(crate) fn list_sessions(
        &self,
        asked: &Asked<'_>,
        after: Option<Cursor>,
        limit: usize,
    ) -> Vec<Ranked> {
        let plan = Plan::of_sessions(self, asked);
        if plan.is_hopeless() {
            return Vec::new();
        }
        let Period { from, until } = asked.period;
        let mut rows = self.sessions.between(from.0, until.0);
        if let Some(cursor) = after {
            let last = (cursor.value, cursor.id as i64);
            let end = rows.partition_point(|row| self.sessions.place(*row) < last);
            rows = &rows[..end];
        }
        rows.iter()
            .rev()
            .copied()
            .filter(|row| self.sessions.began_by(*row, until.0))
            .filter(|row| plan.takes_session(self, *row))
            .take(limit)
            .map(|row| self.sessions.place(row))
            .collect()
    }

    pub(crate) fn count_sessions(&self, asked: &Asked<'_>, totals: &mut SessionTotals) {
        let plan = Plan::of_sessions(self, asked);
        self.each_session(&plan, asked.period, |row| {
            totals.sessions += 1;
            totals.requests += u64::from(self.sessions.requests(row));
            totals.hits += u64::from(self.sessions.hits(row));
            totals.bots += u64::from(self.sessions.is_bot(row));
        });
    }

    pub(super) fn plan_of_attacks(&self, asked: &Asked<'_>) -> Plan {
        Plan::of_attacks(self, asked)
    }

    pub(super) fn each_attack(&self, plan: &Plan, period: Period, mut visit: impl FnMut(u32)) {
        if plan.is_hopeless() {
            return;
        }
        for (number, attack) in self.attacks.iter() {
            let within = attack.ended_at >= period.from.0 && attack.started_at <= period.until.0;
            if within && plan.takes_attack(number, attack) {
                visit(number);
            }
        }
    }

    pub(super) fn each_session(&self, plan: &Plan, period: Period, mut visit: impl FnMut(u32)) {
        if plan.is_hopeless() {
            return;
        }
        for row in self.sessions.between(period.from.0, period.until.0) {
            if self.sessions.began_by(*row, period.until.0) && plan.takes_session(self, *row) {
                visit(*row);
            }
        }
    }
}

/// The way back from a row of a list.
pub(crate) fn attack_of(row: Ranked) -> AttackId {
    AttackId(row.1 as u64)
}

/// The way back from a row of a list.
pub(crate) fn session_of(row: Ranked) -> SessionId {
    SessionId(row.1 as u64)
}
