//! The page at `/sessions`: all sessions that the search in the address finds.

mod endpoint_field;
mod row;
mod table;

use leptos::prelude::*;
use shared::ErrorCode;
use shared::search::List;

use self::endpoint_field::EndpointField;
use self::table::SessionTable;
use crate::api;
use crate::components::{Nothing, PeriodFilter, SearchField, Subject};
use crate::state::address::{use_address, use_parameter};
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::search::use_search;
use crate::state::title::use_title;
use crate::state::trail::{leave_trail, use_sessions_trail};
use crate::ui::{Glyph, Icon, More, ProblemPanel};

/// The list of sessions with its search.
#[component]
pub fn SessionsPage() -> impl IntoView {
    use_title(|| "API sessions".to_owned());
    leave_trail(use_sessions_trail());
    let search = use_search(List::Sessions);
    let endpoint = use_parameter("endpoint");
    let attack = use_parameter("attack");
    let overview = use_overview();
    let sessions = use_pages(
        Meanwhile::Keep,
        move || (search.text.get(), endpoint.get(), attack.get()),
        |(text, endpoint, attack), cursor| async move {
            api::sessions(
                &text,
                endpoint.as_deref(),
                attack.as_deref(),
                cursor.as_deref(),
            )
            .await
        },
    );
    let problem = move || {
        let found = sessions.first.problem.get();
        found
            .or_else(|| overview.problem.get())
            .filter(|problem| problem.code != ErrorCode::InvalidSearch)
    };
    let retry = move || {
        sessions.first.retry();
        overview.retry();
    };
    let is_empty = move || {
        sessions
            .first
            .value
            .with(|page| page.as_ref().is_some_and(|page| page.items.is_empty()))
    };
    let stale = move || sessions.first.loading.get() && sessions.first.value.with(Option::is_some);
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"API sessions"</h1>
            </div>
            {move || attack.get().map(|id| view! { <OfAttack id /> })}
            <div class="filters filters--sessions">
                <SearchField search label="Search sessions" />
                <EndpointField endpoint />
                // An attack's sessions are listed whatever their date.
                <Show when=move || attack.with(Option::is_none)>
                    <PeriodFilter search overview=overview.value />
                </Show>
            </div>
            {move || problem().map(|problem| view! { <ProblemPanel problem on_retry=retry /> })}
            <Show
                when=is_empty
                fallback=move || {
                    view! {
                        <Show when=move || {
                            sessions.first.value.with(Option::is_some)
                                || sessions.first.problem.with(Option::is_none)
                        }>
                            <div class="list" aria-busy=move || stale().to_string()>
                                <SessionTable sessions />
                                <More pages=sessions />
                            </div>
                        </Show>
                    }
                }
            >
                {move || {
                    overview
                        .value
                        .get()
                        .map(|overview| {
                            let narrowed = endpoint.with(Option::is_some)
                                || attack.with(Option::is_some);
                            view! {
                                <Nothing subject=Subject::Sessions search overview narrowed />
                            }
                        })
                }}
            </Show>
        </div>
    }
}

/// Says that only the sessions of one attack are listed.
#[component]
fn OfAttack(id: String) -> impl IntoView {
    let address = use_address();
    view! {
        <div class="banner">
            <p>"Only the sessions that one attack spans."</p>
            <a class="button button--small" href=format!("/attacks/{id}")>
                "Explore the attack"
            </a>
            <a class="button button--small button--quiet" href=move || address.with(&[("attack", None)])>
                <Icon glyph=Glyph::Close />
                "All sessions"
            </a>
        </div>
    }
}
