//! A small question mark that explains what stands beside it.

use leptos::prelude::*;

/// An explanation, one hover or key press away.
#[component]
pub fn Hint(
    /// What is explained, e.g. `confidence`.
    subject: &'static str,
    /// The explanation.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let name = format!("About {subject}: {text}");
    view! {
        <button class="hint" type="button" aria-label=name data-tip=text>
            "?"
        </button>
    }
}
