//! How the requests of a session divide. One pass, whatever their number: a kind of value
//! counts the requests that nothing but itself may speak against, so that one sees what its
//! other values would give.

use std::hash::Hash;

use engine::{Address, Timeline};
use rustc_hash::FxHashMap;
use shared::{BotType, RequestId, SessionId, Timestamp, UnusualReason};

use super::filter::{Dimension, RequestFilter, hits_of};
use super::unusual::bit;
use super::{Facts, RequestIndex};

/// Requests by value, each in the value's own order.
type By<T> = Vec<(T, u64)>;

/// What a filter keeps of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// Requests that it keeps.
    pub total: u64,
    /// Per session, oldest first.
    pub days: Vec<DayCount>,
    /// When they came.
    pub timeline: shared::Timeline,
    /// The first of them with which the bar was crossed.
    pub crossed: Option<(RequestId, Timestamp)>,
    /// By type of the attacks they are hits of.
    pub attack_types: By<BotType>,
    /// By source.
    pub addresses: By<Address>,
    /// By method.
    pub methods: By<String>,
    /// By response status.
    pub statuses: By<u16>,
    /// By URL template.
    pub templates: By<String>,
    /// By signed-in user; the empty one is none.
    pub users: By<String>,
    /// By reason.
    pub unusual: By<UnusualReason>,
    /// Of how many requests each of the lists above counts.
    pub of: CountedOf,
}

/// How many requests the lists of [`Counts`] are about: those that other kinds keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountedOf {
    /// Attack types.
    pub attack_types: u64,
    /// Sources.
    pub addresses: u64,
    /// Methods.
    pub methods: u64,
    /// Statuses.
    pub statuses: u64,
    /// Templates.
    pub templates: u64,
    /// Users.
    pub users: u64,
    /// Reasons.
    pub unusual: u64,
}

/// What a filter keeps of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The session.
    pub session: SessionId,
    /// Its first request.
    pub started_at: Timestamp,
    /// How many requests of earlier sessions the filter keeps.
    pub start: u64,
    /// How many of its own.
    pub requests: u64,
}

/// Counts by number in a table of the index.
struct Tally(Vec<u64>, u64);

impl Tally {
    fn new(values: usize) -> Self {
        Self(vec![0; values], 0)
    }

    fn add(&mut self, number: u32) {
        self.0[number as usize] += 1;
        self.1 += 1;
    }

    /// Counts by value; equal values of different numbers are one.
    fn by<T: Eq + Hash + Ord>(self, value: impl Fn(usize) -> T) -> By<T> {
        let counted = self
            .0
            .into_iter()
            .enumerate()
            .filter(|(_, count)| *count > 0);
        sorted(counted.map(|(number, count)| (value(number), count)))
    }
}

fn sorted<T: Eq + Hash + Ord>(counted: impl Iterator<Item = (T, u64)>) -> By<T> {
    let mut counts = FxHashMap::default();
    for (value, count) in counted {
        *counts.entry(value).or_default() += count;
    }
    let mut counts: By<T> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

impl RequestIndex {
    /// How the requests divide that `filter` keeps.
    #[must_use]
    pub fn count(&self, filter: &RequestFilter) -> Counts {
        let compiled = filter.compile(self);
        let mut timeline = Timeline::default();
        let mut days = vec![0u64; self.sessions.len()];
        let mut total = 0;
        let mut addresses = Tally::new(self.addresses.len());
        let mut methods = Tally::new(self.methods.len());
        let mut templates = Tally::new(self.endpoints.len());
        let mut users = Tally::new(self.users.len());
        let mut attacks = Tally::new(self.attacks.len());
        let mut statuses = FxHashMap::<u16, u64>::default();
        let (mut of_status, mut of_unusual) = (0, 0);
        let mut unusual = FxHashMap::<u8, u64>::default();
        let mut crossed = None;
        for (place, facts) in (0u32..).zip(&self.facts) {
            if !compiled.is_wanted(facts) {
                continue;
            }
            let mut refused = compiled.refused(facts);
            let against = refused.next();
            if refused.next().is_some() {
                continue;
            }
            let counts_for = |dimension| against.is_none_or(|against| against == dimension);
            if against.is_none() {
                total += 1;
                days[usize::from(facts.session)] += 1;
                timeline.add(facts.at, facts.status, self.is_hit(facts));
                if crossed.is_none() && self.attacks(place).iter().any(|it| it.crossed_bar) {
                    crossed = Some((self.id(place), Timestamp(facts.at)));
                }
            }
            if counts_for(Dimension::AttackType) {
                attacks.add(facts.attacks);
            }
            if counts_for(Dimension::Address) {
                addresses.add(facts.address);
            }
            if counts_for(Dimension::Method) {
                methods.add(facts.method);
            }
            if counts_for(Dimension::Status) {
                *statuses.entry(facts.status).or_default() += 1;
                of_status += 1;
            }
            if counts_for(Dimension::Template) {
                templates.add(facts.endpoint);
            }
            if counts_for(Dimension::User) {
                users.add(facts.user);
            }
            if counts_for(Dimension::Unusual) {
                *unusual.entry(facts.unusual).or_default() += 1;
                of_unusual += 1;
            }
        }
        let of = CountedOf {
            attack_types: attacks.1,
            addresses: addresses.1,
            methods: methods.1,
            statuses: of_status,
            templates: templates.1,
            users: users.1,
            unusual: of_unusual,
        };
        Counts {
            total,
            days: self.days(&days),
            timeline: timeline.to_shared(),
            crossed,
            attack_types: self.by_type(&attacks),
            addresses: addresses.by(|number| self.addresses[number]),
            methods: methods.by(|number| self.methods[number].clone()),
            statuses: sorted(statuses.into_iter()),
            templates: templates.by(|number| self.endpoints[number].template.clone()),
            users: users.by(|number| self.users[number].clone()),
            unusual: by_reason(&unusual),
            of,
        }
    }

    fn is_hit(&self, facts: &Facts) -> bool {
        hits_of(&self.attacks[facts.attacks as usize])
            .next()
            .is_some()
    }

    fn days(&self, requests: &[u64]) -> Vec<DayCount> {
        let mut start = 0;
        self.sessions
            .iter()
            .zip(requests)
            .map(|((session, started_at), requests)| {
                let day = DayCount {
                    session: *session,
                    started_at: *started_at,
                    start,
                    requests: *requests,
                };
                start += requests;
                day
            })
            .collect()
    }

    /// A request that is a hit of two attacks of one type counts once for it.
    fn by_type(&self, attacks: &Tally) -> By<BotType> {
        let of_type = |bot_type: BotType| {
            let sets = self.attacks.iter().zip(&attacks.0);
            let hits = sets.filter(|(set, _)| hits_of(set).any(|it| it.bot_type == bot_type));
            (bot_type, hits.map(|(_, count)| count).sum::<u64>())
        };
        let types = BotType::ALL.iter().copied().map(of_type);
        types.filter(|(_, count)| *count > 0).collect()
    }
}

fn by_reason(masks: &FxHashMap<u8, u64>) -> By<UnusualReason> {
    let of_reason = |reason: UnusualReason| {
        let met = masks.iter().filter(|(mask, _)| **mask & bit(reason) != 0);
        (reason, met.map(|(_, count)| count).sum::<u64>())
    };
    let reasons = UnusualReason::ALL.iter().copied().map(of_reason);
    reasons.filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use engine::{DetectorMask, UsualEndpoints};
    use shared::{AttackId, DetectorKind};

    use super::super::tests::{index_of, index_with_attacks};
    use super::*;
    use crate::store::query::RequestAttackRow;

    fn text(value: &str, count: u64) -> (String, u64) {
        (value.to_owned(), count)
    }

    #[test]
    fn a_kind_counts_what_all_others_keep() {
        let requests = [
            ("GET", "/a", 200),
            ("POST", "/a", 302),
            ("GET", "/b", 404),
            ("PUT", "/b", 404),
        ];
        let index = index_of(&requests, UsualEndpoints::default());
        let mut filter = RequestFilter::default();
        filter.methods.only = vec!["GET".to_owned()];
        filter.statuses.not = vec![404];
        let counts = index.count(&filter);
        assert_eq!(counts.total, 1);
        // Of the two that are not answered 404.
        assert_eq!(counts.methods, [text("GET", 1), text("POST", 1)]);
        assert_eq!(counts.of.methods, 2);
        // Of the two that are GET.
        assert_eq!(counts.statuses, [(200, 1), (404, 1)]);
        assert_eq!(counts.templates, [text("/a", 1)]);
        assert_eq!(counts.days[0].requests, 1);
        let bins = counts.timeline.bins.iter();
        assert_eq!(bins.map(|bin| bin.ok).sum::<u32>(), 1);
    }

    #[test]
    fn a_request_counts_once_for_a_type_and_only_as_a_hit() {
        let attack = |id, bot_type, is_hit| RequestAttackRow {
            id: AttackId(id),
            bot_type,
            detectors: if is_hit {
                DetectorMask::default().with(DetectorKind::ErrorRate)
            } else {
                DetectorMask::default()
            },
            crossed_bar: false,
        };
        let twice = vec![
            attack(1, BotType::Scraping, true),
            attack(2, BotType::Scraping, true),
            attack(3, BotType::ApiAbuse, false),
        ];
        let index = index_with_attacks(&[("GET", "/a", 200), ("GET", "/a", 200)], &twice);
        let counts = index.count(&RequestFilter::default());
        assert_eq!(counts.attack_types, [(BotType::Scraping, 2)]);
        let of_third = RequestFilter {
            attack: Some(AttackId(3)),
            ..RequestFilter::default()
        };
        assert_eq!(index.count(&of_third).total, 0);
        assert_eq!(
            index.kept(&RequestFilter {
                hits_only: true,
                ..RequestFilter::default()
            }),
            [0, 1]
        );
    }
}
