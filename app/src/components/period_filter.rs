//! The period filter: the usual periods to choose from, in step with the search text both ways.

use leptos::prelude::*;
use shared::Overview;
use shared::search::{self, List, Period};

use crate::format::zone;
use crate::state::period::whole_days;
use crate::state::search::Search;

/// Periods as the search language writes them, with what people read; the default one is empty.
const USUAL: [(&str, &str); 7] = [
    ("", "Last 24 hours"),
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("last 7 days", "Last 7 days"),
    ("last 30 days", "Last 30 days"),
    ("this month", "This month"),
    ("last 12 weeks", "Last 12 weeks"),
];

/// A choice of periods.
#[component]
pub fn PeriodFilter(
    /// The search of the page.
    search: Search,
    /// What the store holds, for *Everything stored*.
    #[prop(into)]
    overview: Signal<Option<Overview>>,
) -> impl IntoView {
    let everything = Memo::new(move |_| {
        overview
            .with(|overview| overview.as_ref().and_then(stored_period))
            .map(|period| period.to_string())
    });
    let current = Memo::new(move |_| {
        search
            .period()
            .filter(|period| *period != Period::DEFAULT)
            .map_or_else(String::new, |period| period.to_string())
    });
    let other = move || {
        let current = current.get();
        let known = USUAL.iter().any(|(text, _)| canonical(text) == current)
            || everything.get().is_some_and(|all| all == current);
        (!known).then_some(current)
    };
    view! {
        <label class="select">
            <span class="select__label">"Period"</span>
            <select
                class="select__input"
                prop:value=current
                disabled=move || search.query.with(Result::is_err)
                on:change:target=move |event| {
                    let chosen = event.target().value();
                    search.set_period(search::parse(search.list, &chosen).ok().and_then(|query| query.period));
                }
            >
                {USUAL
                    .iter()
                    .map(|(text, label)| {
                        let text = canonical(text);
                        let selected = {
                            let text = text.clone();
                            move || current.get() == text
                        };
                        view! {
                            <option value=text selected=selected>
                                {*label}
                            </option>
                        }
                    })
                    .collect_view()}
                {move || {
                    everything
                        .get()
                        .map(|text| {
                            let selected = current.get() == text;
                            view! {
                                <option value=text selected=selected>
                                    "Everything stored"
                                </option>
                            }
                        })
                }}
                {move || {
                    other()
                        .map(|text| {
                            let value = text.clone();
                            view! {
                                <option value=value selected=true>
                                    {text}
                                </option>
                            }
                        })
                }}
            </select>
        </label>
    }
}

/// The text that the query with this period prints.
fn canonical(text: &str) -> String {
    search::parse(List::Attacks, text).map_or_else(|_| String::new(), |query| query.to_string())
}

fn stored_period(overview: &Overview) -> Option<Period> {
    let first = overview
        .applications
        .iter()
        .filter_map(|application| application.first_request_at)
        .min()?;
    let last = overview
        .applications
        .iter()
        .filter_map(|application| application.last_request_at)
        .max()?;
    whole_days(first, last, zone::minutes_east())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_period_is_of_the_search_language() {
        for (text, _) in USUAL {
            let query = search::parse(List::Attacks, text).unwrap();
            assert_eq!(query.period.is_none(), text.is_empty(), "{text}");
        }
    }
}
