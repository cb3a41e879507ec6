//! What the list shows in one line: the period, and a chip for everything that narrows it,
//! each removed by a press.

use leptos::prelude::*;
use shared::Timestamp;
use shared::search::{Key, Term};

use super::known::{name_of, text_of};
use crate::format::{day_and_minute, zone};
use crate::state::clock::use_now;
use crate::state::search::Search;
use crate::ui::{Glyph, Icon, live};

/// The line above the list.
#[component]
pub fn ActiveFilters(
    /// The search of the page.
    search: Search,
) -> impl IntoView {
    let now = use_now();
    let line = move || {
        let query = search.read();
        let chips = query.terms.into_iter().map(|term| chip(search, term));
        let chips: Vec<_> = chips.collect();
        let clear = (chips.len() > 1).then(|| {
            view! {
                <button
                    class="button button--quiet button--small"
                    type="button"
                    on:click=move |_| search.edit(|query| query.terms.clear())
                >
                    "Clear all"
                </button>
            }
        });
        view! {
            <p class="active-filters__period">{period(search, now.get())}</p>
            <ul class="active-filters__chips" role="list" aria-label="Active filters">
                {chips}
            </ul>
            {clear}
        }
    };
    view! { <div class="active-filters">{live(line)}</div> }
}

fn period(search: Search, now: Timestamp) -> String {
    let (from, until) = search.read().resolve_period(now, zone::minutes_east());
    if from <= Timestamp(0) && until >= now {
        return "Whenever it was".to_owned();
    }
    let zone = zone::name();
    format!(
        "{} \u{2013} {}, {zone}",
        day_and_minute(from),
        day_and_minute(until)
    )
}

fn chip(search: Search, term: Term) -> AnyView {
    let key = term.condition.key();
    let name = if key.is_word() {
        ""
    } else {
        name_of(search.list, key)
    };
    let text = text_of(&term.condition);
    let sign = if term.negated { "not " } else { "" };
    let label = format!("Remove the filter {sign}{name} {text}");
    view! {
        <li>
            <button
                class="filter-chip"
                type="button"
                aria-label=label
                on:click=move |_| {
                    search.edit(|query| query.terms.retain(|other| *other != term));
                }
            >
                <span class="filter-chip__name">{sign}{name}</span>
                <span class=if is_of_the_log(key) { "filter-chip__text mono" } else { "filter-chip__text" }>
                    {text}
                </span>
                <Icon glyph=Glyph::Close />
            </button>
        </li>
    }
    .into_any()
}

/// Whether the values of a key are shown as they stand in the log.
fn is_of_the_log(key: Key) -> bool {
    !key.is_word() && !matches!(key, Key::Detector | Key::Outcome | Key::Verified)
}
