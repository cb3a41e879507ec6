//! The hits of an attack, page by page, and all of them as CSV.

use leptos::prelude::*;
use shared::{AttackId, ErrorCode, Hit};

use super::Known;
use super::head::reason;
use super::instrument::NotEnoughData;
use crate::api;
use crate::components::ListIconButton;
use crate::format::{count_of, day_and_second, visible};
use crate::state::live::use_live;
use crate::state::remote::{Meanwhile, use_pages};
use crate::ui::{
    Clip, Glyph, Head, Icon, MomentAs, PagedTable, ProblemPanel, ResponseCode, Show, Source,
};

const HEADS: [Head; 7] = [
    Head::new("", "Time"),
    Head::new("hit__source", "Source"),
    Head::new("", "Method"),
    Head::new("", "Target"),
    Head::new("", "Code"),
    Head::new("", "Fed"),
    Head::unseen("hit__list", "Lists"),
];

/// The table of hits.
#[component]
pub(super) fn Hits(
    /// Which attack.
    id: AttackId,
    /// The attack.
    attack: Known,
    /// Whether it goes on.
    is_ongoing: Memo<bool>,
) -> impl IntoView {
    let hits = use_pages(
        Meanwhile::Keep,
        move || id,
        |id, cursor| async move { api::hits(id, cursor.as_deref()).await },
    );
    let live = use_live();
    hits.follow(live.revision, move || {
        let known = attack.read();
        let is_told = known
            .as_ref()
            .is_none_or(|known| live.tells_of(&known.summary));
        is_told && is_ongoing.get()
    });
    let has_one_source = move || {
        let attack = attack.read();
        let count = attack.as_ref().map(|attack| attack.summary.ip_count);
        count == Some(1)
    };
    let expired = move || {
        let problem = hits.first.problem.read();
        problem
            .as_ref()
            .is_some_and(|problem| problem.code == ErrorCode::Expired)
    };
    let row = move |hit: Hit| {
        let attack = attack.read_untracked();
        let of_attack = attack
            .as_ref()
            .map(|attack| (attack.summary.application.clone(), reason(attack)));
        let (application, reason) = of_attack.unwrap_or_default();
        view! { <HitRow id hit application reason /> }.into_any()
    };
    let key = |hit: &Hit| hit.request_id.to_string();
    // Of one that goes on the list and the counts are not of the same moment.
    let unlisted = move || {
        let is_whole = !is_ongoing.get() && hits.growth.next_cursor.read().is_none();
        let listed = hits.first.value.read().as_ref()?.items.len() + hits.further.read().len();
        let all = attack.read().as_ref()?.summary.hits;
        let unlisted = all.saturating_sub(listed as u64);
        (is_whole && unlisted > 0).then(|| {
            let more = count_of(unlisted, "more hit", "more hits");
            view! {
                <p class="quiet hits__unlisted">
                    {more} " came before there was a suspicion: counted, and not kept one by one."
                </p>
            }
        })
    };
    view! {
        <section class="page__section" class:hits--one-source=has_one_source>
            <div class="section-head">
                <h2>"Hits"</h2>
                <p class="quiet">"The requests that fed a detector that voted, in order."</p>
                <a class="button button--small" href=api::hits_csv(id) download="" rel="external">
                    <Icon glyph=Glyph::Download />
                    "All as CSV"
                </a>
            </div>
            {move || {
                hits.first
                    .problem
                    .get()
                    .filter(|problem| problem.code != ErrorCode::Expired)
                    .map(|problem| view! { <ProblemPanel problem on_retry=move || hits.first.retry() /> })
            }}
            <Show when=expired>
                <NotEnoughData what="The hits" />
            </Show>
            <Show when=move || hits.first.problem.read().is_none()>
                <PagedTable
                    label="Hits"
                    class="table--hits"
                    heads=&HEADS
                    pages=hits
                    skeleton=(8, 5)
                    key
                    row
                />
                {unlisted}
            </Show>
        </section>
    }
}

#[component]
fn HitRow(id: AttackId, hit: Hit, application: String, reason: String) -> impl IntoView {
    let ip = hit.ip.clone();
    let target = format!("{}{}", hit.host, hit.target);
    let detectors = hit
        .detectors
        .iter()
        .map(|detector| detector.label())
        .collect::<Vec<_>>()
        .join(", ");
    let time = view! { <MomentAs at=hit.at format=day_and_second /> };
    view! {
        <tr class="table__row">
            <td class="hit__time">
                {match hit.session_id {
                    Some(session) => {
                        view! {
                            <a class="table__link" href=format!("/sessions/{session}?attack={id}")>
                                {time}
                                <span class="visually-hidden">", open its session"</span>
                            </a>
                        }
                            .into_any()
                    }
                    None => time.into_any(),
                }}
            </td>
            <td class="hit__source">
                <Source ip=hit.ip country=hit.country source=hit.source />
            </td>
            <td class="hit__method mono">{visible(&hit.method).into_owned()}</td>
            <td class="hit__target mono">
                <Clip text=target />
            </td>
            <td class="hit__code">
                <ResponseCode code=hit.status />
            </td>
            <td class="hit__fed quiet">
                <Clip text=detectors />
            </td>
            <td class="hit__list">
                <ListIconButton ip application=Some(application) reason />
            </td>
        </tr>
    }
}
