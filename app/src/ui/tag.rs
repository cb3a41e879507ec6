//! A small quiet label beside something.

use leptos::prelude::*;

/// A label of a word or two.
#[component]
pub fn Tag(
    /// The words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class="tag">{text}</span> }
}
