//! The facets of a session: how often each address, method, status, template and attack type
//! comes. One pass over the requests, whatever their number.

use std::hash::Hash;

use engine::{Address, EndpointKey};
use rustc_hash::FxHashMap;
use shared::{BotType, NamedCount, SessionFacets};

use crate::http::routes::named_count;
use crate::store::{RequestAttackRow, SessionRequestRow};

/// How many templates are shown.
const MAX_ENDPOINTS: usize = 20;

/// How many values of another facet are shown; a session of one key may have any number of
/// addresses, and a scanner makes up its methods.
const MAX_VALUES: usize = 100;

/// Counts requests.
#[derive(Default)]
pub(super) struct FacetCounts {
    requests: u64,
    attack_types: FxHashMap<BotType, u64>,
    addresses: FxHashMap<Address, u64>,
    methods: FxHashMap<String, u64>,
    statuses: FxHashMap<u16, u64>,
    endpoints: FxHashMap<EndpointKey, u64>,
}

/// What a facet sees of a request.
pub(super) struct Counted<'a> {
    pub(super) address: Address,
    pub(super) method: &'a str,
    pub(super) status: u16,
    pub(super) endpoint: EndpointKey,
    pub(super) attacks: &'a [RequestAttackRow],
}

impl<'a> Counted<'a> {
    pub(super) fn of(row: &'a SessionRequestRow, endpoint: EndpointKey) -> Self {
        let request = row.request.request();
        Self {
            address: request.address,
            method: row.request.text(request.method),
            status: request.status,
            endpoint,
            attacks: &row.attacks,
        }
    }
}

impl FacetCounts {
    pub(super) fn add(&mut self, request: &Counted<'_>) {
        self.requests += 1;
        *self.addresses.entry(request.address).or_default() += 1;
        *self.statuses.entry(request.status).or_default() += 1;
        count_text(&mut self.methods, request.method);
        *self.endpoints.entry(request.endpoint).or_default() += 1;
        for (i, attack) in request.attacks.iter().enumerate() {
            let earlier = &request.attacks[..i];
            let counted = earlier
                .iter()
                .any(|other| other.bot_type == attack.bot_type && !other.detectors.is_empty());
            if !attack.detectors.is_empty() && !counted {
                *self.attack_types.entry(attack.bot_type).or_default() += 1;
            }
        }
    }

    /// The facets; `template` says what endpoints are called now, some perhaps alike.
    pub(super) fn finish<'a>(self, template: impl Fn(EndpointKey) -> &'a str) -> SessionFacets {
        let total = self.requests;
        let mut templates = FxHashMap::default();
        for (key, count) in self.endpoints {
            *templates.entry(template(key)).or_default() += count;
        }
        SessionFacets {
            attack_types: most_first(self.attack_types, total, MAX_VALUES),
            ips: most_first(self.addresses, total, MAX_VALUES),
            methods: most_first(self.methods, total, MAX_VALUES),
            response_codes: most_first(self.statuses, total, MAX_VALUES),
            endpoints: most_first(templates, total, MAX_ENDPOINTS),
        }
    }
}

fn count_text(counts: &mut FxHashMap<String, u64>, text: &str) {
    // Almost always there already: no text is made then.
    match counts.get_mut(text) {
        Some(count) => *count += 1,
        None => {
            counts.insert(text.to_owned(), 1);
        }
    }
}

/// Values with counts and shares; of equally many, in the values' own order.
fn most_first<T: Eq + Hash + Ord + ToString>(
    counts: FxHashMap<T, u64>,
    total: u64,
    limit: usize,
) -> Vec<NamedCount> {
    let mut counts: Vec<(T, u64)> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, an), (b, bn)| bn.cmp(an).then_with(|| a.cmp(b)));
    counts.truncate(limit);
    let counts = counts.into_iter();
    counts
        .map(|(value, count)| named_count(value.to_string(), count, total))
        .collect()
}

#[cfg(test)]
mod tests {
    use engine::DetectorMask;
    use shared::{AttackId, DetectorKind};

    use super::*;

    fn attack(id: u64, bot_type: BotType, is_hit: bool) -> RequestAttackRow {
        let mask = DetectorMask::default();
        RequestAttackRow {
            id: AttackId(id),
            bot_type,
            detectors: if is_hit {
                mask.with(DetectorKind::ErrorRate)
            } else {
                mask
            },
            crossed_bar: false,
        }
    }

    fn names(counts: &[NamedCount]) -> Vec<(&str, u64)> {
        let counts = counts.iter();
        counts.map(|it| (it.name.as_str(), it.count)).collect()
    }

    #[test]
    fn values_are_counted_most_first_with_shares_of_all_requests() {
        let mut counts = FacetCounts::default();
        let hit_twice = [
            attack(1, BotType::Scraping, true),
            attack(2, BotType::Scraping, true),
            attack(3, BotType::ApiAbuse, false),
        ];
        for (method, status, endpoint, attacks) in [
            ("GET", 404, 1, &hit_twice[..]),
            ("GET", 200, 2, &[]),
            ("POST", 404, 3, &[]),
            ("GET", 404, 1, &hit_twice[..]),
        ] {
            counts.add(&Counted {
                address: Address::default(),
                method,
                status,
                endpoint: EndpointKey(endpoint),
                attacks,
            });
        }
        let facets = counts.finish(|key| if key.0 == 2 { "/a" } else { "/b" });
        assert_eq!(names(&facets.methods), [("GET", 3), ("POST", 1)]);
        assert_eq!(names(&facets.response_codes), [("404", 3), ("200", 1)]);
        assert_eq!(names(&facets.endpoints), [("/b", 3), ("/a", 1)]);
        assert_eq!(names(&facets.attack_types), [("scraping", 2)]);
        assert_eq!(names(&facets.ips), [("-", 4)]);
        assert_eq!(facets.methods[0].share, 0.75);
    }

    #[test]
    fn a_facet_of_very_many_values_shows_the_first() {
        let mut counts = FacetCounts::default();
        for i in 0..500 {
            counts.add(&Counted {
                address: Address(i),
                method: "GET",
                status: 0,
                endpoint: EndpointKey(i as u64),
                attacks: &[],
            });
        }
        let names: Vec<String> = (0..500).map(|i| format!("/{i:03}")).collect();
        let facets = counts.finish(|key| &names[key.0 as usize]);
        assert_eq!(facets.endpoints.len(), MAX_ENDPOINTS);
        assert_eq!(facets.ips.len(), MAX_VALUES);
        assert_eq!(facets.endpoints[0].name, "/000");
    }
}
