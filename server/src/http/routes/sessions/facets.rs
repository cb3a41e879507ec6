//! The facets of a session as the API shows them, made of the store's counts. Pure.

use shared::{Crossing, NamedCount, SessionDay, SessionFacets};

use crate::http::routes::named_count;
use crate::store::{Counts, RequestFilter};

/// How many templates are shown.
const MAX_ENDPOINTS: usize = 20;

/// How many values of another facet are shown; a session of one key may have any number of
/// addresses, and a scanner makes up its methods.
const MAX_VALUES: usize = 100;

/// What the filter keeps, each facet with the most first and the values that the filter names.
pub(super) fn facets(counts: Counts, filter: &RequestFilter) -> SessionFacets {
    let of = counts.of;
    let mut users = counts.users;
    // A request without a user has none to be filtered by.
    users.retain(|(user, _)| !user.is_empty());
    let days = counts.days.into_iter().map(|day| SessionDay {
        session: day.session,
        started_at: day.started_at,
        start: day.start,
        requests: day.requests,
    });
    SessionFacets {
        total: counts.total,
        days: days.collect(),
        timeline: counts.timeline,
        crossed: counts.crossed.map(|(request, at)| Crossing { request, at }),
        attack_types: most_first(
            counts.attack_types,
            of.attack_types,
            filter.attack_types.named(),
            MAX_VALUES,
        ),
        ips: most_first(
            counts.addresses,
            of.addresses,
            filter.addresses.named(),
            MAX_VALUES,
        ),
        methods: most_first(
            counts.methods,
            of.methods,
            filter.methods.named(),
            MAX_VALUES,
        ),
        response_codes: most_first(
            counts.statuses,
            of.statuses,
            filter.statuses.named(),
            MAX_VALUES,
        ),
        endpoints: most_first(
            counts.templates,
            of.templates,
            filter.templates.named(),
            MAX_ENDPOINTS,
        ),
        users: most_first(users, of.users, filter.users.named(), MAX_VALUES),
        unusual: most_first(
            counts.unusual,
            of.unusual,
            filter.unusual.named(),
            MAX_VALUES,
        ),
    }
}

/// Values with counts and shares; of equally many, in the order given. `named` ones are there
/// even if they are not among the first, or count nothing.
fn most_first<'a, T: Clone + PartialEq + ToString + 'a>(
    mut counts: Vec<(T, u64)>,
    total: u64,
    named: impl Iterator<Item = &'a T>,
    limit: usize,
) -> Vec<NamedCount> {
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = counts.split_off(counts.len().min(limit));
    for value in named {
        if counts.iter().all(|(shown, _)| shown != value) {
            let further = rest.iter().find(|(other, _)| other == value);
            counts.push((value.clone(), further.map_or(0, |(_, count)| *count)));
        }
    }
    let counts = counts.into_iter();
    counts
        .map(|(value, count)| named_count(value.to_string(), count, total))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(counts: &[NamedCount]) -> Vec<(&str, u64)> {
        let counts = counts.iter();
        counts.map(|it| (it.name.as_str(), it.count)).collect()
    }

    #[test]
    fn values_come_most_first_with_shares_and_ties_in_order() {
        let counts = most_first(vec![(200, 1), (302, 1), (404, 2)], 4, [].iter(), 9);
        assert_eq!(shown(&counts), [("404", 2), ("200", 1), ("302", 1)]);
        assert_eq!(counts[0].share, 0.5);
    }

    #[test]
    fn of_very_many_values_the_first_are_shown_and_those_that_are_named() {
        let many: Vec<(u16, u64)> = (0..500)
            .map(|code| (code, 1_000 - u64::from(code)))
            .collect();
        let counts = most_first(many, 9, [3, 450, 999].iter(), 5);
        let shown = shown(&counts);
        assert_eq!(shown[..2], [("0", 1_000), ("1", 999)]);
        assert_eq!(shown[5..], [("450", 550), ("999", 0)]);
    }
}
