//! A moment: short in sight, exact on hover, in the reader's zone.

use leptos::prelude::*;
use shared::Timestamp;

use crate::format::relative;
use crate::state::clock::use_now;

/// A moment as an age or a date.
#[component]
pub fn Moment(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    let now = use_now();
    view! {
        <time class="moment" datetime=at.to_string()>
            {move || relative(at, now.get())}
        </time>
    }
}

/// A moment in a form chosen by the caller.
#[component]
pub fn MomentAs(
    /// The moment.
    at: Timestamp,
    /// How it is written.
    format: fn(Timestamp) -> String,
) -> impl IntoView {
    view! {
        <time class="moment" datetime=at.to_string()>
            {format(at)}
        </time>
    }
}
