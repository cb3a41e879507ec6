//! Says, quietly, when the console does not hear of what happens by itself.

use leptos::prelude::*;

use crate::state::live::{Hearing, use_live};
use crate::ui::live;

/// Nothing while all is well.
#[component]
pub fn HearingNote() -> impl IntoView {
    let hearing = use_live().hearing;
    let note = move || {
        let (text, tip) = match hearing.get() {
            Hearing::Live => return None,
            Hearing::Asking => (
                "Not live",
                "Changes cannot be streamed right now: this page asks for them every few seconds \
                 instead, and tries again.",
            ),
            Hearing::Nothing => (
                "No connection",
                "The server does not answer: nothing new is shown until it does. This page tries \
                 again.",
            ),
        };
        Some(view! {
            <span class="shell__hearing" tabindex="0" data-tip=tip>
                {text}
            </span>
        })
    };
    view! { <div role="status">{live(note)}</div> }
}
