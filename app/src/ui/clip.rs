//! Text from a log on one line: what does not fit is cut off, and shown whole on hover or focus.

use leptos::prelude::*;

use crate::format::visible;

/// One line of text that may be cut off. Its font is the one around it.
#[component]
pub fn Clip(
    /// The text, as hostile as it likes.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <span class="clip" data-tip-clipped="">
            {visible(&text).into_owned()}
        </span>
    }
}
