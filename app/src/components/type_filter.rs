//! The Type filter: one toggle per attack type, in step with the search text both ways.

use leptos::prelude::*;
use shared::{BotType, TypeCount};

use crate::format::count;
use crate::state::search::Search;
use crate::ui::{Glyph, Icon, glyph_of};

/// Toggles for all types; none pressed means any type.
#[component]
pub fn TypeFilter(
    /// The search of the page.
    search: Search,
    /// How many attacks each type would show; absent while not known.
    #[prop(into)]
    counts: Signal<Option<Vec<TypeCount>>>,
) -> impl IntoView {
    let unreadable = move || search.query.with(Result::is_err);
    let toggle = move |bot_type: BotType| {
        let pressed = move || search.types().contains(&bot_type);
        let amount = move || {
            counts.with(|counts| {
                let counts = counts.as_ref()?;
                let found = counts.iter().find(|entry| entry.bot_type == bot_type)?;
                Some(found.attacks)
            })
        };
        view! {
            <button
                class="toggle"
                type="button"
                aria-pressed=move || pressed().to_string()
                aria-disabled=move || unreadable().then_some("true")
                data-tip=move || unreadable().then_some("Correct the search text first")
                data-empty=move || (amount() == Some(0)).then_some("")
                on:click=move |_| search.toggle_type(bot_type)
            >
                <Icon glyph=glyph_of(bot_type) />
                {bot_type.label()}
                <span class="toggle__count">
                    {move || amount().map_or_else(|| "\u{2007}".to_owned(), count)}
                </span>
            </button>
        }
    };
    view! {
        <div class="type-filter" role="group" aria-label="Type">
            {BotType::ALL.iter().copied().map(toggle).collect_view()}
            <Show when=move || !search.types().is_empty()>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    on:click=move |_| search.set_types(&[])
                >
                    <Icon glyph=Glyph::Close />
                    "All types"
                </button>
            </Show>
        </div>
    }
}
