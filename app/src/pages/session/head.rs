//! The head of a session: the way back, its identifier, its summary, its attacks.

use leptos::prelude::*;
use shared::{SessionDetail, UserAgentClass};

use super::filter::Filter;
use crate::components::{DemoTag, sender};
use crate::format::{bytes, count, count_of, day_and_minute, duration, visible};
use crate::state::trail::use_sessions_trail;
use crate::ui::{BotTypeLabel, Clip, CopyButton, Glyph, Icon, MomentAs, Source, Tag};

/// Who, when, how much, and the attacks it is part of.
#[component]
pub(super) fn Head(
    /// The session.
    session: SessionDetail,
    /// The filter in the address.
    filter: Filter,
) -> impl IntoView {
    let back = use_sessions_trail();
    let summary = session.summary;
    let id = summary.id;
    let (taken, unit) = bytes(session.bytes);
    let lasted = duration(summary.ended_at.since(summary.started_at));
    let link = Signal::derive(move || {
        let origin = window().location().origin().unwrap_or_default();
        format!("{origin}/sessions/{id}")
    });
    let agent = match summary.user_agent_class {
        UserAgentClass::Empty => "none sent".to_owned(),
        _ => summary.user_agent.clone(),
    };
    let attacks = summary
        .attacks
        .iter()
        .map(|attack| {
            view! {
                <a class="button button--small" href=format!("/attacks/{}", attack.id)>
                    <BotTypeLabel bot_type=attack.bot_type />
                    <Icon glyph=Glyph::Forward />
                </a>
            }
            .into_any()
        })
        .collect_view();
    let many = !summary.attacks.is_empty();
    view! {
        <header class="session-head">
            <a class="back" href=move || back.get()>
                <Icon glyph=Glyph::Back />
                "API sessions"
            </a>
            <div class="attack-head__line">
                <div class="attack-head__text">
                    <h1 class="session-head__title">
                        "Session of "
                        <span class="mono">{visible(&summary.ip).into_owned()}</span>
                    </h1>
                    <p class="session-head__id">
                        <span class="mono quiet">{id.to_string()}</span>
                        <CopyButton text=link label="Copy a link to this session" />
                    </p>
                </div>
                {move || {
                    filter
                        .attack()
                        .map(|attack| {
                            view! {
                                <a class="button button--primary" href=format!("/attacks/{attack}")>
                                    <Icon glyph=Glyph::Back />
                                    "Explore the attack"
                                </a>
                            }
                        })
                }}
            </div>
            <dl class="summary">
                <div>
                    <dt>"Requests"</dt>
                    <dd>
                        <b>{count(summary.requests)}</b>
                        <span class="quiet">" · " {count_of(summary.hits, "hit", "hits")}</span>
                        <span class="quiet">" · " {count_of(summary.errors, "error", "errors")}</span>
                    </dd>
                </div>
                <div>
                    <dt>"Date"</dt>
                    <dd>
                        <MomentAs at=summary.started_at format=day_and_minute />
                        <span class="quiet">" · " {lasted}</span>
                    </dd>
                </div>
                <div>
                    <dt>"Source"</dt>
                    <dd>
                        <Source
                            ip=summary.ip.clone()
                            country=summary.country.clone()
                            source=summary.source.clone()
                            ip_count=summary.ip_count
                        />
                    </dd>
                </div>
                {summary
                    .user
                    .clone()
                    .map(|user| {
                        let role = summary.role.clone();
                        view! {
                            <div>
                                <dt>"User"</dt>
                                <dd>
                                    <Clip text=user />
                                    " "
                                    {role.map(|role| view! { <Tag text=visible(&role) /> })}
                                </dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Grouped by"</dt>
                    <dd>{visible(&session.grouped_by).into_owned()}</dd>
                </div>
                <div>
                    <dt>"Application"</dt>
                    <dd>
                        <Clip text=summary.application.clone() />
                        " "
                        <DemoTag id=summary.application_id />
                    </dd>
                </div>
                {(!summary.host.is_empty())
                    .then(|| {
                        view! {
                            <div>
                                <dt>"Host"</dt>
                                <dd>
                                    <Clip text=summary.host.clone() />
                                </dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Responses"</dt>
                    <dd>{taken} <span class="quiet">" " {unit}</span></dd>
                </div>
                <div class="summary__wide">
                    <dt>"User agent"</dt>
                    <dd class="summary__agent">
                        <span class="mono">
                            <Clip text=agent />
                        </span>
                        {sender(summary.user_agent_class, summary.purpose, summary.verification)}
                    </dd>
                </div>
            </dl>
            {many
                .then(|| {
                    view! {
                        <div class="session-head__attacks">
                            <span class="quiet">"Part of"</span>
                            {attacks}
                        </div>
                    }
                })}
        </header>
    }
}
