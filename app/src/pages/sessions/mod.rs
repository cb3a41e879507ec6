//! The page at `/sessions`: all sessions that the search in the address finds.

mod counts;
mod row;
mod table;

use leptos::prelude::*;
use shared::search::List;

use self::counts::Counts;
use self::table::SessionTable;
use crate::api::{self, Part};
use crate::components::{ActiveFilters, Filters, Found, SearchField, Subject};
use crate::state::arrived::follow_or_tell;
use crate::state::kept;
use crate::state::live::use_live;
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, use_pages, use_remote};
use crate::state::search::use_search;
use crate::state::title::use_title;
use crate::state::trail::{leave_trail, use_sessions_trail};
use crate::ui::ArrivedButton;

/// The list of sessions with its search and filters.
#[component]
pub fn SessionsPage() -> impl IntoView {
    use_title(|| "API sessions".to_owned());
    leave_trail(use_sessions_trail());
    let search = use_search(List::Sessions);
    let overview = use_overview();
    let counts = use_remote(
        Meanwhile::Keep,
        move || search.text.get(),
        |text| async move { api::session_counts(&text).await },
    );
    let sessions = use_pages(
        Meanwhile::Keep,
        move || search.text.get(),
        move |text, cursor| kept::as_many(cursor, move |part| api::sessions(&text, part)),
    );
    let live = use_live();
    counts.follow(live.revision, || true);
    let arrived = follow_or_tell(
        sessions,
        live.revision,
        |session| session.id.to_string(),
        move || api::sessions(&search.text.get_untracked(), Part::default()),
    );
    kept::bring_back(sessions, use_sessions_trail());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"API sessions"</h1>
                <Counts counts=counts.value search />
            </div>
            <div class="search-bar">
                <SearchField search label="Search sessions" />
                <Filters search overview=overview.value />
            </div>
            <ActiveFilters search />
            <ArrivedButton arrived one="new session" many="new sessions" />
            <Found
                subject=Subject::Sessions
                search
                pages=sessions
                overview
                table=move || view! { <SessionTable sessions /> }
            />
        </div>
    }
}
