//! One session as a row of the list.

use leptos::prelude::*;
use shared::{SessionAttack, SessionSummary, UserAgentClass};

use crate::components::DemoTag;
use crate::format::{count, duration, visible};
use crate::ui::{Clip, Icon, Moment, Source, glyph_of};

/// A row; all of it leads to the session.
#[component]
pub(super) fn SessionRow(
    /// The session.
    session: SessionSummary,
) -> impl IntoView {
    let lasted = duration(session.ended_at.since(session.started_at));
    let first_endpoint = session.top_endpoints.first().cloned().unwrap_or_default();
    let place = if session.host.is_empty() {
        session.application.clone()
    } else {
        format!("{} · {}", session.application, session.host)
    };
    let further = u64::from(session.endpoint_count).saturating_sub(1);
    let all = session.top_endpoints.join("\n");
    let agent = agent_of(&session);
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
            <td class="session__source">
                <span class="session__actor">
                    <Source
                        ip=session.ip
                        country=session.country
                        source=session.source
                        ip_count=session.ip_count
                    />
                    {session
                        .user
                        .map(|user| {
                            let text = match session.role {
                                Some(role) => format!("{user} · {role}"),
                                None => user,
                            };
                            view! {
                                <span class="quiet">
                                    <Clip text />
                                </span>
                            }
                        })}
                </span>
            </td>
            <td
                class="session__requests table__number"
                data-unit=if session.requests == 1 { "request" } else { "requests" }
            >
                {count(session.requests)}
            </td>
            <td class="session__errors table__number" class:quiet=session.errors == 0>
                {count(session.errors)}
            </td>
            <td class="session__attacks">
                <Attacks attacks=session.attacks hits=session.hits />
            </td>
            <td class="session__place quiet">
                <Clip text=place />
                <DemoTag id=session.application_id />
            </td>
            <td class="session__agent quiet">
                <Clip text=agent />
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

/// The class where it says something, else the user agent itself.
fn agent_of(session: &SessionSummary) -> String {
    match session.user_agent_class {
        UserAgentClass::Empty => "none sent".to_owned(),
        _ => session.user_agent.clone(),
    }
}

#[component]
fn Attacks(attacks: Vec<SessionAttack>, hits: u64) -> impl IntoView {
    let Some(first) = attacks.first().copied() else {
        return view! { <span class="quiet">"\u{2013}"</span> }.into_any();
    };
    let further = attacks.len() - 1;
    view! {
        <span class="session__attack">
            <Icon glyph=glyph_of(first.bot_type) />
            {first.bot_type.label()}
            <span class="quiet">
                {count(hits)}
                {(further > 0).then(|| format!(" · +{further}"))}
            </span>
        </span>
    }
    .into_any()
}
