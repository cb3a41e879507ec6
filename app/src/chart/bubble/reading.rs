//! How a heatmap is read: one sentence, and on demand what each dimension means.

use leptos::prelude::*;

use super::state::State;
use crate::chart::sketch::{button, drawn, node};

/// The sentence that says how to read the heatmap, and the button for what each dimension means.
pub fn reading(state: State) -> AnyView {
    let more = RwSignal::new(false);
    let sentence = drawn(
        "p",
        Box::new(move || {
            let is_more = more.get();
            let toggle = move || more.set(!more.get_untracked());
            let toggle = button("heatmap__more", Box::new(toggle))
                .state("aria-expanded", is_more)
                .set("aria-controls", "heatmap-dimensions")
                .text(if is_more { "Show less" } else { "Show more" });
            node("p", "heatmap__reading")
                .text(state.tab().reading())
                .text(" ")
                .child(toggle)
        }),
    );
    let dimensions = drawn(
        "dl",
        Box::new(move || {
            let model = state.model.read();
            let mut list = node("dl", "heatmap__dimensions")
                .set("id", "heatmap-dimensions")
                .mark("hidden", !more.get());
            for (channel, dimension) in [
                ("Further right", &model.x.dimension),
                ("Further up", &model.y.dimension),
                ("Redder", &model.color),
                ("Bigger", &model.size),
            ] {
                let channel = node("span", "heatmap__channel").text(channel);
                let name = node("dt", "").child(channel).text(&dimension.label);
                let meaning = node("dd", "").text(&dimension.explanation);
                list.push(node("div", "heatmap__dimension").child(name).child(meaning));
            }
            list
        }),
    );
    view! {
        {sentence}
        {dimensions}
    }
    .into_any()
}
