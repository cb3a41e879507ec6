//! The page at `/attack`.

use leptos::prelude::*;

use crate::state::title::use_title;

/// Attack.
#[component]
pub fn AttackPage() -> impl IntoView {
    use_title(|| "Attack".to_owned());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"Attack"</h1>
            </div>
        </div>
    }
}
