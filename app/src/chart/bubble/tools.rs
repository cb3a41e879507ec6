//! What can be done with the heatmaps as a whole: let pins go, see the data as a table, take
//! picture and data along.

use leptos::html::Div;
use leptos::prelude::*;
use shared::Timestamp;

use super::export;
use super::model::Key;
use super::state::State;
use crate::format::visible;

#[component]
pub fn Tools(
    state: State,
    as_table: RwSignal<bool>,
    /// What holds the pictures.
    maps: NodeRef<Div>,
    /// Where the data of a moment can be downloaded.
    csv: Callback<Option<Timestamp>, String>,
) -> impl IntoView {
    let save = move |as_png: bool| {
        let Some(maps) = maps.get_untracked() else {
            return;
        };
        let (title, caption) = untrack(|| (state.title(), state.caption()));
        export::save(&maps, &title, &caption, as_png);
    };
    let picture = move |label: &'static str, as_png: bool| {
        view! {
            <button
                class="button button--small"
                type="button"
                aria-label=format!("Save the picture as {label}")
                disabled=move || as_table.get()
                on:click=move |_| save(as_png)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="heatmap__tools">
            {move || {
                let pins = state.choice.read().pins.clone();
                pins.into_iter().map(|key| pin(state, key)).collect_view()
            }}
            <button
                class="button button--small"
                type="button"
                aria-pressed=move || if as_table.get() { "true" } else { "false" }
                on:click=move |_| as_table.update(|shown| *shown = !*shown)
            >
                "View as table"
            </button>
            <span class="heatmap__save" role="group" aria-label="Save">
                {picture("SVG", false)}
                {picture("PNG", true)}
                <a
                    class="button button--small"
                    href=move || csv.run(state.at.get())
                    download=""
                    aria-label="Save the data as CSV"
                >
                    "CSV"
                </a>
            </span>
        </div>
    }
}

fn pin(state: State, key: Key) -> impl IntoView {
    let name = match &key {
        Key::Member(_, name) | Key::Reference(name, _) => visible(name).into_owned(),
        Key::Attack(_) => {
            let model = state.model.read();
            // Not there yet at an early moment.
            model
                .spot(&key)
                .map_or("a bot", |spot| spot.bubble.label.as_str())
                .to_owned()
        }
    };
    let label = format!("Unpin {name}");
    view! {
        <button
            class="heatmap__pin"
            type="button"
            aria-label=label
            on:click=move |_| state.choose(|choice| choice.toggle_pin(key.clone()))
        >
            <span class="heatmap__pin-name">{name}</span>
            <span aria-hidden="true">"×"</span>
        </button>
    }
}
