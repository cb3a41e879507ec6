//! **Explore the session**: the way from an attack to its requests.

use leptos::prelude::*;
use shared::{AttackDetail, AttackId, AttackSession, SessionId};

use crate::format::count;
use crate::state::address;
use crate::ui::{Glyph, Icon};

/// The session that holds most of the attack's hits, as a link to its flagged requests; absent
/// when none is stored any more.
pub(super) fn best_session(attack: &AttackDetail) -> Option<&AttackSession> {
    if attack.stored_sessions == 0 {
        return None;
    }
    // Of equals the newest, which comes first.
    attack
        .sessions
        .iter()
        .rev()
        .max_by_key(|session| session.hits)
}

/// The address of the requests of `session` that the attack flagged.
pub(super) fn flagged_requests(attack: &AttackDetail, session: SessionId) -> String {
    format!("/sessions/{session}?attack={}", attack.summary.id)
}

/// The address of the list of all sessions that the attack spans.
pub(super) fn all_sessions(attack: AttackId) -> String {
    address::link("/sessions", "q", &format!("attack:{attack}"))
}

/// Leads to the session with most hits, or says why it cannot.
#[component]
pub(super) fn ExploreButton(
    /// The attack.
    attack: AttackDetail,
) -> impl IntoView {
    match best_session(&attack) {
        Some(session) => {
            let target = flagged_requests(&attack, session.id);
            let stored = attack.stored_sessions;
            let all = (stored > 1).then(|| {
                let text = format!("or all {} sessions", count(stored.into()));
                let target = all_sessions(attack.summary.id);
                view! { <a href=target>{text}</a> }
            });
            view! {
                <div class="attack-head__actions">
                    <a class="button button--primary" href=target>
                        "Explore the session"
                        <Icon glyph=Glyph::Forward />
                    </a>
                    {all}
                </div>
            }
            .into_any()
        }
        None => {
            let reason = "None of its sessions is stored any more. Sessions are kept 7 days, \
                          attacks 6 months.";
            view! {
                <div class="attack-head__refusal">
                    <button
                        class="button"
                        type="button"
                        aria-disabled="true"
                        aria-describedby="explore-reason"
                    >
                        "Explore the session"
                    </button>
                    <p id="explore-reason">{reason}</p>
                </div>
            }
            .into_any()
        }
    }
}
