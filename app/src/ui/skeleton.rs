//! Grey bars in the place of what is on its way, so that nothing jumps when it comes.

use leptos::prelude::*;

/// Rows of a table that is on its way.
#[component]
pub fn SkeletonRows(
    /// How many rows.
    rows: usize,
    /// How many columns.
    columns: usize,
) -> impl IntoView {
    let row = move |row: usize| {
        let cell = move |column: usize| {
            // Uneven, as text is.
            let width = 45 + (row * 31 + column * 17) % 45;
            view! {
                <td>
                    <span class="skeleton" style=("inline-size", format!("{width}%")) />
                </td>
            }
        };
        view! { <tr class="table__skeleton">{(0..columns).map(cell).collect_view()}</tr> }
    };
    view! { <tbody aria-hidden="true">{(0..rows).map(row).collect_view()}</tbody> }
}

/// A block that is on its way.
#[component]
pub fn SkeletonBlock(
    /// Its height as a CSS length.
    height: &'static str,
) -> impl IntoView {
    view! {
        <div class="skeleton skeleton--block" style=("block-size", height) aria-hidden="true" />
    }
}
