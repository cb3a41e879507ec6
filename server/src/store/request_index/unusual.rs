//! Plain rules that mark a request of a session as unusual, each with the numbers that it was
//! met with. They help the eye; no detector looks at them.
//!
//! - *Rare endpoint*: hardly any unsuspected session that the engine has learned from asked for
//!   it (see [`engine::UsualEndpoints`]). Nothing is marked while too little was learned.
//! - *Odd step*: of the many unsuspected sessions that were where this one was before, hardly any
//!   went on to this endpoint, though it is a usual one.
//! - *Odd answer*: at most one in fifty of the endpoint's answers in this session had this
//!   status. `304` only says that a cache was right, so it is never odd, nor makes others odd.
//!
//! Static files are left out of all.

use engine::{EndpointRecord, UsualEndpoints};
use rustc_hash::FxHashMap;
use shared::{EndpointTag, Unusual, UnusualReason};

use super::{Facts, RequestIndex};

/// A status is odd if at most one in so many answers had it.
const ODD_SHARE: u32 = 50;
const NOT_MODIFIED: u16 = 304;

/// What the rules knew.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Unsuspected sessions, and how many must ask for an endpoint.
    sessions: u64,
    at_least: u64,
    /// Answers of each endpoint, and those with a status of its.
    answers: FxHashMap<u32, u32>,
    statuses: FxHashMap<(u32, u16), u32>,
    /// Of the requests that are odd steps: where the session was before.
    steps: FxHashMap<Place, OddStep>,
}

/// Where a request is stored: its segment's place and its row.
type Place = (u32, u32);

/// A step that hardly any session takes.
#[derive(Debug, Clone, Copy)]
struct OddStep {
    /// The endpoint before.
    before: u32,
    /// Sessions that were there, and how many of them must have taken it.
    sessions: u64,
    at_least: u64,
}

impl Rules {
    /// Marks the requests of an index.
    pub(super) fn apply(index: &mut RequestIndex, usual: UsualEndpoints) {
        let mut rules = Self {
            sessions: usual.sessions,
            at_least: usual.at_least,
            ..Self::default()
        };
        let are_static: Vec<bool> = index
            .endpoints
            .iter()
            .map(|endpoint| endpoint.tags.contains(&EndpointTag::Static))
            .collect();
        let is_static = |place: u32| are_static[place as usize];
        let is_rare: Vec<bool> = (0u32..)
            .zip(&index.endpoints)
            .map(|(place, endpoint)| !is_static(place) && usual.is_rare(endpoint.key))
            .collect();
        for facts in &index.facts {
            if says_something(facts.status) && !is_static(facts.endpoint) {
                *rules.answers.entry(facts.endpoint).or_default() += 1;
                let status = (facts.endpoint, facts.status);
                *rules.statuses.entry(status).or_default() += 1;
            }
        }
        for facts in &mut index.facts {
            if is_rare[facts.endpoint as usize] {
                facts.unusual |= bit(UnusualReason::RareEndpoint);
            }
            if rules.is_odd(facts) {
                facts.unusual |= bit(UnusualReason::OddStatus);
            }
        }
        rules.mark_steps(index, &usual, is_static);
        // Only what was marked must be explained.
        rules
            .statuses
            .retain(|(endpoint, _), count| *count * ODD_SHARE <= rules.answers[endpoint]);
        index.rules = rules;
    }

    /// Marks requests for an endpoint to which hardly any session goes from the one before.
    fn mark_steps(
        &mut self,
        index: &mut RequestIndex,
        usual: &UsualEndpoints,
        is_static: impl Fn(u32) -> bool,
    ) {
        if usual.from.is_empty() {
            return;
        }
        let mut before: Option<(u8, u32)> = None;
        for facts in index
            .facts
            .iter_mut()
            .filter(|facts| !is_static(facts.endpoint))
        {
            let key = |place: u32| index.endpoints[place as usize].key;
            if let Some((session, place)) = before
                && session == facts.session
                && let Some(from) = usual.odd_step(key(place), key(facts.endpoint))
            {
                facts.unusual |= bit(UnusualReason::OddStep);
                let step = OddStep {
                    before: place,
                    sessions: from.sessions,
                    at_least: from.at_least,
                };
                self.steps.insert((facts.segment, facts.row), step);
            }
            before = Some((facts.session, facts.endpoint));
        }
    }

    fn is_odd(&self, facts: &Facts) -> bool {
        let status = self.statuses.get(&(facts.endpoint, facts.status));
        status.is_some_and(|count| *count * ODD_SHARE <= self.answers[&facts.endpoint])
    }

    /// What is unusual about a request, in words.
    pub(super) fn explain(&self, facts: &Facts, endpoints: &[EndpointRecord]) -> Vec<Unusual> {
        let met = UnusualReason::ALL.iter().copied();
        let met = met.filter(|reason| facts.unusual & bit(*reason) != 0);
        met.map(|reason| Unusual {
            reason,
            because: match reason {
                UnusualReason::RareEndpoint => format!(
                    "Of {} unsuspected sessions that Botscope has learned from, fewer than {} \
                     asked for this endpoint.",
                    self.sessions, self.at_least
                ),
                UnusualReason::OddStep => {
                    let step = self.steps.get(&(facts.segment, facts.row));
                    step.map_or_else(String::new, |step| step.explain(endpoints))
                }
                UnusualReason::OddStatus => {
                    let answers = self.answers.get(&facts.endpoint).copied().unwrap_or(0);
                    let status = (facts.endpoint, facts.status);
                    let alike = self.statuses.get(&status).copied().unwrap_or(0);
                    format!(
                        "Of {answers} answers of this endpoint in this session, {alike} had the \
                         status {}.",
                        facts.status
                    )
                }
            },
        })
        .collect()
    }

    /// Roughly the bytes of memory they take.
    pub(super) fn weight(&self) -> usize {
        self.answers.len() * 9 + self.statuses.len() * 13 + self.steps.len() * 41
    }
}

impl OddStep {
    fn explain(self, endpoints: &[EndpointRecord]) -> String {
        let before = &endpoints[self.before as usize];
        format!(
            "Of {} unsuspected sessions that were at {} {}, fewer than {} went on to this endpoint.",
            self.sessions, before.method, before.template, self.at_least
        )
    }
}

fn says_something(status: u16) -> bool {
    status != 0 && status != NOT_MODIFIED
}

/// The place of a reason in the mask.
pub(super) fn bit(reason: UnusualReason) -> u8 {
    1 << reason as u8
}

#[cfg(test)]
mod tests {
    use engine::UsualFrom;

    use super::super::tests::index_of;
    use super::*;

    /// The reasons of each request.
    fn reasons(index: &RequestIndex) -> Vec<Vec<UnusualReason>> {
        let facts = index.facts.iter();
        let facts = facts.map(|facts| index.rules.explain(facts, &index.endpoints));
        facts
            .map(|unusual| unusual.into_iter().map(|it| it.reason).collect())
            .collect()
    }

    #[test]
    fn a_status_that_one_in_fifty_answers_had_is_odd() {
        let mut requests = vec![("POST", "/login", 200); 49];
        requests.push(("POST", "/login", 302));
        let index = index_of(&requests, UsualEndpoints::default());
        assert_eq!(reasons(&index)[49], [UnusualReason::OddStatus]);
        assert!(reasons(&index)[..49].iter().all(Vec::is_empty));
        let because = &index.unusual(49)[0].because;
        assert!(
            because.contains("50 answers") && because.contains("302"),
            "{because}"
        );
        let index = index_of(&requests[1..], UsualEndpoints::default());
        assert!(reasons(&index).iter().all(Vec::is_empty));
    }

    #[test]
    fn what_a_cache_answers_and_static_files_are_never_odd() {
        let mut requests = vec![("GET", "/a", 304); 60];
        requests.push(("GET", "/a", 200));
        requests.extend(vec![("GET", "/logo.png", 200); 60]);
        requests.push(("GET", "/logo.png", 404));
        let index = index_of(&requests, UsualEndpoints::default());
        assert!(reasons(&index).iter().all(Vec::is_empty));
    }

    #[test]
    fn an_endpoint_that_is_not_usual_is_rare_once_something_was_learned() {
        let requests = [
            ("GET", "/a", 200),
            ("GET", "/b", 200),
            ("GET", "/x.css", 200),
        ];
        let young = index_of(&requests, UsualEndpoints::default());
        assert!(reasons(&young).iter().all(Vec::is_empty));
        let usual = UsualEndpoints {
            sessions: 900,
            at_least: 2,
            endpoints: vec![engine::attribute::endpoint("GET", "", "/a").key],
            from: Vec::new(),
        };
        let index = index_of(&requests, usual);
        let rare = vec![UnusualReason::RareEndpoint];
        assert_eq!(reasons(&index), [vec![], rare, vec![]]);
        assert!(index.unusual(1)[0].because.contains("fewer than 2"));
    }

    #[test]
    fn a_step_that_hardly_any_session_takes_is_odd_and_says_from_where() {
        let requests = [
            ("GET", "/cart", 200),
            ("GET", "/x.css", 200),
            ("GET", "/b", 200),
            ("GET", "/cart", 200),
            ("GET", "/a", 200),
        ];
        let key = |path: &str| engine::attribute::endpoint("GET", "", path).key;
        let mut endpoints = vec![key("/a"), key("/b"), key("/cart")];
        endpoints.sort_unstable();
        let usual = UsualEndpoints {
            sessions: 900,
            at_least: 2,
            endpoints,
            from: vec![UsualFrom {
                endpoint: key("/cart"),
                sessions: 412,
                at_least: 5,
                next: vec![key("/b")],
            }],
        };
        let index = index_of(&requests, usual);
        let odd = vec![UnusualReason::OddStep];
        assert_eq!(reasons(&index), [vec![], vec![], vec![], vec![], odd]);
        let because = &index.unusual(4)[0].because;
        assert!(
            because.contains("412 unsuspected sessions that were at GET /cart, fewer than 5"),
            "{because}"
        );
    }
}
