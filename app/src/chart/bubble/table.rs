//! The same data as a table, for those who cannot see the picture or want the numbers.

use leptos::prelude::*;

use super::model::{Model, Role, Spot};
use super::sort::{self, Column, Sorting};
use super::state::State;
use super::text;
use crate::chart::number;
use crate::format::count;

#[component]
pub fn HeatmapTable(state: State) -> impl IntoView {
    let sorting = RwSignal::new(None::<Sorting>);
    let press = move |column: Column| {
        sorting.update(|now| {
            *now = Some(match *now {
                Some(sorting) => sorting.pressed(column),
                None => Sorting {
                    column,
                    descending: column.is_number(),
                },
            });
        });
    };
    let heading = move |column: Column| {
        let direction = move || match sorting.get() {
            Some(sorting) if sorting.column == column && sorting.descending => "descending",
            Some(sorting) if sorting.column == column => "ascending",
            _ => "none",
        };
        view! {
            <th scope="col" class:heatmap-table__number=column.is_number() aria-sort=direction>
                <button class="heatmap-table__sort" type="button" on:click=move |_| press(column)>
                    {move || title(&state.model.read(), column)}
                    <span class="heatmap-table__arrow" aria-hidden="true" />
                </button>
            </th>
        }
    };
    let rows = move || {
        sort::sorted(&state.model.read().spots, sorting.get())
            .into_iter()
            .map(|spot| row(state, spot))
            .collect_view()
    };
    let name = move || format!("{} heatmap as a table", state.tab().label());
    view! {
        <div class="heatmap-table" role="region" tabindex="0" aria-label=name>
            <table>
                <caption class="visually-hidden">{name}</caption>
                <thead>
                    <tr>{Column::ALL.map(heading)}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
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

fn row(state: State, spot: &Spot) -> impl IntoView + use<> {
    let bubble = &spot.bubble;
    let key = spot.key.clone();
    let of_pinned = spot.key.clone();
    let is_pinned = move || {
        state.is_pinned(&of_pinned) || state.choice.read().picked.as_ref() == Some(&of_pinned)
    };
    let name = bubble.label.clone();
    let bot = match spot.role {
        Role::Other => view! {
            <button class="heatmap-table__open" type="button" on:click=move |_| state.open(&key)>
                {name}
            </button>
        }
        .into_any(),
        Role::ThisBot | Role::Member | Role::Reference => view! { <span>{name}</span> }.into_any(),
    };
    let note = match spot.role {
        Role::ThisBot => Some("this bot".to_owned()),
        Role::Reference => bubble
            .verification
            .map(|verification| verification.as_str().to_owned()),
        Role::Member => Some("of the campaign".to_owned()),
        Role::Other => spot.campaign.then(|| "campaign".to_owned()),
    };
    let kind = bubble
        .bot_type
        .map_or("Named crawler", |bot_type| bot_type.label());
    let number = |text: Option<String>| {
        let missing = text.is_none();
        view! {
            <td class="heatmap-table__number" class:heatmap-table__missing=missing>
                {text.unwrap_or_else(|| text::UNMEASURED.to_owned())}
            </td>
        }
    };
    view! {
        <tr class:heatmap-table__pinned=is_pinned>
            <th scope="row">{bot}" "<span class="heatmap-table__note">{note}</span></th>
            <td>{kind}</td>
            {match bubble.confidence {
                Some(confidence) => number(Some(format!("{confidence}%"))),
                None => number(Some("–".to_owned())),
            }}
            {number(Some(count(bubble.requests)))}
            {number(bubble.x.map(number::full))}
            {number(bubble.y.map(number::full))}
            {number(bubble.color.map(number::full))}
            {number(bubble.size.map(number::full))}
        </tr>
    }
}
