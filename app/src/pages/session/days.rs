//! A journey over UTC midnight is several sessions: the ways to the others, and to all at once.

use leptos::prelude::*;
use shared::{AdjacentSession, SessionDetail, SessionFacets};

use super::filter::Filter;
use crate::format::{count, count_of, day_and_minute};
use crate::state::remote::Remote;
use crate::ui::Show;

/// Nothing unless the session continues from another or goes on as another.
#[component]
pub(super) fn Days(
    /// The session.
    session: SessionDetail,
    /// The filter in the address.
    filter: Filter,
    /// What is known of the days that are joined.
    facets: Remote<SessionFacets>,
) -> impl IntoView {
    let (before, after) = (session.continues_from, session.goes_on_as);
    if before.is_none() && after.is_none() {
        return ().into_any();
    }
    let days = move || {
        let facets = facets.value.read();
        facets.as_ref().map_or(1, |facets| facets.days.len())
    };
    view! {
        <div class="banner">
            <Show
                when=move || filter.is_joined()
                fallback=move || {
                    view! {
                        <p>
                            {before
                                .map(|session| {
                                    adjacent("Continues from the day before", "until", session.ended_at, session)
                                })}
                            {(before.is_some() && after.is_some()).then_some(" · ")}
                            {after
                                .map(|session| {
                                    adjacent("Goes on the next day", "from", session.started_at, session)
                                })}
                        </p>
                        <a class="button button--small" href=move || filter.joined(true)>
                            "Join the days"
                        </a>
                    }
                }
            >
                <p>{move || count_of(days() as u64, "session", "sessions")} " joined over UTC midnight"</p>
                <a class="button button--small" href=move || filter.joined(false)>
                    "Show this session alone"
                </a>
            </Show>
        </div>
    }
    .into_any()
}

fn adjacent(
    text: &'static str,
    word: &'static str,
    at: shared::Timestamp,
    session: AdjacentSession,
) -> AnyView {
    view! {
        <a href=format!("/sessions/{}", session.id)>{text}</a>
        <span class="quiet">
            " (" {count(session.requests)} " requests, " {word} " " {day_and_minute(at)} ")"
        </span>
    }
    .into_any()
}
