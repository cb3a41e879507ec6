//! How a heatmap is read: one sentence, and on demand what each dimension means.

use leptos::prelude::*;

use super::state::State;

/// The sentence that says how to read the heatmap, and on demand what each dimension means.
#[component]
pub fn Reading(state: State) -> impl IntoView {
    let more = RwSignal::new(false);
    let dimensions = move || {
        let model = state.model.read();
        [
            ("Further right", &model.x.dimension),
            ("Further up", &model.y.dimension),
            ("Redder", &model.color),
            ("Bigger", &model.size),
        ]
        .map(|(channel, dimension)| {
            view! {
                <div class="heatmap__dimension">
                    <dt>
                        <span class="heatmap__channel">{channel}</span>
                        {dimension.label.clone()}
                    </dt>
                    <dd>{dimension.explanation.clone()}</dd>
                </div>
            }
        })
    };
    view! {
        <p class="heatmap__reading">
            {move || state.tab().reading()}
            " "
            <button
                class="heatmap__more"
                type="button"
                aria-expanded=move || if more.get() { "true" } else { "false" }
                aria-controls="heatmap-dimensions"
                on:click=move |_| more.update(|shown| *shown = !*shown)
            >
                {move || if more.get() { "Show less" } else { "Show more" }}
            </button>
        </p>
        <dl class="heatmap__dimensions" id="heatmap-dimensions" hidden=move || !more.get()>
            {dimensions}
        </dl>
    }
}
