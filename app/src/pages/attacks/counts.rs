//! How many attacks the search found, how many hits, and how many are going on right now.

use leptos::prelude::*;
use shared::AttackCounts;
use shared::search::Key;

use crate::components::amount;
use crate::state::search::Search;
use crate::ui::{live, press};

/// The line of numbers in the page's head.
#[component]
pub(super) fn Counts(
    /// The numbers; absent while not known.
    counts: RwSignal<Option<AttackCounts>>,
    /// The search of the page.
    search: Search,
) -> impl IntoView {
    let numbers = move || {
        let of = |number: fn(&AttackCounts) -> u64| counts.with(|it| it.as_ref().map(number));
        let ongoing = of(|counts| counts.ongoing);
        let is_narrowed = search.read().has(Key::Ongoing, "ongoing");
        view! {
            {amount(of(|counts| counts.attacks), "attack", "attacks")}
            {amount(of(|counts| counts.hits), "hit", "hits")}
            <button
                class="counts__switch"
                type="button"
                aria-pressed=is_narrowed.to_string()
                data-live=(ongoing > Some(0)).then_some("")
                on:click=press(move || {
                    search.edit(|query| *query = query.toggled(Key::Ongoing, "ongoing"));
                })
            >
                {amount(ongoing, "right now", "right now")}
            </button>
        }
    };
    view! {
        <p class="counts" role="status">
            {live(numbers)}
        </p>
    }
}
