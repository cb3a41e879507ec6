//! One session as a row of the list.

use leptos::prelude::*;
use shared::{Purpose, SessionAttack, SessionSummary};

use crate::components::DemoTag;
use crate::format::{count, duration, visible};
use crate::ui::{BotTypeLabel, Clip, FurtherTypes, Moment, Source};

/// A row; all of it leads to the session.
#[component]
pub(super) fn SessionRow(
    /// The session.
    session: SessionSummary,
) -> impl IntoView {
    let lasted = duration(session.ended_at.since(session.started_at));
    let first_endpoint = session.top_endpoints.first().cloned().unwrap_or_default();
    let further = u64::from(session.endpoint_count).saturating_sub(1);
    let all = session.top_endpoints.join("\n");
    let is_nobody = session.user.is_none();
    let who = match (session.user, session.role) {
        (Some(user), Some(role)) => format!("{user} · {role}"),
        (Some(user), None) => user,
        // Who signs in nowhere may say what it works for.
        (None, _) => session
            .purpose
            .map_or("\u{2013}", Purpose::label)
            .to_owned(),
    };
    view! {
        <tr class="table__row">
            <td class="session__date">
                <a class="table__link" href=format!("/sessions/{}", session.id)>
                    <Moment at=session.ended_at />
                    <span class="visually-hidden">
                        {format!(", session of {}", visible(&session.ip))}
                    </span>
                </a>
            </td>
            <td class="session__lasted quiet">{lasted}</td>
            <td class="session__status">
                <Status attacks=session.attacks />
            </td>
            <td
                class="session__requests table__number"
                data-unit=if session.requests == 1 { "request" } else { "requests" }
            >
                {count(session.requests)}
            </td>
            <td
                class="session__hits table__number"
                class:quiet=session.hits == 0
                data-unit=if session.hits == 1 { "hit" } else { "hits" }
            >
                {count(session.hits)}
            </td>
            <td class="session__source">
                <Source
                    ip=session.ip
                    country=session.country
                    source=session.source
                    ip_count=session.ip_count
                />
            </td>
            <td class="session__user" class:quiet=is_nobody>
                <Clip text=who />
            </td>
            <td class="session__place">
                <span class="attack__target">
                    <span class="attack__application">
                        <Clip text=session.application />
                    </span>
                    <span class="attack__path mono">
                        <Clip text=session.host />
                    </span>
                    <DemoTag id=session.application_id />
                </span>
            </td>
            <td class="session__endpoints">
                <span class="attack__target" data-tip=all>
                    <span class="attack__path mono">
                        <Clip text=first_endpoint />
                    </span>
                    {(further > 0)
                        .then(|| {
                            view! {
                                <span class="quiet nowrap">{format!("+{} more", count(further))}</span>
                            }
                        })}
                </span>
            </td>
        </tr>
    }
}

/// The types of the attacks that a session is part of: the newest by name.
#[component]
fn Status(attacks: Vec<SessionAttack>) -> impl IntoView {
    let Some((first, rest)) = attacks.split_first() else {
        return view! { <span class="quiet">"\u{2013}"</span> }.into_any();
    };
    let mut further = Vec::new();
    for attack in rest {
        if attack.bot_type != first.bot_type && !further.contains(&attack.bot_type) {
            further.push(attack.bot_type);
        }
    }
    view! {
        <span class="attack__types">
            <BotTypeLabel bot_type=first.bot_type />
            <FurtherTypes types=further />
        </span>
    }
    .into_any()
}
