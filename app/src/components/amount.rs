//! A number in the head of a list, and what it counts.

use leptos::prelude::*;

use crate::format::count;

/// A number with its noun; a dash while it is not known.
pub fn amount(value: Option<u64>, one: &'static str, many: &'static str) -> impl IntoView {
    let number = value.map_or_else(|| "\u{2013}".to_owned(), count);
    let noun = if value == Some(1) { one } else { many };
    view! {
        <span class="counts__item">
            <b>{number}</b>
            " "
            {noun}
        </span>
    }
}
