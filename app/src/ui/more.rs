//! The foot of a list that grows by pages.

use leptos::prelude::*;

use super::ProblemLine;
use crate::state::remote::Pages;

/// **Load more** while there is more, and why it failed if it did.
#[component]
pub fn More<T: Send + Sync + 'static>(
    /// The list.
    pages: Pages<T>,
) -> impl IntoView {
    view! {
        <div class="more">
            {move || {
                pages
                    .growing_problem
                    .get()
                    .map(|problem| view! { <ProblemLine problem on_retry=move || pages.grow() /> })
            }}
            <Show when=move || {
                pages.next_cursor.with(Option::is_some)
                    && pages.growing_problem.with(Option::is_none)
            }>
                <button
                    class="button"
                    type="button"
                    aria-disabled=move || pages.growing.get().then_some("true")
                    on:click=move |_| pages.grow()
                >
                    {move || if pages.growing.get() { "Loading …" } else { "Load more" }}
                </button>
            </Show>
        </div>
    }
}
