//! What was found: when, who, as what, how surely, and what was done.

use leptos::prelude::*;
use shared::{AttackDetail, AttackState, NamedCount, TypeConfidence};

use super::breakdown::shares;
use crate::components::sender;
use crate::format::{count_of, day_and_minute, duration, visible};
use crate::ui::{
    BotTypeLabel, CONFIDENCE_EXPLAINED, Confidence, CopyButton, Hint, MomentAs, Source, Tag, place,
};

/// The facts of an attack as a list of terms.
pub(super) fn found(attack: &AttackDetail) -> AnyView {
    let attack = attack.clone();
    let summary = attack.summary;
    let lasted = duration(summary.ended_at.since(summary.started_at));
    let state = match summary.state {
        AttackState::Ongoing => "going on now",
        AttackState::Closed => "closed",
    };
    let reopened = (attack.reopened > 0).then(|| {
        format!(
            ", reopened {}",
            count_of(attack.reopened.into(), "time", "times")
        )
    });
    let bar = attack.bar;
    let confidence_text =
        format!("{CONFIDENCE_EXPLAINED} From {bar}% on, the profile calls it an attack.");
    let id = summary.id.to_string();
    view! {
        <section class="facts">
            <h2>"What was found"</h2>
            <dl class="facts__list">
                <dt>"Date"</dt>
                <dd>
                    <span>
                        <MomentAs at=summary.started_at format=day_and_minute />
                        " \u{2013} "
                        <MomentAs at=summary.ended_at format=day_and_minute />
                    </span>
                    <span class="quiet facts__line">
                        {format!("{lasted}, {state}")}
                        {reopened}
                    </span>
                </dd>
                <dt>"Source"</dt>
                <dd>
                    <Addresses items=attack.ips total=summary.ip_count.into() />
                </dd>
                <dt>"User agent"</dt>
                <dd>
                    <UserAgents
                        items=attack.user_agents
                        fallback=summary.user_agent
                    />
                    {sender(summary.user_agent_class, summary.purpose, summary.verification)}
                </dd>
                <dt>"Bot type"</dt>
                <dd>
                    {attack.types.into_iter().map(|found| view! { <FoundType found /> }).collect_view()}
                </dd>
                <dt>
                    "Confidence" <Hint subject="confidence" text=confidence_text />
                </dt>
                <dd>
                    <Confidence percent=summary.confidence />
                    <span class="quiet">{format!("an attack from {bar}% on")}</span>
                </dd>
                <dt>"Judged as"</dt>
                <dd>
                    {summary.scope.label()}
                    <span class="quiet">
                        {format!(
                            "{} of {}",
                            count_of(summary.hits, "hit", "hits"),
                            count_of(summary.requests, "request", "requests"),
                        )}
                    </span>
                </dd>
                <dt>"Reaction"</dt>
                <dd>
                    {attack.reaction.label()}
                    <span class="quiet">{summary.status.label()}</span>
                </dd>
                <dt>"Attack"</dt>
                <dd class="facts__id">
                    <span class="mono">{id.clone()}</span>
                    <CopyButton text=id label="Copy the attack's identifier" />
                    <span class="quiet">
                        "engine " {visible(&attack.engine_version).into_owned()}
                    </span>
                </dd>
            </dl>
        </section>
    }
    .into_any()
}

/// One thing on a line; several as a list with shares that unfolds.
#[component]
fn Addresses(items: Vec<NamedCount>, total: u64) -> impl IntoView {
    let Some(first) = items.first() else {
        return view! { <span class="quiet">"not in the log"</span> }.into_any();
    };
    let (name, country, source) = (
        first.name.clone(),
        first.country.clone(),
        first.source.clone(),
    );
    if items.len() == 1 {
        return view! { <Source ip=name country source /> }.into_any();
    }
    let shown = items.len() as u64;
    let rest = total.saturating_sub(shown);
    view! {
        <details class="disclosure disclosure--inline">
            <summary>
                <span class="mono">{visible(&name).into_owned()}</span>
                " "
                {place(country, source)}
                <span class="quiet">{format!(" and {} more", total.max(shown) - 1)}</span>
            </summary>
            {share_list(&items)}
            {(rest > 0).then(|| view! { <p class="quiet">{format!("and {rest} further addresses")}</p> })}
        </details>
    }
    .into_any()
}

#[component]
fn UserAgents(items: Vec<NamedCount>, fallback: String) -> impl IntoView {
    let name = items.first().map_or(fallback, |item| item.name.clone());
    let text = if name.is_empty() || name == "-" {
        view! { <span class="quiet">"none sent"</span> }.into_any()
    } else {
        view! { <span class="facts__agent mono">{visible(&name).into_owned()}</span> }.into_any()
    };
    let others = items.into_iter().skip(1).collect::<Vec<_>>();
    let list = (!others.is_empty()).then(|| {
        // The server names ten at most.
        let more = if others.len() < 9 { "" } else { "at least " };
        let number = count_of(others.len() as u64, "other", "others");
        view! {
            <details class="disclosure disclosure--inline">
                <summary>
                    <span class="quiet">{format!("and {more}{number}")}</span>
                </summary>
                {share_list(&others)}
            </details>
        }
    });
    view! {
        {text}
        {list}
    }
}

/// Things with their counts and shares.
fn share_list(items: &[NamedCount]) -> AnyView {
    shares(items, |item| {
        view! { <Source ip=item.name country=item.country source=item.source /> }.into_any()
    })
}

#[component]
fn FoundType(found: TypeConfidence) -> impl IntoView {
    view! {
        <span class="facts__type">
            <BotTypeLabel bot_type=found.bot_type />
            <span class="quiet">{found.confidence}"%"</span>
            {found
                .decisive
                .then(|| {
                    view! {
                        <span data-tip="One finding alone settles this type: its confidence is at least 80%.">
                            <Tag text="decisive" />
                        </span>
                    }
                })}
        </span>
    }
}
