//! What the bot asked for and what it was answered: statuses, methods, endpoints.

use leptos::prelude::*;
use shared::{AttackDetail, EndpointCount, NamedCount};

use crate::format::visible;
use crate::ui::{Clip, ResponseCode, ShareRow, Tag};

/// Shares of response statuses, methods and URL templates.
pub(super) fn breakdown(attack: &AttackDetail) -> AnyView {
    let status = |item: NamedCount| {
        let code = item.name.parse().unwrap_or(0);
        view! { <ResponseCode code /> }.into_any()
    };
    let method = |item: NamedCount| {
        view! {
            <span class="mono">
                <Clip text=item.name />
            </span>
        }
        .into_any()
    };
    let endpoints = attack.endpoints.iter().map(|endpoint| {
        let name = endpoint_name(endpoint);
        share(endpoint.count, endpoint.share, name)
    });
    view! {
        <section class="breakdown">
            <div class="breakdown__pair">
                <div>
                    <h3>"Responses"</h3>
                    {shares(&attack.responses, status)}
                </div>
                <div>
                    <h3>"Methods"</h3>
                    {shares(&attack.methods, method)}
                </div>
            </div>
            <h3>"Top endpoints"</h3>
            <ul role="list">{endpoints.collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// Things with their counts and shares, each named by `name`.
pub(super) fn shares(items: &[NamedCount], name: fn(NamedCount) -> AnyView) -> AnyView {
    let rows = items
        .iter()
        .map(|item| share(item.count, item.share, name(item.clone())));
    view! { <ul role="list">{rows.collect_view()}</ul> }.into_any()
}

fn share(amount: u64, share: f64, name: AnyView) -> AnyView {
    view! {
        <li>
            <ShareRow amount share>
                {name}
            </ShareRow>
        </li>
    }
    .into_any()
}

fn endpoint_name(endpoint: &EndpointCount) -> AnyView {
    let place = format!("{}{}", endpoint.host, endpoint.template);
    let tags = endpoint.tags.iter();
    let tags = tags.map(|tag| view! { <Tag text=tag.label() /> });
    view! {
        <span class="endpoint mono">
            <span class="quiet">{visible(&endpoint.method).into_owned()}</span>
            <Clip text=place />
            {tags.collect_view()}
        </span>
    }
    .into_any()
}
