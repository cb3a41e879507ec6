//! What to say when a search found nothing: an empty store, the wrong period, or filters that
//! nothing passes. Each with the way out.

use leptos::prelude::*;
use shared::search::Query;
use shared::{Overview, Timestamp};

use super::StartDemo;
use crate::format::{count, count_of, day_and_minute, zone};
use crate::state::address;
use crate::state::period::week_until;
use crate::state::search::Search;
use crate::ui::CopyButton;

/// Why a list is empty.
#[derive(Debug, Clone, PartialEq)]
enum Reason {
    /// Nothing was imported yet.
    EmptyStore,
    /// There are requests, and no bot among them.
    NoneFound {
        /// How many requests.
        requests: u64,
    },
    /// There are some, before or after the period.
    OtherPeriod {
        /// The newest of them.
        newest: Timestamp,
    },
    /// There are some in the period, and the filters leave none.
    Filtered,
}

/// What the list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Attacks.
    Attacks,
    /// Sessions.
    Sessions,
}

impl Subject {
    const fn plural(self) -> &'static str {
        match self {
            Self::Attacks => "attacks",
            Self::Sessions => "sessions",
        }
    }

    /// The title of its list.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Attacks => "Attacks",
            Self::Sessions => "API sessions",
        }
    }

    /// The address of its list.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Attacks => "/attacks",
            Self::Sessions => "/sessions",
        }
    }

    fn stored(self, overview: &Overview) -> u64 {
        match self {
            Self::Attacks => overview.attacks,
            Self::Sessions => overview.sessions,
        }
    }

    fn newest(self, overview: &Overview) -> Option<Timestamp> {
        match self {
            Self::Attacks => overview.newest_attack_at,
            Self::Sessions => overview.newest_request_at,
        }
    }
}

fn reason(subject: Subject, overview: &Overview, query: &Query, zone: i32) -> Reason {
    if overview.requests == 0 {
        return Reason::EmptyStore;
    }
    let newest = match subject.newest(overview) {
        Some(newest) if subject.stored(overview) > 0 => newest,
        _ => {
            return Reason::NoneFound {
                requests: overview.requests,
            };
        }
    };
    let (from, until) = query.resolve_period(overview.now, zone);
    if newest < from || newest >= until {
        Reason::OtherPeriod { newest }
    } else {
        Reason::Filtered
    }
}

/// What an empty list shows.
#[component]
pub fn Nothing(
    /// What the list is of.
    subject: Subject,
    /// The search that found nothing.
    search: Search,
    /// What the store holds.
    overview: Overview,
    /// Whether more than the search text narrows the list.
    #[prop(optional)]
    narrowed: bool,
) -> impl IntoView {
    let zone = zone::minutes_east();
    let query = search
        .query
        .with_untracked(|query| query.clone().unwrap_or_default());
    let reason = match reason(subject, &overview, &query, zone) {
        Reason::OtherPeriod { .. } if narrowed => Reason::Filtered,
        reason => reason,
    };
    match reason {
        Reason::EmptyStore => view! { <EmptyStore /> }.into_any(),
        Reason::NoneFound { requests } => {
            let requests = count_of(requests, "request", "requests");
            view! {
                <div class="nothing">
                    <h2>"No bots found"</h2>
                    <p>
                        {format!("Nothing in the {requests} stored looks like a bot.")}
                    </p>
                    <a class="button" href="/sessions">
                        "Look at the sessions"
                    </a>
                </div>
            }
            .into_any()
        }
        Reason::OtherPeriod { newest } => {
            let period = week_until(newest, zone);
            let target = address::link(subject.path(), "q", &query.with_period(period).to_string());
            let stored = count(subject.stored(&overview));
            let plural = subject.plural();
            let period = query
                .period
                .map_or("the last 24 hours".to_owned(), |period| period.to_string());
            view! {
                <div class="nothing">
                    <h2>{format!("No {plural} in {period}")}</h2>
                    <p>
                        {format!("{stored} {plural} are stored; the newest are of ")}
                        <time datetime=newest.to_string()>{day_and_minute(newest)}</time>
                        "."
                    </p>
                    <a class="button button--primary" href=target>
                        {format!("Show the newest {plural}")}
                    </a>
                </div>
            }
            .into_any()
        }
        Reason::Filtered => view! {
            <div class="nothing">
                <h2>{format!("No {} match this search", subject.plural())}</h2>
                <p>"There are some in this period, but none that fit every part of the search."</p>
                <a class="button" href=address::link(subject.path(), "q", &period_only(&query))>
                    "Show all of this period"
                </a>
            </div>
        }
        .into_any(),
    }
}

fn period_only(query: &Query) -> String {
    Query::default().with_period(query.period).to_string()
}

/// What to do with a store that holds nothing.
#[component]
fn EmptyStore() -> impl IntoView {
    view! {
        <div class="nothing">
            <h2>"Nothing to look at yet"</h2>
            <p>"Give Botscope an access log. It reads the formats of nginx, Apache, Caddy and Traefik, also as .gz or .zst, of any age and size."</p>
            <dl class="nothing__commands">
                <dt>"With the binary"</dt>
                <dd>
                    <Command text="botscope import access.log" />
                </dd>
                <dt>"From the source code"</dt>
                <dd>
                    <Command text="cargo xtask run access.log" />
                </dd>
            </dl>
            <p>
                "No log at hand? A shop that does not exist, with people, welcome programs and bots of all five types, a day of them and then live:"
            </p>
            <StartDemo />
        </div>
    }
}

#[component]
fn Command(text: &'static str) -> impl IntoView {
    view! {
        <span class="command">
            <code>{text}</code>
            <CopyButton text=text.to_owned() label="Copy the command" />
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview(requests: u64, attacks: u64, newest: Option<i64>) -> Overview {
        Overview {
            version: String::new(),
            now: Timestamp(100 * Timestamp::DAY),
            applications: Vec::new(),
            requests,
            sessions: requests,
            attacks,
            newest_request_at: newest.map(Timestamp),
            newest_attack_at: newest.map(Timestamp),
        }
    }

    fn of_attacks(overview: &Overview) -> Reason {
        reason(Subject::Attacks, overview, &Query::default(), 0)
    }

    #[test]
    fn a_store_without_requests_is_empty() {
        assert_eq!(of_attacks(&overview(0, 0, None)), Reason::EmptyStore);
    }

    #[test]
    fn requests_without_attacks_hold_no_bots() {
        let reason = of_attacks(&overview(7, 0, None));
        assert_eq!(reason, Reason::NoneFound { requests: 7 });
    }

    #[test]
    fn attacks_before_the_last_24_hours_are_in_another_period() {
        let newest = 90 * Timestamp::DAY;
        let reason = of_attacks(&overview(7, 1, Some(newest)));
        assert_eq!(
            reason,
            Reason::OtherPeriod {
                newest: Timestamp(newest)
            }
        );
    }

    #[test]
    fn attacks_in_the_period_were_filtered_away() {
        let newest = 100 * Timestamp::DAY - Timestamp::HOUR;
        assert_eq!(of_attacks(&overview(7, 1, Some(newest))), Reason::Filtered);
    }
}
