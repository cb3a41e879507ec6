//! What the bot asked for and what it was answered: statuses, methods, endpoints.

use leptos::prelude::*;
use shared::{AttackDetail, EndpointCount, NamedCount};

use crate::format::visible;
use crate::ui::{Clip, ResponseCode, ShareRow, Tag};

/// Shares of response statuses, methods and URL templates.
#[component]
pub(super) fn Breakdown(
    /// The attack.
    attack: AttackDetail,
) -> impl IntoView {
    let responses = attack
        .responses
        .into_iter()
        .map(|entry| {
            let code = entry.name.parse().unwrap_or(0);
            view! {
                <li>
                    <ShareRow amount=entry.count share=entry.share>
                        <ResponseCode code />
                    </ShareRow>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="breakdown">
            <div class="breakdown__pair">
                <div>
                    <h3>"Responses"</h3>
                    <ul role="list">{responses}</ul>
                </div>
                <div>
                    <h3>"Methods"</h3>
                    <Named items=attack.methods />
                </div>
            </div>
            <h3>"Top endpoints"</h3>
            <ul role="list">
                {attack
                    .endpoints
                    .into_iter()
                    .map(|endpoint| view! { <Endpoint endpoint /> })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Named(items: Vec<NamedCount>) -> impl IntoView {
    let rows = items
        .into_iter()
        .map(|item| {
            view! {
                <li>
                    <ShareRow amount=item.count share=item.share>
                        <span class="mono">
                            <Clip text=item.name />
                        </span>
                    </ShareRow>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! { <ul role="list">{rows}</ul> }
}

#[component]
fn Endpoint(endpoint: EndpointCount) -> impl IntoView {
    let place = format!("{}{}", endpoint.host, endpoint.template);
    view! {
        <li>
            <ShareRow amount=endpoint.count share=endpoint.share>
                <span class="endpoint mono">
                    <span class="quiet">{visible(&endpoint.method).into_owned()}</span>
                    <Clip text=place />
                    {endpoint
                        .tags
                        .into_iter()
                        .map(|tag| view! { <Tag text=tag.label() /> })
                        .collect_view()}
                </span>
            </ShareRow>
        </li>
    }
}
