//! What any address without a page shows.

use leptos::prelude::*;

use crate::state::program::rel;
use crate::state::title::use_title;

/// Says that there is nothing, and leads back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    use_title(|| "Not found".to_owned());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"There is no such page"</h1>
            </div>
            <p>
                <a href="/attacks" rel=rel("/attacks")>"Go to the attacks"</a>
            </p>
        </div>
    }
}
