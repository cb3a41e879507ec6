//! What can be done with the heatmaps as a whole: let pins go, see the data as a table, take
//! picture and data along.

use leptos::html::Div;
use leptos::prelude::*;
use shared::Timestamp;

use super::export;
use super::model::Key;
use super::shown::name_of;
use super::state::State;
use crate::chart::sketch::{Node, button, drawn, node};

/// The tools. `maps` holds the pictures; `csv` says where the data of a moment can be
/// downloaded.
pub fn tools(
    state: State,
    as_table: RwSignal<bool>,
    maps: NodeRef<Div>,
    csv: Callback<Option<Timestamp>, String>,
) -> AnyView {
    drawn(
        "div",
        Box::new(move || {
            let is_table = as_table.get();
            let mut tools = node("div", "heatmap__tools");
            for key in &state.choice.read().pins {
                tools.push(pin(state, key));
            }
            let toggle = move || as_table.set(!as_table.get_untracked());
            let toggle = button("button button--small", Box::new(toggle));
            tools.push(
                toggle
                    .key("table".to_owned())
                    .state("aria-pressed", is_table)
                    .text("View as table"),
            );
            let mut files = node("span", "heatmap__save")
                .set("role", "group")
                .set("aria-label", "Save");
            for (format, as_png) in [("SVG", false), ("PNG", true)] {
                let save = button(
                    "button button--small",
                    Box::new(move || save(state, maps, as_png)),
                );
                let label = ["Save the picture as ", format].concat();
                let save = save
                    .key(format.to_owned())
                    .set("aria-label", &label)
                    .mark("disabled", is_table);
                files.push(save.text(format));
            }
            let data = node("a", "button button--small")
                .set("href", &csv.run(state.at.get()))
                .set("download", "")
                .set("aria-label", "Save the data as CSV")
                .text("CSV");
            tools.child(files.child(data))
        }),
    )
}

fn save(state: State, maps: NodeRef<Div>, as_png: bool) {
    let Some(maps) = maps.get_untracked() else {
        return;
    };
    let (title, caption) = untrack(|| (state.title(), state.caption()));
    export::save(&maps, &title, &caption, as_png);
}

fn pin(state: State, key: &Key) -> Node {
    let (name, own) = (state.name(key), name_of(key));
    let key = key.clone();
    let unpin = move || state.choose(|choice| choice.toggle_pin(key.clone()));
    button("heatmap__pin", Box::new(unpin))
        .key(own)
        .set("aria-label", &["Unpin ", &name].concat())
        .child(node("span", "heatmap__pin-name").text(&name))
        .child(node("span", "").set("aria-hidden", "true").text("×"))
}
