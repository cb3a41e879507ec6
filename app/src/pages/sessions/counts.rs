//! How many sessions the search found, how many requests, and how many are part of an attack.

use leptos::prelude::*;
use shared::SessionCounts;
use shared::search::Key;

use crate::components::amount;
use crate::state::search::Search;
use crate::ui::live;

/// The line of numbers in the page's head.
#[component]
pub(super) fn Counts(
    /// The numbers; absent while not known.
    counts: RwSignal<Option<SessionCounts>>,
    /// The search of the page.
    search: Search,
) -> impl IntoView {
    let numbers = move || {
        let of = |number: fn(&SessionCounts) -> u64| counts.with(|it| it.as_ref().map(number));
        let is_narrowed = search.read().has(Key::Bot, "bot");
        view! {
            {amount(of(|counts| counts.sessions), "session", "sessions")}
            {amount(of(|counts| counts.requests), "request", "requests")}
            {amount(of(|counts| counts.hits), "hit", "hits")}
            <button
                class="counts__switch"
                type="button"
                aria-pressed=is_narrowed.to_string()
                on:click=move |_| search.edit(|query| *query = query.toggled(Key::Bot, "bot"))
            >
                {amount(of(|counts| counts.bots), "of a bot", "of bots")}
            </button>
        }
    };
    view! {
        <p class="counts" role="status">
            {live(numbers)}
        </p>
    }
}
