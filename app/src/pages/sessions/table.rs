//! The table of sessions.

use leptos::prelude::*;
use shared::SessionSummary;

use super::row::SessionRow;
use crate::state::remote::Pages;
use crate::ui::{Each, Show, SkeletonRows};

/// Sessions in rows, newest first.
#[component]
pub(super) fn SessionTable(
    /// The sessions.
    sessions: Pages<SessionSummary>,
) -> impl IntoView {
    let rows = |sessions: Signal<Vec<SessionSummary>>| {
        view! {
            <Each
                items=move || sessions.get()
                key=state_of
                children=|session| view! { <SessionRow session /> }
            />
        }
    };
    view! {
        <table class="table table--stack table--sessions-list">
            <caption class="visually-hidden">"Sessions"</caption>
            <thead>
                <tr>
                    <th scope="col">"Last seen"</th>
                    <th scope="col">"Lasted"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col" class="table__number">
                        "Requests"
                    </th>
                    <th scope="col" class="table__number">
                        "Hits"
                    </th>
                    <th scope="col" class="session__source">
                        "Source"
                    </th>
                    <th scope="col">"User"</th>
                    <th scope="col">"Application and host"</th>
                    <th scope="col">"Top endpoints"</th>
                </tr>
            </thead>
            <Show
                when=move || sessions.first.value.read().is_some()
                fallback=|| view! { <SkeletonRows rows=12 columns=9 /> }
            >
                <tbody>
                    {rows(sessions.items())}
                    {rows(sessions.further.into())}
                </tbody>
            </Show>
        </table>
    }
}

/// What makes a row another one: a session that went on, or became part of an attack.
fn state_of(session: &SessionSummary) -> String {
    let (id, end, hits) = (session.id, session.ended_at.0, session.hits);
    format!("{id} {end} {hits}")
}
