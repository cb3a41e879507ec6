//! The page at `/attacks`.

use leptos::prelude::*;

use crate::state::title::use_title;

/// Attacks.
#[component]
pub fn AttacksPage() -> impl IntoView {
    use_title(|| "Attacks".to_owned());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"Attacks"</h1>
            </div>
        </div>
    }
}
