//! A table that grows by pages: the rows of the first one and of all further ones, grey bars
//! until they come. What its columns are, whoever shows it says.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Each, More, Show, SkeletonRows};
use crate::state::remote::Pages;

/// The head of a column.
pub struct Head {
    class: &'static str,
    name: &'static str,
    /// Whether only those who hear the table need its name.
    is_unseen: bool,
}

impl Head {
    /// One that people read.
    pub const fn new(class: &'static str, name: &'static str) -> Self {
        Self {
            class,
            name,
            is_unseen: false,
        }
    }

    /// One of a column whose buttons say what they are.
    pub const fn unseen(class: &'static str, name: &'static str) -> Self {
        Self {
            class,
            name,
            is_unseen: true,
        }
    }
}

/// The rows of a list that grows by pages.
#[component]
pub fn PagedRows<T: Clone + Send + Sync + 'static>(
    /// The list.
    pages: Pages<T>,
    /// How many rows and columns the grey bars have.
    skeleton: (usize, usize),
    /// What makes a row what it is.
    key: fn(&T) -> String,
    /// Makes a row.
    row: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let row = Arc::new(row);
    let rows = move |items: Signal<Vec<T>>| {
        let row = row.clone();
        view! { <Each items=move || items.get() key children=move |item| row(item) /> }
    };
    let (first, further) = (pages.items(), pages.further.into());
    let is_there = move || pages.first.value.with(Option::is_some);
    let (rows_before, columns) = skeleton;
    view! {
        <Show
            when=is_there
            fallback=move || view! { <SkeletonRows rows=rows_before columns /> }
        >
            <tbody>{rows(first)} {rows(further)}</tbody>
        </Show>
    }
}

/// Such a table in a frame of its own, which scrolls where the window is too narrow for it, with
/// the way to more rows below.
#[component]
pub fn PagedTable<T: Clone + Send + Sync + 'static>(
    /// Its name.
    label: &'static str,
    /// Its class beside those of every table.
    class: &'static str,
    /// The heads of its columns.
    heads: &'static [Head],
    /// The list.
    pages: Pages<T>,
    /// How many rows and columns the grey bars have.
    skeleton: (usize, usize),
    /// What makes a row what it is.
    key: fn(&T) -> String,
    /// Makes a row.
    row: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let rows = view! { <PagedRows pages skeleton key row /> };
    frame(
        label,
        ["table table--stack ", class].concat(),
        heads,
        rows.into_any(),
        view! { <More pages /> }.into_any(),
    )
}

fn frame(
    label: &'static str,
    class: String,
    heads: &'static [Head],
    rows: AnyView,
    more: AnyView,
) -> AnyView {
    let heads = heads.iter().map(|head| {
        let hidden = head.is_unseen.then_some("visually-hidden");
        view! {
            <th scope="col" class=head.class>
                <span class=hidden>{head.name}</span>
            </th>
        }
    });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=label>
            <table class=class>
                <caption class="visually-hidden">{label}</caption>
                <thead>
                    <tr>{heads.collect_view()}</tr>
                </thead>
                {rows}
            </table>
        </div>
        {more}
    }
    .into_any()
}
