//! The table of sessions.

use leptos::prelude::*;
use shared::SessionSummary;

use super::row::SessionRow;
use crate::state::remote::Pages;
use crate::ui::PagedRows;

/// Sessions in rows, newest first.
#[component]
pub(super) fn SessionTable(
    /// The sessions.
    sessions: Pages<SessionSummary>,
) -> impl IntoView {
    let row = |session| view! { <SessionRow session /> }.into_any();
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
            <PagedRows pages=sessions skeleton=(12, 9) key=state_of row />
        </table>
    }
}

/// What makes a row another one: a session that went on, or became part of an attack.
fn state_of(session: &SessionSummary) -> String {
    let (id, end, hits) = (session.id, session.ended_at.0, session.hits);
    format!("{id} {end} {hits}")
}
