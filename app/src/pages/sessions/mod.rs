//! The page at `/sessions`.

use leptos::prelude::*;

use crate::state::title::use_title;

/// API sessions.
#[component]
pub fn SessionsPage() -> impl IntoView {
    use_title(|| "API sessions".to_owned());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"API sessions"</h1>
            </div>
        </div>
    }
}
