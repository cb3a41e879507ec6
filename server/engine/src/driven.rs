//! Driven browsers. A program that drives a real browser loads what a page loads and comes from
//! where its links are; what is left is how it moves: its pauses spread less than a person's, or
//! it follows links of a page to that same page. One visit that does so says little: one in six
//! visits of people has pauses as even. Where most visits with one very user agent do, and those
//! with others do not, the user agent is a tool's. Not who is judged for it: that is
//! `engine::clusters`.
//!
//! Avoided by pauses drawn as widely as people's and links chosen for a reason; or by the user
//! agent that most people have.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::effects::UserAgentKey;
use crate::features::Features;

/// A visit is long enough from so many requests on, static files left out.
const ENOUGH: u64 = 8;
/// How much pauses spread shows in so many.
const STEPS: u64 = 7;
/// Pauses of people spread more, as a share of their mean. Of people on a site of articles 17%
/// spread less in visits as short as these, of programs that draw their pauses 60%.
const SPREAD: f64 = 0.5;
/// A user agent is no tool's before so many visits with it, and with others, were seen.
const ENOUGH_VISITS: u32 = 8;
/// Of the visits with a tool's user agent, more than this share is driven, in all likelihood.
const MOST: f64 = 0.5;
/// And so many times the share among all others.
const TIMES_OTHERS: f64 = 2.0;
/// While few others are seen: so many driven visits of so many are added to them.
const OTHERS: (f64, f64) = (2.0, 8.0);
/// Older visits fade when there are so many.
const FADE_AT: u32 = 4_000;

/// Visits, and those of them that a program seems to drive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Visits {
    all: u32,
    driven: u32,
}

impl Visits {
    /// Replaces what was thought of a visit, if it was counted, by what is thought now.
    fn count(&mut self, before: Option<bool>, now: bool) {
        self.all += u32::from(before.is_none());
        if before == Some(true) {
            self.driven = self.driven.saturating_sub(1);
        }
        self.driven = (self.driven + u32::from(now)).min(self.all);
    }

    /// The share of driven ones, as far as so many are evidence of it: the lower end of Wilson's
    /// interval of 95%. (Wilson: Probable inference, the law of succession, and statistical
    /// inference, 1927.)
    fn at_least(self) -> f64 {
        const Z: f64 = 1.96;
        let all = f64::from(self.all.max(1));
        let share = f64::from(self.driven) / all;
        let middle = share + Z * Z / (2.0 * all);
        let width = Z * libm::sqrt(share * (1.0 - share) / all + Z * Z / (4.0 * all * all));
        (middle - width) / (1.0 + Z * Z / all)
    }
}

/// Visits of browsers by their very user agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DrivenBrowsers {
    agents: BTreeMap<UserAgentKey, Visits>,
    everybody: Visits,
}

/// Whether a program seems to drive the browser of this visit; `None` while it is too short.
#[must_use]
pub(crate) fn seems_driven(features: &Features) -> Option<bool> {
    if features.requests() < ENOUGH {
        return None;
    }
    let spread = features.steps.spread(STEPS);
    let is_even = spread.is_some_and(|spread| spread < SPREAD);
    Some(is_even || features.self_links.count > 0)
}

impl DrivenBrowsers {
    /// Learns what is thought of a visit now, and was `before` if it was counted.
    pub(crate) fn learn(&mut self, agent: UserAgentKey, before: Option<bool>, now: bool) {
        let with_it = self.agents.entry(agent).or_default();
        let known = *with_it;
        with_it.count(before, now);
        // By what changed, so that everybody is the sum of all also where what was counted faded.
        self.everybody.all = self.everybody.all - known.all + with_it.all;
        self.everybody.driven = self.everybody.driven - known.driven + with_it.driven;
        if self.everybody.all >= FADE_AT {
            self.fade();
        }
    }

    /// Halves what is known.
    fn fade(&mut self) {
        self.everybody = Visits::default();
        self.agents.retain(|_, visits| {
            visits.all /= 2;
            visits.driven /= 2;
            self.everybody.all += visits.all;
            self.everybody.driven += visits.driven;
            visits.all > 0
        });
    }

    /// Who uses this user agent, and who uses others.
    #[must_use]
    pub(crate) fn company(&self, agent: UserAgentKey) -> Company {
        let with_it = self.agents.get(&agent).copied().unwrap_or_default();
        Company {
            with_it,
            others: Visits {
                all: self.everybody.all - with_it.all,
                driven: self.everybody.driven - with_it.driven,
            },
        }
    }
}

/// The visits with one user agent beside those with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Company {
    with_it: Visits,
    others: Visits,
}

impl Company {
    /// Whether the user agent is one tool's.
    #[must_use]
    pub(crate) fn is_tool(self) -> bool {
        let share = self.with_it.at_least();
        let usual =
            (f64::from(self.others.driven) + OTHERS.0) / (f64::from(self.others.all) + OTHERS.1);
        self.with_it.all.min(self.others.all) >= ENOUGH_VISITS
            && share > MOST
            && share > TIMES_OTHERS * usual
    }
}

impl fmt::Display for Company {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { with_it, others } = self;
        write!(
            formatter,
            "moves like a program, as {} of {} visits with it and {} of {} with others",
            with_it.driven, with_it.all, others.driven, others.all
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    const TOOL: UserAgentKey = UserAgentKey(1);
    const PEOPLE: UserAgentKey = UserAgentKey(2);

    fn visit(pauses: &[i64], flags: u32) -> Features {
        let mut features = Features::default();
        let mut at = 1_000;
        for pause in pauses {
            let mut event = Event::example(at);
            event.flags = flags;
            features.add(&event);
            at += pause * 1_000;
        }
        features
    }

    fn seen(agents: &[(UserAgentKey, u32, u32)]) -> DrivenBrowsers {
        let mut seen = DrivenBrowsers::default();
        for (agent, driven, all) in agents {
            for number in 0..*all {
                seen.learn(*agent, None, number < *driven);
            }
        }
        seen
    }

    #[test]
    fn even_pauses_or_a_link_of_a_page_to_itself_seem_driven() {
        let people = [3, 40, 8, 12, 90, 5, 20, 2, 33];
        assert_eq!(seems_driven(&visit(&people, 0)), Some(false));
        assert_eq!(seems_driven(&visit(&people, Event::SELF_LINK)), Some(true));
        assert_eq!(
            seems_driven(&visit(&[8, 12, 10, 9, 14, 11, 7, 13], 0)),
            Some(true)
        );
        assert_eq!(seems_driven(&visit(&[10; 7], 0)), None, "too short");
    }

    #[test]
    fn where_most_visits_with_a_user_agent_are_driven_and_others_are_not_it_is_a_tools() {
        assert!(
            seen(&[(TOOL, 9, 10), (PEOPLE, 6, 35)])
                .company(TOOL)
                .is_tool()
        );
        assert!(
            !seen(&[(TOOL, 7, 7), (PEOPLE, 6, 35)])
                .company(TOOL)
                .is_tool(),
            "few"
        );
        assert!(
            !seen(&[(TOOL, 15, 30), (PEOPLE, 6, 35)])
                .company(TOOL)
                .is_tool(),
            "half"
        );
        let everybody = seen(&[(TOOL, 20, 24), (PEOPLE, 20, 35)]);
        assert!(!everybody.company(TOOL).is_tool(), "as everybody here");
    }

    #[test]
    fn it_is_said_in_numbers() {
        let seen = seen(&[(TOOL, 9, 10), (PEOPLE, 6, 35)]);
        assert_eq!(
            seen.company(TOOL).to_string(),
            "moves like a program, as 9 of 10 visits with it and 6 of 35 with others"
        );
    }

    #[test]
    fn people_are_no_tool_whoever_else_is_there() {
        let half_of_it_bots = seen(&[(TOOL, 40, 50), (PEOPLE, 9, 50)]);
        assert!(half_of_it_bots.company(TOOL).is_tool());
        assert!(!half_of_it_bots.company(PEOPLE).is_tool());
    }

    #[test]
    fn what_is_thought_of_a_visit_may_change() {
        let mut seen = seen(&[(TOOL, 10, 10)]);
        for _ in 0..10 {
            seen.learn(TOOL, Some(true), false);
        }
        assert!(!seen.company(TOOL).is_tool());
        assert_eq!(seen.everybody, Visits { all: 10, driven: 0 });
    }

    #[test]
    fn a_visit_that_faded_may_be_thought_of_anew() {
        let mut seen = seen(&[(TOOL, 1, 1), (PEOPLE, 5, 40)]);
        seen.fade();
        seen.learn(TOOL, Some(true), false);
        seen.learn(TOOL, Some(false), true);
        assert_eq!(seen.company(PEOPLE).others, Visits::default());
        assert_eq!(seen.everybody, Visits { all: 20, driven: 2 });
    }

    #[test]
    fn old_visits_fade() {
        let mut seen = seen(&[(TOOL, 8, 8), (UserAgentKey(3), 0, 1)]);
        for _ in 0..FADE_AT {
            seen.learn(PEOPLE, None, false);
        }
        assert!(!seen.agents.contains_key(&UserAgentKey(3)));
        assert_eq!(seen.agents[&TOOL], Visits { all: 4, driven: 4 });
    }
}
