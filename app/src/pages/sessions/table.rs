//! The table of sessions.

use leptos::prelude::*;
use shared::SessionSummary;

use super::row::SessionRow;
use crate::state::remote::Pages;
use crate::ui::SkeletonRows;

/// Sessions in rows, newest first.
#[component]
pub(super) fn SessionTable(
    /// The sessions.
    sessions: Pages<SessionSummary>,
) -> impl IntoView {
    let first = move || {
        sessions.first.value.with(|page| {
            page.as_ref()
                .map(|page| page.items.clone())
                .unwrap_or_default()
        })
    };
    view! {
        <table class="table table--stack table--sessions-list">
            <caption class="visually-hidden">"Sessions"</caption>
            <thead>
                <tr>
                    <th scope="col">"Last seen"</th>
                    <th scope="col">"Lasted"</th>
                    <th scope="col">"Source"</th>
                    <th scope="col" class="table__number">
                        "Requests"
                    </th>
                    <th scope="col" class="table__number">
                        "Errors"
                    </th>
                    <th scope="col">"Attacks"</th>
                    <th scope="col">"Application"</th>
                    <th scope="col">"User agent"</th>
                    <th scope="col">"Top endpoints"</th>
                </tr>
            </thead>
            <Show
                when=move || sessions.first.value.with(Option::is_some)
                fallback=|| view! { <SkeletonRows rows=12 columns=9 /> }
            >
                <tbody>
                    <For each=first key=|session| session.id let:session>
                        <SessionRow session />
                    </For>
                    <For each=move || sessions.further.get() key=|session| session.id let:session>
                        <SessionRow session />
                    </For>
                </tbody>
            </Show>
        </table>
    }
}
