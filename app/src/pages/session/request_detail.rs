//! Everything that is stored of one request.

use leptos::prelude::*;
use shared::{RequestAttack, SessionRequest};

use crate::components::ListButtons;
use crate::format::{exact, visible};
use crate::ui::{BotTypeLabel, Source, Tag};

/// The request line, what the log kept, and what the detectors made of it.
#[component]
pub(super) fn RequestDetail(
    /// The request.
    request: SessionRequest,
    /// Which key grouped the session.
    grouped_by: String,
) -> impl IntoView {
    let query = if request.query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.query)
    };
    let line = format!(
        "{} {}{query} {}",
        request.method, request.path, request.protocol
    );
    let logged = [
        ("host", request.host),
        ("user-agent", request.user_agent),
        ("referer", request.referer),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .chain(
        request
            .headers
            .into_iter()
            .map(|header| (header.name, header.value)),
    )
    .filter(|(_, value)| !value.is_empty() && value != "-")
    .map(|(name, value)| {
        view! {
            <dt class="mono">{visible(&name).into_owned()}</dt>
            <dd class="mono">{visible(&value).into_owned()}</dd>
        }
    })
    .collect_view();
    let ip = request.ip.clone();
    let kind = request
        .attacks
        .first()
        .map(|attack| attack.bot_type.label());
    let reason = kind.unwrap_or_default().to_owned();
    let tags = request
        .tags
        .iter()
        .map(|tag| view! { <Tag text=tag.label() /> })
        .collect_view();
    let attacks = request
        .attacks
        .into_iter()
        .map(|attack| view! { <Flagged attack /> })
        .collect_view();
    view! {
        <div class="request-detail">
            <pre class="request-detail__line mono">{visible(&line).into_owned()}</pre>
            <dl class="request-detail__list">{logged}</dl>
            <dl class="request-detail__list">
                <dt>"Time"</dt>
                <dd>{exact(request.at)}</dd>
                <dt>"Source"</dt>
                <dd>
                    <Source ip=request.ip country=request.country source=request.source />
                </dd>
                {request
                    .user
                    .map(|user| {
                        view! {
                            <dt>"User"</dt>
                            <dd>{visible(&user).into_owned()}</dd>
                        }
                    })}
                <dt>"Endpoint"</dt>
                <dd>
                    <span class="mono">{visible(&request.template).into_owned()}</span>
                    {tags}
                </dd>
                <dt>"Session grouped by"</dt>
                <dd>{visible(&grouped_by).into_owned()}</dd>
                <dt>"Request"</dt>
                <dd class="mono">{request.id.to_string()}</dd>
            </dl>
            {attacks}
            <ListButtons ip application=None reason />
        </div>
    }
}

/// An attack that the request is a hit of.
#[component]
fn Flagged(attack: RequestAttack) -> impl IntoView {
    let detectors = attack
        .detectors
        .iter()
        .map(|detector| detector.label())
        .collect::<Vec<_>>()
        .join(", ");
    view! {
        <p class="request-detail__attack">
            <a href=format!("/attacks/{}", attack.id)>
                <BotTypeLabel bot_type=attack.bot_type />
            </a>
            <span>
                <span class="quiet">"fed "</span>
                {detectors}
            </span>
            {attack
                .crossed_bar
                .then(|| view! { <b>"The bar was crossed with this request."</b> })}
        </p>
    }
}
