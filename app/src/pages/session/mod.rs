//! The page at `/session`.

use leptos::prelude::*;

use crate::state::title::use_title;

/// Session.
#[component]
pub fn SessionPage() -> impl IntoView {
    use_title(|| "Session".to_owned());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"Session"</h1>
            </div>
        </div>
    }
}
