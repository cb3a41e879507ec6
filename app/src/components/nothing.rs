//! What to say when a search found nothing: an empty store, the wrong period, or filters that
//! nothing passes. Each with the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::search::{List, Query, Term};
use shared::{Overview, Timestamp};

use super::StartDemo;
use crate::api;
use crate::components::text_of;
use crate::format::{count, count_of, day_and_minute, zone};
use crate::state::period::week_until;
use crate::state::search::Search;
use crate::ui::{CopyButton, live};

/// How many ways out of a search that finds nothing are looked into.
const MOST_WAYS_OUT: usize = 6;

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
    const fn list(self) -> List {
        match self {
            Self::Attacks => List::Attacks,
            Self::Sessions => List::Sessions,
        }
    }

    const fn plural(self) -> &'static str {
        self.list().as_str()
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
    if query.terms.is_empty() && (newest < from || newest >= until) {
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
) -> impl IntoView {
    let zone = zone::minutes_east();
    let query = untrack(|| search.read());
    match reason(subject, &overview, &query, zone) {
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
            let target = untrack(|| search.link(&query.with_period(period)));
            let stored = count(subject.stored(&overview));
            let plural = subject.plural();
            // Which one, the line above says.
            let asked = query.period.map_or("the last 24 hours", |_| "this period");
            view! {
                <div class="nothing">
                    <h2>{format!("No {plural} in {asked}")}</h2>
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
        Reason::Filtered => view! { <Filtered subject search query /> }.into_any(),
    }
}

/// One thing to drop from a search, and what is found then.
#[derive(Clone)]
struct WayOut {
    label: String,
    query: Query,
    found: u64,
}

/// Says which filter to drop: each with what is found without it.
#[component]
fn Filtered(subject: Subject, search: Search, query: Query) -> impl IntoView {
    let plural = subject.plural();
    let period_only = untrack(|| search.link(&Query::default().with_period(query.period)));
    // The ways out that find something; absent until all were looked into.
    let found = RwSignal::new(None::<Vec<WayOut>>);
    let candidates = ways_out(&query);
    spawn_local(async move {
        let ways_out = count_all(subject.list(), candidates).await;
        // The page may be gone meanwhile.
        let _ = found.try_set(ways_out);
    });
    let list = move || {
        let link = |way_out: WayOut| {
            let target = untrack(|| search.link(&way_out.query));
            let one = plural.trim_end_matches('s');
            let found = [": ", &count_of(way_out.found, one, plural)].concat();
            view! {
                <li>
                    <a href=target>{way_out.label}</a>
                    <span class="quiet">{found}</span>
                </li>
            }
            .into_any()
        };
        found.get().map(|found| {
            let text = if found.is_empty() {
                "Nothing is found without any single part of it either."
            } else {
                "There are some if one part of it is dropped:"
            };
            view! {
                <p>{text}</p>
                <ul class="nothing__ways" role="list">
                    {found.into_iter().map(link).collect_view()}
                </ul>
            }
        })
    };
    view! {
        <div class="nothing">
            <h2>{format!("No {plural} match this search")}</h2>
            {live(list)}
            <a class="button" href=period_only>
                "Show all of this period"
            </a>
        </div>
    }
}

/// The search without each of its parts, and in no period.
fn ways_out(query: &Query) -> Vec<WayOut> {
    let label_of = |term: &Term| {
        let key = term.condition.key();
        let name = if key.is_word() { "" } else { key.label() };
        let sign = if term.negated { "not " } else { "" };
        format!("without {sign}{name} {}", text_of(&term.condition))
    };
    let without = |term: &Term| {
        let mut rest = query.clone();
        rest.terms.retain(|other| other != term);
        rest
    };
    let terms = query.terms.iter().map(|term| WayOut {
        label: label_of(term),
        query: without(term),
        found: 0,
    });
    let whenever = shared::search::parse(List::Attacks, ">=1970-01-01").ok();
    let whenever = whenever.map(|always| WayOut {
        label: "at any other time".to_owned(),
        query: query.with_period(always.period),
        found: 0,
    });
    terms.chain(whenever).take(MOST_WAYS_OUT).collect()
}

/// Those that find something; none where the server does not answer.
async fn count_all(list: List, candidates: Vec<WayOut>) -> Option<Vec<WayOut>> {
    let mut ways_out = Vec::new();
    for mut way_out in candidates {
        way_out.found = api::found(list, &way_out.query.to_string()).await.ok()?;
        if way_out.found > 0 {
            ways_out.push(way_out);
        }
    }
    Some(ways_out)
}

/// What to do with a store that holds nothing.
#[component]
fn EmptyStore() -> impl IntoView {
    view! {
        <div class="nothing">
            <h2>"Nothing to look at yet"</h2>
            <p>
                "Point the traffic of your web server, collector or cloud here, and watch: the texts to copy are ready."
            </p>
            <a class="button button--primary" href="/settings/traffic/connect" rel="external">
                "Connect a source"
            </a>
            <p>"Or give it an access log. It reads the formats of nginx, Apache, Caddy and Traefik, also as .gz or .zst, of any age and size."</p>
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
    fn every_part_of_a_search_can_be_dropped_and_its_period_too() {
        let query = shared::search::parse(List::Attacks, "scraping !ip:192.0.2.1 today").unwrap();
        let ways_out = ways_out(&query);
        let texts: Vec<String> = ways_out.iter().map(|it| it.query.to_string()).collect();
        assert_eq!(
            texts,
            [
                "today !ip:192.0.2.1",
                "scraping today",
                "scraping >=1970-01-01 !ip:192.0.2.1",
            ]
        );
    }

    #[test]
    fn attacks_in_the_period_were_filtered_away() {
        let newest = 100 * Timestamp::DAY - Timestamp::HOUR;
        assert_eq!(of_attacks(&overview(7, 1, Some(newest))), Reason::Filtered);
    }
}
