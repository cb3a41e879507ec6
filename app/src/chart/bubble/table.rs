//! The same data as a table, for those who cannot see the picture or want the numbers.

use leptos::prelude::*;

use super::model::{Model, Role, Spot};
use super::sort::{self, Column, Sorting};
use super::state::State;
use super::text;
use crate::chart::number;
use crate::chart::sketch::{Node, button, drawn, node};
use crate::format::count;

/// The table of a heatmap.
pub fn table(state: State) -> AnyView {
    let sorting = RwSignal::new(None::<Sorting>);
    drawn(
        "div",
        Box::new(move || {
            let (model, sorted) = (state.model.read(), sorting.get());
            let mut head = node("tr", "");
            for column in Column::ALL {
                head.push(heading(&model, column, sorting));
            }
            let mut body = node("tbody", "");
            for spot in sort::sorted(&model.spots, sorted) {
                body.push(row(state, spot));
            }
            let name = [state.tab().label(), " heatmap as a table"].concat();
            let caption = node("caption", "visually-hidden").text(&name);
            let table = node("table", "")
                .child(caption)
                .child(node("thead", "").child(head))
                .child(body);
            node("div", "heatmap-table")
                .set("role", "region")
                .set("tabindex", "0")
                .set("aria-label", &name)
                .child(table)
        }),
    )
}

fn heading(model: &Model, column: Column, sorting: RwSignal<Option<Sorting>>) -> Node {
    let direction = match sorting.get() {
        Some(sorting) if sorting.column == column && sorting.descending => "descending",
        Some(sorting) if sorting.column == column => "ascending",
        _ => "none",
    };
    let press = move || {
        sorting.set(Some(match sorting.get_untracked() {
            Some(sorting) => sorting.pressed(column),
            None => Sorting {
                column,
                descending: column.is_number(),
            },
        }));
    };
    let class = if column.is_number() {
        "heatmap-table__number"
    } else {
        ""
    };
    let sort = button("heatmap-table__sort", Box::new(press))
        .text(&title(model, column))
        .child(node("span", "heatmap-table__arrow").set("aria-hidden", "true"));
    node("th", class)
        .set("scope", "col")
        .set("aria-sort", direction)
        .child(sort)
}

fn title(model: &Model, column: Column) -> String {
    match column {
        Column::Bot => "Bot".to_owned(),
        Column::Type => "Type".to_owned(),
        Column::Confidence => "Confidence".to_owned(),
        Column::Requests => "Requests".to_owned(),
        Column::X => text::titled(&model.x.dimension),
        Column::Y => text::titled(&model.y.dimension),
        Column::Color => text::titled(&model.color),
        Column::Size => text::titled(&model.size),
    }
}

/// A cell with a number; absent where it was not measured.
pub fn number_cell(text: Option<&str>) -> Node {
    let class = if text.is_none() {
        "heatmap-table__number heatmap-table__missing"
    } else {
        "heatmap-table__number"
    };
    node("td", class).text(text.unwrap_or(text::UNMEASURED))
}

fn row(state: State, spot: &Spot) -> Node {
    let bubble = &spot.bubble;
    let is_picked = state.choice.read().picked.as_ref() == Some(&spot.key);
    let bot = if spot.role == Role::Other {
        let key = spot.key.clone();
        button("heatmap-table__open", Box::new(move || state.open(&key)))
    } else {
        node("span", "")
    };
    let note = match spot.role {
        Role::ThisBot => "this bot",
        Role::Reference => bubble.verification.map_or("", |it| it.as_str()),
        Role::Member => "of the campaign",
        Role::Other if spot.campaign => "campaign",
        Role::Other => "",
    };
    let kind = bubble
        .bot_type
        .map_or("Named crawler", |bot_type| bot_type.label());
    let confidence = match bubble.confidence {
        Some(confidence) => format!("{confidence}%"),
        None => "–".to_owned(),
    };
    let class = if is_picked || state.is_pinned(&spot.key) {
        "heatmap-table__pinned"
    } else {
        ""
    };
    let name = node("th", "")
        .set("scope", "row")
        .child(bot.text(&bubble.label))
        .text(" ")
        .child(node("span", "heatmap-table__note").text(note));
    let mut row = node("tr", class)
        .child(name)
        .child(node("td", "").text(kind))
        .child(number_cell(Some(&confidence)))
        .child(number_cell(Some(&count(bubble.requests))));
    for value in [bubble.x, bubble.y, bubble.color, bubble.size] {
        row.push(number_cell(value.map(number::full).as_deref()));
    }
    row
}
