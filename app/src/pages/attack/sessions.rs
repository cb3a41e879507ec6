//! The sessions that an attack spans.

use leptos::prelude::*;
use shared::AttackDetail;

use super::explore::{all_sessions, flagged_requests};
use crate::format::{count, count_of, day_and_minute, duration};

/// How many are listed at once.
const SHOWN: usize = 5;

/// Sessions with their hits, each a link to its flagged requests.
pub(super) fn sessions(attack: &AttackDetail) -> AnyView {
    let total = attack.session_count;
    let stored = attack.stored_sessions;
    let note = (stored < total).then(|| match stored {
        0 => "None of them is stored any more.".to_owned(),
        _ => format!("{} of them are still stored.", count(stored.into())),
    });
    let rows = if stored == 0 { 0 } else { SHOWN };
    let further = (stored as usize > SHOWN).then(|| all_sessions(attack.summary.id));
    let list = attack
        .sessions
        .iter()
        .take(rows)
        .map(|session| {
            let lasted = duration(session.ended_at.since(session.started_at));
            view! {
                <li class="session-line">
                    <a href=flagged_requests(attack, session.id)>
                        {day_and_minute(session.started_at)}
                    </a>
                    <span class="quiet">{lasted}</span>
                    <span class="session-line__hits">
                        {count(session.hits)}
                        <span class="quiet">" of "{count_of(session.requests, "request", "requests")}</span>
                    </span>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="attack-sessions">
            <h3>{count_of(total.into(), "session", "sessions")}</h3>
            {note.map(|note| view! { <p class="quiet">{note}</p> })}
            <ul role="list">{list}</ul>
            {further
                .map(|target| {
                    view! {
                        <a href=target>{format!("All {} sessions", count(stored.into()))}</a>
                    }
                })}
        </section>
    }
    .into_any()
}
